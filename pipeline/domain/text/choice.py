"""Why a text is written as it is: which characters forced it, and what they cost in parts.

`segments` decides between alphabets; here what a country and a carrier require comes on top, and the reason is kept.
Source: DOMAIN 1.4, 1.13 - 1.17.
"""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import StrEnum

from pipeline.domain.text import charsets, gsm7
from pipeline.domain.text.country_rules import TextRule
from pipeline.domain.text.national import ShiftTables, alphabet_of
from pipeline.domain.text.segments import Concat, Encoding, Segmentation, segment


class Because(StrEnum):
    """What decided the encoding."""

    GSM7 = "gsm7"
    """Nothing: the default alphabet carries the text."""
    NATIONAL = "national"
    """The default alphabet lacks characters, the languages' tables have them."""
    CHARACTERS = "characters"
    COUNTRY = "country"
    CARRIER = "carrier"
    """GSM-7 has all characters, but the carrier's own charset for data_coding 0 lacks some."""


@dataclass(frozen=True, slots=True)
class TextChoice:
    """A text cut into parts, and why so.

    `forced_by` are indexes in code points of what GSM-7 (or the tables, or the carrier's charset) lacks; `extra_parts`
    what these cost: none where a country forces, since it would without them.
    """

    cut: Segmentation
    because: Because
    forced_by: Sequence[int] = ()
    extra_parts: int = 0


def choose(
    text: str,
    rule: TextRule,
    *,
    concat: Concat = Concat.UDH8,
    national: Sequence[ShiftTables] = (),
    charset: str = charsets.GSM7,
) -> TextChoice:
    """Cut a text as its country's rule, the carrier's tables (`national`) and its `charset` require.

    National tables are only used where data_coding 0 is the GSM alphabet. Raises TextTooLong and UnencodableText as
    `segment` does, ValueError for an unknown charset.
    """
    if rule.force_ucs2:
        cut = segment(text, force_ucs2=True, concat=concat, reserve=rule.reserve)
        return TextChoice(cut, Because.COUNTRY, _foreign(text, gsm7.DEFAULT.characters))
    if charset != charsets.GSM7:
        national = ()
        if gsm7.first_foreign(text) is None and not charsets.carries(charset, text):
            cut = segment(text, force_ucs2=True, concat=concat, reserve=rule.reserve)
            carried = {character for character in set(text) if charsets.carries(charset, character)}
            return _forced(text, cut, Because.CARRIER, carried, rule, concat, ())
    cut = segment(text, concat=concat, national=national, reserve=rule.reserve)
    if cut.encoding is Encoding.GSM7:
        return TextChoice(cut, Because.GSM7)
    if cut.encoding is Encoding.GSM7_NLI:
        return TextChoice(cut, Because.NATIONAL)
    return _forced(text, cut, Because.CHARACTERS, _carried(text, national), rule, concat, national)


def _carried(text: str, national: Sequence[ShiftTables]) -> AbstractSet[str]:
    """What forced nothing: the characters of the tables; of the default alphabet if only several tables have all."""
    if not national:
        return gsm7.DEFAULT.characters
    of_tables = frozenset[str]().union(*(alphabet_of(tables).characters for tables in national))
    return gsm7.DEFAULT.characters if of_tables.issuperset(text) else of_tables


def _forced(
    text: str,
    cut: Segmentation,
    because: Because,
    carried: AbstractSet[str],
    rule: TextRule,
    concat: Concat,
    national: Sequence[ShiftTables],
) -> TextChoice:
    forced_by = _foreign(text, carried)
    if cut.count == 1:
        return TextChoice(cut, because, forced_by)
    without = "".join([character if character in carried else "a" for character in text])
    cheaper = segment(without, concat=concat, national=national, reserve=rule.reserve)
    return TextChoice(cut, because, forced_by, max(cut.count - cheaper.count, 0))


def _foreign(text: str, carried: AbstractSet[str]) -> list[int]:
    return [index for index, character in enumerate(text) if character not in carried]
