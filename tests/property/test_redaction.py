"""Laws of masking: no code stays, nothing else goes, and twice is once."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.content.codes import read_codes
from pipeline.domain.content.redaction import redact, redact_octets, redact_params

WORDS = st.sampled_from(
    [
        *("code", "验证码", "OTP", "is", "是", ":", "，", " ", "pin", "password: ", "https://a.example/", "?token="),
        *("#", "【云杉】", "123456", "4021", "A8K2", "12-34-56", "５５１２", "valid for 5 minutes", "\u200b", "é"),
        *("e\u0301", "*", "-", "\n", "kodunuz"),
    ]
)
TEXTS = st.one_of(st.text(max_size=80), st.lists(WORDS, max_size=14).map("".join))


@given(TEXTS)
def test_masking_twice_is_masking_once_and_keeps_the_length(text: str) -> None:
    masked = redact(text)
    assert redact(masked) == masked
    assert len(masked) == len(text)
    assert all(new in (old, "*") for old, new in zip(text, masked, strict=True))


@given(TEXTS)
def test_no_code_that_is_found_stays_anywhere(text: str) -> None:
    masked = redact(text)
    assert not read_codes(masked).codes
    for code in read_codes(text).codes:
        assert code.digits not in masked


@given(st.text(alphabet=st.characters(exclude_categories=("Nd", "Cs")), max_size=80))
def test_a_text_without_a_digit_or_a_password_is_unchanged(text: str) -> None:
    if not re.search("[:=]", text):
        assert redact(text) == text


@given(st.binary(max_size=200))
def test_octets_keep_their_length(octets: bytes) -> None:
    assert len(redact_octets(octets)) == len(octets)
    assert not re.search(rb"[0-9]{4}", redact_octets(octets))


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Your code is 123-456, or open v.example.com/123456", "Your code is *******, or open v.example.com/******"),
        ("password: hunter2? No.", "password: *******? No."),
        ("OTP 112233, PIN 4455", "OTP ******, PIN ****"),
        ("Reset: https://a.example/r?token=abc&lang=en", "Reset: https://a.example/r?token=***&lang=en"),
        ("https://x.example.com/p/abcDEF123456zz now", "https://x.example.com/p/************** now"),
        ("【云杉】验证码９８７６", "【云杉】验证码****"),
        ("Your password is required", "Your password is required"),
        (
            "Order 58213 of 05/06/2024 for $1,299.00 is on its way",
            "Order 58213 of 05/06/2024 for $1,299.00 is on its way",
        ),
    ],
)
def test_codes_passwords_and_secrets_of_links_are_masked_and_nothing_else(text: str, masked: str) -> None:
    assert redact(text) == masked


def test_parameters_are_masked_by_their_name_or_their_form() -> None:
    params = {"code": "ABC", "otp_1": "99", "x": "4021", "link": "https://a.example/?t=9f8e7d6c", "brand": "Acme 24"}
    assert redact_params(params) == {
        "code": "***", "otp_1": "**", "x": "****", "link": "https://a.example/?t=********", "brand": "Acme 24"
    }  # fmt: skip
