"""Encoding and segmentation: which alphabet a text needs, where it is cut into parts, what each part's header is.

Decides nothing about carriers: China's UCS-2 for every text is the caller's `force_ucs2`, a lower cap on parts the
caller's `max_parts`, the languages of its handsets the caller's `national`, an operator's own characters the caller's
`reserve`. Sources: 3GPP TS 23.038; TS 23.040 9.2.3.24; DOMAIN 1.4 - 1.14, 1.17.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Final

from pipeline.domain.text import gsm7
from pipeline.domain.text.cutting import Cut, cut_clusters, cut_even, utf16_length
from pipeline.domain.text.graphemes import is_plain
from pipeline.domain.text.national import DEFAULT_TABLES as DEFAULT_TABLES
from pipeline.domain.text.national import ShiftTables as ShiftTables
from pipeline.domain.text.national import alphabet_of

PARTS_LIMIT: Final = 255  # the count is one octet (DOMAIN 1.10)
OCTETS: Final = 140  # of one short message, header and text
LONGEST_RESERVE: Final = 50  # units; must leave room for a piece of text in any part


class Encoding(StrEnum):
    """How the parts of one message are written; all of them alike (DOMAIN 1.4)."""

    GSM7 = "gsm7"
    UCS2 = "ucs2"
    GSM7_NLI = "gsm7-nli"
    """GSM-7 with national language tables."""


class Concat(StrEnum):
    """How the parts of one message are tied together (DOMAIN 1.11)."""

    UDH8 = "udh8"
    UDH16 = "udh16"
    SAR = "sar"
    """TLVs; on the air the SMSC makes an 8-bit header of them."""
    PAYLOAD = "payload"
    """message_payload: the SMSC cuts, as with an 8-bit header."""


@dataclass(frozen=True, slots=True)
class Reserve:
    """Units that an operator adds before and after a text: the first and the last part must have room for them."""

    prefix: int = 0
    suffix: int = 0

    def __post_init__(self) -> None:
        if self.prefix < 0 or self.suffix < 0 or self.prefix + self.suffix > LONGEST_RESERVE:
            raise ValueError(f"reserve {self.prefix}+{self.suffix}, expected 0..{LONGEST_RESERVE} units together")


NO_RESERVE: Final = Reserve()


@dataclass(frozen=True, slots=True, kw_only=True)
class Segmentation:
    """A text cut into parts. `units` is the whole length: septets for GSM-7, UTF-16 code units for UCS-2.

    `part_units` sums up to it: neither headers nor what an operator adds is counted.
    """

    encoding: Encoding
    units: int
    texts: tuple[str, ...]
    part_units: tuple[int, ...]
    tables: ShiftTables = DEFAULT_TABLES

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


def segment(
    text: str,
    *,
    force_ucs2: bool = False,
    max_parts: int = PARTS_LIMIT,
    concat: Concat = Concat.UDH8,
    national: Sequence[ShiftTables] = (),
    reserve: Reserve = NO_RESERVE,
) -> Segmentation:
    """Choose the cheapest encoding that loses nothing and cut the text into parts that each fit one message.

    GSM-7 if it carries the text; else of the `national` tables that do those with the fewest parts, then units, then
    header octets; else UCS-2. Greedy. Never cuts an escape pair or a surrogate pair, nor a grapheme cluster unless
    that alone is longer than a part; so there may be more parts than ceil(units / capacity). The joined parts are the
    text. An empty text is one empty part. Raises TextTooLong past `max_parts` (1..255) and UnencodableText for a lone
    surrogate or a raw U+001B. Source: DOMAIN 1.3 - 1.7, 1.14, 1.15.
    """
    if not 1 <= max_parts <= PARTS_LIMIT:
        raise ValueError(f"max_parts={max_parts}, expected 1..{PARTS_LIMIT}")
    escape = text.find("\x1b")
    if escape >= 0:
        raise UnencodableText(escape, "raw escape character U+001B")
    septets = None if force_ucs2 else gsm7.septets(text)
    if septets is not None:
        cut = _in_septets(text, septets, DEFAULT_TABLES, concat, reserve)
    else:
        found = None if force_ucs2 or not national else _in_national(text, national, concat, reserve)
        cut = found or _in_ucs2(text, concat, reserve)
    if len(cut.texts) > max_parts:
        raise TextTooLong(len(cut.texts), max_parts)
    return cut


@cache
def capacity(encoding: Encoding, tables: ShiftTables = DEFAULT_TABLES, concat: Concat | None = None) -> int:
    """Units of text in one part: a single message, or with `concat` one of several.

    floor((1120 - 8 * header octets) / 7) septets or the whole 16-bit units beside the header. Source: 23.040
    9.2.3.24.1; DOMAIN 1.5.
    """
    elements = len(tables.elements)
    if concat is not None:
        elements += 4 + (concat is Concat.UDH16) + 1
    header = elements + 1 if elements else 0  # its own length is one octet more
    free = OCTETS - header
    return free // 2 if encoding is Encoding.UCS2 else free * 8 // 7


def encode_part(text: str, encoding: Encoding, tables: ShiftTables = DEFAULT_TABLES) -> bytes:
    """The octets of one part without its header: unpacked septets, or UTF-16BE without a byte order mark."""
    if encoding is Encoding.UCS2:
        return text.encode("utf-16-be")
    return alphabet_of(tables).encode(text)


def udh(concat: Concat, tables: ShiftTables, reference: int, total: int, sequence: int) -> bytes:
    """The whole user data header of one part, its length first; b'' where there is none. esm_class then carries 0x40.

    `reference` (0..255, or 0..65535 for UDH16) is the same in all parts, `sequence` counts from 1 to `total`. SAR and
    PAYLOAD say so elsewhere: their headers hold the language tables alone. Raises ValueError out of range. Source: 3GPP
    TS 23.040 9.2.3.24.1, .8, .15, .16; DOMAIN 1.11, 1.14.
    """
    if not (
        0 <= reference <= (0xFFFF if concat is not Concat.UDH8 else 0xFF) and 1 <= sequence <= total <= PARTS_LIMIT
    ):
        raise ValueError(f"no such part: reference={reference} total={total} sequence={sequence}")
    elements = tables.elements
    if total > 1 and concat is Concat.UDH8:
        elements = bytes((0, 3, reference, total, sequence)) + elements
    elif total > 1 and concat is Concat.UDH16:
        elements = bytes((8, 4, reference >> 8, reference & 0xFF, total, sequence)) + elements
    return bytes((len(elements),)) + elements if elements else b""


def concat_udh8(reference: int, total: int, sequence: int) -> bytes:
    """The six octets before each part of a concatenated message; esm_class then carries 0x40.

    `reference` (0..255) is the same in all parts, `sequence` counts from 1 to `total`. Raises ValueError out
    of range. Source: 3GPP TS 23.040 9.2.3.24.1; DOMAIN 1.11 (a).
    """
    if not (0 <= reference <= 0xFF and 1 <= sequence <= total <= PARTS_LIMIT):
        raise ValueError(f"no such part: reference={reference} total={total} sequence={sequence}")
    return bytes((5, 0, 3, reference, total, sequence))


def _in_septets(text: str, septets: int, tables: ShiftTables, concat: Concat, reserve: Reserve) -> Segmentation:
    encoding = Encoding.GSM7 if tables is DEFAULT_TABLES else Encoding.GSM7_NLI
    if septets + reserve.prefix + reserve.suffix <= capacity(encoding, tables):
        return Segmentation(encoding=encoding, units=septets, texts=(text,), part_units=(septets,), tables=tables)
    alphabet, room = alphabet_of(tables), capacity(encoding, tables, concat)
    if encoding is Encoding.GSM7 or is_plain(text):
        texts, units = cut_even(text, alphabet.written(text), room, reserve.prefix, reserve.suffix)
    else:
        texts, units = cut_clusters(text, alphabet.length, room, reserve.prefix, reserve.suffix)
    return Segmentation(encoding=encoding, units=septets, texts=texts, part_units=units, tables=tables)


def _in_national(text: str, national: Sequence[ShiftTables], concat: Concat, reserve: Reserve) -> Segmentation | None:
    best: tuple[tuple[int, int, int], Segmentation] | None = None
    for tables in national:
        septets = alphabet_of(tables).septets(text)
        if septets is None:
            continue
        cut = _in_septets(text, septets, tables, concat, reserve)
        cost = (len(cut.texts), septets, len(tables.elements))
        if best is None or cost < best[0]:
            best = (cost, cut)
    return None if best is None else best[1]


def _in_ucs2(text: str, concat: Concat, reserve: Reserve) -> Segmentation:
    units = _code_units(text)
    if units + reserve.prefix + reserve.suffix <= capacity(Encoding.UCS2):
        return Segmentation(encoding=Encoding.UCS2, units=units, texts=(text,), part_units=(units,))
    texts, part_units = _cut_ucs2(text, capacity(Encoding.UCS2, concat=concat), reserve)
    return Segmentation(encoding=Encoding.UCS2, units=units, texts=texts, part_units=part_units)


def _code_units(text: str) -> int:
    try:
        return len(text.encode("utf-16-be")) // 2
    except UnicodeEncodeError as error:
        raise UnencodableText(error.start, "unpaired surrogate") from None


def _cut_ucs2(text: str, room: int, reserve: Reserve) -> Cut:
    if is_plain(text):
        return cut_even(text, text, room, reserve.prefix, reserve.suffix)
    return cut_clusters(text, utf16_length, room, reserve.prefix, reserve.suffix)
