"""The fold of one input partition: everything of a stage but Faust and Kafka, over ports.

For each record in offset order: drop what was applied, drop repeats, quarantine what is foreign or unreadable, take
the snapshot that the log says, decide, apply, emit. Then outputs, then checkpoint, then offsets (DESIGN
section 1). One task at a time calls this; nothing in it looks at a clock.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from pipeline.domain.rules import Health, Rules
from pipeline.events import topics
from pipeline.events.codec import AnyRecord, Codec, Poison
from pipeline.events.headers import Source, Watermarks, coordinates, headers_of, read_headers
from pipeline.events.records import RecordQuarantined, SnapshotAdopted, TimerFired
from pipeline.kafka.ports import CheckpointStore, Emitter, InputRecord, RulesSource
from pipeline.kafka.progress import (
    HEALTH,
    PROGRESS,
    Progress,
    decode_health,
    decode_progress,
    decode_watermarks,
    encode_health,
    encode_progress,
    encode_watermark,
    watermark_key,
)
from pipeline.kafka.rules_log import SnapshotUnknown
from pipeline.kafka.state import PartitionState
from pipeline.kafka.tally import Tally
from pipeline.kafka.timers import TimerWheel
from pipeline.stages.decision import Decision, Moment, Snapshot, Stage, Timer
from pipeline.tracing import message_id_in

if TYPE_CHECKING:  # the SDK of the traces is for processes that trace
    from pipeline.spans import Spans

log = structlog.get_logger(__name__)

POISON_LIMIT = 1000
ADOPTION_PAUSE_US = 1_000_000
"""At least so long between two adoptions of a partition, so that health that flaps does not fill the log."""
CLOCK_GRAIN_US = 1000
"""The log's timestamps are cut to milliseconds: a timer fired in its own millisecond would seem early."""

ROOM, ACKNOWLEDGEMENTS = "room in the output", "acknowledgements of the output"
"""What a fold may wait for besides a snapshot: no fault of its own."""


class PoisonLimit(Exception):
    """Too many records in a row could not be read: something is wrong upstream; a person has to look."""


class StageBroken(Exception):
    """A stage broke its contract (a bug): stop, and do not skip the record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoldOptions:
    """How strict a fold is."""

    epoch: str = "live"
    poison_limit: int = POISON_LIMIT


class PartitionFold:
    """One partition of one stage. `open`, then any of the others, then `close`. Anything raised is fatal to it."""

    def __init__(
        self,
        stage: Stage,
        topic: str,
        partition: int,
        *,
        emitter: Emitter,
        store: CheckpointStore,
        rules: RulesSource,
        codec: Codec,
        options: FoldOptions | None = None,
        spans: "Spans | None" = None,
    ) -> None:
        self.stage = stage
        self.topic = topic
        self.partition = partition
        self._emitter = emitter
        self._store = store
        self._rules = rules
        self._codec = codec
        self._options = options or FoldOptions()
        self._spans = spans
        self.tally = Tally()  # the owner tells it and begins it anew
        self.waits_for = ""  # what it waits for right now: others look
        self._reads = tuple({*stage.reads, SnapshotAdopted})
        self.progress = Progress()
        self._watermarks = Watermarks()
        self._state = PartitionState(stage.state_kinds, {})
        self._snapshot = Snapshot(rules=Rules(), health=Health())
        self._timers = TimerWheel()
        self._written = (-1, -1)
        self._written_at = 0
        self._is_dirty = False
        self._has_new_health = False
        self._moved_watermarks: set[tuple[str, int]] = set()

    async def open(self) -> None:
        """Become the owner, and remember: state, watermarks, timers, how far it was. Raises as the store does."""
        stored = await self._store.open()
        self.progress = decode_progress(stored.get(PROGRESS))
        self._watermarks = decode_watermarks(stored)
        self._state = PartitionState(self.stage.state_kinds, stored)
        for key, value in self._state.items():
            self._timers.replace(key, self.stage.timers(key, value))
        self._written = (self.progress.control_offset, self.progress.health_offset)
        rules = await self._rules.wait_for(self.progress.control_offset, -1)
        self._snapshot = Snapshot(rules=rules.rules, health=decode_health(stored.get(HEALTH)))
        log.info(
            "fold.opened",
            stage=self.stage.name,
            partition=self.partition,
            applied=self.progress.applied,
            values=len(self._state),
        )

    @property
    def is_dirty(self) -> bool:
        """Whether anything was applied since the last checkpoint."""
        return self._is_dirty

    @property
    def applied(self) -> int:
        """Offset of the last record applied; -1 before the first. In memory: see `checkpoint`."""
        return self.progress.applied

    @property
    def pending_timers(self) -> int:
        """How many timers are armed."""
        return len(self._timers)

    async def apply(self, records: Iterable[InputRecord]) -> None:
        """Apply records in offset order.

        Raises PoisonLimit, StageBroken, what the emitter raises, and whatever a broken `decide` raises.
        """
        for record in records:
            if record.offset <= self.progress.applied:
                continue
            self.progress.now = max(self.progress.now, record.timestamp_ms * 1000)
            self.tally.read += 1
            try:
                event = self._read(record)
                if event is not None:
                    await self._take_snapshot_of(event)
            except (Poison, SnapshotUnknown) as why:
                poison = why if isinstance(why, Poison) else Poison("unknown-snapshot", str(why))
                await self._quarantine(record, poison)
            else:
                if event is not None:
                    await self._decide(record, event)
                self.progress.poison_in_a_row = 0
            self.progress.applied = record.offset
            self._is_dirty = True

    async def checkpoint(self) -> int:
        """Make all that was applied durable: outputs first, then state in one transaction.

        Returns the applied offset, which may be committed now. Raises DeliveryFailed (nothing is saved then), Fenced.
        """
        self.waits_for = ACKNOWLEDGEMENTS
        await self._emitter.settle()
        self.waits_for = ""
        if self._is_dirty:
            changes = self._state.changes()
            seen = self._watermarks.seen
            changes |= {watermark_key(each): encode_watermark(seen[each]) for each in self._moved_watermarks}
            changes[PROGRESS] = encode_progress(self.progress)
            if self._has_new_health:
                changes[HEALTH] = encode_health(self._snapshot.health)
            await self._store.save(changes)
            self._state.forget_changes()
            self._moved_watermarks.clear()
            self._is_dirty = self._has_new_health = False
        return self.progress.applied

    async def close(self) -> None:
        await self._store.close()

    def next_timer(self) -> int | None:
        """When there is a timer to fire (UTC micros), or None."""
        due = self._timers.next_due()
        return None if due is None else due + CLOCK_GRAIN_US

    async def fire_timers(self, wall_now_us: int) -> int:
        """Write TimerFired to the own input partition for each timer due; returns how many."""
        due = self._timers.take_due(wall_now_us - CLOCK_GRAIN_US)
        for timer in due:
            record = TimerFired(
                message_id=timer.message_id,
                account_id=timer.account_id,
                recipient_id=timer.recipient_id,
                caused_by=f"timer/{timer.timer_seq}",
                occurred_at=wall_now_us,
                timer_seq=timer.timer_seq,
                due=timer.due,
            )
            await self._write_to_own(timer.recipient_id, record)
        return len(due)

    async def adopt_newer(self, wall_now_us: int) -> bool:
        """Write SnapshotAdopted to the own input partition if rules or health are newer than what it last said.

        Once a pair of snapshots, and at most once a second; it is in force from that record on, not before.
        """
        control, health = self._rules.newest()
        newest = (max(control, self._written[0]), max(health, self._written[1]))
        if newest == self._written or wall_now_us - self._written_at < ADOPTION_PAUSE_US:
            return False
        record = SnapshotAdopted(
            occurred_at=wall_now_us, control_offset=newest[0], health_offset=newest[1], stage=self.stage.name
        )
        await self._write_to_own("", record)
        self._written, self._written_at = newest, wall_now_us
        return True

    def _read(self, record: InputRecord) -> AnyRecord | None:
        """The event to decide on, or None for a repeat. Raises Poison for what must not be decided."""
        try:
            source, epoch = read_headers(record.headers)
        except ValueError as error:
            raise Poison("bad-headers", str(error)) from error
        if epoch != self._options.epoch:
            raise Poison("foreign-epoch", f"epoch={epoch!r}, expected {self._options.epoch!r}")
        if source is not None:
            if not self._watermarks.admit(source):
                self.tally.repeats += 1
                return None
            self._moved_watermarks.add((source.topic, source.partition))
        return self._codec.decode(record.value, *self._reads)

    async def _take_snapshot_of(self, event: AnyRecord) -> None:
        """Put in force the newest snapshot that the log has named up to and including this event."""
        progress = self.progress
        if isinstance(event, SnapshotAdopted) and event.stage != self.stage.name:
            return
        control = max(progress.control_offset, getattr(event, "control_offset", -1))
        health = max(progress.health_offset, getattr(event, "health_offset", -1))
        if (control, health) == (progress.control_offset, progress.health_offset):
            return
        self._snapshot = await self._snapshot_at(control, health)
        self._has_new_health |= health != progress.health_offset
        progress.control_offset, progress.health_offset = control, health
        self._written = (max(control, self._written[0]), max(health, self._written[1]))

    async def _snapshot_at(self, control: int, health: int) -> Snapshot:
        found = self._rules.at(control, health)
        if found is not None:
            return found
        log.info("fold.waiting", stage=self.stage.name, control_offset=control, health_offset=health)
        self.waits_for = f"rules {control} and health {health}"
        try:
            return await self._rules.wait_for(control, health)
        finally:
            self.waits_for = ""

    async def _decide(self, record: InputRecord, event: AnyRecord) -> None:
        if not isinstance(event, self.stage.reads):
            return
        at = (record.topic, record.partition, record.offset)
        moment = Moment(topic=record.topic, partition=record.partition, offset=record.offset)
        decision = self.stage.decide(self._state, event, at=moment, now=self.progress.now, rules=self._snapshot)
        self._change(decision)
        self.tally.decided[type(event).__name__] += 1
        hop = None if self._spans is None else self._spans.decision(event, *at, record.headers)
        for ordinal, emit in enumerate(decision.events):
            source = Source(record.topic, record.partition, record.offset, ordinal)
            headers = headers_of(source, self._options.epoch)
            if hop is not None:
                headers += hop.headers_of(message_id_in(emit.record))
            value = self._codec.encode(emit.record)
            await self._send(emit.topic, emit.key, value, headers)
            self.tally.written[emit.topic] += 1
        if self._spans is not None and hop is not None:
            written = [emit.record for emit in decision.events]
            self._spans.decided(hop, self.stage.name, event, *at, written, start_us=record.timestamp_ms * 1000)

    def _change(self, decision: Decision) -> None:
        armed: set[Timer] = set()
        for key, value in decision.state.items():
            self._state.put(key, value)
            timers = () if value is None else self.stage.timers(key, value)
            self._timers.replace(key, timers)
            armed.update(timers)
        for timer in decision.wake_at:
            if timer not in armed:  # it would be forgotten by the next owner
                raise StageBroken(f"{self.stage.name}: timer {timer} was set, but no changed state value names it")

    async def _quarantine(self, record: InputRecord, poison: Poison) -> None:
        value = record.value or b""
        where = coordinates(record.topic, record.partition, record.offset)
        log.warning("record.quarantined", stage=self.stage.name, source=where, reason=poison.reason)
        self.tally.quarantined[poison.reason] += 1
        quarantined = RecordQuarantined(
            caused_by=where,
            occurred_at=self.progress.now,
            reader=self.stage.name,
            source_topic=record.topic,
            source_partition=record.partition,
            source_offset=record.offset,
            source_timestamp=record.timestamp_ms * 1000,
            reason=poison.reason,
            detail=poison.detail,
            value_size=len(value),
            value_sha256=hashlib.sha256(value).hexdigest(),
        )
        source = Source(record.topic, record.partition, record.offset, 0)
        headers = headers_of(source, self._options.epoch)
        await self._send(topics.QUARANTINE, where, self._codec.encode(quarantined), headers)
        self.progress.poison_in_a_row += 1
        if self.progress.poison_in_a_row > self._options.poison_limit:
            raise PoisonLimit(
                f"{where}: {self.progress.poison_in_a_row} records in a row could not be read "
                f"(limit {self._options.poison_limit}), the last one: {poison}"
            )

    async def _write_to_own(self, key: str, record: AnyRecord) -> None:
        headers = headers_of(None, self._options.epoch)
        await self._send(self.topic, key, self._codec.encode(record), headers, self.partition)

    async def _send(
        self, topic: str, key: str, value: bytes, headers: list[tuple[str, bytes]], partition: int | None = None
    ) -> None:
        self.waits_for = ROOM
        await self._emitter.send(topic, key, value, headers, partition)
        self.waits_for = ""
