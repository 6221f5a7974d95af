"""Keywords in a reply: STOP, START, HELP and their like in other languages.

Only a whole message is a keyword, never a piece of one; free-form wishes ("please stop texting me") are
another stage's business. What a keyword does is decided by routing. Sources: 47 CFR 64.1200(a)(10); DOMAIN
5.3 - 5.5.
"""

import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class KeywordAction(StrEnum):
    """What the sender of a keyword asks for."""

    OPT_OUT = "opt_out"
    OPT_IN = "opt_in"
    HELP = "help"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeywordMatch:
    """`keyword` is the canonical upper-case form, one of a closed set: safe to show in the clear."""

    action: KeywordAction
    keyword: str


_EVERYWHERE: Final[Mapping[KeywordAction, tuple[str, ...]]] = {
    KeywordAction.OPT_OUT: (
        *("STOP", "STOPALL", "STOP ALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE"),
        *("OPTOUT", "OPT-OUT", "OPT OUT", "REMOVE", "TD", "退订", "退訂"),
    ),
    KeywordAction.OPT_IN: ("START", "UNSTOP"),
    KeywordAction.HELP: ("HELP", "INFO"),
}
"""Honoured in every country."""

_BY_COUNTRY: Final[Mapping[str, Mapping[KeywordAction, tuple[str, ...]]]] = {
    "BR": {KeywordAction.OPT_OUT: ("SAIR", "PARE"), KeywordAction.HELP: ("AJUDA",)},
    "CA": {KeywordAction.OPT_OUT: ("ARRET",), KeywordAction.HELP: ("AIDE",)},
    "FR": {KeywordAction.OPT_OUT: ("ARRET",), KeywordAction.HELP: ("AIDE", "CONTACT")},
    "TR": {KeywordAction.OPT_OUT: ("IPTAL", "DUR"), KeywordAction.HELP: ("YARDIM",)},
}
"""Words that may be an ordinary answer elsewhere."""

_LETTERS = frozenset({"T", "R", "N"})  # an opt-out in China where the last message advertised that letter
_YES = "YES"
_BLANKS = re.compile(r"\s+")


def match_keyword(
    text: str, country: str = "", *, is_opted_out: bool = False, advertised: Collection[str] = ()
) -> KeywordMatch | None:
    """The keyword that the whole text is, or None.

    `country` (ISO 3166 alpha-2) is the subscriber's; '' is unknown and admits every country's words, for an
    opt-out too many is better than one ignored. YES opts in only while `is_opted_out`; T, R and N opt out
    only if among the letters that the last message `advertised`. Source: DOMAIN 5.3, 5.4.
    """
    form = _normal_form(text)
    word = form.upper()
    if is_opted_out and word == _YES:
        return KeywordMatch(action=KeywordAction.OPT_IN, keyword=_YES)
    if word in _LETTERS and word in advertised:
        return KeywordMatch(action=KeywordAction.OPT_OUT, keyword=word)
    return _WORDS.get(country.upper(), _GLOBAL_WORDS).get(form)


def _normal_form(text: str) -> str:
    """Fold what does not change a keyword: width, invisibles, case, accents, dots of i, outer punctuation."""
    folded = unicodedata.normalize("NFKC", text).casefold().replace("ı", "i")
    kept: list[str] = []
    for character in unicodedata.normalize("NFD", folded):
        category = unicodedata.category(character)
        if category not in ("Cf", "Mn"):
            kept.append("-" if category == "Pd" else character)
    return _BLANKS.sub(" ", _without_outer_punctuation("".join(kept)))


def _without_outer_punctuation(text: str) -> str:
    start, end = 0, len(text)
    while start < end and _is_outer(text[start]):
        start += 1
    while end > start and _is_outer(text[end - 1]):
        end -= 1
    return text[start:end]


def _is_outer(character: str) -> bool:
    return character.isspace() or unicodedata.category(character)[0] in "PCZ"


def _words(*sets: Mapping[KeywordAction, tuple[str, ...]]) -> Mapping[str, KeywordMatch]:
    return {
        _normal_form(word): KeywordMatch(action=action, keyword=word)
        for words in sets
        for action, listed in words.items()
        for word in listed
    }


_GLOBAL_WORDS = _words(_EVERYWHERE)
_WORDS = {
    "": _words(*_BY_COUNTRY.values(), _EVERYWHERE),
    **{country: _words(words, _EVERYWHERE) for country, words in _BY_COUNTRY.items()},
}
