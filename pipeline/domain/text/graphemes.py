"""What a reader sees as one character: extended grapheme clusters, so that no emoji or accent is cut at a part's end.

By UAX 29, but for CR LF: the two may be separated, a handset joins the parts again. Sources: UAX 29;
DOMAIN 1.6 - 1.8.
"""

import re
from collections.abc import Sequence

import regex

_CLUSTER = regex.compile(r"\r|\X")
_ALONE = re.compile(  # all of the BMP, each a cluster of its own whatever stands beside it, but for marks and joiners
    "["
    "\u0000-\u02ff\u0370-\u037f\u0384-\u0482\u048a-\u052f"  # Latin, Greek, Cyrillic without their marks
    "\u2010-\u2027\u20a0-\u20c0"  # general punctuation, currencies
    "\u3000-\u3029\u3041-\u3096\u309b-\u30ff\u4e00-\u9fff\uac00-\ud7a3\uff01-\uff5e"  # CJK, kana, Hangul syllables
    "]*"
)


def is_plain(text: str) -> bool:
    """Whether the text is surely of one-character clusters of one UTF-16 unit each: most of it is, and cheaper."""
    return _ALONE.fullmatch(text) is not None


def clusters(text: str) -> Sequence[str]:
    """Cut the text into what should stay together; joined again they are the text."""
    found: list[str] = _CLUSTER.findall(text)
    return found
