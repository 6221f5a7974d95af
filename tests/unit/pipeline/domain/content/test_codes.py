"""One-time codes in made-up texts of many languages; every third sample is held out: no rule was made for it.

The second set was written after the rules by somebody else, in the shapes of senders the world over; its first run was
right in 0.97, then the rules were mended by it.
"""

from pathlib import Path
from typing import NamedTuple

import pytest

from pipeline.domain.content.codes import read_codes
from pipeline.domain.content.signatures import read_signature


class Sample(NamedTuple):
    text: str
    signature: str | None
    position: str
    otp: str | None
    minutes: float | None


def _samples(name: str) -> list[Sample]:
    lines = Path(__file__).with_name(name).read_text("utf-8").rstrip("\n").split("\n")
    rows = [line.split("\t") for line in lines]
    return [
        Sample(
            text.replace("\\r", "\r").replace("\\n", "\n"),
            signature or None,
            position,
            otp or None,
            float(minutes) if minutes else None,
        )
        for text, signature, position, otp, minutes in rows
    ]


SAMPLES = _samples("otp_samples.tsv")
SECOND = _samples("otp_samples_second.tsv")
TUNED = [each for at, each in enumerate(SAMPLES) if at % 3 != 2]
HELD_OUT = [each for at, each in enumerate(SAMPLES) if at % 3 == 2]


def _read(text: str) -> tuple[str | None, str, str | None, float | None]:
    said, signed = read_codes(text), read_signature(text)
    return signed.signature, signed.position.value, said.code, said.validity_minutes


def _right(samples: list[Sample]) -> int:
    return sum(_read(each.text) == (each.signature, each.position, each.otp, each.minutes) for each in samples)


@pytest.mark.parametrize("sample", [*TUNED, *SECOND], ids=lambda each: each.text[:40])
def test_signature_code_and_validity_of_each_sample_are_read(sample: Sample) -> None:
    assert _read(sample.text) == (sample.signature, sample.position, sample.otp, sample.minutes)


def test_of_the_samples_that_no_rule_was_made_for_nearly_all_are_read() -> None:
    assert _right(HELD_OUT) / len(HELD_OUT) >= 0.95


@pytest.mark.parametrize(
    ("written", "typed"),
    [("G-123456", "123456"), ("123-456", "123456"), ("12 34 56", "123456"), ("１２３４", "1234"), ("a8K2", "a8K2"),
     ("[4021]", "4021"), ("12​3456", "123456")],
)  # fmt: skip
def test_a_code_is_given_as_it_is_typed_in(written: str, typed: str) -> None:
    assert read_codes(f"Your verification code: {written}").code == typed


def test_the_code_that_is_bound_to_a_site_wins() -> None:
    said = read_codes("Order 5520. Code for 7 items, 9913.\n@shop.example #4410")
    assert said.code == "4410"


def test_a_text_that_names_no_code_has_none_and_no_validity() -> None:
    said = read_codes("The offer 482913 is valid for 10 minutes")
    assert (said.codes, said.validity_minutes, said.has_keyword) == ((), None, False)


def test_several_codes_are_all_found_the_meant_one_first() -> None:
    said = read_codes("Your OTP is 112233. PIN: 4455")
    assert [each.digits for each in said.codes] == ["112233", "4455"]


def test_a_code_stands_where_it_says_although_the_text_holds_marks_that_fold_away() -> None:
    text = "Votre co​de de vérification é: 123​456."
    (code,) = read_codes(text).codes
    assert text[code.start : code.end] == "123​456"
