"""What the fold of a partition needs from outside, as ports: tests give fakes, workers give Kafka."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from pipeline.stages.decision import Snapshot


class InputRecord(NamedTuple):
    """One raw record of an input partition. `timestamp_ms` is the broker's (log append)."""

    topic: str
    partition: int
    offset: int
    timestamp_ms: int
    value: bytes | None
    headers: Sequence[tuple[str, bytes | None]] = ()
    key: bytes | None = None


class Emitter(Protocol):
    """Writes records, in order. `pipeline.kafka.output.Outbox` is one."""

    async def send(
        self,
        topic: str,
        key: str,
        value: bytes,
        headers: Sequence[tuple[str, bytes]] = (),
        partition: int | None = None,
    ) -> None:
        """Queue a record; may wait for room. Raises DeliveryFailed once any record was not written."""
        ...

    async def settle(self) -> None:
        """Return when everything sent is acknowledged. Raises DeliveryFailed if anything was not written."""
        ...


class CheckpointStore(Protocol):
    """Keeps the state of one partition. `pipeline.kafka.checkpoint.KafkaCheckpoints` is one."""

    async def open(self) -> Mapping[str, bytes]:
        """Become the only owner, then give all values by key."""
        ...

    async def save(self, changes: Mapping[str, bytes | None]) -> None:
        """Write all of these or none; None forgets a key. Raises Fenced if there is another owner."""
        ...

    async def close(self) -> None: ...


class RulesSource(Protocol):
    """Snapshots by offset. `pipeline.kafka.rules_log.Snapshots` is one."""

    def newest(self) -> tuple[int, int]:
        """(control offset, health offset) of the newest snapshot that is loaded; -1 where there is none."""
        ...

    def at(self, control_offset: int, health_offset: int) -> Snapshot | None:
        """The snapshot of exactly these offsets, or None while one is not loaded."""
        ...

    async def wait_for(self, control_offset: int, health_offset: int) -> Snapshot:
        """As `at`, but waits for it. Raises SnapshotUnknown if there is none at these offsets."""
        ...
