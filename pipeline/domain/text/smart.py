"""Smart encoding: typographic look-alikes written plainly, only where that takes a whole text into GSM-7.

What an account may opt into. Letters are never changed (no accent is taken away, no fraction spelt out), so a reader
reads the same. Sources: DOMAIN 1.15, 1.16; Unicode's general punctuation; the character lists of Twilio and Sinch.
"""

import unicodedata
from typing import Final

from pipeline.domain.text import gsm7

_LOOK_ALIKES = {
    '"': "\u00ab\u00bb\u201c\u201d\u201e\u201f\u02ba\u02ee\u2033\u2036\u275d\u275e\u301d\u301e\u301f",
    "'": "\u2018\u2019\u201b\u2032\u2035\u0060\u00b4\u02b9\u02bb\u02bc\u02bd\u02c8\u02ca\u02cb\u275b\u275c\uff40",
    "-": "\u2010\u2011\u2012\u2013\u2014\u2015\u2022\u2043\u2212\ufe58\ufe63",
    " ": "\t\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000",
    "\n": "\u0085\u2028\u2029",
    ",": "\u201a\u3001\ufe50\ufe51\uff64",
    ".": "\u2024\u3002\ufe52\uff61",
    "..": "\u2025",
    "...": "\u2026",
    "!": "\ufe57",
    "!!": "\u203c",
    "??": "\u2047",
    "?!": "\u2048",
    "!?": "\u2049",
    "?": "\ufe56",
    ":": "\u2236\ufe55",
    ";": "\ufe54",
    "/": "\u2044\u2215",
    "*": "\u204e\u2217\ufe61",
    "|": "\u2223",
    "~": "\u02dc\u223c",
    "^": "\u02c6",
    "<": "\u2039\ufe64",
    ">": "\u203a\ufe65",
    "(": "\ufe59",
    ")": "\ufe5a",
    "{": "\ufe5b",
    "}": "\ufe5c",
    "#": "\ufe5f",
    "&": "\ufe60",
    "+": "\ufe62",
    "=": "\ufe66",
    "\\": "\ufe68",
    "$": "\ufe69",
    "%": "\ufe6a",
    "@": "\ufe6b",
}
_FULL_WIDTH = {0xFEE0 + code: chr(code) for code in range(0x21, 0x7F)}  # U+FF01-FF5E, in the order of ASCII
_WITHOUT_WIDTH = (  # soft hyphen, zero-width blanks and joiners, marks of direction, selectors of a glyph's style
    "\u00ad\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e"
    "\u2060\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069\ufe0e\ufe0f\ufeff"
)

PLAIN: Final = {
    **_FULL_WIDTH,
    **{ord(character): plain for plain, characters in _LOOK_ALIKES.items() for character in characters},
    **dict.fromkeys(map(ord, _WITHOUT_WIDTH), ""),
}
"""What stands for a code point under smart encoding."""


def smart(text: str) -> str:
    """The text in GSM-7 if writing look-alikes plainly and composing accents (NFC) gets it there; else the text itself.

    What GSM-7 carries already stays as it is, so does what would leave nothing.
    """
    if gsm7.first_foreign(text) is None:
        return text
    plain = unicodedata.normalize("NFC", text.translate(PLAIN))
    return plain if plain and gsm7.first_foreign(plain) is None else text
