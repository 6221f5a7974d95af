"""What a deliver_sm means: a receipt, or a piece of a reply (MO). Pure; finding ids and storing is elsewhere.

A receipt is known by esm_class alone: receipt-looking text in an ordinary message is a subscriber's forgery, unless
the carrier's profile says that it writes receipts so.
Sources: SMPP 3.4 5.2.12, 5.3.2; 3GPP TS 23.040 9.2.3.24; DOMAIN 2.8, 3.1 - 3.9, 5.4; DESIGN section 2 (replies).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Final
from zoneinfo import ZoneInfo

from connectors.smpp import pdu
from pipeline.domain import ids, sealing
from pipeline.domain.numbers import InvalidNumber, parse_recipient
from pipeline.domain.profiles import CarrierProfile
from pipeline.domain.replies.keywords import match_keyword
from pipeline.domain.replies.wishes import find_wish
from pipeline.domain.smpp.receipts import is_receipt, looks_like_receipt, parse_receipt
from pipeline.domain.text import gsm7
from pipeline.events.records import ReceiptReceived, ReplyReceived

_UDHI: Final = 0x40
_NO_PHONE_TONS: Final = frozenset({3, 5, 6})  # network specific, alphanumeric, abbreviated
_UCS2_CODINGS: Final = frozenset({0x08, 0x18})


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipientKey:
    """The key that names recipients, and its generation."""

    key: bytes
    generation: int

    def of_phone(self, e164: str) -> str:
        return ids.recipient_id(self.key, self.generation, e164)

    def of_stranger(self, raw: str) -> str:
        """Of a source that is no phone number, such as an operator's short code."""
        return ids.unparsable_recipient_id(self.key, self.generation, raw)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealer:
    """The platform's data key of a UTC day 'YYYY-MM-DD'."""

    key: bytes
    day: str

    def seal(self, plaintext: bytes, associated: str) -> bytes:
        return sealing.seal(self.key, plaintext, associated.encode())


@dataclass(frozen=True, slots=True)
class IncomingReceipt:
    """A receipt, and the id in its text where its TLV wrote another: the same one in another notation, maybe."""

    event: ReceiptReceived
    text_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyPart:
    """One deliver_sm of a reply. `total` is 1 where it is the whole."""

    source: str
    """E.164 with '+' where it is a phone, else as given."""
    is_phone: bool
    destination: str
    reference: int
    total: int
    sequence: int
    data_coding: int
    octets: bytes
    carrier_reference: str


def phone_of(ton: int, address: str) -> str | None:
    """'+digits' of an address that is a phone number, else None. Leading '+' and '00' are dropped."""
    digits = address.strip().removeprefix("+")
    digits = digits.removeprefix("00")
    if ton in _NO_PHONE_TONS or not digits.isascii() or not digits.isdecimal() or not 7 <= len(digits) <= 15:
        return None
    return f"+{digits}"


class ReceiptReader:
    """Reads the receipts of one carrier account as its profile says."""

    def __init__(self, *, carrier: str, recipients: RecipientKey, profile: CarrierProfile) -> None:
        """Raises ZoneInfoNotFoundError or ValueError for a `receipt_zone` that is none."""
        self._carrier, self._recipients, self._profile = carrier, recipients, profile
        self._zone = ZoneInfo(profile.receipt_zone)

    def read(self, deliver: pdu.DeliverSm, *, now: int) -> IncomingReceipt | None:
        """The receipt that a deliver_sm is; None where it is a piece of a reply. Never raises.

        `recipient_id` is '' where the source is no phone, message_id is the index's business. `now` is the wall
        clock, UTC micros.
        """
        is_told = is_receipt(deliver.esm_class)
        if not is_told and not self._profile.plain_receipts:
            return None
        receipted = deliver.tlvs.get(pdu.TLV_RECEIPTED_MESSAGE_ID)
        state_octets = deliver.tlvs.get(pdu.TLV_MESSAGE_STATE, b"")
        message_state = state_octets[0] if len(state_octets) == 1 else None
        receipt = parse_receipt(
            deliver.short_message or deliver.tlvs.get(pdu.TLV_MESSAGE_PAYLOAD, b""),
            receipted_message_id=None if receipted is None else receipted.split(b"\0", 1)[0].decode("latin-1"),
            message_state=message_state,
            network_error_code=deliver.tlvs.get(pdu.TLV_NETWORK_ERROR),
            esm_class=deliver.esm_class,
            states=self._profile.receipt_states,
        )
        if not is_told and not looks_like_receipt(deliver.esm_class, receipt, message_state):
            return None
        phone = phone_of(deliver.source_ton, deliver.source)
        event = ReceiptReceived(
            recipient_id="" if phone is None else self._recipients.of_phone(phone),
            occurred_at=now,
            carrier=self._carrier,
            smsc_id=receipt.smsc_id,
            state=receipt.state.value,
            stat=receipt.stat,
            error_code=receipt.err,
            done_at=_micros(receipt.done_date, self._zone),
        )
        return IncomingReceipt(event, "" if receipt.text_id == receipt.smsc_id else receipt.text_id)


def read_reply_part(deliver: pdu.DeliverSm) -> ReplyPart:
    """One part of a reply: concatenation by user data header or by SAR TLVs. Never raises.

    A header that is announced and cannot be there is none: the text may be an opt-out, and none of it is thrown away.
    """
    octets = deliver.short_message or deliver.tlvs.get(pdu.TLV_MESSAGE_PAYLOAD, b"")
    reference, total, sequence = 0, 1, 1
    if deliver.esm_class & _UDHI and octets and octets[0] < len(octets):
        header, octets = octets[1 : 1 + octets[0]], octets[1 + octets[0] :]
        reference, total, sequence = _concatenation(header)
    elif pdu.TLV_SAR_REFERENCE in deliver.tlvs:
        reference, total, sequence = (
            int.from_bytes(deliver.tlvs.get(tag, b"\x01"), "big")
            for tag in (pdu.TLV_SAR_REFERENCE, pdu.TLV_SAR_TOTAL, pdu.TLV_SAR_SEQUENCE)
        )
    if not 1 <= sequence <= total:
        reference, total, sequence = 0, 1, 1
    phone = phone_of(deliver.source_ton, deliver.source)
    user_reference = deliver.tlvs.get(pdu.TLV_USER_MESSAGE_REFERENCE)
    return ReplyPart(
        source=phone or deliver.source,
        is_phone=phone is not None,
        destination=deliver.destination,
        reference=reference,
        total=total,
        sequence=sequence,
        data_coding=deliver.data_coding,
        octets=octets,
        carrier_reference=str(int.from_bytes(user_reference, "big")) if user_reference else "",
    )


def reply_event(
    parts: Sequence[ReplyPart], *, carrier: str, recipients: RecipientKey, sealer: Sealer, now: int
) -> ReplyReceived:
    """The reply that these parts (in order, of one message) make; `now` is the wall clock, UTC micros.

    In the clear are the keyword, only if the whole text is one, and whether a person should read a text that is
    none; the text is sealed for the platform, with recipient_id as associated data.
    """
    first = parts[0]
    text = decode_text(parts)
    country = _country(first.source) if first.is_phone else ""
    recipient = recipients.of_phone(first.source) if first.is_phone else recipients.of_stranger(first.source)
    match = match_keyword(text, country)
    references = [part.carrier_reference for part in parts]
    return ReplyReceived(
        recipient_id=recipient,
        occurred_at=now,
        carrier=carrier,
        destination=first.destination,
        carrier_reference="-".join(references) if all(references) else "",
        action=match.action.value if match else "",
        keyword=match.keyword if match else "",
        needs_review=match is None and find_wish(text) is not None,
        country=country,
        encoding="ucs2" if first.data_coding in _UCS2_CODINGS else "gsm7",
        segment_count=len(parts),
        key_day=sealer.day,
        sealed_text=sealer.seal(text.encode(), recipient),
    )


def decode_text(parts: Sequence[ReplyPart]) -> str:
    """The text of parts in order. Equal codings are joined before decoding: a pair may be cut between parts."""
    if len({part.data_coding for part in parts}) == 1:
        return _decode(parts[0].data_coding, b"".join(part.octets for part in parts))
    return "".join(_decode(part.data_coding, part.octets) for part in parts)


def _decode(data_coding: int, octets: bytes) -> str:
    if data_coding == 0x00:
        return gsm7.decode_unpacked(octets)
    if data_coding in _UCS2_CODINGS:
        return octets.decode("utf-16-be", "replace")
    return octets.decode("latin-1")  # IA5, Latin-1; what else there is would need the carrier's profile


def _concatenation(header: bytes) -> tuple[int, int, int]:
    """(reference, total, sequence) of a user data header; (0, 1, 1) without one."""
    at = 0
    while at + 2 <= len(header):
        kind, length = header[at], header[at + 1]
        value = header[at + 2 : at + 2 + length]
        if kind in (0x00, 0x08) and len(value) == length == (3 if kind == 0x00 else 4):
            return int.from_bytes(value[:-2], "big"), value[-2], value[-1]
        at += 2 + length
    return 0, 1, 1


def _country(e164: str) -> str:
    try:
        region = parse_recipient(e164, None).region
    except InvalidNumber:
        return ""
    return region if region.isalpha() else ""


def _micros(moment: datetime | None, zone: tzinfo) -> int:
    """UTC micros of a moment, in this zone if it says none; 0 without one, or before time was counted."""
    if moment is None:
        return 0
    aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)
    return max(0, round(aware.timestamp() * 1_000_000))
