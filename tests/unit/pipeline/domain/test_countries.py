"""Laws of what countries allow, and the shape of the table. Source: DOMAIN 5."""

import re
from datetime import date

import pytest

from pipeline.domain.classes import MessageClass
from pipeline.domain.countries import (
    ANY,
    COUNTRIES,
    MARKETING_HOURS,
    SENDER_RULES,
    US_STATE_HOURS,
    judge_sender,
    marketing_hours,
    sending_hours,
)
from pipeline.domain.senders import parse_sender
from pipeline.domain.windows import is_allowed, moment_of, zone_of


@pytest.mark.parametrize(
    ("country", "message_class", "sender", "allowed", "reason"),
    [
        ("CN", "otp", "10690001234", True, ""),
        ("CN", "otp", "1069", True, ""),
        ("CN", "otp", "Kumo", False, "needs-106-port"),
        ("CN", "marketing", "12345", False, "needs-106-port"),
        ("CN", None, "+18446040924", False, "needs-106-port"),
        ("US", "marketing", "Kumo", False, "alphanumeric-not-allowed"),
        ("US", "otp", "+18446040924", True, "registration-needed"),
        ("CA", "otp", "Kumo", False, "alphanumeric-not-allowed"),
        ("CA", "marketing", "12345", True, ""),
        ("BR", "otp", "Kumo", False, "alphanumeric-not-allowed"),
        ("BR", "marketing", "12345", True, ""),
        ("BR", "marketing", "+18446040924", False, "long-code-not-allowed"),
        ("KR", "otp", "Kumo", False, "alphanumeric-not-allowed"),
        ("KR", "marketing", "15880000", True, "registration-needed"),
        ("IN", "marketing", "123456", True, "registration-needed"),
        ("IN", "marketing", "12345", False, "needs-6-digit-header"),
        ("IN", "marketing", "KUMOSH", False, "needs-6-digit-header"),
        ("IN", "otp", "KUMOSH", True, "registration-needed"),
        ("IN", "service", "KUMO", False, "needs-6-letter-header"),
        ("IN", "otp", "KUMO12", False, "needs-6-letter-header"),
        ("IN", None, "KUMOSH", True, "registration-needed"),
        ("AE", "marketing", "AD-Kumo", True, "registration-needed"),
        ("AE", "marketing", "Kumo", False, "needs-ad-prefix"),
        ("AE", "marketing", "AD-", False, "needs-ad-prefix"),
        ("AE", "otp", "Kumo", True, "registration-needed"),
        ("SA", "marketing", "Kumo-AD", True, "registration-needed"),
        ("SA", "marketing", "AD-Kumo", False, "needs-ad-suffix"),
        ("FR", "marketing", "36123", True, ""),
        ("FR", "marketing", "Kumo", True, ""),
        ("FR", "marketing", "12345", False, "needs-36xxx-code"),
        ("FR", "marketing", "+33612345678", False, "long-code-not-allowed"),
        ("FR", "otp", "+33612345678", True, ""),
        ("TR", "marketing", "12345", False, "short-code-not-allowed"),
        ("TR", "marketing", "Kumo", True, "registration-needed"),
        ("SG", "otp", "Kumo", True, "registration-needed"),
        ("SG", "otp", "+6591234567", True, ""),
        ("AU", None, "Kumo", True, "registration-needed"),
        ("IE", "marketing", "Kumo", True, "registration-needed"),
        ("VN", "marketing", "Kumo", True, "registration-needed"),
        ("DE", "marketing", "Kumo", True, ""),
        ("DE", None, "12345", True, ""),
    ],
)
def test_a_country_takes_a_sender_or_says_what_it_needs(
    country: str, message_class: str | None, sender: str, allowed: bool, reason: str
) -> None:
    asked = None if message_class is None else MessageClass(message_class)
    verdict = judge_sender(sender, parse_sender(sender).kind, country, asked)
    assert (verdict.is_allowed, verdict.reason) == (allowed, reason)


def test_each_class_has_exactly_one_rule_in_each_country_and_each_rule_a_source() -> None:
    for country in {rule.country for rule in SENDER_RULES}:
        assert country == ANY or country in COUNTRIES
        classes = [each for rule in SENDER_RULES if rule.country == country for each in rule.classes]
        assert sorted(classes) == sorted(MessageClass)
    for rule in SENDER_RULES:
        assert rule.source
        assert rule.as_of <= date(2026, 11, 22)
        assert rule.registered <= {kind for kind, _ in rule.patterns}
        assert all(re.compile(pattern) for _, pattern in rule.patterns)


@pytest.mark.parametrize(
    ("country", "state", "open_at", "shut_at"),
    [
        ("CN", None, ["2026-11-23T08:00", "2026-11-22T20:59"], ["2026-11-23T21:00", "2026-11-23T07:59"]),
        ("SA", None, ["2026-11-23T18:59"], ["2026-11-23T19:00"]),
        ("FR", None, ["2026-11-23T08:00", "2026-11-21T10:00"], ["2026-11-21T09:59", "2026-11-22T12:00"]),
        ("BR", None, ["2026-11-23T17:59", "2026-11-21T12:59"], ["2026-11-23T08:59", "2026-11-21T13:00"]),
        ("CA", None, ["2026-11-23T21:29", "2026-11-22T17:59"], ["2026-11-23T21:30", "2026-11-21T09:59"]),
        ("AU", None, ["2026-11-23T09:00"], ["2026-11-21T12:00"]),
        ("US", None, ["2026-11-23T20:59"], ["2026-11-23T21:00"]),
        ("US", "FL", ["2026-11-23T19:59"], ["2026-11-23T20:00"]),
        ("US", "CT", ["2026-11-23T09:00"], ["2026-11-23T08:59"]),
        ("US", "TX", ["2026-11-21T09:00", "2026-11-22T12:00"], ["2026-11-22T11:59"]),
        ("US", "CA", ["2026-11-23T08:00"], ["2026-11-23T07:59"]),
        ("DE", None, ["2026-11-23T09:00"], ["2026-11-23T20:00"]),
    ],
)
def test_marketing_goes_within_the_hours_of_the_place(
    country: str, state: str | None, open_at: list[str], shut_at: list[str]
) -> None:
    windows, clock = marketing_hours(country, state).windows, zone_of("UTC")
    assert all(is_allowed(windows, clock, moment_of(at)) for at in open_at)
    assert not any(is_allowed(windows, clock, moment_of(at)) for at in shut_at)


def test_only_marketing_has_hours_and_each_its_source() -> None:
    for message_class in MessageClass:
        assert (sending_hours("CN", message_class) is not None) == (message_class is MessageClass.MARKETING)
    assert all(hours.source and hours.windows for hours in (*MARKETING_HOURS.values(), *US_STATE_HOURS.values()))


def test_no_state_allows_more_than_the_federal_rule() -> None:
    federal, clock = marketing_hours("US").windows, zone_of("UTC")
    for state, hours in US_STATE_HOURS.items():
        for quarter in range(7 * 96):
            at = moment_of(f"2026-11-{23 + quarter // 96}T{quarter % 96 // 4:02d}:{quarter % 4 * 15:02d}")
            assert is_allowed(federal, clock, at) or not is_allowed(hours.windows, clock, at), state
