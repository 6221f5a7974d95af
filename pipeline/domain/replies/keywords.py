"""Keywords in a reply: STOP, START, HELP and their like in other languages.

Only a whole message is a keyword, never a piece of one; free-form wishes ("please stop texting me") are `wishes`'
business, what a message says its letter of leaving is, `advertised`'s. What a keyword does is decided by routing.
Sources: 47 CFR 64.1200(a)(10); DOMAIN 5.3 - 5.5; for each country what is named beside it.
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


_OUT, _IN, _HELP = KeywordAction.OPT_OUT, KeywordAction.OPT_IN, KeywordAction.HELP
_Words = Mapping[KeywordAction, tuple[str, ...]]

_EVERYWHERE: Final[_Words] = {
    _OUT: (
        *("STOP", "STOPALL", "STOP ALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE"),
        *("OPTOUT", "OPT-OUT", "OPT OUT", "REMOVE", "TD", "退订", "退訂"),
    ),
    _IN: ("START", "UNSTOP"),
    _HELP: ("HELP", "INFO"),
}
"""Honoured in every country. TD: AWS has it in its one list for all; 退订: nobody means anything else by it."""

_SPANISH: Final = ("BAJA", "ALTO", "CANCELAR", "DETENER", "SALIR")
"""BAJA, ALTO: sent.dm's guide for Spain; CANCELAR: Mobile Marketing Association; DETENER, SALIR: Sinch's defaults."""

_SPANISH_SPOKEN: Final = "AR BO CL CO CR DO EC ES GT HN MX NI PA PE PR PY SV UY VE".split()  # noqa: SIM905
_BY_COUNTRY: Final[Mapping[str, _Words]] = {
    "BE": {_OUT: ("ARRET",), _HELP: ("AIDE",)},
    "BR": {_OUT: ("SAIR", "PARE", "PARAR", "CANCELAR"), _HELP: ("AJUDA",)},  # DOMAIN 5.3; PARAR, CANCELAR: Sinch
    "CA": {_OUT: ("ARRET", "ARRETE", "ARRETT"), _IN: ("NONARRET",), _HELP: ("AIDE",)},  # AWS; Twilio; Sinch, toll-free
    "CH": {_OUT: ("ARRET",), _HELP: ("AIDE",)},
    "DE": {_OUT: ("STOPP", "ENDE"), _HELP: ("HILFE",)},  # sent.dm's guide; HILFE: Klaviyo
    "FR": {_OUT: ("ARRET",), _HELP: ("AIDE", "CONTACT")},  # DOMAIN 5.3; ARRET is in AWS's list for all numbers
    "JP": {_OUT: ("停止",)},  # SMSMobileAPI
    "LU": {_OUT: ("ARRET",), _HELP: ("AIDE",)},
    "PT": {_OUT: ("SAIR", "PARE", "PARAR", "CANCELAR"), _HELP: ("AJUDA",)},  # as BR: Sinch's are for Portuguese
    "TR": {_OUT: ("IPTAL", "DUR", "RET"), _HELP: ("YARDIM",)},  # DOMAIN 5.3; RET: DOMAIN 5, TR marketing
    "US": {_OUT: ("ALTO", "ARRET", "ARRETE", "ARRETT"), _IN: ("NONARRET",), _HELP: ("AYUDA",)},  # Twilio; AWS; Sinch
    **{country: {_OUT: _SPANISH, _HELP: ("AYUDA",)} for country in _SPANISH_SPOKEN},
}
"""Words that may be an ordinary answer elsewhere."""

LETTERS = frozenset({"T", "R", "N"})  # an opt-out in China where the last message advertised that letter
_YES = "YES"
_BLANKS = re.compile(r"\s+")
_MINUS = "\u2212"  # a symbol to Unicode, a hyphen to a thumb


def match_keyword(
    text: str, country: str = "", *, is_opted_out: bool = False, advertised: Collection[str] = ()
) -> KeywordMatch | None:
    """The keyword that the whole text is, or None.

    `country` (ISO 3166 alpha-2) is the subscriber's; '' is unknown and admits every country's words, for an
    opt-out too many is better than one ignored. YES opts in only while `is_opted_out`; T, R and N opt out
    only if among the words (upper-case) that the last message `advertised`. Source: DOMAIN 5.3, 5.4.
    """
    form = normal_form(text)
    word = form.upper()
    if is_opted_out and word == _YES:
        return KeywordMatch(action=_IN, keyword=_YES)
    if word in LETTERS and word in advertised:
        return KeywordMatch(action=_OUT, keyword=word)
    return _WORDS.get(country.strip().upper(), _GLOBAL_WORDS).get(form)


def normal_form(text: str) -> str:
    """Fold what does not change a keyword: width, invisibles, case, accents, dots of i, what stands around it."""
    folded = unicodedata.normalize("NFKC", text).casefold().replace("ı", "i")
    kept: list[str] = []
    for character in unicodedata.normalize("NFD", folded):
        category = unicodedata.category(character)
        if category not in ("Cf", "Mn"):
            kept.append("-" if category == "Pd" or character == _MINUS else character)
    return _BLANKS.sub(" ", _without_what_stands_around("".join(kept)))


def _without_what_stands_around(text: str) -> str:
    start, end = 0, len(text)
    while start < end and _is_outer(text[start]):
        start += 1
    while end > start and _is_outer(text[end - 1]):
        end -= 1
    return text[start:end]


def _is_outer(character: str) -> bool:
    """Blanks and punctuation; symbols too: emoji are those, and half of what ASCII calls punctuation ("~stop~")."""
    return character.isspace() or unicodedata.category(character)[0] in "PSCZM"


def _words(*sets: _Words) -> Mapping[str, KeywordMatch]:
    return {
        normal_form(word): KeywordMatch(action=action, keyword=word)
        for words in sets
        for action, listed in words.items()
        for word in listed
    }


_GLOBAL_WORDS = _words(_EVERYWHERE)
_WORDS = {
    "": _words(*_BY_COUNTRY.values(), _EVERYWHERE),
    **{country: _words(words, _EVERYWHERE) for country, words in _BY_COUNTRY.items()},
}
