"""`<topic>/<partition>/<offset>` as a person types it."""

from pipeline.errors import ForTheUser


class CoordinatesInvalid(ForTheUser, ValueError):
    """What was given names no record; the message says what was expected."""


def parse_coordinates(given: str) -> tuple[str, int, int]:
    """(topic, partition, offset). Raises CoordinatesInvalid."""
    parts = given.rsplit("/", 2)
    if len(parts) == 3 and parts[0] and all(part.isascii() and part.isdigit() for part in parts[1:]):
        return parts[0], int(parts[1]), int(parts[2])
    raise CoordinatesInvalid(
        f"coordinates {given!r}, expected <topic>/<partition>/<offset> such as sms.quarantine/0/12"
    )
