"""What the kinds number, sender and window answer at their edges: null fields, errors, our own fields."""

import json
from typing import Any

import pytest

from infra.inspecting.kinds import kind_of
from infra.inspecting.lines import answerer


def ask(name: str, question: dict[str, Any]) -> dict[str, Any]:
    line, is_error = answerer(kind_of(name), {})(json.dumps(question).encode())
    said: dict[str, Any] = json.loads(line)
    assert is_error == (said.get("error") is not None)
    return said


def test_a_number_of_a_refused_type_is_read_and_is_an_error() -> None:
    said = ask("number", {"raw": "8446040924", "default_region": "gb"})
    assert (said["e164"], said["region"], said["type"]) == ("+448446040924", "GB", "premium_rate")
    assert said["error"]["code"] == "number-type-refused"
    assert said["sandbox"] is False


def test_what_is_no_number_has_nulls_and_an_error() -> None:
    said = ask("number", {"raw": "12345", "default_region": None})
    assert list(said) == ["e164", "region", "type", "error", "sandbox", "operator_hint"]
    assert (said["e164"], said["region"], said["type"], said["error"]["code"]) == (None, None, None, "short-code")


@pytest.mark.parametrize("region", [None, "", "ZZ", "us"])
def test_a_number_with_plus_needs_no_region(region: str | None) -> None:
    said = ask("number", {"raw": "+86 138 0013 8000", "default_region": region})
    assert said["e164"] == "+8613800138000"
    assert "error" not in said
    assert said["operator_hint"] == {"operator": "china_mobile", "may_have_ported": True}


@pytest.mark.parametrize(
    ("question", "code"),
    [
        ({"raw": 8446040924}, "invalid-field"),
        ({"raw": "8446040924", "default_region": "XX"}, "invalid-region"),
        ({"raw": "8446040924"}, "region-needed"),
        ({}, "invalid-field"),
    ],
)
def test_a_number_without_answer_says_why(question: dict[str, Any], code: str) -> None:
    assert ask("number", question)["error"]["code"] == code


@pytest.mark.parametrize(
    ("question", "kind", "allowed", "reason", "address"),
    [
        ({"sender": "+18446040924"}, "long_code", True, None, "18446040924"),
        ({"sender": "12345"}, "short_code", True, None, "12345"),
        ({"sender": "Kumo", "country": "us"}, "alphanumeric", False, "alphanumeric-not-allowed", "Kumo"),
        ({"sender": "Kumo", "country": "", "message_class": ""}, "alphanumeric", True, None, "Kumo"),
        ({"sender": "0800 123"}, "alphanumeric", False, "phone-like", None),
        ({"sender": "0123456789"}, "long_code", False, "phone-like", None),
        ({"sender": "+12345"}, "long_code", False, "phone-like", None),
        ({"sender": ""}, "alphanumeric", False, "empty", None),
        ({"sender": "Kumo", "country": "FR", "message_class": "OTP"}, "alphanumeric", True, None, "Kumo"),
        ({"sender": " Kumo"}, "alphanumeric", False, "outer-blanks", None),
        ({"sender": "Ku@mo"}, "alphanumeric", True, None, None),
        ({"sender": "ΔΣ"}, "alphanumeric", True, None, None),
    ],
)
def test_a_sender_has_a_kind_whether_or_not_it_is_allowed(
    question: dict[str, Any], kind: str, allowed: bool, reason: str | None, address: str | None
) -> None:
    said = ask("sender", question)
    assert (said["kind"], said["allowed"], said["reason"], said["address"]) == (kind, allowed, reason, address)


@pytest.mark.parametrize(
    ("question", "code"),
    [
        ({}, "invalid-field"),
        ({"sender": "Kumo", "country": "ZZ"}, "unknown-country"),
        ({"sender": "Kumo", "message_class": "spam"}, "unknown-class"),
    ],
)
def test_only_a_question_that_asks_nothing_known_is_an_error_of_a_sender(question: dict[str, Any], code: str) -> None:
    assert ask("sender", question)["error"]["code"] == code


NIGHT = {"days": [1, 2, 3, 4, 5, 6, 7], "start": "22:00", "end": "06:00"}


def test_a_moment_that_is_allowed_is_its_own_next_one() -> None:
    said = ask("window", {"tz": "Asia/Kathmandu", "at_utc": "2026-11-22T16:15:00+00:00", "window": NIGHT})
    assert said == {
        "allowed": True,
        "local": "2026-11-22T22:00:00+05:45",
        "next_allowed_utc": "2026-11-22T16:15:00Z",
    }


def test_a_window_of_no_days_is_never_open() -> None:
    said = ask("window", {"tz": "UTC", "at_utc": "2026-11-22T12:00:00", "window": {**NIGHT, "days": []}})
    assert (said["allowed"], said["next_allowed_utc"]) == (False, None)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"tz": "Mars/Olympus"}, "unknown-zone"),
        ({"at_utc": "soon"}, "invalid-time"),
        ({"window": {**NIGHT, "start": "25:00"}}, "invalid-window"),
        ({"window": {**NIGHT, "days": [0]}}, "invalid-window"),
        ({"window": "always"}, "invalid-field"),
    ],
)
def test_a_window_that_nobody_can_read_is_an_error(change: dict[str, Any], code: str) -> None:
    question = {"tz": "UTC", "at_utc": "2026-11-22T12:00:00Z", "window": NIGHT, **change}
    assert ask("window", question)["error"]["code"] == code
