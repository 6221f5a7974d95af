"""Where a derived record came from: headers `source` and `epoch`, and the watermark that drops repeats."""

from collections.abc import Iterable
from typing import NamedTuple

SOURCE = "source"
EPOCH = "epoch"


class Source(NamedTuple):
    """Coordinates of a derived record: the input record, and which of its outputs this is (from 0)."""

    topic: str
    partition: int
    offset: int
    ordinal: int

    def encode(self) -> bytes:
        """'topic/partition/offset/ordinal' in ASCII."""
        return f"{self.topic}/{self.partition}/{self.offset}/{self.ordinal}".encode()


def parse_source(raw: bytes) -> Source:
    """The source of a header value. Raises ValueError if it is not 'topic/partition/offset/ordinal'."""
    topic, partition, offset, ordinal = raw.decode("ascii").rsplit("/", 3)
    return Source(topic, int(partition), int(offset), int(ordinal))


def coordinates(topic: str, partition: int, offset: int) -> str:
    """The text used in `caused_by`."""
    return f"{topic}/{partition}/{offset}"


def headers_of(source: Source | None, epoch: str) -> list[tuple[str, bytes]]:
    """Kafka headers of a derived record; `source` is None for a fact from the wire."""
    head = [(EPOCH, epoch.encode())]
    return head if source is None else [(SOURCE, source.encode()), *head]


def read_headers(headers: Iterable[tuple[str, bytes | None]] | None) -> tuple[Source | None, str]:
    """(source, epoch) of a record; (None, "") where missing. Raises ValueError if the source is malformed."""
    source: Source | None = None
    epoch = ""
    for name, value in headers or ():
        if value is None:
            continue
        if name == SOURCE:
            source = parse_source(value)
        elif name == EPOCH:
            epoch = value.decode("ascii")
    return source, epoch


class Watermarks:
    """The highest (offset, ordinal) seen of each source partition, for one input partition.

    Exact, because a redo gives identical outputs in the same order (DESIGN section 1).
    """

    __slots__ = ("seen",)

    def __init__(self, seen: dict[tuple[str, int], tuple[int, int]] | None = None) -> None:
        self.seen: dict[tuple[str, int], tuple[int, int]] = dict(seen or {})

    def admit(self, source: Source) -> bool:
        """Whether a record is new; remembers it if so. False: a repeat, drop it."""
        key = (source.topic, source.partition)
        at = (source.offset, source.ordinal)
        if at <= self.seen.get(key, (-1, -1)):
            return False
        self.seen[key] = at
        return True
