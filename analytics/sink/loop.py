"""The sink's loop: find partitions, take records, insert what is missing, tell Kafka how far.

Runs in a thread of its own until told to stop; all it knows comes from the raw tables and the log, so that it may be
killed at any moment. Raises, and stops, when Kafka or the engine is in trouble that waiting does not mend.
"""

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import structlog

from analytics.ddl import RawTable
from analytics.engine import Engine
from analytics.sink.fold import Holding, PartitionFold
from analytics.sink.quarantine import Quarantine
from analytics.sink.records import EndReached, Explained, Log, LogError, LogUnavailable, Partition, Row, Skipped, Taken
from analytics.sink.resume import resume_holdings
from analytics.sink.topics import SunkTopics
from analytics.sink.writer import PoisonFlood, Writer
from pipeline.events.schema_store import SchemaStore
from pipeline.metrics import SINK_BATCH, SINK_LAG, SINK_ROWS, SINK_SKIPPED, SINK_TIME, Metrics

log = structlog.get_logger("analytics.sink")


@dataclass(frozen=True, slots=True, kw_only=True)
class LoopLimits:
    """How much and how long. A batch ends at the first of rows, octets and linger."""

    batch_rows: int = 50_000
    batch_octets: int = 32 * 1024 * 1024
    linger_s: float = 0.15
    take_rows: int = 5_000
    take_timeout_s: float = 0.1
    discover_every_s: float = 2.0
    ends_every_s: float = 2.0
    commit_every_s: float = 1.0
    poison_limit: int = 1_000
    start_tries: int = 60
    start_pause_s: float = 0.5


@dataclass(slots=True)
class Progress:
    """What the health page shows; written by the loop, read by others."""

    rows: int = 0
    skipped: int = 0
    batches: int = 0
    partitions: int = 0
    last_batch_at: float = 0.0


@dataclass(slots=True)
class _Batch:
    firsts: dict[Partition, int] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    explained: list[Explained] = field(default_factory=list)
    octets: int = 0

    def add(self, outputs: Iterable[Row | Skipped | Explained]) -> None:
        for output in outputs:
            match output:
                case Row():
                    self.rows.append(output)
                    self.octets += len(output.body) + 300
                case Skipped():
                    self.skipped.append(output)
                    self.octets += len(output.value) + 300
                case Explained():
                    self.explained.append(output)


class SinkLoop:
    """One run of the sink over an engine that is migrated and passed the gate."""

    def __init__(
        self,
        *,
        engine: Engine,
        kafka: Log,
        quarantine: Quarantine,
        store: SchemaStore,
        tables: tuple[RawTable, ...],
        epoch: str,
        limits: LoopLimits,
        clock: Callable[[], float] = time.time,
        metrics: Metrics | None = None,
        on_turn: Callable[[], None] = lambda: None,
    ) -> None:
        self.progress = Progress()
        self._engine = engine
        self._log = kafka
        self._quarantine = quarantine
        self._store = store
        self._tables = tables
        self._epoch = epoch
        self._limits = limits
        self._clock = clock
        self._metrics = metrics or Metrics()
        self._on_turn = on_turn
        self._topics = SunkTopics(store)
        self._writer = Writer(engine, store, tables)
        self._holdings: dict[Partition, Holding] = {}
        self._folds: dict[Partition, PartitionFold] = {}
        self._ends: dict[Partition, tuple[int, int]] = {}
        self._committed: dict[Partition, int] = {}
        self._due: dict[str, float] = {}
        self._bad_in_a_row = 0

    def run(self, stop: threading.Event, on_started: Callable[[], None]) -> None:
        """Until `stop` is set; calls `on_started` once the resume point of every partition is known."""
        self._holdings = resume_holdings(self._engine, self._tables)
        try:
            self._discover_first(stop)
            on_started()
            while not stop.is_set():
                self._on_turn()
                self.step()
                self._look_around()
            self._commit()
        finally:
            self._log.close()

    def step(self) -> None:
        """Take one batch and make it durable."""
        batch = _Batch()
        until = self._clock() + self._limits.linger_s
        while True:
            items = self._log.take(self._limits.take_rows, self._limits.take_timeout_s)
            for item in items:
                self._take(batch, item)
            is_full = len(batch.rows) >= self._limits.batch_rows or batch.octets >= self._limits.batch_octets
            if is_full or self._clock() >= until or len(items) < self._limits.take_rows:
                break
        self._write(batch)

    def _look_around(self) -> None:
        try:
            if self._is_due("discover", self._limits.discover_every_s):
                self._discover()
            if self._is_due("ends", self._limits.ends_every_s):
                self._note_ends()
        except LogUnavailable as error:
            log.warning("kafka.silent", error=str(error))
        if self._is_due("commit", self._limits.commit_every_s):
            self._commit()

    def _take(self, batch: _Batch, item: Taken | EndReached) -> None:
        fold = self._folds[item.partition]
        before = fold.next_offset
        batch.add(fold.take(item) if isinstance(item, Taken) else fold.reach_end(item))
        if fold.next_offset > before:
            batch.firsts.setdefault(item.partition, before)

    def _write(self, batch: _Batch) -> None:
        if not (batch.rows or batch.skipped or batch.explained):
            return
        begun = time.monotonic()
        ranges = {part: (first, self._folds[part].next_offset - 1) for part, first in batch.firsts.items()}
        refused = self._writer.write_rows(batch.rows, ranges)
        skipped = [*batch.skipped, *refused]
        for each in skipped:
            log.warning("record.skipped", topic=each.partition.topic, partition=each.partition.number,
                        offset=each.offset, reason=each.reason, detail=each.detail)  # fmt: skip
        self._check_flood(len(batch.rows) - len(refused), len(skipped))
        self._quarantine.report(skipped)
        self._writer.write_notes(skipped, batch.explained, ranges)
        self.progress.rows += len(batch.rows) - len(refused)
        self.progress.skipped += len(skipped)
        self.progress.batches += 1
        self.progress.last_batch_at = self._clock()
        self._tell(len(batch.rows) - len(refused), skipped, time.monotonic() - begun)

    def _tell(self, rows: int, skipped: Iterable[Skipped], seconds: float) -> None:
        self._metrics.add(SINK_ROWS, rows)
        self._metrics.observe(SINK_BATCH, rows)
        self._metrics.observe(SINK_TIME, seconds)
        for each in skipped:
            self._metrics.add(SINK_SKIPPED, reason=each.reason)

    def _check_flood(self, good: int, bad: int) -> None:
        self._bad_in_a_row = bad if good else self._bad_in_a_row + bad
        if self._bad_in_a_row > self._limits.poison_limit:
            raise PoisonFlood(f"{self._bad_in_a_row} unreadable records in a row, limit {self._limits.poison_limit}")

    def _discover_first(self, stop: threading.Event) -> None:
        """At the start topics may be in the making: ask again for a while. Raises LogUnavailable at last."""
        for tries_left in reversed(range(self._limits.start_tries)):
            try:
                self._discover()
                return
            except LogUnavailable as error:
                if not tries_left:
                    raise
                log.warning("kafka.silent", error=str(error))
            if stop.wait(self._limits.start_pause_s):
                return

    def _discover(self) -> None:
        """Begin to read partitions that are new to this run."""
        positions: dict[Partition, int] = {}
        batch = _Batch()
        new = sorted(self._log.partitions() - self._folds.keys())
        for partition, (low, high) in [(each, self._log.ends(each)) for each in new]:
            holding = self._holdings.pop(partition, Holding())
            if holding.last >= high:
                raise LogError(
                    f"{partition.topic}/{partition.number}: offsets to {holding.last} are held, but Kafka's log ends "
                    f"before {high}: this data directory belongs to another cluster"
                )
            fold = self._folds[partition] = self._fold(partition, holding)
            batch.add(fold.start(low))
            if fold.next_offset > holding.first:
                batch.firsts[partition] = holding.first
            positions[partition] = fold.next_offset
            self._ends[partition] = (low, high)
        self._write(batch)
        if positions:
            self._writer.write_ends({part: self._ends[part] for part in positions}, int(self._clock() * 1000))
            self._log.read_from(positions)
            log.info("partitions.found", count=len(positions), topics=sorted({part.topic for part in positions}))
        self.progress.partitions = len(self._folds)

    def _fold(self, partition: Partition, holding: Holding) -> PartitionFold:
        records = self._topics.records_of(partition.topic)
        assert records is not None
        return PartitionFold(
            partition, holding, store=self._store, records=records, epoch=self._epoch, explain=self._explain
        )

    def _explain(self, partition: Partition, first: int, last: int) -> str:
        if self._topics.is_transactional(partition.topic):
            return "transaction"
        if self._log.ends(partition)[0] > last:
            return "retention"
        log.error("offsets.missing", topic=partition.topic, partition=partition.number, first=first, last=last)
        return ""

    def _note_ends(self) -> None:
        changed = {}
        behind = sum(max(0, self._log.known_end(part) - fold.next_offset) for part, fold in self._folds.items())
        self._metrics.set(SINK_LAG, behind)
        for partition in self._folds:
            low, high = self._ends[partition]
            if (known := self._log.known_end(partition)) > high:
                changed[partition] = self._ends[partition] = (low, known)
        self._writer.write_ends(changed, int(self._clock() * 1000))

    def _commit(self) -> None:
        """Tell Kafka what has moved since the last time; an idle partition costs the cluster nothing."""
        reached = {part: fold.next_offset for part, fold in self._folds.items()}
        self._log.commit(dict(reached.items() - self._committed.items()))
        self._committed = reached

    def _is_due(self, what: str, every_s: float) -> bool:
        now = self._clock()
        if now < self._due.setdefault(what, now + every_s):
            return False
        self._due[what] = now + every_s
        return True
