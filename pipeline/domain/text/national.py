"""National language shift tables: which there are, by which names, and the alphabet that a pair of them makes.

Whether a handset can read them, the carrier knows: its profile names the languages. Sources: 3GPP TS 23.038 6.2.1.2,
A.2, A.3; TS 23.040 9.2.3.24.15 and .16; DOMAIN 1.14.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Final

from pipeline.domain.text import gsm7
from pipeline.domain.text.national_tables import LOCKING, SINGLE

SINGLE_SHIFT_ELEMENT: Final = 0x24
LOCKING_SHIFT_ELEMENT: Final = 0x25

_LANGUAGES = ("tr", "es", "pt", "bn", "gu", "hi", "kn", "ml", "or", "pa", "ta", "te", "ur")  # identifiers 1..13
_NAMES = (
    "turkish", "spanish", "portuguese", "bengali", "gujarati", "hindi", "kannada", "malayalam", "oriya", "punjabi",
    "tamil", "telugu", "urdu",
)  # fmt: skip
_SPANISH = ("ar", "bo", "cl", "co", "cr", "cu", "do", "ec", "gt", "hn", "mx", "ni", "pe", "pr", "py", "sv", "uy", "ve")
_COUNTRIES = {  # ISO 3166 where one language is meant and no ISO 639 code reads the same
    **dict.fromkeys(_SPANISH, 2),
    "br": 3,
    "bd": 4,
    "pk": 13,
}

IDENTIFIERS: Final[Mapping[str, int]] = MappingProxyType(
    _COUNTRIES
    | {language: identifier for identifier, language in enumerate(_LANGUAGES, start=1)}
    | {language: identifier for identifier, language in enumerate(_NAMES, start=1)}
)
"""Language identifier of 23.038 by ISO 639 code, English name or country, in small letters.

In doubt ISO 639: 'pa' is Punjabi.
"""


class UnknownLanguage(ValueError):
    """No national language table has this name, or not of this sort; the message says what was expected."""


@dataclass(frozen=True, slots=True)
class ShiftTables:
    """A pair of tables by their identifiers; 0 is the default alphabet or the default extension table."""

    locking: int = 0
    single: int = 0

    def __post_init__(self) -> None:
        if self.locking and self.locking not in LOCKING:
            raise UnknownLanguage(f"no locking shift table {self.locking}, expected 0, 1 or 3..13")
        if self.single and self.single not in SINGLE:
            raise UnknownLanguage(f"no single shift table {self.single}, expected 0..13")

    @property
    def elements(self) -> bytes:
        """The information elements that every part's header carries for these tables, three octets each."""
        locking = bytes((LOCKING_SHIFT_ELEMENT, 1, self.locking)) if self.locking else b""
        single = bytes((SINGLE_SHIFT_ELEMENT, 1, self.single)) if self.single else b""
        return locking + single


DEFAULT_TABLES: Final = ShiftTables()


def identifier_of(name: str) -> int:
    """The language's identifier by ISO 639 ('tr'), name ('Turkish'), country ('BR') or digits ('1').

    Raises UnknownLanguage.
    """
    folded = name.strip().lower()
    found = IDENTIFIERS.get(folded)
    if found is not None:
        return found
    if folded.isascii() and folded.isdigit() and int(folded) <= len(_LANGUAGES):
        return int(folded)
    raise UnknownLanguage(
        f"no national language table for {name[:40]!r}, expected 0..13 or one of {', '.join(_LANGUAGES)}"
    )


@cache
def candidates(languages: tuple[str, ...]) -> tuple[ShiftTables, ...]:
    """The pairs of tables that handsets with these languages read. Raises UnknownLanguage."""
    pairs: list[ShiftTables] = []
    for identifier in map(identifier_of, languages):
        pairs.append(ShiftTables(0, identifier))
        if identifier in LOCKING:
            pairs += (ShiftTables(identifier, 0), ShiftTables(identifier, identifier))
    return tuple(dict.fromkeys(pair for pair in pairs if pair != DEFAULT_TABLES))


@cache
def alphabet_of(tables: ShiftTables) -> gsm7.Alphabet:
    """The alphabet that this pair makes; at most 14 x 14 of them."""
    if tables == DEFAULT_TABLES:
        return gsm7.DEFAULT
    basic = _basic(LOCKING[tables.locking]) if tables.locking else gsm7.ALPHABET
    extension = _extension(SINGLE[tables.single]) if tables.single else gsm7.EXTENSION
    return gsm7.Alphabet(basic, extension)


def _cells(table: str) -> Sequence[str]:
    return ["" if cell == "-" else chr(int(cell, 16)) for cell in table.split()]


def _basic(table: str) -> str:
    characters = [cell or gsm7.REPLACEMENT for cell in _cells(table)]
    characters[gsm7.ESCAPE] = chr(gsm7.ESCAPE)
    return "".join(characters)


def _extension(table: str) -> Mapping[str, int]:
    return {character: septet for septet, character in enumerate(_cells(table)) if character}
