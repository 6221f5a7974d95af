"""SMPP times in ISO 8601. Source: SMPP 3.4 7.1.1; DOMAIN 2.10."""

import re
from datetime import datetime, timedelta, timezone
from typing import Final

_TIME: Final = re.compile(r"([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})([0-9])([0-9]{2})([-+R])")
_MOST_QUARTERS: Final = 56  # 14 hours: the farthest zone there is; the specification's 48 forgets three of them


def in_iso(written: str) -> str | None:
    """'2026-11-22T12:00:00+08:00' of an absolute time, 'P0Y0M0DT0H5M0S' of a relative one; None of what is neither.

    Years are 2000-2099. An empty field is no time: ask for no other than 16 characters.
    """
    found = _TIME.fullmatch(written)
    if found is None:
        return None
    year, month, day, hour, minute, second, tenth, quarters = map(int, found.groups()[:8])
    if found[9] == "R":
        return f"P{year}Y{month}M{day}DT{hour}H{minute}M{second}S"
    if quarters > _MOST_QUARTERS:
        return None
    offset = timedelta(minutes=15 * quarters) * (-1 if found[9] == "-" else 1)
    try:
        moment = datetime(2000 + year, month, day, hour, minute, second, tenth * 100_000, timezone(offset))
    except ValueError:
        return None
    return moment.isoformat()
