"""Wishes: a reply that asks in free words that the messages end, or says that they reach the wrong person.

The second stage after `keywords`, for replies that are no keyword: it decides nothing, it flags for a person to read,
and names the rule that did. Rules are phrases (`wish_phrases`, of `wish_words`) for scripts that write blanks between
words, and expressions (`wish_expressions`) for those that do not. No model and no score: the same text has the same
answer, and the time grows with the length of the text alone. Sources: 47 CFR 64.1200(a)(10); DOMAIN 5.4.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from pipeline.domain.replies.wish_expressions import EXPRESSIONS
from pipeline.domain.replies.wish_phrases import PHRASES
from pipeline.domain.replies.wish_words import FILLERS, LEAVING_WORDS, ORDINARY_ALONE, SETS, STOP_MISSPELT

_SKIPS: Final = {"~": 1, "..": 3}  # words that may be passed over
_GUARD: Final = 2  # words before a phrase that may deny it
_LONGEST: Final = 12  # words: more than that is no polite keyword
_BREAK: Final = "."  # a sentence ends: no phrase reaches over it
_LETTERS = str.maketrans({"ı": "i", "ł": "l", "đ": "d", "ø": "o", "’": "'", "‘": "'", "`": "'"})
_TOKENS = re.compile(r"[^\W_]+|#|[.!?;。!?;…\n]")
_MISSPELT: Final = ("unsubscribe", "unsubscribed", "unsubscribing")


@dataclass(frozen=True, slots=True)
class _Step:
    """One place of a phrase: any of `words`, after at most `skip` others; or, if `may_end`, the end of the sentence."""

    words: frozenset[str]
    skip: int
    may_end: bool


@dataclass(frozen=True, slots=True)
class _Phrase:
    rule: str
    steps: tuple[_Step, ...]
    is_first: bool
    not_after: frozenset[str]
    not_before: frozenset[str]


def find_wish(text: str) -> str | None:
    """The rule by which the text is a wish to be left alone, or None. Never raises.

    Of a text that is a keyword the answer means nothing: ask `match_keyword` first.
    """
    folded = fold(text)
    compact = "".join(folded.split())
    for rule, expression in EXPRESSIONS:
        if expression.search(compact):
            return rule
    tokens = tuple(_tokens(folded))
    if not tokens:
        return None
    return _leaving_word(tokens) or _phrase_in(tokens)


def fold(text: str) -> str:
    """Width, case, accents, invisibles and apostrophes folded; everything else stays where it is."""
    lowered = unicodedata.normalize("NFKC", text).casefold().translate(_LETTERS).replace("'", "")
    marked = unicodedata.normalize("NFD", lowered)
    plain = "".join(character for character in marked if unicodedata.category(character) not in ("Mn", "Cf"))
    return unicodedata.normalize("NFC", plain)  # syllables of Hangul together again


def _tokens(folded: str) -> Iterator[str]:
    """Words, and one _BREAK between sentences; known misspellings are mended."""
    last = _BREAK
    for token in _TOKENS.findall(folded):
        word = _mended(token) if token[0].isalnum() or token == "#" else _BREAK
        if word != _BREAK or last != _BREAK:
            yield word
        last = word


@lru_cache(maxsize=4096)
def _mended(word: str) -> str:
    if word in STOP_MISSPELT:
        return "stop"
    if word[0] in "uno" and 8 <= len(word) <= 14 and any(_distance(word, known) <= 2 for known in _MISSPELT):
        return "unsubscribe"
    return word


def _distance(left: str, right: str) -> int:
    """Edits from one word to the other; two neighbours swapped are one."""
    rows = [list(range(len(right) + 1))]
    for i, a in enumerate(left):
        row = [i + 1]
        for j, b in enumerate(right):
            cost = min(rows[i][j] + (a != b), rows[i][j + 1] + 1, row[j] + 1)
            if i and j and a == right[j - 1] and left[i - 1] == b:
                cost = min(cost, rows[i - 1][j - 1] + 1)
            row.append(cost)
        rows.append(row)
    return rows[-1][-1]


def _leaving_word(tokens: Sequence[str]) -> str | None:
    """A word of leaving among nothing but politeness, or written letter by letter."""
    words = [token for token in tokens if token != _BREAK]
    if len(words) > _LONGEST or (len(words) == 1 and words[0] in ORDINARY_ALONE):
        return None
    if len(words) > 1 and max(map(len, words)) == 1 and "".join(words) in LEAVING_WORDS:
        return "spelled-out"
    if len(words) == 2 and words[0] in ("stop", "arret") and words[1].isdecimal():
        return "keyword-and-code"  # the mention "STOP 36180" sent back as it stands
    is_leaving = [word in LEAVING_WORDS for word in words]
    if any(is_leaving) and all(known or word in FILLERS for known, word in zip(is_leaving, words, strict=True)):
        return "keyword-in-a-phrase"
    return None


def _phrase_in(tokens: Sequence[str]) -> str | None:
    for at, token in enumerate(tokens):
        for phrase in _BY_FIRST_WORD.get(token, ()):
            if phrase.is_first and at and tokens[at - 1] != _BREAK:
                continue
            if phrase.not_after & set(tokens[max(0, at - _GUARD) : at]):
                continue
            end = _matched(tokens, at, phrase.steps)
            if end is not None and not (end < len(tokens) and tokens[end] in phrase.not_before):
                return phrase.rule
    return None


def _matched(tokens: Sequence[str], at: int, steps: Sequence[_Step]) -> int | None:
    """Where the words of a phrase end that begins here, or None. At most 4 ways a step, and few steps."""
    if not steps:
        return at
    step, rest = steps[0], steps[1:]
    if step.may_end and not rest and _is_over(tokens, at):
        return at
    for here in range(at, min(at + step.skip + 1, len(tokens))):
        if tokens[here] in step.words:
            end = _matched(tokens, here + 1, rest)
            if end is not None:
                return end
        if tokens[here] == _BREAK:
            return None
    return None


def _is_over(tokens: Sequence[str], at: int) -> bool:
    """Whether nothing but politeness is left of the sentence."""
    for token in tokens[at : at + _LONGEST]:
        if token == _BREAK:
            return True
        if token not in FILLERS and token not in LEAVING_WORDS:
            return False
    return at + _LONGEST >= len(tokens)


def _compiled(rule: str, pattern: str, not_after: str = "", not_before: str = "") -> _Phrase:
    """A phrase as `wish_phrases` writes it."""
    steps: list[_Step] = []
    skip = 0
    for item in pattern.split():
        if item in _SKIPS:
            skip += _SKIPS[item]
            continue
        if item != "^":
            steps.append(_Step(words=_words(item), skip=skip, may_end="$" in item.split("|")))
            skip = 0
    return _Phrase(
        rule=rule,
        steps=tuple(steps),
        is_first=pattern.startswith("^"),
        not_after=_words(not_after),
        not_before=_words(not_before),
    )


def _words(alternatives: str) -> frozenset[str]:
    words: set[str] = set()
    for word in alternatives.split("|"):
        words |= set(SETS[word[1:]].split()) if word.startswith("@") else {word}
    return frozenset(fold(word) for word in words - {"", "$"})


def _by_first_word(phrases: Sequence[_Phrase]) -> dict[str, list[_Phrase]]:
    index: dict[str, list[_Phrase]] = {}
    for phrase in phrases:
        for word in phrase.steps[0].words:
            index.setdefault(word, []).append(phrase)
    return index


_BY_FIRST_WORD: Final = _by_first_word([_compiled(*phrase) for phrase in PHRASES])
