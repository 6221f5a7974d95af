"""Laws of recipients for any text and for numbers near the examples of every region."""

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.domain.numbers import InvalidNumber, Recipient, parse_recipient, read_number

_REGIONS = sorted(phonenumbers.SUPPORTED_REGIONS)
_CODES = {
    *("region-needed", "invalid-region", "short-code", "number-is-uri", "number-has-extension", "number-has-letters"),
    *("invalid-number", "number-type-refused"),
}


def _examples() -> list[str]:
    numbers = (
        phonenumbers.example_number_for_type(region, number_type)
        for region in _REGIONS
        for number_type in phonenumbers.PhoneNumberType.values()
    )
    wholes = {phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) for number in numbers if number}
    return sorted(wholes)


@st.composite
def near_numbers(draw: st.DrawFn) -> str:
    """An example of some region and type with up to three digits changed, perhaps one more or one less."""
    digits = list(draw(st.sampled_from(_examples())))
    for _ in range(draw(st.integers(0, 3))):
        digits[draw(st.integers(1, len(digits) - 1))] = draw(st.sampled_from("0123456789"))
    at = draw(st.integers(1, len(digits) - 1))
    digits[at : at + draw(st.integers(0, 1))] = [draw(st.sampled_from("0123456789"))] * draw(st.integers(0, 2))
    return "".join(digits)


@settings(max_examples=400, deadline=None)
@given(near_numbers(), st.sampled_from([None, *_REGIONS]))
def test_normalising_twice_is_normalising_once(raw: str, region: str | None) -> None:
    """Whatever the region: a number with '+' needs none, so none may change it."""
    try:
        once, refusal = read_number(raw, region)
    except InvalidNumber:
        return
    twice, again = read_number(once.e164, region)
    assert twice == once
    assert (again is None) == (refusal is None)


@settings(max_examples=200, deadline=None)
@given(near_numbers(), st.sampled_from(_REGIONS))
def test_a_national_number_normalises_twice_as_once(raw: str, region: str) -> None:
    try:
        once, _ = read_number(raw.removeprefix("+"), region)
    except InvalidNumber:
        return
    assert read_number(once.e164, None)[0] == once


def _read(raw: str, region: str | None) -> Recipient | str:
    try:
        return parse_recipient(raw, region)
    except InvalidNumber as error:
        return error.code


_TEXTS = st.text(max_size=70) | st.text(
    alphabet="+0123456789 ()[]-.~#x;,\u200b\u202a\uff0b\uff11\u0661ext=tel:", max_size=24
)


@settings(max_examples=400, deadline=None)
@given(_TEXTS, st.none() | st.text(max_size=4) | st.sampled_from(_REGIONS))
def test_any_text_is_a_number_or_refused_by_a_known_code(raw: str, region: str | None) -> None:
    recipient = _read(raw, region)
    if isinstance(recipient, str):
        assert recipient in _CODES
        return
    assert recipient.e164[0] == "+"
    assert recipient.e164[1:].isascii()
    assert recipient.e164[1:].isdecimal()
    assert phonenumbers.is_valid_number(phonenumbers.parse(recipient.e164))


@pytest.mark.parametrize("e164", _examples())
def test_our_reading_agrees_with_phonenumbers_on_each_of_its_examples(e164: str) -> None:
    parsed = phonenumbers.parse(e164)
    number, _ = read_number(e164, None)
    name = phonenumbers.PhoneNumberType.to_string(phonenumbers.number_type(parsed)).lower()
    assert (number.e164, number.region, number.number_type) == (
        e164,
        phonenumbers.region_code_for_number(parsed),
        name,
    )
