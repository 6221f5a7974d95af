"""Delivery receipts: what a `deliver_sm` says about a message sent before.

The text form is each vendor's own, its `text:` field is written by whoever wrote the message, and its sender
may be broken: whatever comes in, a receipt comes out. How an id is compared with the one of the submit
response is the carrier profile's business. Sources: SMPP 3.4 appendix B, 5.2.28, 5.3.2.12, 5.3.2.31, 5.3.2.35;
DOMAIN 3.1 - 3.5, 3.10, 3.11.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from pipeline.domain.smpp_time import parse_receipt_date


class ReceiptState(StrEnum):
    """What a receipt says of one part. INTERMEDIATE and UNKNOWN are not final."""

    DELIVERED = "delivered"
    FAILED = "failed"
    EXPIRED = "expired"
    REJECTED = "rejected"
    DELETED = "deleted"
    INTERMEDIATE = "intermediate"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """A receipt, read. Absent fields are '' or None; dates without an offset are naive, in the carrier's zone."""

    smsc_id: str
    """The carrier's id of the part, as written: the TLV's, else the text's."""
    text_id: str
    """The id in the text, which may be another notation of the same (DOMAIN 3.6)."""
    state: ReceiptState
    stat: str
    """The whole `stat:` token as written, vendor codes included."""
    err: str
    """The carrier's or network's code, opaque: never an SMPP status."""
    network_type: int | None
    """First octet of network_error_code: 3 is GSM. None without that TLV."""
    submit_date: datetime | None
    done_date: datetime | None
    sub: int | None
    dlvrd: int | None
    text: str
    """Written by the sender of the message, hostile: never read for anything."""


_STATES_BY_NUMBER: Final = {
    0: ReceiptState.INTERMEDIATE,  # SCHEDULED (SMPP 5.0)
    1: ReceiptState.INTERMEDIATE,  # ENROUTE
    2: ReceiptState.DELIVERED,
    3: ReceiptState.EXPIRED,
    4: ReceiptState.DELETED,
    5: ReceiptState.FAILED,  # UNDELIVERABLE
    6: ReceiptState.INTERMEDIATE,  # ACCEPTED: by the SMSC, not by the handset
    7: ReceiptState.UNKNOWN,
    8: ReceiptState.REJECTED,
    9: ReceiptState.REJECTED,  # SKIPPED (SMPP 5.0): never attempted
}
_STATES_BY_NAME: Final = {
    "DELIVRD": ReceiptState.DELIVERED,
    "DELIVERED": ReceiptState.DELIVERED,
    "EXPIRED": ReceiptState.EXPIRED,
    "DELETED": ReceiptState.DELETED,
    "UNDELIV": ReceiptState.FAILED,
    "UNDELIVERABLE": ReceiptState.FAILED,
    "UNDELIVERED": ReceiptState.FAILED,
    "REJECTD": ReceiptState.REJECTED,
    "REJECTED": ReceiptState.REJECTED,
    "SKIPPED": ReceiptState.REJECTED,
    "ACCEPTD": ReceiptState.INTERMEDIATE,
    "ACCEPTED": ReceiptState.INTERMEDIATE,
    "ENROUTE": ReceiptState.INTERMEDIATE,
    "SCHEDULED": ReceiptState.INTERMEDIATE,
    "BUFFRED": ReceiptState.INTERMEDIATE,
    "BUFFERD": ReceiptState.INTERMEDIATE,
    "BUFFERED": ReceiptState.INTERMEDIATE,
    "ACKED": ReceiptState.INTERMEDIATE,
    "UNKNOWN": ReceiptState.UNKNOWN,
}

_TEXT_LABEL = re.compile(r"(?:^|(?<=\s))text:", re.IGNORECASE)
_LABEL = re.compile(r"(?:^|(?<=\s))(id|sub|dlvrd|submit date|done date|stat|err):", re.IGNORECASE)
_COUNT = re.compile(r"[0-9]{1,9}")


def parse_receipt(
    short_message: bytes | str,
    *,
    receipted_message_id: str | None,
    message_state: int | None,
    network_error_code: bytes | None,
) -> Receipt:
    """Read a receipt from its text and its three TLVs. Never raises, whatever the text holds.

    TLVs win over the text; a `message_state` that no specification names does not. Labels are read in any
    order and case, the first of each counts, and none is read in or after the text field. A vendor's own
    `stat:` gives UNKNOWN, which is neither delivered nor failed: the carrier profile maps it. Source: DOMAIN 3.2.
    """
    head, text = _cut_off_text(_decoded(short_message))
    fields = _fields(head)
    text_id = _token(fields, "id")
    stat = _token(fields, "stat")
    network_type, network_code = _network_error(network_error_code)
    return Receipt(
        smsc_id=_without_nul(receipted_message_id or "").strip() or text_id,
        text_id=text_id,
        state=_state(message_state, stat),
        stat=stat,
        err=network_code or _token(fields, "err"),
        network_type=network_type,
        submit_date=parse_receipt_date(fields.get("submit date", "")),
        done_date=parse_receipt_date(fields.get("done date", "")),
        sub=_count(_token(fields, "sub")),
        dlvrd=_count(_token(fields, "dlvrd")),
        text=text,
    )


def _decoded(short_message: bytes | str) -> str:
    """Text of the octets: labels are ASCII in every vendor's encoding, and dropping NUL reads UTF-16 too."""
    if isinstance(short_message, str):
        return _without_nul(short_message)
    try:
        return _without_nul(short_message.decode("utf-8"))
    except UnicodeDecodeError:
        return _without_nul(short_message.decode("latin-1"))


def _without_nul(text: str) -> str:
    return text.replace("\0", "")


def _cut_off_text(whole: str) -> tuple[str, str]:
    label = _TEXT_LABEL.search(whole)
    if label is None:
        return whole, ""
    return whole[: label.start()], whole[label.end() :]


def _fields(head: str) -> dict[str, str]:
    """What stands between each label's first occurrence and the next label of any kind."""
    fields: dict[str, str] = {}
    labels = list(_LABEL.finditer(head))
    ends = [label.start() for label in labels[1:]] + [len(head)]
    for label, end in zip(labels, ends, strict=False):
        fields.setdefault(label[1].lower(), head[label.end() : end].strip())
    return fields


def _token(fields: dict[str, str], label: str) -> str:
    """The field up to its first blank: ids, states and codes hold none."""
    words = fields.get(label, "").split(maxsplit=1)
    return words[0] if words else ""


def _state(message_state: int | None, stat: str) -> ReceiptState:
    named = _STATES_BY_NAME.get(stat.upper(), ReceiptState.UNKNOWN)
    return named if message_state is None else _STATES_BY_NUMBER.get(message_state, named)


def _network_error(value: bytes | None) -> tuple[int | None, str]:
    """Network type and code, three decimal digits at least, as the text form writes it."""
    if value is None or len(value) != 3:
        return None, ""
    return value[0], f"{int.from_bytes(value[1:], 'big'):03d}"


def _count(token: str) -> int | None:
    return int(token) if _COUNT.fullmatch(token) else None
