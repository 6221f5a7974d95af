"""Texts as a handset reads them: GSM 7-bit (one septet an octet), UTF-16BE, Latin-1.

Pure, with its own GSM table, so that an error in another table is seen. Decoding never raises: what is wrong
becomes U+FFFD and a sentence in `faults`, since showing such errors is what a simulator is for.
Source: 3GPP TS 23.038 6.2.1 and 6.2.1.1; SMPP 3.4 5.2.19.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

DefaultCharset = Literal["gsm", "latin1"]

# Rows of the table in the specification, eight columns of sixteen; position is the septet. 0x1B is escape.
_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅå"
    "Δ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ"
    " !\"#¤%&'()*+,-./"
    "0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNO"
    "PQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmno"
    "pqrstuvwxyzäöñüà"
)
_EXTENDED = {
    0x0A: "\f",
    0x14: "^",
    0x28: "{",
    0x29: "}",
    0x2F: "\\",
    0x3C: "[",
    0x3D: "~",
    0x3E: "]",
    0x40: "|",
    0x65: "€",
}
_ESCAPE = 0x1B
_SEPTETS: dict[str, bytes] = {
    **{character: bytes((septet,)) for septet, character in enumerate(_BASIC) if septet != _ESCAPE},
    **{character: bytes((_ESCAPE, septet)) for septet, character in _EXTENDED.items()},
}
_REPLACEMENT = "\ufffd"

GSM = 0x00
LATIN1 = 0x03
UCS2 = 0x08


class Reading(NamedTuple):
    """A text as read, and what was wrong with its octets."""

    text: str
    faults: tuple[str, ...]


def read_text(octets: bytes, data_coding: int, charset: DefaultCharset = "gsm") -> Reading:
    """Read the octets of one part (without its header) under a data_coding. Unknown codings read as hex."""
    if data_coding == UCS2:
        return _read_utf16(octets)
    if data_coding == LATIN1 or (data_coding == GSM and charset == "latin1"):
        return Reading(octets.decode("latin-1"), ())
    if data_coding == GSM:
        return _read_gsm(octets)
    if data_coding == 0x01 and max(octets, default=0) < 0x80:
        return Reading(octets.decode("ascii"), ())
    return Reading(octets.hex(), (f"data_coding 0x{data_coding:02X} shown as hex",))


def gsm_octets(text: str) -> bytes | None:
    """The text in unpacked GSM 7-bit, or None if a character is not in the alphabet."""
    try:
        return b"".join(_SEPTETS[character] for character in text)
    except KeyError:
        return None


def split_text(text: str, coding: Literal["auto", "gsm7", "ucs2"]) -> tuple[int, list[bytes]]:
    """Code a reply and cut it into parts: the data_coding, and each part's octets without a header.

    Never cuts an escape pair or a surrogate pair. Raises ValueError if `gsm7` is asked for and cannot be,
    or past 255 parts. Source: 3GPP TS 23.040 9.2.3.24.1 (160/153 septets, 140/134 octets).
    """
    septets = None if coding == "ucs2" else gsm_octets(text)
    if septets is None and coding == "gsm7":
        raise ValueError("text: has characters outside GSM 7-bit, expected coding auto or ucs2")
    if septets is not None:
        units = [_SEPTETS[character] for character in text]
        data_coding, single, part = GSM, 160, 153
    else:
        units = [character.encode("utf-16-be", "replace") for character in text]
        data_coding, single, part = UCS2, 140, 134
    parts = _pack(units, single if sum(map(len, units)) <= single else part)
    if len(parts) > 255:
        raise ValueError(f"text: {len(parts)} parts, expected at most 255")
    return data_coding, parts


def _pack(units: list[bytes], room: int) -> list[bytes]:
    parts = [bytearray()]
    for unit in units:
        if len(parts[-1]) + len(unit) > room:
            parts.append(bytearray())
        parts[-1] += unit
    return [bytes(part) for part in parts]


def _read_utf16(octets: bytes) -> Reading:
    faults = []
    if len(octets) % 2:
        faults.append(f"UTF-16BE text of {len(octets)} octets, expected an even count")
    text = octets.decode("utf-16-be", "replace")
    if _REPLACEMENT in text and not len(octets) % 2:
        faults.append("UTF-16BE text has an unpaired surrogate or U+FFFD")
    if text.startswith("\ufeff"):
        faults.append("UTF-16BE text starts with a byte order mark")
    return Reading(text, tuple(faults))


def _read_gsm(octets: bytes) -> Reading:
    if _ESCAPE not in octets and octets.isascii():
        return Reading("".join(map(_BASIC.__getitem__, octets)), ())
    read, faults, escaped = [], [], False
    for position, octet in enumerate(octets):
        if octet > 0x7F:
            faults.append(f"octet 0x{octet:02X} at {position} is not GSM 7-bit")
            read.append(_REPLACEMENT)
            escaped = False
        elif escaped:
            read.append(_EXTENDED.get(octet, _BASIC[octet]))
            if octet not in _EXTENDED:
                faults.append(f"escape at {position - 1} before septet 0x{octet:02X}: no such pair")
            escaped = False
        elif octet == _ESCAPE:
            escaped = True
        else:
            read.append(_BASIC[octet])
    if escaped:
        faults.append("text ends in an escape: a pair was cut")
    return Reading("".join(read), tuple(faults))
