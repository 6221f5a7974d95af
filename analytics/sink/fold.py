"""What the sink knows of one partition: where it stands, what is held already, which records are repeats. Pure.

`PartitionFold` sees every record from the resume point on, those held already too, since the watermark follows from
all of them; it gives out only what is missing.
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass, field

from analytics.sink.records import EndReached, Explained, Partition, Row, Skipped, Taken
from pipeline.events.headers import Watermarks, read_headers
from pipeline.events.schema_store import SchemaStore

_FRAME = struct.Struct(">bI")


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """What the raw tables hold of one partition.

    All before `first` is complete. From `first` on `offsets` and `explained` are held: the last batch may have been
    cut short. `watermark` is (source topic, source partition) -> highest (offset, ordinal) before `first`.
    """

    first: int = 0
    offsets: frozenset[int] = frozenset()
    explained: frozenset[tuple[int, int]] = frozenset()
    watermark: dict[tuple[str, int], tuple[int, int]] = field(default_factory=dict)
    last: int = -1


Output = Row | Skipped | Explained
Explain = Callable[[Partition, int, int], str]
"""Why offsets first..last of a partition were left out: a stable code, or '' if nothing explains it."""


class PartitionFold:
    """Fold over the records of one partition, in order."""

    def __init__(
        self,
        partition: Partition,
        holding: Holding,
        *,
        store: SchemaStore,
        records: frozenset[str],
        epoch: str,
        explain: Explain,
    ) -> None:
        self.partition = partition
        self.next_offset = holding.first
        self._holding = holding
        self._store = store
        self._records = records
        self._epoch = epoch
        self._explain = explain
        self._watermarks = Watermarks(holding.watermark)

    def start(self, log_start: int) -> list[Output]:
        """What the first offset that Kafka still keeps adds: all before it, and not held, went by retention."""
        first, self.next_offset = self.next_offset, max(self.next_offset, log_start)
        if first == self.next_offset or (first, log_start - 1) in self._holding.explained:
            return []
        return [Explained(self.partition, first, log_start - 1, "retention")]

    def take(self, taken: Taken) -> list[Output]:
        """What a record adds; nothing if it is held already. An offset below next_offset was taken before."""
        if taken.offset < self.next_offset:
            return []
        outputs: list[Output] = list(self._left_out(taken.offset))
        self.next_offset = taken.offset + 1
        output = self._read(taken)
        if taken.offset not in self._holding.offsets:
            outputs.append(output)
        self._forget()
        return outputs

    def reach_end(self, end: EndReached) -> list[Output]:
        """What the end of a partition adds: markers behind the last record."""
        outputs: list[Output] = list(self._left_out(end.offset))
        self.next_offset = max(self.next_offset, end.offset)
        return outputs

    def _left_out(self, offset: int) -> list[Explained]:
        first, last = self.next_offset, offset - 1
        if first > last or (first, last) in self._holding.explained:
            return []
        reason = self._explain(self.partition, first, last)
        return [Explained(self.partition, first, last, reason)] if reason else []

    def _read(self, taken: Taken) -> Row | Skipped:
        value = taken.value or b""
        if len(value) < _FRAME.size or value[0] != 0:
            return _skip(taken, "not-avro", f"{len(value)} octets, expected 0x00 and a 4-byte schema id first")
        schema_id = _FRAME.unpack_from(value)[1]
        entry = self._store.by_id(schema_id)
        if entry is None:
            return _skip(taken, "unknown-schema", f"schema id {schema_id} was never given out")
        if entry.record not in self._records:
            wanted = ", ".join(sorted(self._records))
            return _skip(taken, "wrong-schema", f"record {entry.record} (schema id {schema_id}), expected {wanted}")
        try:
            source, epoch = read_headers(taken.headers)
        except ValueError as error:
            return _skip(taken, "bad-header", f"header source or epoch: {error}"[:200])
        is_foreign = epoch not in ("", self._epoch)
        is_repeat = source is not None and not is_foreign and not self._watermarks.admit(source)
        return Row(
            taken.partition, taken.offset, taken.timestamp_ms, schema_id, value[_FRAME.size :], source, epoch,
            is_foreign, is_repeat,
        )  # fmt: skip

    def _forget(self) -> None:
        if self._holding.offsets and self.next_offset > self._holding.last:
            self._holding = Holding(first=self.next_offset)


def _skip(taken: Taken, reason: str, detail: str) -> Skipped:
    return Skipped(taken.partition, taken.offset, taken.timestamp_ms, taken.value or b"", reason, detail)
