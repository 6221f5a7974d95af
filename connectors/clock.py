"""The clocks of the connectors: the only place where they ask what time it is."""

import time
from datetime import UTC, datetime

_STEADY = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)  # also counts while the machine sleeps


def wall_micros() -> int:
    """UTC microseconds since 1970."""
    return time.time_ns() // 1_000


def steady_s() -> float:
    """Seconds on a clock that never goes back: for ages and pauses."""
    return time.clock_gettime(_STEADY)


def utc_day(micros: int) -> str:
    """The UTC day 'YYYY-MM-DD' of a time: the day of its data key."""
    return datetime.fromtimestamp(micros / 1_000_000, UTC).date().isoformat()
