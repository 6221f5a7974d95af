"""Laws of sending windows at the edges of days, weeks and clock changes. Source: DOMAIN 5; PEP 495."""

import pytest

from pipeline.domain.windows import InvalidTime, is_allowed, moment_of, next_allowed, window_of, zone_of


@pytest.mark.parametrize(
    ("place", "at", "start", "end", "days", "opens"),
    [
        ("UTC", "2026-11-23T09:00:00", "09:00", "20:00", None, "2026-11-23T09:00:00"),
        ("UTC", "2026-11-23T20:00:00", "09:00", "20:00", None, "2026-11-24T09:00:00"),
        ("UTC", "2026-11-23T19:59:59.999999", "09:00", "20:00", None, "2026-11-23T19:59:59.999999"),
        ("UTC", "2026-11-23T08:59:59.999999", "09:00", "20:00", None, "2026-11-23T09:00:00"),
        ("UTC", "2026-11-23T23:59:59", "09:00", "24:00", None, "2026-11-23T23:59:59"),
        ("UTC", "2026-11-23T20:00:00", "09:00:30", "09:00:31", None, "2026-11-24T09:00:30"),
        ("UTC", "2026-11-24T05:59:00", "22:00", "06:00", [1], "2026-11-24T05:59:00"),
        ("UTC", "2026-11-23T05:59:00", "22:00", "06:00", [1], "2026-11-23T22:00:00"),
        ("UTC", "2026-11-24T06:00:00", "22:00", "06:00", [1], "2026-11-30T22:00:00"),
        ("UTC", "2026-11-23T20:00:00", "22:00", "00:00", [1], "2026-11-23T22:00:00"),
        ("UTC", "2026-11-24T00:00:00", "22:00", "00:00", [1], "2026-11-30T22:00:00"),
        ("UTC", "2026-11-22T12:00:00", "09:00", "09:00", [1], "2026-11-23T00:00:00"),
        ("Asia/Kathmandu", "2026-11-22T18:00:00", "00:00", "24:00", [1], "2026-11-22T18:15:00"),
        ("Europe/Berlin", "2026-03-29T00:30:00", "02:30", "20:00", None, "2026-03-29T01:00:00"),
        ("Europe/Berlin", "2026-03-29T00:30:00", "02:15", "02:45", [7], "2026-04-05T00:15:00"),
        ("Europe/Berlin", "2026-10-25T00:45:00", "02:30", "03:00", None, "2026-10-25T00:45:00"),
        ("Europe/Berlin", "2026-10-25T01:15:00", "02:30", "03:00", None, "2026-10-25T01:30:00"),
        ("Europe/Berlin", "2026-10-25T01:00:00", "02:00", "02:30", None, "2026-10-25T01:00:00"),
        ("Australia/Lord_Howe", "2026-04-04T14:45:00", "01:30", "01:45", [7], "2026-04-04T15:00:00"),
        ("America/Sao_Paulo", "2018-11-04T02:59:00", "00:30", "06:00", [7], "2018-11-04T03:00:00"),
        ("Pacific/Apia", "2011-12-30T09:00:00", "09:00", "12:00", [5], "2012-01-05T19:00:00"),
        ("Pacific/Apia", "2011-12-30T09:59:00", "22:00", "06:00", [5], "2011-12-30T10:00:00"),
    ],
)
def test_a_window_opens_at_the_first_moment_whose_wall_clock_is_in_it(
    place: str, at: str, start: str, end: str, days: list[int] | None, opens: str
) -> None:
    found = next_allowed([window_of(start, end, days)], zone_of(place), moment_of(at))
    assert found == moment_of(opens)


def test_no_days_is_never_and_no_window_too() -> None:
    at, zone = moment_of("2026-11-22T12:00:00Z"), zone_of("UTC")
    assert next_allowed([window_of("00:00", "24:00", [])], zone, at) is None
    assert next_allowed([], zone, at) is None
    assert not is_allowed([], zone, at)


@pytest.mark.parametrize(
    "name", ["", "Mars/Olympus", "europe/berlin", "America", "../zones", "/etc/localtime", "UTC+8"]
)
def test_a_zone_that_iana_does_not_name_is_refused(name: str) -> None:
    with pytest.raises(InvalidTime) as caught:
        zone_of(name)
    assert caught.value.code == "unknown-zone"


@pytest.mark.parametrize(
    "given", ["", "soon", "2026-13-01T00:00:00Z", "0001-01-01T00:00:00+10:00", "9999-12-31T23:59Z"]
)
def test_a_moment_that_is_no_iso_time_within_reach_is_refused(given: str) -> None:
    with pytest.raises(InvalidTime) as caught:
        moment_of(given)
    assert caught.value.code == "invalid-time"


@pytest.mark.parametrize(
    ("start", "end", "days"),
    [("900", "20:00", None), ("24:00", "20:00", None), ("09:00", "24:01", None), ("09:00", "", None),
     ("09:00", "20:60", None), ("09:00", "20:00", [0]), ("09:00", "20:00", [8])],
)  # fmt: skip
def test_a_window_that_no_clock_shows_is_refused(start: str, end: str, days: list[int] | None) -> None:
    with pytest.raises(InvalidTime) as caught:
        window_of(start, end, days)
    assert caught.value.code == "invalid-window"


def test_a_moment_without_offset_is_utc_and_one_with_it_is_converted() -> None:
    assert moment_of("2026-11-22T12:00:00") == moment_of("2026-11-22T20:00:00+08:00") == moment_of("2026-11-22T12:00Z")
    assert moment_of("2026-11-22t12:00:00z") == moment_of("2026-11-22T12:00Z")


def test_an_hour_may_be_written_with_one_digit() -> None:
    assert window_of("9:00", "20:00") == window_of("09:00", "20:00:00")
