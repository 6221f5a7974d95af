"""Delivery receipts: what a `deliver_sm` says about a message sent before.

The text form is each vendor's own, its `text:` field is written by whoever wrote the message, and its sender
may be broken: whatever comes in, a receipt comes out, in time that grows with its length and no faster. How its id
is compared with the one of the submit response is in `receipt_ids`, what its states mean in `receipt_states`.
Sources: SMPP 3.4 5.2.12, appendix B, 5.3.2.12, 5.3.2.31, 5.3.2.35; DOMAIN 2.8, 3.1 - 3.5, 3.9, 3.10.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pipeline.domain.smpp.receipt_states import NOTHING, ReceiptState, state_of
from pipeline.domain.smpp.times import parse_receipt_date

__all__ = ["Receipt", "ReceiptState", "is_intermediate", "is_receipt", "looks_like_receipt", "parse_receipt"]

_TYPE_BITS: Final = 0x3C
_PLAIN, _RECEIPT, _INTERMEDIATE = 0x00, 0x04, 0x20
_UDHI: Final = 0x40
_LONGEST_HEADER: Final = 0x1F
"""A user data header with a larger length octet is not one: the octet could be a letter of a text without."""


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
    text: str | None
    """Written by the sender of the message, hostile: never read for anything. None without the label."""


_ID, _SUB, _DLVRD, _SUBMIT_DATE, _DONE_DATE, _STAT, _ERR, _TEXT = range(1, 9)
_LABEL = re.compile(
    r"(?:^|(?<=\s))(?:(id)|(sub)|(dlvrd)|(submit[\s_]{0,3}date)|(done[\s_]{0,3}date)|(stat)|(err)|(text)):",
    re.IGNORECASE,
)
_COUNT = re.compile(r"[0-9]{1,18}")


def is_receipt(esm_class: int) -> bool:
    """Whether an esm_class says that the SMSC speaks of a message of ours, rather than a phone to us."""
    return esm_class & _TYPE_BITS in (_RECEIPT, _INTERMEDIATE)


def is_intermediate(esm_class: int) -> bool:
    """Whether an esm_class says intermediate notification: never final, whatever it carries."""
    return esm_class & _TYPE_BITS == _INTERMEDIATE


def looks_like_receipt(esm_class: int, receipt: Receipt, message_state: int | None) -> bool:
    """Whether a plain message holds what a receipt must: an id, and a state.

    To be asked only of a carrier whose profile says `plain_receipts`: a subscriber can write this (DOMAIN 3.9).
    """
    is_plain = esm_class & _TYPE_BITS == _PLAIN
    return is_plain and receipt.smsc_id != "" and (receipt.stat != "" or message_state is not None)


def parse_receipt(
    short_message: bytes | str,
    *,
    receipted_message_id: str | None,
    message_state: int | None,
    network_error_code: bytes | None,
    esm_class: int = _RECEIPT,
    states: Mapping[str, str] = NOTHING,
) -> Receipt:
    """Read a receipt from its text and its three TLVs. Never raises, whatever the text holds.

    TLVs win over the text; a malformed network_error_code does not. Labels are read in any order and case, at the
    beginning or after a blank; the first of each counts, and none is read in or after the text field. Values end at
    a blank, dates at the next label. A user data header that `esm_class` announces is passed over. `states` are
    the carrier profile's `receipt_states`. Sources: DOMAIN 3.2, 3.3; `receipt_states.state_of`.
    """
    fields, text = _fields(_decoded(_without_header(esm_class, short_message)))
    text_id = _token(fields, _ID)
    stat = _token(fields, _STAT)
    network_type, network_code = _network_error(network_error_code)
    return Receipt(
        smsc_id=(receipted_message_id.replace("\0", "").strip() if receipted_message_id else "") or text_id,
        text_id=text_id,
        state=ReceiptState.INTERMEDIATE if is_intermediate(esm_class) else state_of(message_state, stat, states),
        stat=stat,
        err=network_code or _token(fields, _ERR),
        network_type=network_type,
        submit_date=_date(fields, _SUBMIT_DATE),
        done_date=_date(fields, _DONE_DATE),
        sub=_count(_token(fields, _SUB)),
        dlvrd=_count(_token(fields, _DLVRD)),
        text=text,
    )


def _without_header(esm_class: int, short_message: bytes | str) -> bytes | str:
    """The message after its user data header; the whole where there cannot be one."""
    if not esm_class & _UDHI or not short_message:
        return short_message
    length = short_message[0] if isinstance(short_message, bytes) else ord(short_message[0])
    return short_message[1 + length :] if length <= min(_LONGEST_HEADER, len(short_message) - 1) else short_message


def _decoded(short_message: bytes | str) -> str:
    """The text, without NUL and mark: labels are ASCII in every vendor's encoding, UTF-16 is known by its zeros."""
    if isinstance(short_message, str):
        whole = short_message
    elif short_message[:2] == b"\xff\xfe" or (short_message[1:4:2] == b"\0\0" and 0 not in short_message[:4:2]):
        whole = short_message.decode("utf-16-le", "replace")
    elif short_message[:2] == b"\xfe\xff" or (short_message[:4:2] == b"\0\0" and 0 not in short_message[1:4:2]):
        whole = short_message.decode("utf-16-be", "replace")
    else:
        try:
            whole = short_message.decode("utf-8")
        except UnicodeDecodeError:
            whole = short_message.decode("latin-1")
    return whole.replace("\0", "").removeprefix("\ufeff")


def _fields(whole: str) -> tuple[dict[int, str], str | None]:
    """What stands between each label's first occurrence and the next label of any kind; and the text field."""
    fields: dict[int, str] = {}
    which, start = 0, 0
    for label in _LABEL.finditer(whole):
        if which and which not in fields:
            fields[which] = whole[start : label.start()]
        which, start = label.lastindex or 0, label.end()
        if which == _TEXT:
            return fields, whole[start:]
    if which and which not in fields:
        fields[which] = whole[start:]
    return fields, None


def _token(fields: Mapping[int, str], label: int) -> str:
    """The field up to its first blank: ids, states and codes hold none."""
    words = fields.get(label, "").split(maxsplit=1)
    return words[0] if words else ""


def _date(fields: Mapping[int, str], label: int) -> datetime | None:
    """The date, or its first word where fields follow that are the vendor's own."""
    words = fields.get(label, "").split(maxsplit=1)
    return parse_receipt_date(words[0]) if words else None


def _network_error(value: bytes | None) -> tuple[int | None, str]:
    """Network type and code, three decimal digits at least, as the text form writes it.

    Three ASCII digits are the code itself: SMSCs that write it so exist (Kannel reads it, too).
    """
    if value is None or len(value) != 3:
        return None, ""
    if value.isdigit():
        return None, value.decode("ascii")
    return value[0], f"{int.from_bytes(value[1:], 'big'):03d}"


def _count(token: str) -> int | None:
    return int(token) if _COUNT.fullmatch(token) else None
