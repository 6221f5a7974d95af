"""Texts as a handset reads them: GSM 7-bit (an octet a septet, or packed, with national tables), UTF-16BE, others.

Pure, with its own GSM table, so that an error in another table is seen. Decoding never raises: what is wrong
becomes U+FFFD and a sentence in `faults`, since showing such errors is what a simulator is for.
Source: 3GPP TS 23.038 6.1.2, 6.2.1 and 6.2.1.1; SMPP 3.4 5.2.19.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

from connectors.simulator.national import DEFAULT_SINGLE, LOCKING, NO_SHIFTS, SINGLE, Shifts

DefaultCharset = Literal["gsm", "latin1", "ascii", "utf8"]

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
_ESCAPE = 0x1B
_SEPTETS: dict[str, bytes] = {
    **{character: bytes((septet,)) for septet, character in enumerate(_BASIC) if septet != _ESCAPE},
    **{character: bytes((_ESCAPE, septet)) for septet, character in DEFAULT_SINGLE.items()},
}
_REPLACEMENT = "\ufffd"

GSM = 0x00
LATIN1 = 0x03
UCS2 = 0x08


_CODECS = {"latin1": "latin-1", "ascii": "ascii", "utf8": "utf-8"}
_CARRIAGE_RETURN = 0x0D


class Coding(NamedTuple):
    """How an account wants its texts: what data_coding 0 is, whether its septets are packed, which one is UTF-16BE."""

    charset: DefaultCharset = "gsm"
    is_packed: bool = False
    ucs2: int = UCS2


USUAL = Coding()


class Reading(NamedTuple):
    """A text as read, and what was wrong with its octets."""

    text: str
    faults: tuple[str, ...]


def read_text(octets: bytes, data_coding: int, charset: DefaultCharset = "gsm", shifts: Shifts = NO_SHIFTS) -> Reading:
    """Read the octets of one part (without its header) under a data_coding. Unknown codings read as hex."""
    if data_coding == UCS2:
        return _read_utf16(octets)
    if data_coding == LATIN1:
        return Reading(octets.decode("latin-1"), ())
    if data_coding == GSM:
        return _read_gsm(octets, shifts) if charset == "gsm" else _read_charset(octets, charset)
    if data_coding == 0x01 and max(octets, default=0) < 0x80:
        return Reading(octets.decode("ascii"), ())
    return Reading(octets.hex(), (f"data_coding 0x{data_coding:02X} shown as hex",))


def unpack(octets: bytes, fill_bits: int) -> bytes:
    """Septets, one an octet, of packed ones behind `fill_bits` (0..6).

    A carriage return that ends on the boundary of an octet is padding, since seven noughts would be an '@' (6.1.2.3.1).
    """
    septets, held, bits, skipped = bytearray(), 0, 0, fill_bits
    for octet in octets:
        held |= (octet >> skipped) << bits
        bits += 8 - skipped
        skipped = 0
        while bits >= 7:
            septets.append(held & 0x7F)
            held >>= 7
            bits -= 7
    if bits == 0 and septets and septets[-1] == _CARRIAGE_RETURN:
        septets.pop()
    return bytes(septets)


def septet_count(text: str) -> int | None:
    """Septets of a text in the default alphabet, None if a character is not in it."""
    octets = gsm_octets(text)
    return None if octets is None else len(octets)


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


def _read_charset(octets: bytes, charset: DefaultCharset) -> Reading:
    try:
        return Reading(octets.decode(_CODECS[charset]), ())
    except UnicodeDecodeError as error:
        fault = f"octet 0x{octets[error.start]:02X} at {error.start} is not {charset}"
        return Reading(octets.decode(_CODECS[charset], "replace"), (fault,))


def _read_gsm(octets: bytes, shifts: Shifts) -> Reading:
    basic = LOCKING.get(shifts.locking, _BASIC)
    extended = SINGLE.get(shifts.single, DEFAULT_SINGLE)
    if _ESCAPE not in octets and octets.isascii():
        return Reading("".join(map(basic.__getitem__, octets)), shifts.faults())
    return _read_pairs(octets, basic, extended, [*shifts.faults()])


def _read_pairs(octets: bytes, basic: str, extended: Mapping[int, str], faults: list[str]) -> Reading:
    read, escaped = [], False
    for position, octet in enumerate(octets):
        if octet > 0x7F:
            faults.append(f"octet 0x{octet:02X} at {position} is not GSM 7-bit")
            read.append(_REPLACEMENT)
            escaped = False
        elif escaped:
            read.append(extended.get(octet, basic[octet]))
            if octet not in extended:
                faults.append(f"escape at {position - 1} before septet 0x{octet:02X}: no such pair")
            escaped = False
        elif octet == _ESCAPE:
            escaped = True
        else:
            read.append(basic[octet])
    if escaped:
        faults.append("text ends in an escape: a pair was cut")
    return Reading("".join(read), tuple(faults))
