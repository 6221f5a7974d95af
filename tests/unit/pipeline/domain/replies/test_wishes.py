"""Laws of free-form wishes in replies. Source: 47 CFR 64.1200(a)(10); DOMAIN 5.4; phrases are ours."""

import hashlib
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.replies.keywords import match_keyword
from pipeline.domain.replies.wishes import find_wish, fold

PHRASES = yaml.safe_load((Path(__file__).parent / "wishes.yaml").read_text())
SECOND = yaml.safe_load((Path(__file__).parent / "wishes_second.yaml").read_text())


def labelled() -> Iterator[tuple[str, bool]]:
    for kinds in PHRASES.values():
        for kind, texts in kinds.items():
            yield from ((text, kind == "wish") for text in texts)


def is_held_out(text: str) -> bool:
    """A third, never looked at while the rules were made: those are fitted to the rest."""
    return hashlib.sha256(text.encode()).digest()[0] % 3 == 0


@pytest.mark.parametrize("part", ["fitted", "held out", "second"])
def test_what_is_flagged_is_a_wish_and_wishes_are_flagged(part: str) -> None:
    if part == "second":
        texts = [(text, kind == "wish") for kind, listed in SECOND.items() for text in listed]
    else:
        texts = [(text, wish) for text, wish in labelled() if is_held_out(text) is (part == "held out")]
    judged = [(text, wish, find_wish(text)) for text, wish in texts]
    assert len(judged) > 150
    false_alarms = [(text, rule) for text, wish, rule in judged if rule is not None and not wish]
    missed = [text for text, wish, rule in judged if wish and rule is None]
    wishes = sum(wish for _, wish, _ in judged)
    hits = wishes - len(missed)
    assert hits / (hits + len(false_alarms)) >= 0.97, false_alarms
    assert hits / wishes >= 0.95, missed


def test_every_language_has_wishes_and_conversation() -> None:
    assert len(list(labelled())) >= 500
    assert all(kinds["wish"] and kinds["other"] for kinds in PHRASES.values())


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("please stop texting me", "stop-contact"),
        ("stop sending me these", "stop-contact"),
        ("dont text me again", "do-not-contact"),
        ("take me off your list", "remove-me"),
        ("remove my number", "remove-me"),
        ("how to unsubcribe", "unsubscribe"),
        ("Please refrain from texting me", "stop-contact"),
        ("exclude me from your mailing list", "remove-me"),
        ("I'd like to be removed", "remove-me"),
        ("how do I get removed from this", "remove-me"),
        ("veuillez cesser tout envoi", "stop-contact"),
        ("je retire mon consentement", "withdrawn"),
        ("Ich widerrufe meine Einwilligung", "withdrawn"),
        ("não autorizo", "never-agreed"),
        ("revoco mi consentimiento", "withdrawn"),
        ("onayımı geri çekiyorum", "withdrawn"),
        ("我撤回同意", "withdrawn"),
        ("我不要收这个", "do-not-contact"),
        ("不感兴趣", "not-interested"),
        ("Please discontinue service", "stop-contact"),
        ("you are harassing me", "complaint"),
        ("leave me be", "leave-alone"),
        ("arrêtez ça", "stop-contact"),
        ("quero sair", "unsubscribe"),
        ("çıkmak istiyorum", "unsubscribe"),
        ("stop pls", "keyword-in-a-phrase"),
        ("stpo", "keyword-in-a-phrase"),
        ("STOP!!! now", "keyword-in-a-phrase"),
        ("s t o p", "spelled-out"),
        ("STOP 36180", "keyword-and-code"),
        ("no more messages", "no-more"),
        ("leave me alone", "leave-alone"),
        ("wrong number", "wrong-person"),
        ("how do I opt out", "opt-out"),
        ("别再发了", "do-not-contact"),
        ("请不要再给我发短信", "do-not-contact"),
        ("取消订阅", "unsubscribe"),
    ],
)
def test_the_rule_says_what_was_wished(text: str, rule: str) -> None:
    assert find_wish(text) == rule


@pytest.mark.parametrize(
    "text",
    ["", " ", "...", "🛑", "\ud800", "stop by tomorrow", "don't stop", "bus stop", "退订单", "T恤有货吗", "yes please"],
)
def test_ordinary_conversation_is_left_alone(text: str) -> None:
    assert find_wish(text) is None


@pytest.mark.parametrize("text", ["stop. texting is what I do", "I want nothing. more messages for you?"])
def test_no_phrase_reaches_over_the_end_of_a_sentence(text: str) -> None:
    assert find_wish(text) is None


def test_case_width_accents_and_apostrophes_do_not_count() -> None:
    for text in (
        "DON’T TEXT ME AGAIN",
        "don't text me again",
        "ｄｏｎｔ　ｔｅｘｔ　ｍｅ　ａｇａｉｎ",
        "dont te\u200bxt me again",
    ):
        assert find_wish(text) == "do-not-contact"
    assert fold("Désabonnez-moi, İPTAL ıptal") == "desabonnez-moi, iptal iptal"


def test_labelled_phrases_are_no_keywords_where_their_language_is_spoken() -> None:
    """They are the second stage's, so the figures are its own."""
    countries = {"en": "GB", "fr": "FR", "tr": "TR", "zh": "CN", "it": "IT", "nl": "NL"}
    for language, country in countries.items():
        for text in PHRASES[language]["wish"]:
            assert match_keyword(text, country) is None, text


@pytest.mark.parametrize(
    "piece", ["stop ", "dont ", "stop texting you ", "不要收", "别再", "unsubscrib ", "remove .. ", ". "]
)
def test_time_grows_with_the_length_alone(piece: str) -> None:
    def took(count: int) -> float:
        text = piece * count
        start = time.perf_counter()
        find_wish(text)
        return time.perf_counter() - start

    took(10)
    assert took(8000) < 40 * max(min(took(1000) for _ in range(3)), 0.0005)


@given(st.text(max_size=80))
def test_no_text_is_too_odd(text: str) -> None:
    rule = find_wish(text)
    assert rule is None or rule.replace("-", "").isalpha()
