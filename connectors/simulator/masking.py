"""How a phone number may appear in a log: without its last four digits."""

from __future__ import annotations


def masked(number: str) -> str:
    """The number with its last four characters hidden; a short number is hidden whole."""
    return number[:-4] + "****" if len(number) > 4 else "****"
