"""Laws of `sluice inspect reply`. Source: DOMAIN 5.3, 5.4; issue 4."""

import json
from typing import Any

import pytest

from infra.inspecting.lines import answerer
from infra.inspecting.reply import KIND

ANSWER = answerer(KIND, {})


def a_reply(text: str, country: str | None = None, **more: Any) -> dict[str, Any]:
    line, _ = ANSWER(json.dumps({"text": text, "country": country, **more}).encode())
    said: dict[str, Any] = json.loads(line)
    return said


@pytest.mark.parametrize(
    ("text", "country", "action", "needs_review"),
    [
        ("STOP", "US", "opt_out", False),
        ("stop", None, "opt_out", False),
        ("Arrêt", "CA", "opt_out", False),
        ("ıptal", "tr", "opt_out", False),
        ("退订", "CN", "opt_out", False),
        ("ＴＤ", "CN", "opt_out", False),
        ("UNSTOP", "US", "opt_in", False),
        ("YES", "US", "none", False),
        ("Help!", "", "help", False),
        ("AIDE", "FR", "help", False),
        ("please stop texting me", "US", "none", True),
        ("STOP please", "US", "none", True),
        ("stop by tomorrow", "US", "none", False),
        ("退订单", "CN", "none", False),
        ("T恤有货吗", "CN", "none", False),
        ("dur", "DE", "none", False),
        ("contact", "GB", "none", False),
        ("别再发了", "CN", "none", True),
    ],
)
def test_a_keyword_acts_and_a_wish_is_for_a_person(
    text: str, country: str | None, action: str, needs_review: bool
) -> None:
    said = a_reply(text, country)
    assert (said["action"], said["needs_review"]) == (action, needs_review)
    assert (said["keyword"] is None) is (action == "none")
    assert (said["rule"] is not None) is needs_review


@pytest.mark.parametrize(
    ("text", "last", "action"),
    [
        ("R", "R", "opt_out"),
        ("r", "拒收请回复R", "opt_out"),
        ("Ｔ", "回T退订", "opt_out"),
        ("T", ["回T退订", "拒收请回复R"], "opt_out"),
        ("TD", "退订回N", "opt_out"),
        ("N", "回T退订", "none"),
        ("T", None, "none"),
        ("T", "", "none"),
        ("T", "【微光】您的T恤已发货", "none"),
        ("T恤有货吗", "T", "none"),
    ],
)
def test_a_letter_acts_only_where_the_last_message_advertised_it(text: str, last: Any, action: str) -> None:
    assert a_reply(text, "CN", last_mt_unsubscribe=last)["action"] == action


def test_an_advertised_word_of_no_convention_is_for_a_person() -> None:
    said = a_reply("Q", "CN", last_mt_unsubscribe="回Q退订")
    assert (said["action"], said["needs_review"], said["rule"]) == ("none", True, "advertised-word")


def test_fields_stand_in_the_order_of_the_issue() -> None:
    assert list(a_reply("hi")) == ["action", "needs_review", "keyword", "rule"]


@pytest.mark.parametrize("line", [b'{"text":1}', b'{"country":"US"}', b'{"text":"a","country":7}'])
def test_what_is_no_question_is_an_error(line: bytes) -> None:
    said, is_error = ANSWER(line)
    assert is_error
    assert json.loads(said)["error"]["code"] == "invalid-field"


def test_a_last_message_that_named_a_letter_nobody_knows_admits_the_usual_ones() -> None:
    for last, action in ((True, "opt_out"), (False, "none"), (["T", "R"], "opt_out")):
        assert a_reply("R", "CN", last_mt_unsubscribe=last)["action"] == action
