"""Which part of which message a submit is: UDH headers and sar_ TLVs; and what its octets say.

Pure. Called by the carrier account (length check), the handsets (reassembly) and the MO writer.
Source: 3GPP TS 23.040 9.2.3.24, 9.2.3.24.1, .8, .15, .16; SMPP 3.4 5.2.12, 5.3.2.22-24.
"""

from __future__ import annotations

from typing import NamedTuple

from connectors.simulator import alphabet
from connectors.simulator.national import NO_SHIFTS, Shifts

UDHI = 0x40  # esm_class bit: the text starts with a user data header
_CONCAT_8, _CONCAT_16 = 0x00, 0x08
_SINGLE_SHIFT, _LOCKING_SHIFT = 0x24, 0x25
_SAR_HEADER_OCTETS = 6  # what the network adds for a part that came with sar_ TLVs


class Part(NamedTuple):
    """One part: its place in the message and its text octets. A whole message is part 1 of 1."""

    reference: int | None  # None = not concatenated
    total: int
    sequence: int
    octets: bytes
    header_octets: int
    faults: tuple[str, ...]
    shifts: Shifts = NO_SHIFTS
    fill_bits: int = 0  # between a header in the payload and packed septets, so that these begin on a septet


def read_part(payload: bytes, esm_class: int, sar: tuple[int, int, int] | None) -> Part:
    """Find the concatenation of a submit. An unreadable header is a fault; the text stays whole."""
    if esm_class & UDHI:
        return _read_header(payload)
    if sar is None:
        return Part(None, 1, 1, payload, 0, ())
    reference, total, sequence = sar
    if not 1 <= sequence <= total:
        return Part(None, 1, 1, payload, 0, (f"sar: part {sequence} of {total}",))
    return Part(reference, total, sequence, payload, _SAR_HEADER_OCTETS, ())


def reading_of(part: Part, data_coding: int, coding: alphabet.Coding = alphabet.USUAL) -> alphabet.Reading:
    """The text of one part, as a phone behind this account reads it."""
    if data_coding == coding.ucs2:
        return alphabet.read_text(part.octets, alphabet.UCS2)
    octets = alphabet.unpack(part.octets, part.fill_bits) if _is_packed(data_coding, coding) else part.octets
    return alphabet.read_text(octets, data_coding, coding.charset, part.shifts)


def is_too_long(part: Part, data_coding: int, coding: alphabet.Coding = alphabet.USUAL) -> bool:
    """True if a part cannot travel in one short message: 140 octets with its header, septets packed.

    What comes in another charset travels as septets if it can, else as it would in UTF-16.
    Source: 3GPP TS 23.040 9.2.3.24: 160 septets alone, 153 after a 6-octet header, 152 after 7.
    """
    room = 140 - part.header_octets
    if data_coding != alphabet.GSM or _is_packed(data_coding, coding):
        return len(part.octets) > room
    if coding.charset == "gsm":
        return len(part.octets) > room * 8 // 7
    text = reading_of(part, data_coding, coding).text
    septets = alphabet.septet_count(text)
    if septets is None:
        return len(text.encode("utf-16-be", "replace")) > room
    return septets > room * 8 // 7


def _is_packed(data_coding: int, coding: alphabet.Coding) -> bool:
    return coding.is_packed and data_coding == alphabet.GSM and coding.charset == "gsm"


def concat_header(reference: int, total: int, sequence: int) -> bytes:
    """The 6-octet header of one part, with an 8-bit reference."""
    return bytes((5, _CONCAT_8, 3, reference & 0xFF, total, sequence))


def _read_header(payload: bytes) -> Part:
    length = payload[0] + 1 if payload else 0
    if not payload or length > len(payload):
        return Part(None, 1, 1, payload, 0, (f"UDH of {length} octets in {len(payload)}",))
    octets, faults = payload[length:], []
    at, found, shifts = 1, None, NO_SHIFTS
    while at + 2 <= length:
        element, size = payload[at], payload[at + 1]
        value = payload[at + 2 : at + 2 + size]
        at += 2 + size
        if at > length:
            faults.append(f"UDH element 0x{element:02X} is longer than the header")
        elif element == _CONCAT_8 and size == 3:
            found = (value[0], value[1], value[2])
        elif element == _CONCAT_16 and size == 4:
            found = (int.from_bytes(value[:2], "big"), value[2], value[3])
        elif element == _LOCKING_SHIFT and size == 1:
            shifts = shifts._replace(locking=value[0])
        elif element == _SINGLE_SHIFT and size == 1:
            shifts = shifts._replace(single=value[0])
    if found and not 1 <= found[2] <= found[1]:
        faults.append(f"UDH: part {found[2]} of {found[1]}")
        found = None
    reference, total, sequence = found or (None, 1, 1)
    return Part(reference, total, sequence, octets, length, tuple(faults), shifts, -8 * length % 7)
