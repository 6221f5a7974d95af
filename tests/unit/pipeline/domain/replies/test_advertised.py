"""Laws of how a message says one may leave it. Source: DOMAIN 5, row CN, and 5.3."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.replies.advertised import advertised_words


@pytest.mark.parametrize(
    ("last_message", "words"),
    [
        ("R", {"R"}),
        ("r", {"R"}),
        ("Ｒ", {"R"}),
        ("“R”", {"R"}),
        ("T/TD", {"T", "TD"}),
        ("T or R", {"T", "R"}),
        ("R或T", {"R", "T"}),
        ("T R N", {"T", "R", "N"}),
        ("回复R", {"R"}),
        ("Reply R", {"R"}),
        ("拒收请回复R", {"R"}),
        ("回T退订", {"T"}),
        ("回Ｔ退订", {"T"}),
        ("退订回TD", {"TD"}),
        ("回复TD退订", {"TD"}),
        ("回复“T”退订", {"T"}),
        ("回N拒收", {"N"}),
        ("T退订", {"T"}),
        ("退订:R", {"R"}),
        ("退订请发送R至10690000", {"R"}),
        ("如需退订,请回复TD", {"TD"}),
        ("不想接收请回R", {"R"}),
        ("【微光】年中大促,点击 example.com 领取。拒收请回复R", {"R"}),
        ("Reply STOP to opt out", {"STOP"}),
        ("Text R to unsubscribe", {"R"}),
    ],
)
def test_the_word_that_a_message_advertises_is_found(last_message: str, words: set[str]) -> None:
    assert advertised_words(last_message) == words


@pytest.mark.parametrize(
    ("last_message", "words"),
    [
        ("【微光】回复1领取,回复R退订", {"R"}),
        ("回复T领取优惠,退订回N", {"N"}),
        ("退订回N,回复T领奖", {"N"}),
        ("您的T恤已发货", set()),
        ("T恤退订", set()),
        ("Your code is 1234", set()),
        ("no opt out here", set()),
        ("", set()),
    ],
)
def test_what_is_answered_for_something_else_is_not_advertised_for_leaving(last_message: str, words: set[str]) -> None:
    assert advertised_words(last_message) == words


@given(st.text(alphabet="回复退订请TRN1 ,:/“或OPT\ud800", max_size=60))
def test_no_text_is_too_odd(last_message: str) -> None:
    assert all(word == word.upper() for word in advertised_words(last_message))
