"""Laws of the promise: encoding and parts hold on every carrier that routing may take."""

from typing import Any

import pytest

from pipeline.domain.profiles import CarrierProfile
from pipeline.domain.rules import Policy, Rules
from pipeline.domain.text.segments import Reserve
from tests.builders import a_rules, a_submission, with_account, with_carrier
from tests.unit.pipeline.stages.validation_bench import accepted, content_of, rejected

CARRIERS = ("north", "south", "west")
TURKISH = CarrierProfile(national=("TR",))
TURKISH_TEXT = "ş ğ ı " * 25  # 150 characters: one part with shift tables, three as UCS-2


def rules_with(*profiles: CarrierProfile, policy: Policy | None = None) -> Rules:
    rules = a_rules() if policy is None else a_rules(policy=policy)
    for name, profile in zip(CARRIERS, profiles, strict=False):
        rules = with_carrier(rules, name, profile=profile)
    return rules


def promise(text: str, rules: Rules | None = None, **more: Any) -> tuple[str, int]:
    record = accepted(a_submission(text=text, **more), rules)
    return record.encoding, record.segment_count


def test_national_tables_are_promised_only_if_every_carrier_has_them() -> None:
    assert promise(TURKISH_TEXT, rules_with(TURKISH, TURKISH, TURKISH)) == ("gsm7-nli", 1)
    assert promise(TURKISH_TEXT, rules_with(TURKISH, TURKISH)) == ("ucs2", 3)


def test_what_gsm7_carries_goes_without_tables() -> None:
    assert promise("plain", rules_with(TURKISH, TURKISH, TURKISH)) == ("gsm7", 1)


def test_parts_are_counted_as_the_longest_header_leaves_room() -> None:
    assert promise("x" * 306) == ("gsm7", 2)
    assert promise("x" * 306, rules_with(CarrierProfile(), CarrierProfile(concat="udh16"))) == ("gsm7", 3)
    assert promise("x" * 306, rules_with(CarrierProfile(concat="sar"))) == ("gsm7", 2)


def test_a_character_that_one_carrier_lacks_is_sent_as_ucs2_by_all() -> None:
    latin1 = rules_with(CarrierProfile(default_charset="latin1"))
    assert promise("10 €") == ("gsm7", 1)
    assert promise("10 €", latin1) == ("ucs2", 1)
    assert promise("café @ 10 £", latin1) == ("gsm7", 1)


def test_a_carrier_that_takes_no_such_class_takes_nothing_away() -> None:
    latin1 = rules_with(CarrierProfile(), CarrierProfile(), CarrierProfile(default_charset="latin1"))
    assert promise("10 €", latin1, message_class="otp") == ("ucs2", 1)
    assert promise("10 €", latin1, message_class="service") == ("gsm7", 1)


def test_what_operators_add_takes_its_room() -> None:
    policy = Policy(rates_micros={"EUR": 1_100_000}, reserved_units={"US": Reserve(0, 5)})
    assert promise("x" * 155, rules_with(policy=policy)) == ("gsm7", 1)
    assert promise("x" * 156, rules_with(policy=policy)) == ("gsm7", 2)
    assert promise("x" * 156) == ("gsm7", 1)


def test_smart_encoding_is_for_accounts_that_want_it_and_keeps_the_submission_as_it_was() -> None:
    submission = a_submission(text="“Your” code – 159104…")
    plain = accepted(submission)
    assert (plain.encoding, content_of(plain).text) == ("ucs2", "“Your” code – 159104…")
    smart = accepted(submission, with_account(a_rules(), "acme", smart_encoding=True))
    assert (smart.encoding, content_of(smart).text) == ("gsm7", '"Your" code - 159104...')
    assert smart.sealed_submission == plain.sealed_submission
    assert smart.payload_hash == plain.payload_hash


@pytest.mark.parametrize("text", ["“登录”", "“Łódź”"])
def test_smart_encoding_touches_no_text_that_it_cannot_bring_to_gsm7(text: str) -> None:
    record = accepted(a_submission(text=text), with_account(a_rules(), "acme", smart_encoding=True))
    assert (record.encoding, content_of(record).text) == ("ucs2", text)


def test_smart_encoding_touches_no_text_that_goes_as_ucs2_anyhow() -> None:
    in_china = with_account(a_rules(), "acme", smart_encoding=True)
    record = accepted(a_submission(text="“code” 1", to="+8613800138000"), in_china)
    assert (record.encoding, content_of(record).text) == ("ucs2", "“code” 1")
    latin1 = with_account(rules_with(CarrierProfile(default_charset="latin1")), "acme", smart_encoding=True)
    record = accepted(a_submission(text="“10 €”"), latin1)
    assert (record.encoding, content_of(record).text) == ("ucs2", "“10 €”")


def test_a_text_is_too_long_by_the_parts_that_the_narrowest_carrier_needs() -> None:
    narrow = rules_with(CarrierProfile(concat="udh16"), policy=Policy(rates_micros={"EUR": 1_100_000}, max_parts=2))
    assert promise("x" * 304, narrow) == ("gsm7", 2)
    assert rejected(a_submission(text="x" * 305), narrow).reason == "text-too-long"


def test_rules_of_a_later_build_stop_nobody() -> None:
    later = CarrierProfile(concat="pigeon", default_charset="runes", national=("XX",))
    assert promise("plain", rules_with(later, later, later)) == ("ucs2", 1)
