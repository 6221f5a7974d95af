"""Text folded for looking into it: width, case, accents and digits of any script are made alike; places stay known.

Every character becomes one or none, so a place in the folded text has one place in the text as it was written. Nothing
that is sent is ever folded. Sources: Unicode 15 UnicodeData (decompositions, general categories).
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

_ALIKE = {"ı": "i", "đ": "d", "ø": "o", "ł": "l", "ð": "d", "ς": "σ", "ё": "е", "ي": "ی", "ك": "ک", "’": "'", "‘": "'"}


@dataclass(frozen=True, slots=True)
class Folded:
    """`text` folded; `places` has for each of its characters the index in the original, None where they are equal."""

    text: str
    places: Sequence[int] | None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where the folded characters [start, end) stand in the original, as [start, end). Takes at least one."""
        if self.places is None:
            return start, end
        return self.places[start], self.places[end - 1] + 1


class _Table(dict[int, str]):
    """What each character becomes, worked out when it is first seen."""

    def __missing__(self, code: int) -> str:
        self[code] = made = _fold_character(chr(code))
        return made


_TABLE = _Table()


def fold(text: str) -> Folded:
    """The text in lower case, in ASCII digits, without accents, invisible characters and full-width forms."""
    if text.isascii():
        return Folded(text.lower(), None)
    folded = text.translate(_TABLE)
    if len(folded) == len(text):
        return Folded(folded, None)
    return Folded(folded, [at for at, character in enumerate(text) if _TABLE[ord(character)]])


def _fold_character(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Nd":
        return str(unicodedata.decimal(character))
    if category in ("Cf", "Mn"):
        return ""
    if category == "Pd":
        return "-"
    first = character
    if category != "No" and not "가" <= character <= "힣":  # a circled 1 is no digit; a syllable of Hangul stays whole
        first = unicodedata.normalize("NFKD", character)[:1]
        if unicodedata.category(first) == "Mn":  # half-width voicing marks
            return ""
    first = first.lower()[:1]
    return _ALIKE.get(first, first)
