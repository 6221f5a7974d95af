"""Hostile texts: what is done for a text grows as the text does, and what is masked stays masked.

Operations are counted, no time is taken.
"""

import sys
from collections.abc import Callable

import pytest

from pipeline.domain.classes import MessageClass
from pipeline.domain.content.checks import violations
from pipeline.domain.content.codes import read_codes
from pipeline.domain.content.redaction import redact
from pipeline.domain.replies.advertised import advertised_words
from pipeline.domain.replies.keywords import match_keyword
from pipeline.domain.replies.wishes import find_wish

PIECES = [
    "1", "1 ", "1-", "1.", "a1", "*", "【", "】", " ", "a@", "code ", "code 1234 ", "code A1b2 ", "验证码123456,",
    "验证码", "http://a/?a=1", "password: x1 ", "5 min ", "call us ", "stop ", "please stop texting ", "回R", "退订",
    "ของคุณ", "\u0301", "@a #1\n",
]  # fmt: skip
READERS: list[Callable[[str], object]] = [
    read_codes,
    redact,
    lambda text: violations(text, MessageClass.MARKETING, "CN"),
    lambda text: violations(text, MessageClass.MARKETING, "KR"),
    find_wish,
    match_keyword,
    advertised_words,
]


def _operations(read: Callable[[str], object], text: str) -> int:
    """Calls of functions, built-in ones too."""
    count = 0

    def seen(_frame: object, event: str, _what: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(seen)
    try:
        read(text)
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.parametrize("piece", PIECES)
def test_twice_the_text_is_at_most_twice_the_work(piece: str) -> None:
    for read in READERS:
        once, twice = (_operations(read, "code " + (piece * size)[:size]) for size in (2000, 4000))
        assert twice <= 2.2 * once + 500, read


@pytest.mark.parametrize("piece", PIECES)
def test_fifty_thousand_characters_are_read_by_all(piece: str) -> None:
    """Expressions do their steps out of sight: one that is not linear takes minutes here, not a second."""
    text = "code " + (piece * 50_000)[:50_000]
    for read in READERS:
        read(text)


def test_words_that_join_may_be_cut_in_many_ways_and_are_read_once() -> None:
    assert read_codes("รหัส " + "ของคุณ" * 60 + "x1234").code is None


@pytest.mark.parametrize(
    "text",
    [
        "code 4410 4411 4412 " * 50,
        "password:" * 40 + "x1y2",
        "pin: code: pin: 1234 " * 30,
        "".join(f"验证码{number:06d}," for number in range(200)),
        "https://a.example/?code=1&a=https://b.example/?token=22 code 8821",
    ],
)
def test_what_is_masked_stays_masked_and_as_long(text: str) -> None:
    masked = redact(text)
    assert len(masked) == len(text)
    assert redact(masked) == masked
    assert not read_codes(masked).codes


@pytest.mark.parametrize("digits", ["0123456789", "٠١٢٣٤٥٦٧٨٩", "०१२३४५६७८९", "０１２３４５６７８９", "𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗"])
def test_a_code_is_masked_wherever_it_stands_in_digits_of_any_script(digits: str) -> None:
    written = "882100".translate(str.maketrans("0123456789", digits))
    again = f"{written[:3]}-{written[3:]}, https://acme.example/v/{written}\n@acme.example #{written}"
    text = f"Your code is {written}: {again}"
    assert read_codes(text).code == "882100"
    masked = redact(text)
    assert not set(masked) & set(written)
    assert len(masked) == len(text)
