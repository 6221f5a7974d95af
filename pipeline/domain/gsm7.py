"""The GSM 7-bit default alphabet and its extension table, unpacked: one septet in one octet.

Packing eight septets into seven octets is the SMSC's business (DOMAIN 1.12). National language tables are
not here. Sources: 3GPP TS 23.038 6.2.1 and 6.2.1.1; DOMAIN 1.1 - 1.3.
"""

import re
from types import MappingProxyType
from typing import Final

ESCAPE: Final = 0x1B

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

_BASIC = ALPHABET.replace("\x1b", "")
_FOREIGN = re.compile(f"[^{re.escape(_BASIC + ''.join(EXTENSION))}]")
_EXTENDED = re.compile(f"[{re.escape(''.join(EXTENSION))}]")
_TO_SEPTETS = str.maketrans(
    {character: chr(ALPHABET.index(character)) for character in _BASIC}
    | {character: chr(ESCAPE) + chr(septet) for character, septet in EXTENSION.items()}
)
_FROM_EXTENSION = {septet: character for character, septet in EXTENSION.items()}


def first_foreign(text: str) -> int | None:
    """Index of the first character that GSM-7 cannot carry, or None if it carries all.

    U+001B counts as foreign: on the wire it would shift the character that follows it (DOMAIN 1.3).
    """
    found = _FOREIGN.search(text)
    return None if found is None else found.start()


def septets(text: str) -> int | None:
    """Length in septets, an extended character being two; None if GSM-7 cannot carry the text."""
    if _FOREIGN.search(text) is not None:
        return None
    return len(text) + len(_EXTENDED.findall(text))


def encode_unpacked(text: str) -> bytes:
    """Encode, one septet an octet. Raises UnicodeEncodeError at the first foreign character.

    '@' is octet 0x00: never treat the result as a NUL-terminated string.
    """
    foreign = first_foreign(text)
    if foreign is not None:
        raise UnicodeEncodeError("gsm7", text, foreign, foreign + 1, "not in the GSM 7-bit alphabet")
    return text.translate(_TO_SEPTETS).encode("ascii")


def decode_unpacked(octets: bytes) -> str:
    """Decode what came from the wire, one septet an octet. Never raises.

    An escape to an unassigned septet shows that septet's character of the default alphabet, a second ESC or
    one at the end shows a blank (23.038 6.2.1.1); an octet above 0x7F is no septet and gives U+FFFD.
    """
    characters: list[str] = []
    is_escaped = False
    for octet in octets:
        if octet == ESCAPE:
            if is_escaped:
                characters.append(" ")
            is_escaped = not is_escaped
            continue
        character = ALPHABET[octet] if octet < len(ALPHABET) else REPLACEMENT
        characters.append(_FROM_EXTENSION.get(octet, character) if is_escaped else character)
        is_escaped = False
    if is_escaped:
        characters.append(" ")
    return "".join(characters)
