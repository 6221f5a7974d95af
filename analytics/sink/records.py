"""Nouns of the sink: what Kafka gives, what becomes a row, what is skipped or explained, and the log itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from pipeline.events.headers import Source


class Partition(NamedTuple):
    """A partition of a topic."""

    topic: str
    number: int


@dataclass(frozen=True, slots=True)
class Taken:
    """One Kafka record. `timestamp_ms` is the log's."""

    partition: Partition
    offset: int
    timestamp_ms: int
    value: bytes | None
    headers: Sequence[tuple[str, bytes | None]]


@dataclass(frozen=True, slots=True)
class EndReached:
    """Nothing more to read for now: the next record will have this offset or a higher one."""

    partition: Partition
    offset: int


@dataclass(frozen=True, slots=True)
class Row:
    """A record on its way into its raw table; `body` is Avro without the 5 octets of framing."""

    partition: Partition
    offset: int
    timestamp_ms: int
    schema_id: int
    body: bytes
    source: Source | None
    epoch: str
    is_foreign: bool
    is_repeat: bool


@dataclass(frozen=True, slots=True)
class Skipped:
    """A record that cannot be held, and why (`reason` is a stable code)."""

    partition: Partition
    offset: int
    timestamp_ms: int
    value: bytes
    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class Explained:
    """Offsets first..last that no reader will ever be given: `transaction` or `retention`."""

    partition: Partition
    first: int
    last: int
    reason: str


class LogError(Exception):
    """Kafka failed in a way that waiting does not mend. The sink stops."""


class LogUnavailable(LogError):
    """Kafka does not answer now. Ask again later."""


class Log(Protocol):
    """What the sink needs of Kafka. Called from one thread; methods raise LogError, those that ask LogUnavailable."""

    def partitions(self) -> frozenset[Partition]:
        """All partitions of sunk topics that exist now."""

    def ends(self, partition: Partition) -> tuple[int, int]:
        """(first offset still kept, offset after the last record)."""

    def known_end(self, partition: Partition) -> int:
        """Offset after the last record as last heard of, -1 if never; asks nobody."""

    def read_from(self, positions: Mapping[Partition, int]) -> None:
        """Begin to read more partitions, each from its offset."""

    def take(self, limit: int, timeout_s: float) -> list[Taken | EndReached]:
        """Up to `limit` next records, each partition in order; fewer, or none, after `timeout_s`."""

    def commit(self, positions: Mapping[Partition, int]) -> None:
        """Tell Kafka how far the sink is. For monitoring of lag only: the sink never reads it back."""

    def close(self) -> None:
        """Let go of all connections."""
