"""Which part of which message a submit is: UDH headers and sar_ TLVs.

Pure. Called by the carrier account (length check), the handsets (reassembly) and the MO writer.
Source: 3GPP TS 23.040 9.2.3.24, 9.2.3.24.1, 9.2.3.24.8; SMPP 3.4 5.2.12, 5.3.2.22-24.
"""

from __future__ import annotations

from typing import NamedTuple

from connectors.simulator import alphabet

UDHI = 0x40  # esm_class bit: the text starts with a user data header
_CONCAT_8, _CONCAT_16 = 0x00, 0x08
_SAR_HEADER_OCTETS = 6  # what the network adds for a part that came with sar_ TLVs


class Part(NamedTuple):
    """One part: its place in the message and its text octets. A whole message is part 1 of 1."""

    reference: int | None  # None = not concatenated
    total: int
    sequence: int
    octets: bytes
    header_octets: int
    faults: tuple[str, ...]


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


def is_too_long(part: Part, data_coding: int) -> bool:
    """True if a part cannot travel in one short message: 140 octets with its header, septets packed.

    Source: 3GPP TS 23.040 9.2.3.24: 160 septets alone, 153 after a 6-octet header, 152 after 7.
    """
    if data_coding == alphabet.GSM:
        return len(part.octets) > (1120 - 8 * part.header_octets) // 7
    return len(part.octets) + part.header_octets > 140


def concat_header(reference: int, total: int, sequence: int) -> bytes:
    """The 6-octet header of one part, with an 8-bit reference."""
    return bytes((5, _CONCAT_8, 3, reference & 0xFF, total, sequence))


def _read_header(payload: bytes) -> Part:
    length = payload[0] + 1 if payload else 0
    if not payload or length > len(payload):
        return Part(None, 1, 1, payload, 0, (f"UDH of {length} octets in {len(payload)}",))
    octets, faults = payload[length:], []
    at, found = 1, None
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
    if found and not 1 <= found[2] <= found[1]:
        faults.append(f"UDH: part {found[2]} of {found[1]}")
        found = None
    reference, total, sequence = found or (None, 1, 1)
    return Part(reference, total, sequence, octets, length, tuple(faults))
