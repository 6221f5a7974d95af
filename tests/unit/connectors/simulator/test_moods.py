"""Laws of moods: pure decisions that repeat."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from pydantic import ValidationError

from connectors.simulator import codes, moods
from connectors.simulator.moodbook import MoodBook
from connectors.simulator.settings import AccountSettings, SettingsError, parse_settings


def keys(message: str = "m1", number: str = "86138", message_id: str = "aurora/1") -> moods.Keys:
    return moods.Keys("", number, message, message_id)


def statuses(mood: dict[str, Any], submits: list[moods.Keys]) -> list[str]:
    """The answers to submits in order, with counters raised as the account does."""
    read, counts, found = moods.Mood.model_validate(mood), Counter[str](), []
    for submit in submits:
        verdict = moods.decide(read, submit, counts, seed=1, is_over_limit=False)
        counts.update(verdict.counted)
        found.append(codes.status_name(verdict.status).removeprefix("ESME_"))
    return found


def test_an_empty_mood_answers_ok_at_once() -> None:
    verdict = moods.decide(moods.Mood(), keys(), {}, seed=1, is_over_limit=False)
    assert verdict == moods.Verdict(status=codes.OK)


def test_a_temporary_error_is_answered_n_times_to_each_message() -> None:
    mood = {"errors": [{"status": "RMSGQFUL", "first": 2}]}
    sent = [keys("a"), keys("b"), keys("a"), keys("a"), keys("b"), keys("b")]
    assert statuses(mood, sent) == ["RMSGQFUL"] * 3 + ["ROK", "RMSGQFUL", "ROK"]


def test_throttling_counts_all_submits_of_the_mood() -> None:
    mood = {"errors": [{"status": "RTHROTTLED", "first": 2, "per": "mood"}]}
    assert statuses(mood, [keys("a"), keys("b"), keys("c")]) == ["RTHROTTLED", "RTHROTTLED", "ROK"]


def test_errors_apply_in_the_order_written() -> None:
    mood = {"errors": [{"status": "RSYSERR", "first": 1}, {"status": "RMSGQFUL", "first": 1}, {"status": 11}]}
    assert statuses(mood, [keys()] * 4) == ["RSYSERR", "RMSGQFUL", "RINVDSTADR", "RINVDSTADR"]


def test_silence_can_be_for_the_first_try_only() -> None:
    mood, counts, answers = moods.Mood.model_validate({"silent": {"first": 1}}), Counter[str](), []
    for _ in range(2):
        verdict = moods.decide(mood, keys(), counts, seed=1, is_over_limit=False)
        counts.update(verdict.counted)
        answers.append(verdict.answers)
    assert answers == [False, True]


def test_a_disconnect_comes_after_n_submits_and_only_so_often() -> None:
    mood = moods.Mood.model_validate({"disconnect": {"how": "mid-pdu", "after": 2, "times": 1}})
    counts, found = Counter[str](), []
    for index in range(5):
        verdict = moods.decide(mood, keys(f"m{index}"), counts, seed=1, is_over_limit=False)
        counts.update(verdict.counted)
        found.append(verdict.disconnect)
    assert found == [None, None, "mid-pdu", None, None]


def test_above_the_rate_limit_is_throttled() -> None:
    bucket = moods.Bucket()
    assert [bucket.is_over(2, at) for at in (10.0, 10.0, 10.0, 10.5, 10.5, 30.0, 30.0, 30.0)] == [
        False,
        False,
        True,
        False,
        True,
        False,
        False,
        True,
    ]


def test_latency_and_fate_depend_on_the_seed_and_the_key_alone() -> None:
    mix = [{"state": "DELIVRD", "weight": 3}, {"state": "UNDELIV", "err": "027"}]
    mood = moods.Mood.model_validate({"latency_ms": [10, 90], "receipt": {"delay_ms": [0, 500], "mix": mix}})

    def run(seed: int) -> list[object]:
        ids = [keys(message_id=f"aurora/{index}") for index in range(50)]
        return [
            (moods.fate(mood, k, seed=seed), moods.decide(mood, k, {}, seed=seed, is_over_limit=False)) for k in ids
        ]

    assert run(1) == run(1)
    assert run(1) != run(2)


def test_outcomes_come_by_weight() -> None:
    mix = [{"state": "DELIVRD", "weight": 90}, {"state": "EXPIRED", "weight": 10}]
    mood = moods.Mood.model_validate({"receipt": {"mix": mix}})
    found = Counter(moods.fate(mood, keys(message_id=str(index)), seed=1).state for index in range(2000))
    assert 100 < found["EXPIRED"] < 320


def test_a_fate_by_number_is_the_same_for_every_message_to_it() -> None:
    mix = [{"state": "DELIVRD"}, {"state": "UNDELIV"}]
    mood = moods.Mood.model_validate({"receipt": {"by": "number", "mix": mix}})
    fates = {moods.fate(mood, keys(message=f"m{i}", message_id=str(i)), seed=1).state for i in range(20)}
    assert len(fates) == 1


@pytest.mark.parametrize(
    ("mood", "what"),
    [
        ({"latency_ms": [5, 1]}, "latency_ms"),
        ({"latency_ms": -1}, "latency_ms"),
        ({"errors": [{"status": "NOPE"}]}, "status"),
        ({"receipt": {"mix": []}}, "mix"),
        ({"receipt": {"mix": [{"state": "DELIVRD", "weight": 0}]}}, "weight"),
        ({"mood": {}}, "mood"),
        ({"disconnect": {"how": "softly"}}, "how"),
    ],
)
def test_a_wrong_mood_is_refused_by_name(mood: dict[str, Any], what: str) -> None:
    with pytest.raises(ValidationError) as caught:
        moods.Mood.model_validate(mood)
    assert what in str(caught.value)


def a_book() -> MoodBook:
    numbers = [
        {"match": "*7", "mood": {"latency_ms": 7}},
        {"match": "*0007", "mood": {"latency_ms": 70}},
        {"match": "+8613800000007", "mood": {"latency_ms": 700, "receipt": {"copies": 2}}},
    ]
    account = {"system_id": "a", "password": "p", "mood": {"latency_ms": 1, "receipt": {"delay_ms": 9}}}
    return MoodBook(AccountSettings.model_validate({**account, "numbers": numbers}))


@pytest.mark.parametrize(
    ("number", "latency_ms"), [("8613800000007", 700), ("+8613800000007", 700), ("440007", 70), ("447", 7), ("448", 1)]
)
def test_exact_beats_pattern_and_the_more_literal_pattern_wins(number: str, latency_ms: int) -> None:
    assert a_book().mood_for(number).mood.latency_ms == (latency_ms, latency_ms)


def test_what_an_override_does_not_write_is_inherited() -> None:
    receipt = a_book().mood_for("8613800000007").mood.receipt
    assert (receipt.copies, receipt.delay_ms) == (2, (9, 9))


def test_a_changed_account_mood_reaches_its_overrides() -> None:
    book = a_book()
    book.set("", {"receipt": {"delay_ms": 33}})
    assert book.mood_for("447").mood.receipt.delay_ms == (33, 33)
    assert book.drop("")
    assert book.mood_for("447").mood.receipt.delay_ms == (9, 9)


def test_a_wrong_change_changes_nothing() -> None:
    book = a_book()
    before = book.as_data()
    with pytest.raises(ValidationError):
        book.set("*7", {"latency_ms": "soon"})
    assert book.as_data() == before


def test_an_override_that_is_not_there_cannot_be_dropped() -> None:
    assert not a_book().drop("*123")


ACCOUNT = {"system_id": "a", "password": "p"}


@pytest.mark.parametrize(
    ("settings", "what"),
    [
        ([], "settings"),
        ({}, "accounts"),
        ({"accounts": []}, "accounts"),
        ({"accounts": [ACCOUNT, ACCOUNT]}, "accounts"),
        ({"accounts": [ACCOUNT], "smpp_port": 70000}, "smpp_port"),
        ({"accounts": [ACCOUNT], "prot": 1}, "prot"),
        ({"accounts": [{**ACCOUNT, "numbers": [{"match": "*1", "mood": {"copies": 1}}]}]}, "accounts.0"),
    ],
)
def test_wrong_settings_are_named(settings: object, what: str) -> None:
    with pytest.raises(SettingsError) as caught:
        parse_settings(settings)
    assert caught.value.what == what
    assert "expected" in str(caught.value)


def test_a_wrong_password_is_not_repeated_in_the_message() -> None:
    with pytest.raises(SettingsError) as caught:
        parse_settings({"accounts": [{"system_id": "a", "password": "much-too-long"}]})
    assert "much-too-long" not in str(caught.value)
