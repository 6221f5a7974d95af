"""Encoding and segmentation: which alphabet a text needs and where it is cut into parts.

Decides nothing about carriers: China's UCS-2 for every text is the caller's `force_ucs2`, a lower cap on
parts the caller's `max_parts`. Concatenation is the 8-bit user data header. Sources: 3GPP TS 23.038;
TS 23.040 9.2.3.24.1; DOMAIN 1.4 - 1.12, 1.17.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from pipeline.domain import gsm7
from pipeline.domain.graphemes import clusters, is_plain

PARTS_LIMIT: Final = 255  # the count is one octet (DOMAIN 1.10)

_SINGLE = {"gsm7": 160, "ucs2": 70}  # 140 octets: 160 septets or 70 UTF-16 code units
_CONCATENATED = {"gsm7": 153, "ucs2": 67}  # less the 6-octet header: floor((1120 - 48) / 7) septets, 134 octets
_BMP_END = "\uffff"  # what lies above is a surrogate pair


class Encoding(StrEnum):
    """How the parts of one message are written; all of them alike (DOMAIN 1.4)."""

    GSM7 = "gsm7"
    UCS2 = "ucs2"


@dataclass(frozen=True, slots=True, kw_only=True)
class Segmentation:
    """A text cut into parts. `units` is the whole length: septets for GSM-7, UTF-16 code units for UCS-2."""

    encoding: Encoding
    units: int
    texts: tuple[str, ...]

    @property
    def count(self) -> int:
        """Number of parts, 1..255: what is billed."""
        return len(self.texts)


class TextTooLong(ValueError):
    """The text needs more parts than allowed: reject the message before charging, never truncate."""

    def __init__(self, parts: int, max_parts: int) -> None:
        super().__init__(f"text needs {parts} parts, at most {max_parts} allowed")
        self.parts = parts
        self.max_parts = max_parts


class UnencodableText(ValueError):
    """The text holds, at `index`, something that no short message can carry: reject the message."""

    def __init__(self, index: int, reason: str) -> None:
        super().__init__(f"{reason} at character {index}")
        self.index = index
        self.reason = reason


def segment(text: str, *, force_ucs2: bool = False, max_parts: int = PARTS_LIMIT) -> Segmentation:
    """Choose the cheaper encoding that loses nothing and cut the text into parts that each fit one message.

    Greedy. Never cuts an escape pair or a surrogate pair, nor a grapheme cluster unless that alone is longer
    than a part; so there may be more parts than ceil(units / capacity). The joined parts are the text. An
    empty text is one empty part. Raises TextTooLong past `max_parts` (1..255) and UnencodableText for a lone
    surrogate or a raw U+001B. Source: DOMAIN 1.3 - 1.7.
    """
    if not 1 <= max_parts <= PARTS_LIMIT:
        raise ValueError(f"max_parts={max_parts}, expected 1..{PARTS_LIMIT}")
    escape = text.find("\x1b")
    if escape >= 0:
        raise UnencodableText(escape, "raw escape character U+001B")
    septets = None if force_ucs2 else gsm7.septets(text)
    encoding = Encoding.UCS2 if septets is None else Encoding.GSM7
    units = _code_units(text) if septets is None else septets
    if units <= _SINGLE[encoding]:
        return Segmentation(encoding=encoding, units=units, texts=(text,))
    texts = tuple(_cut_gsm7(text) if encoding is Encoding.GSM7 else _cut_ucs2(text))
    if len(texts) > max_parts:
        raise TextTooLong(len(texts), max_parts)
    return Segmentation(encoding=encoding, units=units, texts=texts)


def encode_part(text: str, encoding: Encoding) -> bytes:
    """The octets of one part without its header: unpacked septets, or UTF-16BE without a byte order mark."""
    if encoding is Encoding.GSM7:
        return gsm7.encode_unpacked(text)
    return text.encode("utf-16-be")


def concat_udh8(reference: int, total: int, sequence: int) -> bytes:
    """The six octets before each part of a concatenated message; esm_class then carries 0x40.

    `reference` (0..255) is the same in all parts, `sequence` counts from 1 to `total`. Raises ValueError out
    of range. Source: 3GPP TS 23.040 9.2.3.24.1; DOMAIN 1.11 (a).
    """
    if not (0 <= reference <= 0xFF and 1 <= sequence <= total <= PARTS_LIMIT):
        raise ValueError(f"no such part: reference={reference} total={total} sequence={sequence}")
    return bytes((5, 0, 3, reference, total, sequence))


def _code_units(text: str) -> int:
    try:
        return len(text.encode("utf-16-be")) // 2
    except UnicodeEncodeError as error:
        raise UnencodableText(error.start, "unpaired surrogate") from None


def _cut_gsm7(text: str) -> Iterator[str]:
    return _fill(iter(text), _CONCATENATED["gsm7"], lambda piece: 2 if piece in gsm7.EXTENSION else 1)


def _cut_ucs2(text: str) -> Iterator[str]:
    capacity = _CONCATENATED["ucs2"]
    if is_plain(text):
        return (text[start : start + capacity] for start in range(0, len(text), capacity))
    return _fill(_fitting(clusters(text), capacity), capacity, _utf16_length)


def _fitting(pieces: Iterator[str], capacity: int) -> Iterator[str]:
    """Give back each cluster whole, or as code points where it would not fit any part (DOMAIN 1.7)."""
    for piece in pieces:
        if _utf16_length(piece) <= capacity:
            yield piece
        else:
            yield from piece


def _fill(pieces: Iterator[str], capacity: int, length: Callable[[str], int]) -> Iterator[str]:
    """Join indivisible pieces, none longer than `capacity`, into the fullest parts."""
    part: list[str] = []
    used = 0
    for piece in pieces:
        size = length(piece)
        if used + size > capacity:
            yield "".join(part)
            part, used = [], 0
        part.append(piece)
        used += size
    if part:
        yield "".join(part)


def _utf16_length(piece: str) -> int:
    if len(piece) == 1:
        return 1 if piece <= _BMP_END else 2
    return len(piece) + sum(character > _BMP_END for character in piece)
