"""The scenario file is sound: numbers are valid at every run, parts are as written, names are known."""

from datetime import UTC, datetime

import phonenumbers
import pytest

from infra.config.rules_file import load_rules
from infra.demo.scenario import SCENARIO, Submission, load_scenario, number_for, submissions
from pipeline.domain.text.segments import segment
from tests.unit.infra.test_rules_file import SANDBOX, SMPP

NOW = datetime(2026, 11, 22, tzinfo=UTC)
RULES = load_rules(SANDBOX, SMPP)


def of_a_run(run_id: str = "r1") -> tuple[Submission, ...]:
    return submissions(load_scenario(SCENARIO), run_id, NOW)


def test_every_account_of_the_scenario_is_in_the_sandbox() -> None:
    assert {each.account for each in of_a_run()} == set(RULES.accounts)


def test_numbers_are_valid_at_every_run() -> None:
    scenario = load_scenario(SCENARIO)
    for name, pattern in scenario.phones.items():
        for run in range(100):
            number = number_for(pattern, f"run-{run}", name, run % 7)
            assert phonenumbers.is_valid_number(phonenumbers.parse(number)), (name, number)


def test_no_two_phones_share_a_number_in_a_run() -> None:
    numbers = {
        (each.row.to, each.copy if each.row.copies > 1 else 0): each.number for each in of_a_run() if each.number
    }
    assert len(set(numbers.values())) == len(numbers)


def test_a_second_run_writes_to_other_phones_under_other_keys() -> None:
    first, second = of_a_run("r1"), of_a_run("r2")
    assert not {each.number for each in first if each.number} & {each.number for each in second}
    keys = [{each.fields.get("idempotency_key") for each in run} - {None} for run in (first, second)]
    assert not keys[0] & keys[1]


@pytest.mark.parametrize("submission", [each for each in of_a_run() if each.row.expect.parts], ids=lambda s: s.name)
def test_parts_and_encoding_are_as_written(submission: Submission) -> None:
    country = phonenumbers.region_code_for_number(phonenumbers.parse(submission.number))
    parts = segment(submission.text, force_ucs2=country in RULES.policy.ucs2_countries)
    assert parts.count == submission.row.expect.parts
    if submission.row.expect.encoding is not None:
        assert parts.encoding.value == submission.row.expect.encoding


def test_a_repeat_is_the_very_record() -> None:
    by_name = {each.name: each for each in of_a_run()}
    assert by_name["duplicate"].fields == by_name["first-of-two"].fields
    assert by_name["conflict"].fields["text"] != by_name["first-of-two"].fields["text"]


def test_what_the_issue_asks_for_is_in_the_scenario() -> None:
    reasons = {each.row.expect.reason for each in of_a_run()}
    assert {
        *("not-avro", "unknown-schema", "wrong-schema", "undecodable", "missing-field", "invalid-field"),
        *("invalid-number", "text-too-long", "country-not-served", "expired-on-arrival", "class-not-of-lane"),
        *("duplicate-ignored", "idempotency-conflict", "recipient-opted-out", "carrier-refused", "undelivered"),
    } <= reasons
