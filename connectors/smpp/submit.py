"""From a dispatched message to the submit_sm of each of its parts. Pure.

Concatenation is the 8-bit user data header, text unpacked GSM-7 (data_coding 0) or UTF-16BE (8). Sources:
DOMAIN 1.5 - 1.12, 2.8 - 2.11, 2.15, 2.18; DESIGN section 3 (an attempt covers all parts, one reference).
"""

from dataclasses import dataclass
from typing import Final

from connectors.smpp.pdu import SubmitSm
from pipeline.domain.numbers import InvalidSender, SenderAddress, SenderKind, parse_sender
from pipeline.domain.segments import (
    Encoding,
    Segmentation,
    TextTooLong,
    UnencodableText,
    concat_udh8,
    encode_part,
    segment,
)
from pipeline.events.records import DispatchMessage, SealedContent

UDHI: Final = 0x40
DATA_CODING: Final = {Encoding.GSM7: 0x00, Encoding.UCS2: 0x08}
RECEIPT_WANTED: Final = 1
NO_SENDER: Final = SenderAddress(kind=SenderKind.ALPHANUMERIC, ton=0, npi=0, address="")
"""The SMSC puts in the sender of our account."""
_MICROS: Final = 1_000_000
_LONGEST_VALIDITY_S: Final = 28 * 86_400  # beyond it the relative form would need months: the SMSC's default then


class Unsendable(Exception):
    """This dispatch can never become PDUs: refuse it with `reason` (stable) and `detail` (no number, no text)."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedMessage:
    """A message cut and addressed; each part becomes a PDU at the moment it is sent."""

    sender: SenderAddress
    destination: str
    segmentation: Segmentation
    concat_reference: int
    expires_at: int

    def submit_sm(self, part: int, *, now: int) -> SubmitSm:
        """The submit_sm of part 1..count; validity is what is left of it at `now` (UTC micros)."""
        count = self.segmentation.count
        encoding = self.segmentation.encoding
        octets = encode_part(self.segmentation.texts[part - 1], encoding)
        header = concat_udh8(self.concat_reference, count, part) if count > 1 else b""
        return SubmitSm(
            source_ton=self.sender.ton,
            source_npi=self.sender.npi,
            source=self.sender.address,
            destination=self.destination,
            esm_class=UDHI if header else 0,
            data_coding=DATA_CODING[encoding],
            short_message=header + octets,
            validity_period=validity_period((self.expires_at - now) // _MICROS),
            registered_delivery=RECEIPT_WANTED,
        )


def prepare(dispatch: DispatchMessage, content: SealedContent, *, default_sender: str) -> PreparedMessage:
    """Cut and address a message as routing promised it.

    `default_sender` is the carrier's, for content without one; with neither the SMSC fills it in. Raises
    Unsendable('segments-differ' | 'invalid-sender' | 'invalid-content').
    """
    try:
        segmentation = segment(content.text, force_ucs2=dispatch.encoding == Encoding.UCS2)
    except (TextTooLong, UnencodableText) as error:
        raise Unsendable("invalid-content", str(error)) from error
    if segmentation.count != dispatch.segment_count or segmentation.encoding != dispatch.encoding:
        raise Unsendable(
            "segments-differ",
            f"text makes {segmentation.count} parts of {segmentation.encoding}, "
            f"expected {dispatch.segment_count} of {dispatch.encoding}",
        )
    outside = [part for part in dispatch.parts if not 1 <= part <= segmentation.count]
    if outside or not dispatch.parts:
        raise Unsendable("segments-differ", f"parts={list(dispatch.parts)}, expected some of 1..{segmentation.count}")
    if not (content.to.startswith("+") and content.to[1:].isdecimal() and len(content.to) <= 16):
        raise Unsendable("invalid-content", "recipient is not '+' and up to 15 digits")
    return PreparedMessage(
        sender=_sender(content.sender or default_sender),
        destination=content.to[1:],
        segmentation=segmentation,
        concat_reference=dispatch.concat_reference,
        expires_at=dispatch.expires_at,
    )


def validity_period(seconds: int) -> str:
    """A relative SMPP time, such as 000000000500000R for five minutes; '' past 28 days (the SMSC's default).

    Less than a second is a second: an empty field would mean days. Source: SMPP 3.4 7.1.1; DOMAIN 2.10.
    """
    if seconds > _LONGEST_VALIDITY_S:
        return ""
    minutes, second = divmod(max(1, seconds), 60)
    hours, minute = divmod(minutes, 60)
    days, hour = divmod(hours, 24)
    return f"0000{days:02d}{hour:02d}{minute:02d}{second:02d}000R"


def _sender(sender: str) -> SenderAddress:
    if not sender:
        return NO_SENDER
    try:
        address = parse_sender(sender)
        address.address.encode("latin-1")
    except InvalidSender as error:
        raise Unsendable("invalid-sender", f"{error.code}: {error.detail}") from error
    except UnicodeEncodeError as error:
        raise Unsendable("invalid-sender", "an address field carries latin-1 only") from error
    if "@" in address.address:
        raise Unsendable("invalid-sender", "'@' is NUL in GSM-7 and would end the address")
    return address
