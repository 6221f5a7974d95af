"""Times as a person types them."""

import re
from datetime import UTC, datetime

from pipeline.errors import ForTheUser

_AGO = re.compile(r"([0-9]{1,6})(ms|s|m|h|d)")
_UNIT_MS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}


class TimeInvalid(ForTheUser, ValueError):
    """A time that cannot be read; the message says what was expected."""


def since_ms(given: str, *, now_ms: int) -> int:
    """UTC milliseconds of '10m' (ago; ms, s, m, h, d) or of an ISO 8601 time (UTC if it names no zone).

    Raises TimeInvalid.
    """
    if ago := _AGO.fullmatch(given):
        return now_ms - int(ago[1]) * _UNIT_MS[ago[2]]
    try:
        at = datetime.fromisoformat(given)
    except ValueError:
        raise TimeInvalid(f"time {given!r}, expected how long ago (30s, 10m, 2h, 7d) or 2026-01-05T10:00") from None
    return int((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() * 1000)
