"""Times as people read and write them: UTC to the minute, seconds and micros only where there are any."""

from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
EXPECTED = "expected a time with its zone such as 2026-12-01T00:00:00Z"


def utc(micros: int) -> str:
    """`2026-12-01 00:00 UTC`, with seconds if they are not nought."""
    at = EPOCH + micros * MICROSECOND
    return f"{at:%Y-%m-%d %H:%M}{f':{at:%S}' if at.second else ''} UTC"


def iso(micros: int) -> str:
    """`2026-12-01T00:00:00Z`, exact: what `micros_of` reads back."""
    return (EPOCH + micros * MICROSECOND).isoformat().replace("+00:00", "Z")


def iso_us(micros: int) -> str:
    """`2026-12-01T00:00:00.000000Z`, always with its micros, so that texts sort as times do; '' for 0 (absent)."""
    return f"{EPOCH + micros * MICROSECOND:%Y-%m-%dT%H:%M:%S.%f}Z" if micros else ""


def micros_of(given: object) -> int:
    """UTC micros of an aware datetime or of its ISO 8601 text. Raises ValueError saying what is expected."""
    if isinstance(given, str):
        try:
            given = datetime.fromisoformat(given)
        except ValueError:
            raise ValueError(EXPECTED) from None
    if not isinstance(given, datetime) or given.tzinfo is None:
        raise ValueError(EXPECTED)
    micros = (given - EPOCH) // MICROSECOND
    if micros < 0:
        raise ValueError(f"{EXPECTED}, not before 1970")
    return micros
