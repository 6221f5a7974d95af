"""Sending windows: whether a moment lies within certain hours of certain days of a place, and when next.

A window is a predicate on the wall clock and nothing else. So what a clock change skips is not allowed (a window whose
start lies in the gap opens at the first instant after it), and what it repeats counts both times. Zones are those of
the `tzdata` package, never the system's: the same log is decided alike on every machine.
Sources: DOMAIN 5; IANA time zone database; PEP 495.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from importlib.resources import files
from typing import Final
from zoneinfo import ZoneInfo

EVERY_DAY: Final = frozenset(range(1, 8))
DAY_S: Final = 86_400

_TIME = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])(?::([0-5][0-9]))?")
_MIDNIGHT = ("24:00", "24:00:00")
_STEP = timedelta(hours=1)  # no place changes its clock twice within an hour
_HORIZON = timedelta(days=22)  # a week, and the weeks whose only day a clock change or the date line took away
_FIRST_YEAR, _LAST_YEAR = 2, 9998  # local time and the horizon stay within what a datetime holds


class InvalidTime(ValueError):
    """No zone, time or window is written so: `code` is unknown-zone, invalid-time or invalid-window."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Window:
    """Some hours of some days, [start, end), in seconds of the wall clock.

    `start` > `end` crosses midnight and belongs to the day on which it starts; `start` == `end` is the whole calendar
    day. No days: never.
    """

    start_s: int
    end_s: int
    days: frozenset[int] = EVERY_DAY
    """ISO numbers, 1 is Monday."""

    def covers(self, local: datetime) -> bool:
        """Whether the wall clock shows a time of this window."""
        second = local.hour * 3600 + local.minute * 60 + local.second
        day = local.isoweekday()
        if self.start_s == self.end_s:
            return day in self.days
        if self.start_s < self.end_s:
            return day in self.days and self.start_s <= second < self.end_s
        yesterday = (day + 5) % 7 + 1
        return (second >= self.start_s and day in self.days) or (second < self.end_s and yesterday in self.days)


def window_of(start: str, end: str, days: Iterable[int] | None = None) -> Window:
    """A window from "HH:MM" or "HH:MM:SS"; the end may be "24:00". No `days` (None): every day.

    Raises InvalidTime('invalid-window').
    """
    chosen = EVERY_DAY if days is None else frozenset(days)
    if not chosen <= EVERY_DAY:
        raise InvalidTime("invalid-window", f"days={sorted(chosen)}, expected ISO numbers 1 (Monday) to 7")
    end_s = DAY_S if end in _MIDNIGHT else _seconds("end", end)
    return Window(_seconds("start", start), end_s, chosen)


def _seconds(name: str, given: str) -> int:
    found = _TIME.fullmatch(given)
    if found is None:
        raise InvalidTime("invalid-window", f"{name}={given!r}, expected HH:MM or HH:MM:SS")
    return int(found[1]) * 3600 + int(found[2]) * 60 + int(found[3] or 0)


@lru_cache(maxsize=1024)
def zone_of(name: str) -> ZoneInfo:
    """The zone of an IANA name, as it is spelt there. Raises InvalidTime('unknown-zone')."""
    if name not in _zone_names():
        raise InvalidTime("unknown-zone", f"tz={name!r}, expected an IANA zone such as Europe/Berlin")
    with files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as source:
        return ZoneInfo.from_file(source, key=name)


@lru_cache(maxsize=1)
def _zone_names() -> frozenset[str]:
    return frozenset(files("tzdata").joinpath("zones").read_text(encoding="utf-8").split())


def moment_of(given: str) -> datetime:
    """An ISO 8601 or RFC 3339 time as aware UTC; one without offset is UTC. Raises InvalidTime('invalid-time')."""
    try:
        read = datetime.fromisoformat(given.upper())
        moment = read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
    except (ValueError, OverflowError):
        raise InvalidTime("invalid-time", f"{given!r}, expected ISO 8601 such as 2026-03-29T01:00:00Z") from None
    if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        raise InvalidTime("invalid-time", f"{given!r}, expected a year from {_FIRST_YEAR} to {_LAST_YEAR}")
    return moment


def is_allowed(windows: Iterable[Window], zone: ZoneInfo, at: datetime) -> bool:
    """Whether any of the windows covers this moment (aware) there."""
    local = at.astimezone(zone)
    return any(window.covers(local) for window in windows)


def next_allowed(windows: Iterable[Window], zone: ZoneInfo, at: datetime) -> datetime | None:
    """The earliest moment (UTC) from `at` on that a window covers: `at` itself if one does; None: never again.

    `at` is aware, its year from 2 to 9998.
    """
    chosen = tuple(window for window in windows if window.days)
    now = at.astimezone(UTC)
    if not chosen:
        return None
    last = now + _HORIZON
    openings = sorted({0, *(window.start_s for window in chosen)})
    while now <= last:
        local = now.astimezone(zone)
        if any(window.covers(local) for window in chosen):
            return now
        now = min(_next_opening(now, local, openings), _next_change(now, zone))
    return None


def _next_opening(now: datetime, local: datetime, openings: list[int]) -> datetime:
    """When the wall clock next shows midnight or a start, if no clock change comes first."""
    second = local.hour * 3600 + local.minute * 60 + local.second
    following = next((each for each in openings if each > second), DAY_S)
    return now.replace(microsecond=0) + timedelta(seconds=following - second)


def _next_change(now: datetime, zone: ZoneInfo) -> datetime:
    """The first moment after `now`, to the second, at which the offset is another; within a day, else a day later."""
    before = now.astimezone(zone).utcoffset()
    low = now.replace(microsecond=0)
    for _ in range(24):
        high = low + _STEP
        if high.astimezone(zone).utcoffset() != before:
            return _first_changed(low, high, zone, before)
        low = high
    return low


def _first_changed(low: datetime, high: datetime, zone: ZoneInfo, before: timedelta | None) -> datetime:
    while high - low > timedelta(seconds=1):
        middle = low + timedelta(seconds=(high - low).seconds // 2)
        if middle.astimezone(zone).utcoffset() == before:
            low = middle
        else:
            high = middle
    return high
