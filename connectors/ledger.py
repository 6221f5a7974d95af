"""How far a dispatch partition is settled: the contiguous low-water mark that may be committed. Pure.

The commit carries the source watermarks as they stood at the mark, so that a new owner drops repeats of what it
never read itself.
"""

import base64
import json
import zlib
from collections import deque
from dataclasses import dataclass
from typing import NamedTuple

from pipeline.events.headers import Source, Watermarks

_LONGEST_METADATA = 4_000  # the broker takes 4,096 octets (offset.metadata.max.bytes)


class Place(NamedTuple):
    """A dispatch partition; its intents go to the partition of the same number."""

    lane: str
    partition: int


class Mark(NamedTuple):
    """What to commit: the next offset to settle, and the watermarks below it as commit metadata."""

    offset: int
    metadata: str


@dataclass(slots=True)
class _Entry:
    offset: int
    source: Source | None
    is_settled: bool = False


class Ledger:
    """The records of one partition from the last commit on, in order, settled or not."""

    def __init__(self, start: int, marks: Watermarks) -> None:
        self._entries: deque[_Entry] = deque()
        self._by_offset: dict[int, _Entry] = {}
        self._low_water = start
        self._committed = start
        self._marks = Watermarks(marks.seen)

    @property
    def open_count(self) -> int:
        return len(self._by_offset)

    def open(self, offset: int, source: Source | None) -> None:
        """A record was read. `source` is None where the watermark must not follow it (it was not admitted)."""
        entry = _Entry(offset, source)
        self._entries.append(entry)
        self._by_offset[offset] = entry

    def settle(self, offset: int) -> None:
        """All that had to be said of a record is durable."""
        self._by_offset.pop(offset).is_settled = True
        while self._entries and self._entries[0].is_settled:
            entry = self._entries.popleft()
            self._low_water = entry.offset + 1
            if entry.source is not None:
                self._marks.admit(entry.source)

    def due(self) -> Mark | None:
        """What should be committed, None if nothing was settled since `committed`."""
        if self._low_water == self._committed:
            return None
        return Mark(self._low_water, write_marks(self._marks))

    def committed(self, mark: Mark) -> None:
        """A mark is committed."""
        self._committed = mark.offset


def write_marks(marks: Watermarks) -> str:
    """Watermarks as commit metadata; '' if they are too many: then the owner must scan the partition."""
    rows = [[topic, partition, *at] for (topic, partition), at in sorted(marks.seen.items())]
    packed = base64.b85encode(zlib.compress(json.dumps(rows, separators=(",", ":")).encode())).decode()
    return packed if len(packed) <= _LONGEST_METADATA else ""


def read_marks(metadata: str | None) -> Watermarks | None:
    """The watermarks in commit metadata; None where there are none or they cannot be read."""
    if not metadata:
        return None
    try:
        rows = json.loads(zlib.decompress(base64.b85decode(metadata)))
        return Watermarks({(topic, partition): (offset, ordinal) for topic, partition, offset, ordinal in rows})
    except (ValueError, TypeError, zlib.error):
        return None
