"""The deliver_sm PDUs of receipts and of messages from handsets.

Pure: records in, bodies out. Called by `account`. Source: SMPP 3.4 4.6.1, 5.2.12, 5.2.28, 5.3.2.31, 5.3.2.35,
Appendix B (the text of a receipt).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import assert_never

from connectors.simulator import codes, parts, wire
from connectors.simulator.records import MoRecord, SubmitRecord
from connectors.simulator.settings import AccountSettings, IdFormat

_RECEIPT, _INTERMEDIATE = 0x04, 0x20  # esm_class of deliver_sm
_GSM_NETWORK = 3


@dataclass(slots=True, kw_only=True)
class Delivery:
    """One deliver_sm that waits for an OK. `index` 0 is the intermediate receipt, or the first part of an MO."""

    key: str
    due_ms: int
    record: SubmitRecord | MoRecord
    index: int
    sent: int = 0


def written_id(number: int, form: IdFormat) -> str:
    """A message id in the form that this carrier writes."""
    match form:
        case "decimal":
            return str(number)
        case "decimal-padded":
            return f"{number:012d}"
        case "hex":
            return f"{number:x}"
        case "hex-upper":
            return f"{number:X}"
        case "hex-padded":
            return f"{number:012x}"
        case _:
            assert_never(form)


def copies_wanted(registered_delivery: int, state: str, copies: int) -> int:
    """How many final receipts the submit gets: 0 none asked, 1 both, 2 failure only, 3 success only (v5)."""
    is_failure = state not in codes.REACHING_STATES
    wanted = {0: False, 1: True, 2: is_failure, 3: not is_failure}[registered_delivery & 0x03]
    return copies if wanted and state != "none" else 0


def deliveries_of(record: SubmitRecord | MoRecord) -> list[Delivery]:
    """All deliver_sm that follow from a record, in order."""
    if isinstance(record, MoRecord):
        return [
            Delivery(key=f"mo/{record.number}/{index}", due_ms=record.due_ms, record=record, index=index)
            for index in range(len(record.parts))
        ]
    found = []
    if record.intermediate:
        halfway = (record.at_ms + record.due_ms) // 2
        found.append(Delivery(key=f"receipt/{record.number}/0", due_ms=halfway, record=record, index=0))
    for copy in range(1, record.copies + 1):
        key = f"receipt/{record.number}/{copy}"
        found.append(Delivery(key=key, due_ms=record.due_ms, record=record, index=copy))
    return found


def body_of(delivery: Delivery, account: AccountSettings) -> bytes:
    """The deliver_sm body of a delivery; the same each time it is sent again."""
    record = delivery.record
    if isinstance(record, MoRecord):
        return _mo_body(record, delivery.index)
    return _receipt_body(record, delivery, account)


def address_of(number: str) -> wire.Address:
    """An address with the type of number its shape tells: alphanumeric, short code or international."""
    digits = number.lstrip("+")
    if not digits.isdigit():
        return wire.Address(number, 5, 0)
    return wire.Address(digits, 3, 0) if len(digits) <= 8 else wire.Address(digits, 1, 1)


def _mo_body(record: MoRecord, index: int) -> bytes:
    reference = (record.number + index) & 0xFFFF
    return wire.deliver_body(
        address_of(record.source),
        address_of(record.destination),
        esm_class=parts.UDHI if len(record.parts) > 1 else 0,
        data_coding=record.data_coding,
        short_message=record.parts[index],
        tlvs=[(codes.TLV_USER_MESSAGE_REFERENCE, reference.to_bytes(2, "big"))],
    )


def _receipt_body(record: SubmitRecord, delivery: Delivery, account: AccountSettings) -> bytes:
    state = record.state if delivery.index else record.intermediate
    err = record.err if delivery.index else "000"
    message_id = written_id(record.number, account.message_id.receipt)
    tlvs: list[wire.Tlv] = []
    if record.style != "text":
        tlvs.append((codes.TLV_RECEIPTED_MESSAGE_ID, message_id.encode("latin-1") + b"\0"))
        if state in codes.MESSAGE_STATES:
            tlvs.append((codes.TLV_MESSAGE_STATE, bytes((codes.MESSAGE_STATES[state],))))
        if err.isdecimal() and int(err) <= 0xFFFF:
            tlvs.append((codes.TLV_NETWORK_ERROR_CODE, bytes((_GSM_NETWORK,)) + int(err).to_bytes(2, "big")))
    text = b"" if record.style == "tlv" else _receipt_text(record, delivery, message_id, state, err, account)
    return wire.deliver_body(
        record.destination,
        record.source,
        esm_class=_RECEIPT if delivery.index else _INTERMEDIATE,
        data_coding=0,
        short_message=text,
        tlvs=tlvs,
    )


def _receipt_text(
    record: SubmitRecord, delivery: Delivery, message_id: str, state: str, err: str, account: AccountSettings
) -> bytes:
    part = parts.read_part(record.payload, record.esm_class, record.sar)
    reading = parts.reading_of(part, record.data_coding, account.coding)
    opening = reading.text[:20].encode("ascii", "replace").decode("ascii")
    delivered = 1 if state == "DELIVRD" else 0
    return (
        f"id:{message_id} sub:001 dlvrd:{delivered:03d} submit date:{_minute(record.at_ms)} "
        f"done date:{_minute(delivery.due_ms)} stat:{state} err:{err} text:{opening}"
    ).encode("ascii", "replace")


def _minute(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).strftime("%y%m%d%H%M")
