"""Dates as carriers write them in receipts.

Source: SMPP 3.4 7.1.1 and appendix B; DOMAIN 2.10, 3.4.
"""

import re
from datetime import datetime, timedelta, timezone

_DIGITS = re.compile(r"[0-9]{10}|[0-9]{12}|[0-9]{14}")
_ABSOLUTE = re.compile(r"([0-9]{12})([0-9])([0-9]{2})([+-])")
_FIRST_OF_1900S = "69"  # as POSIX reads two digits (strptime, %y): 700101 is Unix time's zero, a clock never set
_QUARTER = timedelta(minutes=15)
_MOST_QUARTERS = 56  # 14 hours: the farthest zone there is; the specification's 48 forgets three of them


def parse_receipt_date(written: str) -> datetime | None:
    """Read YYMMDDhhmm, YYMMDDhhmmss, yyyyMMddHHmmss (naive) or YYMMDDhhmmsstnnp (aware).

    Two-digit years are 1969-2068. Anything else, zeros and impossible dates included, is None: keep the receipt, it has
    no date. Never raises.
    """
    if _DIGITS.fullmatch(written):
        return _naive(written)
    absolute = _ABSOLUTE.fullmatch(written)
    if absolute is None:
        return None
    moment = _naive(absolute[1])
    quarters = int(absolute[3])
    if moment is None or quarters > _MOST_QUARTERS:
        return None
    offset = _QUARTER * quarters * (-1 if absolute[4] == "-" else 1)
    return moment.replace(microsecond=int(absolute[2]) * 100_000, tzinfo=timezone(offset))


def _naive(digits: str) -> datetime | None:
    if not digits.strip("0"):
        return None
    century = "" if len(digits) == 14 else "20" if digits[:2] < _FIRST_OF_1900S else "19"
    full = f"{century}{digits}".ljust(14, "0")
    year, month, day, hour, minute, second = int(full[:4]), *(int(full[at : at + 2]) for at in range(4, 14, 2))
    try:
        return datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 - the carrier's zone, unknown here
    except ValueError:
        return None
