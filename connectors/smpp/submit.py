"""From a dispatched message to the submit_sm of each of its parts, as the carrier's SMSC wants it. Pure.

Parts are tied by an 8- or 16-bit user data header or by sar_ TLVs; GSM-7 goes unpacked, packed or in the charset that
data_coding 0 is there; national tables stand in the header of every part. Sources: DOMAIN 1.5 - 1.14, 2.8 - 2.11, 2.15,
2.18; DESIGN section 3 (an attempt covers all parts, one reference).
"""

from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

from connectors.smpp.pdu import SubmitSm
from connectors.smpp.promised import Promise, cut_as_promised
from pipeline.domain.numbers import InvalidSender, SenderAddress, SenderKind, parse_sender
from pipeline.domain.profiles import CarrierProfile
from pipeline.domain.text import charsets
from pipeline.domain.text.packing import pack_behind
from pipeline.domain.text.segments import (
    NO_RESERVE,
    Concat,
    Encoding,
    Reserve,
    Segmentation,
    TextTooLong,
    UnencodableText,
    encode_part,
    udh,
)
from pipeline.events.records import DispatchMessage, SealedContent

UDHI: Final = 0x40
DEFAULT_CODING: Final = 0x00
RECEIPT_WANTED: Final = 1
NO_SENDER: Final = SenderAddress(kind=SenderKind.ALPHANUMERIC, ton=0, npi=0, address="")
"""The SMSC puts in the sender of our account."""
_AS_SPECIFIED: Final = CarrierProfile()
_TIES: Final = (Concat.UDH8, Concat.UDH16, Concat.SAR)  # not PAYLOAD: one PDU and one receipt would stand for all parts
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
    concat: Concat
    concat_reference: int
    expires_at: int
    profile: CarrierProfile

    def submit_sm(self, part: int, *, now: int) -> SubmitSm:
        """The submit_sm of part 1..count; validity is what is left of it at `now` (UTC micros)."""
        cut = self.segmentation
        header = udh(self.concat, cut.tables, self.concat_reference, cut.count, part)
        is_tied_by_tlvs = self.concat is Concat.SAR and cut.count > 1
        is_ucs2 = cut.encoding is Encoding.UCS2
        return SubmitSm(
            source_ton=self.sender.ton,
            source_npi=self.sender.npi,
            source=self.sender.address,
            destination=self.destination,
            esm_class=UDHI if header else 0,
            data_coding=self.profile.ucs2_data_coding if is_ucs2 else DEFAULT_CODING,
            short_message=header + _octets(cut, part, self.profile, len(header)),
            validity_period=validity_period((self.expires_at - now) // _MICROS),
            registered_delivery=RECEIPT_WANTED,
            sar=(self.concat_reference, cut.count, part) if is_tied_by_tlvs else None,
        )


def prepare(
    dispatch: DispatchMessage,
    content: SealedContent,
    *,
    default_sender: str,
    profile: CarrierProfile = _AS_SPECIFIED,
    reserve: Reserve = NO_RESERVE,
) -> PreparedMessage:
    """Cut and address a message as routing promised it.

    `default_sender` is the carrier's, for content without one; with neither the SMSC fills it in. `profile` is the
    carrier's, `reserve` what operators of the country add. Raises Unsendable('segments-differ' |
    'encoding-not-carried' | 'invalid-sender' | 'invalid-content').
    """
    concat = _concat_of(profile)
    segmentation = _cut(dispatch, content.text, profile, reserve)
    outside = [part for part in dispatch.parts if not 1 <= part <= segmentation.count]
    if outside or not dispatch.parts:
        raise Unsendable("segments-differ", f"parts={list(dispatch.parts)}, expected some of 1..{segmentation.count}")
    if not (content.to.startswith("+") and content.to[1:].isdecimal() and len(content.to) <= 16):
        raise Unsendable("invalid-content", "recipient is not '+' and up to 15 digits")
    return PreparedMessage(
        sender=_sender(content.sender or default_sender),
        destination=content.to[1:],
        segmentation=segmentation,
        concat=concat,
        concat_reference=dispatch.concat_reference if concat is Concat.UDH8 else wide_reference(dispatch),
        expires_at=dispatch.expires_at,
        profile=profile,
    )


def wide_reference(dispatch: DispatchMessage) -> int:
    """Sixteen bits: routing's eight below, eight of the message's id above. The same at every resend of an attempt."""
    above = blake2b(dispatch.message_id.encode(), digest_size=1).digest()[0]
    return above << 8 | dispatch.concat_reference & 0xFF


def _concat_of(profile: CarrierProfile) -> Concat:
    if profile.concat not in _TIES:
        expected = ", ".join(_TIES)
        raise Unsendable("encoding-not-carried", f"the carrier's concat={profile.concat!r}, expected one of {expected}")
    return Concat(profile.concat)


def _cut(dispatch: DispatchMessage, text: str, profile: CarrierProfile, reserve: Reserve) -> Segmentation:
    promise = Promise(encoding=dispatch.encoding, count=dispatch.segment_count)
    try:
        cut = cut_as_promised(text, promise, profile, reserve)
    except (TextTooLong, UnencodableText) as error:
        raise Unsendable("invalid-content", str(error)) from error
    if not promise.is_kept_by(cut):
        raise Unsendable(
            "segments-differ",
            f"text makes {cut.count} parts of {cut.encoding}, expected {dispatch.segment_count} of {dispatch.encoding}",
        )
    if cut.encoding is not Encoding.UCS2:
        _require_carried(cut, text, profile)
    return cut


def _require_carried(cut: Segmentation, text: str, profile: CarrierProfile) -> None:
    """Septets are for those whose data_coding 0 is GSM-7; any other charset must have every character."""
    charset = profile.default_charset
    if charset == charsets.GSM7:
        return
    if charset not in charsets.NAMES or cut.encoding is not Encoding.GSM7:
        raise Unsendable("encoding-not-carried", f"no {cut.encoding} goes as {charset}, the carrier's data_coding 0")
    foreign = charsets.first_foreign(charset, text)
    if foreign is not None:
        raise Unsendable(
            "encoding-not-carried", f"character {foreign} is not in {charset}, the carrier's data_coding 0"
        )


def _octets(cut: Segmentation, part: int, profile: CarrierProfile, header_octets: int) -> bytes:
    """The text of one part as it stands behind its header."""
    text = cut.texts[part - 1]
    if cut.encoding is Encoding.UCS2:
        return encode_part(text, cut.encoding)
    if profile.default_charset != charsets.GSM7:
        return charsets.encode_default(profile.default_charset, text)
    septets = encode_part(text, cut.encoding, cut.tables)
    return pack_behind(septets, header_octets) if profile.is_packed else septets


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
