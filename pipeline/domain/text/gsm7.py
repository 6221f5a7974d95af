"""Alphabets of seven bits, unpacked: one septet in one octet. The GSM default alphabet and its extension table.

`packing` puts eight septets into seven octets; `national` makes the alphabets of the languages. Sources: 3GPP TS
23.038 6.2.1 and 6.2.1.1; DOMAIN 1.1 - 1.3.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

ESCAPE: Final = 0x1B
SEPTETS: Final = 0x80  # how many there are

ALPHABET: Final = (
    "@£$¥èéùìòÇ\nØø\rÅå"
    "Δ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ"
    " !\"#¤%&'()*+,-./"
    "0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNO"
    "PQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmno"
    "pqrstuvwxyzäöñüà"
)
"""Character by septet, 0x00-0x7F. 0x1B is ESC: a step to the extension table, never a character of a text."""

EXTENSION: Final = MappingProxyType(
    {
        "\f": 0x0A,
        "^": 0x14,
        "{": 0x28,
        "}": 0x29,
        "\\": 0x2F,
        "[": 0x3C,
        "~": 0x3D,
        "]": 0x3E,
        "|": 0x40,
        "€": 0x65,
    }
)
"""Second septet of each character that is sent as ESC and one more septet."""

REPLACEMENT: Final = "\ufffd"


class Alphabet:
    """One table of 128 cells and the table behind its escape.

    `basic` is the character by septet, REPLACEMENT where the cell is unassigned; `extension` the second septet by
    character. A character that is in both is sent as one septet; one that is twice in a table as the later of the two,
    as handsets do.
    """

    __slots__ = ("_basic", "_extended", "_foreign", "_from_extension", "_to_octets", "characters")

    def __init__(self, basic: str, extension: Mapping[str, int]) -> None:
        assigned = basic.replace("\x1b", "").replace(REPLACEMENT, "")
        only_extended = {character: septet for character, septet in extension.items() if character not in assigned}
        self.characters: Final = frozenset(assigned).union(extension)
        self._basic = basic
        self._foreign = re.compile(f"[^{re.escape(''.join(sorted(self.characters)))}]")
        self._extended = re.compile(f"[{re.escape(''.join(only_extended))}]")
        self._to_octets = str.maketrans(
            {character: chr(septet) for septet, character in enumerate(basic) if character in assigned}
            | {character: chr(ESCAPE) + chr(septet) for character, septet in only_extended.items()}
        )
        self._from_extension = {septet: character for character, septet in extension.items()}

    def first_foreign(self, text: str) -> int | None:
        """Index of the first character that this alphabet cannot carry, or None if it carries all.

        U+001B counts as foreign: on the wire it would shift the character that follows it (DOMAIN 1.3).
        """
        found = self._foreign.search(text)
        return None if found is None else found.start()

    def septets(self, text: str) -> int | None:
        """Length in septets, a character behind the escape being two; None if the text cannot be carried."""
        if self._foreign.search(text) is not None:
            return None
        return len(text) + len(self._extended.findall(text))

    def length(self, text: str) -> int:
        """Length in septets of a text that is carried."""
        return len(text) + len(self._extended.findall(text))

    def written(self, text: str) -> str:
        """A text that is carried as one character a septet; ESC stands before each of the extension table."""
        return text.translate(self._to_octets)

    def replace_foreign(self, text: str, character: str) -> str:
        """The text with `character` in the place of each that this alphabet lacks."""
        return self._foreign.sub(character, text)

    def encode(self, text: str) -> bytes:
        """Encode, one septet an octet. Raises UnicodeEncodeError at the first foreign character.

        '@' is octet 0x00 in most tables: never treat the result as a NUL-terminated string.
        """
        foreign = self._foreign.search(text)
        if foreign is not None:
            raise UnicodeEncodeError("gsm7", text, foreign.start(), foreign.end(), "not in the GSM 7-bit alphabet")
        return text.translate(self._to_octets).encode("ascii")

    def decode(self, octets: bytes) -> str:
        """Decode what came from the wire, one septet an octet. Never raises.

        An escape to an unassigned septet shows that septet's character of the basic table, a second ESC or one at the
        end shows a blank (23.038 6.2.1.1); an unassigned cell or an octet above 0x7F gives U+FFFD.
        """
        characters: list[str] = []
        is_escaped = False
        for octet in octets:
            if octet == ESCAPE:
                if is_escaped:
                    characters.append(" ")
                is_escaped = not is_escaped
                continue
            character = self._basic[octet] if octet < SEPTETS else REPLACEMENT
            characters.append(self._from_extension.get(octet, character) if is_escaped else character)
            is_escaped = False
        if is_escaped:
            characters.append(" ")
        return "".join(characters)


DEFAULT: Final = Alphabet(ALPHABET, EXTENSION)

first_foreign: Final = DEFAULT.first_foreign
septets: Final = DEFAULT.septets
encode_unpacked: Final = DEFAULT.encode
decode_unpacked: Final = DEFAULT.decode
