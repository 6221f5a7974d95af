"""One-time codes in a text, and how long each is good: explained by keyword, deterministic, for texts of one message.

A code is what handsets offer to fill in: 4 to 8 digits, or 4 to 10 letters and digits, beside a word that names one.
What `other_numbers` knows is none; of several the one nearest to its keyword is it. Sources: DOMAIN 10; Android SMS
User Consent API (4-10 characters, at least one digit); WICG sms-one-time-codes (last line '@host #code').
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from pipeline.domain.content.code_words import IS, JOINT, KEYWORD, PROMOTION
from pipeline.domain.content.durations import DURATION, validity_minutes
from pipeline.domain.content.folding import Folded, fold
from pipeline.domain.content.other_numbers import NOT_CODES
from pipeline.domain.content.signatures import Position, read_signature

_BOUND = re.compile(r"(?:^|\n)@[^\s#]+ #(?P<code>(?=[^\s#]{0,63}[^\W_])[^\s#]{1,64})(?: [@%][^\s#]+)?\s*\Z")
_CHAIN = re.compile(r"\d+(?:[ -]\d+)*")
_GROUP = re.compile(r"\d+(?:-\d+)*")
_MIXED = re.compile(r"(?<![a-z0-9])(?=[a-z]*\d)(?=\d*[a-z])[a-z0-9]{4,10}(?![a-z0-9])")
_SENTENCE_END = re.compile(r"[。!?;\n]|\.(?:\s|\Z)")
_YEAR = re.compile(r"(?:19|20)\d\d\Z")
_GONE: Final = "\0"

_LIMIT: Final = {"sure": 200, "likely": 60, "asks": 60}
"""Characters, with what is added below, that may stand between a keyword of this kind and its code."""
_LESS_SURE: Final = {"sure": 0, "likely": 8, "asks": 12}
_OTHER_SENTENCE, _BEFORE_KEYWORD, _NOT_JOINED, _YEAR_LIKE, _LETTERS = 25, 3, 5, 30, 4
_MIXED_REACH: Final = 30
_NEAREST: Final = 16  # keywords on either side of a number that are looked at: none further off is ever nearer


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """A code: `digits` as it is typed in; where it stands in the text, [start, end); how far from its keyword."""

    digits: str
    start: int
    end: int
    cost: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OneTime:
    """What a text says of one-time codes. `codes` nearest first; `validity_minutes` None if it says nothing.

    `has_keyword`: a word that surely names a one-time code is in it, whether or not a code is.
    """

    codes: tuple[Code, ...]
    validity_minutes: int | float | None
    has_keyword: bool

    @property
    def code(self) -> str | None:
        """The code that is meant, or None."""
        return self.codes[0].digits if self.codes else None


@dataclass(frozen=True, slots=True)
class _Candidate:
    start: int
    end: int
    is_mixed: bool


def read_codes(text: str) -> OneTime:
    """All codes of a text and their validity, which no text has that names no code."""
    folded = fold(text)
    keywords = [found for found in KEYWORD.finditer(folded.text) if found.lastgroup != "none"]
    bound = _BOUND.search(folded.text)
    if not keywords and bound is None:
        return OneTime(codes=(), validity_minutes=None, has_keyword=False)
    is_sure = any(found.lastgroup == "sure" for found in keywords)
    if not is_sure and PROMOTION.search(folded.text):
        keywords = []  # 'code' of a shop
    quiet = _without_other_numbers(text, folded)
    starts = [found.start() for found in keywords]
    found_codes = [
        _code(text, folded, each, cost)
        for each in _candidates(quiet, keywords)
        if (cost := _cost(quiet, each, _nearest(keywords, starts, each))) is not None
    ]
    if bound is not None:
        start, end = folded.span(*bound.span("code"))
        said = _as_written(text[start:end], bound["code"])
        found_codes = [
            Code(digits=said, start=start, end=end, cost=-1),
            *(each for each in found_codes if each.end <= start),
        ]
    codes = tuple(sorted(found_codes, key=lambda each: (each.cost, each.start)))
    minutes = validity_minutes(folded.text, must_say=not codes) if is_sure or codes else None
    return OneTime(codes=codes, validity_minutes=minutes, has_keyword=is_sure)


def _without_other_numbers(text: str, folded: Folded) -> str:
    """The folded text of the same length, with what is no code blanked: other numbers, durations, the signature."""
    quiet = NOT_CODES.sub(_blank, folded.text)
    quiet = DURATION.sub(_blank, quiet)
    signed = read_signature(text)
    if signed.position is Position.NONE:
        return quiet
    start, end = quiet.find("【", 0), quiet.rfind("】") + 1
    if signed.position is Position.START:
        end = quiet.find("】") + 1
    else:
        start = quiet.rfind("【")
    return quiet[:start] + _GONE * (end - start) + quiet[end:]


def _blank(found: re.Match[str]) -> str:
    return _GONE * len(found[0])


def _candidates(quiet: str, keywords: Sequence[re.Match[str]]) -> Iterator[_Candidate]:
    ends = {found.end() for found in keywords}
    for chain in _CHAIN.finditer(quiet):
        for start, end in _groups(chain):
            before, behind = quiet[start - 1 : start], quiet[end : end + 1]
            if _is_latin(behind) and not quiet.startswith("is", end):
                continue
            if _is_latin(before) and start not in ends:
                continue
            if before == "-" and quiet[start - 2 : start - 1].isdigit():  # the rest of a longer number
                continue
            yield _Candidate(start, end, is_mixed=False)
    letters = {at for found in keywords for at in range(*found.span())}
    for mixed in _MIXED.finditer(quiet):
        if letters.isdisjoint(range(*mixed.span())):
            yield _Candidate(mixed.start(), mixed.end(), is_mixed=True)


def _groups(chain: re.Match[str]) -> Iterator[tuple[int, int]]:
    """The codes in digits that blanks and hyphens tie: groups of one length are one code, else each is its own."""
    whole = chain[0]
    if _is_code(whole):
        yield chain.span()
        return
    parts = whole.split(" ")
    if len(parts) > 2 and all(len(each) == 4 for each in parts):  # a card
        return
    for each in _GROUP.finditer(whole):
        if _is_code(each[0]):
            yield chain.start() + each.start(), chain.start() + each.end()


def _is_code(digits: str) -> bool:
    separators = {each for each in digits if each in " -"}
    if not separators:
        return 4 <= len(digits) <= 8
    groups = re.split("[ -]", digits)
    lengths = {len(each) for each in groups}
    return len(separators) == 1 and len(lengths) == 1 and lengths <= {1, 2, 3, 4} and 4 <= len("".join(groups)) <= 8


def _is_latin(character: str) -> bool:
    return "a" <= character <= "z"


def _nearest(
    keywords: Sequence[re.Match[str]], starts: Sequence[int], candidate: _Candidate
) -> Sequence[re.Match[str]]:
    at = bisect_left(starts, candidate.start)
    return keywords[max(0, at - _NEAREST) : at + _NEAREST]


def _cost(quiet: str, candidate: _Candidate, keywords: Sequence[re.Match[str]]) -> int | None:
    """How far the nearest keyword is, in characters and penalties; None if none reaches so far."""
    costs = (_distance(quiet, candidate, keyword) for keyword in keywords)
    return min((each for each in costs if each is not None), default=None)


def _distance(quiet: str, candidate: _Candidate, keyword: re.Match[str]) -> int | None:
    kind = keyword.lastgroup or "asks"
    is_behind = candidate.start >= keyword.end()
    start, end = (keyword.end(), candidate.start) if is_behind else (candidate.end, keyword.start())
    if end - start > _LIMIT[kind]:
        return None
    is_joined = JOINT.fullmatch(quiet, start, end) is not None if is_behind else IS.match(quiet, start, end) is not None
    cost = end - start + _LESS_SURE[kind] + (0 if is_behind else _BEFORE_KEYWORD)
    if is_joined:
        cost = min(cost, _LESS_SURE[kind] + 1 + (end - start) // 8)
    else:
        cost += _NOT_JOINED
    is_apart = _SENTENCE_END.search(quiet, start, end) is not None and not (is_joined and is_behind)
    cost += _OTHER_SENTENCE if is_apart else 0
    if candidate.is_mixed:
        if kind == "asks" or not is_joined or end - start > _MIXED_REACH:
            return None
        cost += _LETTERS
    elif not is_joined and _YEAR.match(quiet, candidate.start, candidate.end):
        if is_apart:
            return None
        cost += _YEAR_LIKE
    return cost if cost <= _LIMIT[kind] else None


def _code(text: str, folded: Folded, candidate: _Candidate, cost: int) -> Code:
    start, end = folded.span(candidate.start, candidate.end)
    written = folded.text[candidate.start : candidate.end]
    if candidate.is_mixed:
        digits = _as_written(text[start:end], written)
    else:
        digits = written.replace(" ", "").replace("-", "")
    return Code(digits=digits, start=start, end=end, cost=cost)


def _as_written(original: str, folded: str) -> str:
    """Letters in the case they were written in, full-width ones as ASCII."""
    upper = [each.isupper() for each in original if fold(each).text]
    return "".join(each.upper() if is_upper else each for each, is_upper in zip(folded, upper, strict=True))
