"""Laws of classes and lanes."""

from pipeline.domain.classes import (
    DEFAULT_VALIDITY_S,
    MAX_VALIDITY_S,
    Lane,
    MessageClass,
    default_validity_s,
    lane_of,
    max_validity_s,
)


def test_only_marketing_travels_in_bulk() -> None:
    assert {cls for cls in MessageClass if lane_of(cls) is Lane.BULK} == {MessageClass.MARKETING}


def test_every_class_has_a_validity_within_its_maximum() -> None:
    assert set(DEFAULT_VALIDITY_S) == set(MAX_VALIDITY_S) == set(MessageClass)
    assert all(0 < default_validity_s(cls) <= max_validity_s(cls) for cls in MessageClass)


def test_a_one_time_password_is_worth_five_minutes() -> None:
    assert default_validity_s(MessageClass.OTP) == 300
