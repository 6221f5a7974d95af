"""What a reader sees as one character: a light version of extended grapheme clusters.

Enough not to cut an emoji or an accent in two at the end of a part: combining marks, variation selectors,
joiners, emoji modifiers, tags and flags. Hangul syllables written as jamo and Indic conjuncts may be cut;
nothing is lost by that, since the handset joins the parts again. Sources: UAX 29 rules GB9, GB9a, GB11, GB12,
GB13 (simplified); DOMAIN 1.6, 1.7.
"""

import re
import unicodedata
from collections.abc import Iterator

_JOINER = "\u200d"
_NON_JOINER = "\u200c"
_MARKS = frozenset({"Mn", "Mc", "Me"})  # variation selectors and U+20E3, the keycap, are among them
_FIRST_MARK = "\u0300"  # nothing below continues a cluster: spares the lookup for most text
_ALONE = re.compile(  # Latin, general and CJK punctuation, Han, Hangul syllables, full-width forms; all of the BMP
    "[\u0000-\u02ff\u2010-\u2027\u3000-\u3029\u4e00-\u9fff\uac00-\ud7a3\uff01-\uff5e]*"
)


def is_plain(text: str) -> bool:
    """Whether the text is surely of one-character clusters of one UTF-16 unit each: most of it is, and cheaper."""
    return _ALONE.fullmatch(text) is not None


def clusters(text: str) -> Iterator[str]:
    """Cut the text into what should stay together; joined again they are the text."""
    start = 0
    flag_letters = 0  # regional indicators in a row so far: two make a flag
    for index, character in enumerate(text):
        is_flag_letter = "\U0001f1e6" <= character <= "\U0001f1ff"
        closes_flag = is_flag_letter and flag_letters % 2 == 1
        flag_letters = flag_letters + 1 if is_flag_letter else 0
        if index == 0 or closes_flag or _continues(character) or text[index - 1] == _JOINER:
            continue
        yield text[start:index]
        start = index
    if text:
        yield text[start:]


def _continues(character: str) -> bool:
    if character < _FIRST_MARK:
        return False
    return (
        character in (_JOINER, _NON_JOINER)
        or "\U0001f3fb" <= character <= "\U0001f3ff"  # skin tones
        or "\U000e0020" <= character <= "\U000e007f"  # tags, as in the flag of Scotland
        or unicodedata.category(character) in _MARKS
    )
