"""What a short_message says: its user data header taken apart, its text where data_coding says how to read it.

Sources: 3GPP TS 23.040 9.2.3.24; TS 23.038 4; SMPP 3.4 5.2.19; DOMAIN 1.9 - 1.14.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

import msgspec

from connectors.smpp.dissect.cursor import Cursor
from pipeline.domain.text.national import ShiftTables, UnknownLanguage, alphabet_of

UDHI: Final = 0x40
_CONCATENATION: Final = {0x00: 1, 0x08: 2}  # element: octets of its reference
_PORTS: Final = {0x04: 1, 0x05: 2}
_SINGLE_SHIFT: Final = 0x24
_LOCKING_SHIFT: Final = 0x25
_NAMES: Final[Mapping[int, str]] = MappingProxyType(
    {
        0x00: "concatenation, 8-bit reference",
        0x01: "special SMS message indication",
        0x04: "application ports, 8-bit",
        0x05: "application ports, 16-bit",
        0x06: "SMSC control parameters",
        0x07: "UDH source indicator",
        0x08: "concatenation, 16-bit reference",
        0x09: "wireless control message protocol",
        0x0A: "text formatting",
        0x0B: "predefined sound",
        0x0C: "user defined sound",
        0x0D: "predefined animation",
        0x0E: "large animation",
        0x0F: "small animation",
        0x10: "large picture",
        0x11: "small picture",
        0x12: "variable picture",
        0x20: "RFC 822 e-mail header",
        0x21: "hyperlink format",
        0x22: "reply address",
        0x23: "enhanced voice mail",
        _SINGLE_SHIFT: "national language single shift",
        _LOCKING_SHIFT: "national language locking shift",
    }
)
_CHARSETS: Final[Mapping[int, str]] = MappingProxyType(
    {0x01: "latin-1", 0x03: "latin-1", 0x06: "iso8859-5", 0x07: "iso8859-8", 0x0E: "euc-kr"}
)


class Element(msgspec.Struct, frozen=True, kw_only=True):
    """One information element; `value` is an object where its meaning is known, else null."""

    id: int
    name: str
    length: int
    value: dict[str, Any] | None
    hex: str


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """`text` is null where data_coding does not say how to read it; `hex` is what follows the header."""

    udh: list[Element] | None
    text: str | None
    hex: str


def read_message(cursor: Cursor, octets: bytes, start: int, *, esm_class: int, data_coding: int) -> Message:
    """A message that begins at offset `start`. What is wrong with its header is noted at `cursor`."""
    udh: list[Element] | None = None
    if esm_class & UDHI and octets:
        if octets[0] >= len(octets):
            detail = f"header of {octets[0]} octets, but {len(octets) - 1} follow its length"
            cursor.note("udh-too-long", detail, start)
        udh = _elements(cursor, octets[1 : 1 + octets[0]], start + 1)
        octets = octets[1 + octets[0] :]
    return Message(udh=udh, text=_text(octets, data_coding, udh or ()), hex=octets.hex())


def _elements(cursor: Cursor, header: bytes, start: int) -> list[Element]:
    found: list[Element] = []
    at = 0
    while at < len(header):
        length = header[at + 1] if at + 1 < len(header) else 0
        if at + 2 + length > len(header):
            detail = f"element 0x{header[at]:02X} of {length} octets, but the header ends after {len(header) - at}"
            cursor.note("udh-cut-off", detail, start + at)
            break
        found.append(_element(header[at], header[at + 2 : at + 2 + length]))
        at += 2 + length
    return found


def _element(identifier: int, octets: bytes) -> Element:
    name = _NAMES.get(identifier, "reserved")
    return Element(id=identifier, name=name, length=len(octets), value=_meaning(identifier, octets), hex=octets.hex())


def _meaning(identifier: int, octets: bytes) -> dict[str, Any] | None:
    size = _CONCATENATION.get(identifier)
    if size is not None and len(octets) == size + 2:
        return {"reference": int.from_bytes(octets[:size], "big"), "total": octets[-2], "sequence": octets[-1]}
    size = _PORTS.get(identifier)
    if size is not None and len(octets) == 2 * size:
        destination, source = (int.from_bytes(part, "big") for part in (octets[:size], octets[size:]))
        return {"destination_port": destination, "source_port": source}
    if identifier in (_SINGLE_SHIFT, _LOCKING_SHIFT) and len(octets) == 1:
        return {"language": octets[0]}
    return None


def _text(octets: bytes, data_coding: int, udh: Sequence[Element]) -> str | None:
    """GSM-7 unpacked, one septet an octet, is what data_coding 0 and the GSM classes are read as."""
    charset = _CHARSETS.get(data_coding)
    if charset is not None:
        return octets.decode(charset, "replace")
    if data_coding == 0x08 or 0x18 <= data_coding <= 0x1B or 0xE0 <= data_coding <= 0xEF:
        return octets.decode("utf-16-be", "replace")
    if data_coding == 0x00 or 0x10 <= data_coding <= 0x13 or 0xC0 <= data_coding <= 0xDF or data_coding & 0xF4 == 0xF0:
        return _septets(octets, udh)
    return None


def _septets(octets: bytes, udh: Sequence[Element]) -> str | None:
    languages = {element.id: int(element.hex, 16) for element in udh if element.value and "language" in element.value}
    try:
        tables = ShiftTables(languages.get(_LOCKING_SHIFT, 0), languages.get(_SINGLE_SHIFT, 0))
    except UnknownLanguage:
        return None
    return alphabet_of(tables).decode(octets)
