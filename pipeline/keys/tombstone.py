"""What stands in the place of a destroyed key, so that it is never made again: when, by whom and why it went."""

from pathlib import Path
from typing import Final

import msgspec

from pipeline.keys.files import read, write_once

SUFFIX: Final = ".destroyed"


class Tombstone(msgspec.Struct, frozen=True, kw_only=True):
    """`at` is ISO 8601, UTC."""

    at: str
    by: str
    reason: str


def read_tombstone(path: Path) -> Tombstone | None:
    """The tombstone of the key that was (or is about to go) at this path, or None."""
    content = read(_place(path))
    return None if content is None else msgspec.json.decode(content, type=Tombstone)


def write_tombstone(path: Path, tombstone: Tombstone) -> Tombstone:
    """Set it, unless one stands there already; the one that stands."""
    return msgspec.json.decode(write_once(_place(path), msgspec.json.encode(tombstone)), type=Tombstone)


def _place(path: Path) -> Path:
    return path.with_name(path.name + SUFFIX)
