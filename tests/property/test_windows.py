"""Laws of windows for any window, place and moment, against a scan of minutes by another reading of the rules."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.domain.windows import is_allowed, next_allowed, window_of, zone_of

PLACES = {
    "Asia/Kathmandu": date(1986, 1, 1),
    "Australia/Lord_Howe": date(2026, 4, 5),
    "America/Sao_Paulo": date(2018, 11, 4),
    "Pacific/Apia": date(2011, 12, 30),
    "Africa/Casablanca": date(2026, 2, 15),
    "Europe/Berlin": date(2026, 3, 29),
    "America/New_York": date(2026, 11, 1),
    "Asia/Shanghai": date(2026, 11, 22),
    "Africa/Monrovia": date(1972, 1, 7),
}
"""Places with unusual clocks, and a day near which each was changed."""

MINUTE = timedelta(minutes=1)


@st.composite
def moments(draw: st.DrawFn, place: str) -> datetime:
    around = datetime.combine(PLACES[place], datetime.min.time(), UTC)
    return around + timedelta(minutes=draw(st.integers(-9 * 1440, 3 * 1440)), seconds=draw(st.sampled_from([0, 0, 17])))


@st.composite
def clock_times(draw: st.DrawFn) -> str:
    return f"{draw(st.integers(0, 23)):02d}:{draw(st.sampled_from(['00', '15', '30', '59']))}"


def shows(place: str, at: datetime, start: str, end: str, days: set[int]) -> bool:
    """The rule read anew: from texts of the wall clock, by the day on which the window that would be open began."""
    local = at.astimezone(ZoneInfo(place))
    clock, today = local.strftime("%H:%M:%S"), local.isoweekday()
    yesterday = (local.replace(tzinfo=None, fold=0) - timedelta(days=1)).isoweekday()
    if start == end:
        return today in days
    if start < end:
        return today in days and f"{start}:00" <= clock < f"{end}:00"
    return (today in days and clock >= f"{start}:00") or (yesterday in days and clock < f"{end}:00")


@pytest.mark.parametrize("place", PLACES)
@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_the_next_moment_is_allowed_and_no_minute_before_it_is(place: str, data: st.DataObject) -> None:
    at = data.draw(moments(place))
    start, end = data.draw(clock_times()), data.draw(clock_times() | st.just("24:00"))
    days = data.draw(st.sets(st.integers(1, 7), max_size=3))
    window, zone = window_of(start, end, days), zone_of(place)
    found = next_allowed([window], zone, at)
    assert is_allowed([window], zone, at) == shows(place, at, start, end, days) == (found == at)
    until = found if found is not None else at + timedelta(days=9)
    scanned = at
    while scanned < until:
        assert not shows(place, scanned, start, end, days), scanned
        scanned += MINUTE
    if found is not None:
        assert shows(place, found, start, end, days)
        assert found == at or not shows(place, found - timedelta(microseconds=1), start, end, days)
    else:
        assert not days or not any(
            shows(place, at + timedelta(minutes=minute), start, end, days) for minute in range(15 * 1440)
        )


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_of_two_windows_the_earlier_opening_counts(data: st.DataObject) -> None:
    at, zone = data.draw(moments("Europe/Berlin")), zone_of("Europe/Berlin")
    both = [window_of(data.draw(clock_times()), data.draw(clock_times()), [data.draw(st.integers(1, 7))]) for _ in "12"]
    openings = [opening for window in both if (opening := next_allowed([window], zone, at)) is not None]
    assert next_allowed(both, zone, at) == min(openings, default=None)
