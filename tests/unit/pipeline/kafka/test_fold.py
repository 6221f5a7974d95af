"""Laws of the fold of a partition, on fakes: no broker, no clock."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import pytest

from pipeline.domain.rules import Account, Health, Rules
from pipeline.events import topics
from pipeline.events.codec import AnyRecord, Codec
from pipeline.events.headers import Source, headers_of, read_headers
from pipeline.events.records import (
    MessageAccepted,
    MessageDeferred,
    RecordQuarantined,
    SnapshotAdopted,
    TimerFired,
    UsageRecorded,
)
from pipeline.kafka.checkpoint import Fenced
from pipeline.kafka.fold import ROOM, FoldOptions, PartitionFold, PoisonLimit, StageBroken
from pipeline.kafka.output import DeliveryFailed
from pipeline.kafka.ports import InputRecord
from pipeline.kafka.rules_log import SnapshotUnknown
from pipeline.stages.decision import Decision, Emit, Moment, Snapshot, StateValue, StateView, Timer

CODEC = Codec()
MS = 1000


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """Toy state: how often a message was seen, and its timer."""

    count: int = 0
    timer_seq: int = 0
    due: int = 0


class ToyStage:
    """Counts messages; one with valid time sets a timer; a fired timer emits and forgets."""

    name = "toy"
    reads: tuple[type[AnyRecord], ...] = (MessageAccepted, TimerFired)
    state_kinds: Mapping[str, type[StateValue]] = {"m": Seen}

    def __init__(self) -> None:
        self.decided: list[tuple[str, int, int]] = []

    def decide(self, state: StateView, event: AnyRecord, *, at: Moment, now: int, rules: Snapshot) -> Decision:
        assert isinstance(event, MessageAccepted | TimerFired)
        if event.message_id == "bug":
            raise ZeroDivisionError("a bug of decide")
        self.decided.append((event.message_id, now, rules.rules.control_offset))
        key = f"m/{event.message_id}"
        seen = state.get(key, Seen) or Seen()
        if isinstance(event, TimerFired):
            if event.timer_seq != seen.timer_seq:
                return Decision()
            return Decision(state={key: None}, events=(_usage(event.message_id, -1),))
        changed = Seen(count=seen.count + 1, timer_seq=1 if event.expires_at else 0, due=event.expires_at)
        wake_at = self.timers(key, changed)
        if event.message_id == "forgetful":
            return Decision(wake_at=(Timer(message_id="x", recipient_id="", account_id="", timer_seq=1, due=1),))
        return Decision(state={key: changed}, events=(_usage(event.message_id, changed.count),), wake_at=wake_at)

    def timers(self, key: str, value: StateValue) -> tuple[Timer, ...]:
        assert isinstance(value, Seen)
        if not value.timer_seq:
            return ()
        name = key.removeprefix("m/")
        return (Timer(message_id=name, recipient_id="r", account_id="a", timer_seq=value.timer_seq, due=value.due),)


def _usage(message_id: str, part: int) -> Emit:
    return Emit(topic=topics.USAGE, key="a", record=UsageRecorded(message_id=message_id, part=part))


class FakeEmitter:
    """Remembers what was sent, and what had been settled."""

    def __init__(self, journal: list[str] | None = None) -> None:
        self.sent: list[tuple[str, str, AnyRecord, Source | None, str, int | None]] = []
        self.is_failing = False
        self.journal = journal if journal is not None else []

    async def send(
        self,
        topic: str,
        key: str,
        value: bytes,
        headers: Sequence[tuple[str, bytes]] = (),
        partition: int | None = None,
    ) -> None:
        source, epoch = read_headers(headers)
        self.sent.append((topic, key, CODEC.decode(value), source, epoch, partition))
        self.journal.append(f"send {topic}")

    async def settle(self) -> None:
        self.journal.append("settle")
        if self.is_failing:
            raise DeliveryFailed("broker said no")

    def to(self, topic: str) -> list[AnyRecord]:
        return [record for name, _, record, _, _, _ in self.sent if name == topic]


class FakeStore:
    """A checkpoint store whose content outlives its owners."""

    def __init__(self, values: dict[str, bytes] | None = None, journal: list[str] | None = None) -> None:
        self.values = {} if values is None else values
        self.saves: list[Mapping[str, bytes | None]] = []
        self.is_fenced = False
        self.journal = journal if journal is not None else []

    async def open(self) -> Mapping[str, bytes]:
        return dict(self.values)

    async def save(self, changes: Mapping[str, bytes | None]) -> None:
        if self.is_fenced:
            raise Fenced("another owner")
        self.journal.append("save")
        self.saves.append(changes)
        for key, value in changes.items():
            if value is None:
                self.values.pop(key, None)
            else:
                self.values[key] = value

    async def close(self) -> None:
        self.journal.append("close")


class FakeRules:
    """Snapshots by offset; `load` makes one known."""

    def __init__(self) -> None:
        self.loaded: set[int] = {-1}
        self.health: set[int] = {-1}
        self.gone: set[int] = set()
        self._moved = asyncio.Event()

    def load(self, control: int, health: int = -1) -> None:
        self.loaded.add(control)
        self.health.add(health)
        self._moved.set()

    def newest(self) -> tuple[int, int]:
        return max(self.loaded), max(self.health)

    def at(self, control_offset: int, health_offset: int) -> Snapshot | None:
        if control_offset not in self.loaded or health_offset not in self.health:
            return None
        accounts = {"a": Account(id="a", tariff="t")}
        rules = Rules(control_offset=control_offset, accounts=accounts)
        return Snapshot(rules=rules, health=Health(health_offset=health_offset))

    async def wait_for(self, control_offset: int, health_offset: int) -> Snapshot:
        if control_offset in self.gone:
            raise SnapshotUnknown(f"{control_offset} is not a revision")
        while (found := self.at(control_offset, health_offset)) is None:
            self._moved.clear()
            await self._moved.wait()
        return found


class Bench:
    """A fold with its fakes; `again` is the next owner of the same partition."""

    def __init__(self, values: dict[str, bytes] | None = None, *, poison_limit: int = 1000) -> None:
        self.journal: list[str] = []
        self.stage = ToyStage()
        self.emitter = FakeEmitter(self.journal)
        self.store = FakeStore(values, self.journal)
        self.rules = FakeRules()
        self.fold = PartitionFold(
            self.stage,
            topics.LIFECYCLE,
            0,
            emitter=self.emitter,
            store=self.store,
            rules=self.rules,
            codec=CODEC,
            options=FoldOptions(poison_limit=poison_limit),
        )

    async def opened(self) -> "Bench":
        await self.fold.open()
        return self

    async def again(self) -> "Bench":
        return await Bench(self.store.values).opened()


async def a_bench(*, poison_limit: int = 1000) -> Bench:
    return await Bench(poison_limit=poison_limit).opened()


def a_record(
    offset: int,
    record: AnyRecord | bytes,
    *,
    source: Source | None = None,
    epoch: str = "live",
    timestamp_ms: int = 1_000,
) -> InputRecord:
    value = record if isinstance(record, bytes) else CODEC.encode(record)
    headers = headers_of(source, epoch)
    return InputRecord(topics.LIFECYCLE, 0, offset, timestamp_ms, value, headers)


def an_accepted(message_id: str = "m1", *, expires_at: int = 0, control_offset: int = -1) -> MessageAccepted:
    return MessageAccepted(message_id=message_id, expires_at=expires_at, control_offset=control_offset)


async def test_an_output_names_the_record_it_came_from_and_the_epoch() -> None:
    bench = await a_bench()
    await bench.fold.apply([a_record(7, an_accepted())])
    topic, key, _, source, epoch, partition = bench.emitter.sent[0]
    assert (topic, key, source, epoch, partition) == (
        topics.USAGE,
        "a",
        Source(topics.LIFECYCLE, 0, 7, 0),
        "live",
        None,
    )


async def test_a_repeat_is_dropped_by_where_it_came_from() -> None:
    bench = await a_bench()
    first, second = Source("sms.submitted.x.express", 0, 4, 0), Source("sms.submitted.x.express", 0, 5, 0)
    await bench.fold.apply(
        [a_record(0, an_accepted("m1"), source=first), a_record(1, an_accepted("m2"), source=second)]
    )
    await bench.fold.apply(
        [a_record(2, an_accepted("m1"), source=first), a_record(3, an_accepted("m2"), source=second)]
    )
    assert [message_id for message_id, _, _ in bench.stage.decided] == ["m1", "m2"]
    assert bench.fold.applied == 3


async def test_a_repeat_is_still_dropped_by_the_next_owner() -> None:
    bench = await a_bench()
    source = Source("sms.submitted.x.express", 0, 4, 0)
    await bench.fold.apply([a_record(0, an_accepted(), source=source)])
    await bench.fold.checkpoint()
    heir = await bench.again()
    await heir.fold.apply([a_record(1, an_accepted(), source=source)])
    assert heir.stage.decided == []


async def test_a_foreign_epoch_is_quarantined_and_never_decided() -> None:
    bench = await a_bench()
    await bench.fold.apply([a_record(0, an_accepted(), epoch="replay-1"), a_record(1, an_accepted(), epoch="")])
    quarantined = bench.emitter.to(topics.QUARANTINE)
    assert bench.stage.decided == []
    assert [each.reason for each in quarantined if isinstance(each, RecordQuarantined)] == ["foreign-epoch"] * 2


async def test_a_foreign_epoch_does_not_move_the_watermark() -> None:
    bench = await a_bench()
    source = Source("sms.submitted.x.express", 0, 4, 0)
    await bench.fold.apply(
        [a_record(0, an_accepted(), source=source, epoch="replay"), a_record(1, an_accepted(), source=source)]
    )
    assert len(bench.stage.decided) == 1


async def test_whatever_is_written_may_wait_for_room_without_being_taken_for_stuck() -> None:
    bench = await a_bench()
    excuses: dict[str, str] = {}
    send = bench.emitter.send

    async def noted(topic: str, *arguments: Any, **more: Any) -> None:
        excuses[topic] = bench.fold.waits_for
        await send(topic, *arguments, **more)

    bench.emitter.send = noted  # type: ignore[method-assign]
    bench.rules.load(7)
    await bench.fold.adopt_newer(2_000_000)
    await bench.fold.apply([a_record(0, an_accepted()), a_record(1, b"no avro")])
    assert excuses == dict.fromkeys([topics.LIFECYCLE, topics.USAGE, topics.QUARANTINE], ROOM)
    assert bench.fold.waits_for == ""


async def test_poison_is_quarantined_with_its_coordinates_and_stops_nobody() -> None:
    bench = await a_bench()
    await bench.fold.apply([a_record(5, b"not avro"), a_record(6, an_accepted())])
    (poison,) = bench.emitter.to(topics.QUARANTINE)
    assert isinstance(poison, RecordQuarantined)
    assert (poison.reader, poison.source_topic, poison.source_offset, poison.reason, poison.value_size) == (
        "toy",
        topics.LIFECYCLE,
        5,
        "not-avro",
        8,
    )
    assert poison.sealed_value == b""
    assert len(bench.stage.decided) == 1


async def test_a_record_that_the_stage_does_not_read_is_poison() -> None:
    bench = await a_bench()
    await bench.fold.apply([a_record(0, MessageDeferred(message_id="m"))])
    (poison,) = bench.emitter.to(topics.QUARANTINE)
    assert isinstance(poison, RecordQuarantined)
    assert poison.reason == "wrong-schema"


async def test_too_much_poison_in_a_row_stops_loudly() -> None:
    bench = await a_bench(poison_limit=3)
    await bench.fold.apply([a_record(offset, b"x") for offset in range(3)])
    with pytest.raises(PoisonLimit, match=r"sms\.lifecycle/0/3"):
        await bench.fold.apply([a_record(3, b"x")])


async def test_poison_in_a_row_is_counted_across_owners() -> None:
    bench = await a_bench(poison_limit=3)
    await bench.fold.apply([a_record(offset, b"x") for offset in range(3)])
    await bench.fold.checkpoint()
    heir = await Bench(bench.store.values, poison_limit=3).opened()
    with pytest.raises(PoisonLimit):
        await heir.fold.apply([a_record(3, b"x")])


async def test_a_good_record_ends_a_row_of_poison() -> None:
    bench = await a_bench(poison_limit=2)
    for offset in range(0, 9, 3):
        await bench.fold.apply(
            [a_record(offset, b"x"), a_record(offset + 1, b"x"), a_record(offset + 2, an_accepted())]
        )
    assert len(bench.stage.decided) == 3


async def test_a_record_that_names_a_newer_snapshot_waits_until_it_is_loaded() -> None:
    bench = await a_bench()
    applying = asyncio.create_task(bench.fold.apply([a_record(0, an_accepted(control_offset=12))]))
    await asyncio.sleep(0)
    assert bench.stage.decided == []
    bench.rules.load(12)
    await applying
    assert bench.stage.decided == [("m1", 1_000 * MS, 12)]


async def test_rules_that_are_loaded_but_not_named_by_the_log_are_not_used() -> None:
    bench = await a_bench()
    bench.rules.load(12)
    await bench.fold.apply([a_record(0, an_accepted())])
    assert bench.stage.decided[0][2] == -1


async def test_the_newest_snapshot_that_the_log_named_stays_in_force() -> None:
    bench = await a_bench()
    bench.rules.load(5)
    bench.rules.load(12, 3)
    adopted = SnapshotAdopted(control_offset=12, health_offset=3, stage="toy")
    await bench.fold.apply([a_record(0, adopted), a_record(1, an_accepted(control_offset=5))])
    assert bench.stage.decided[0][2] == 12
    await bench.fold.checkpoint()
    heir = Bench(bench.store.values)
    heir.rules.load(12)  # health 3 is gone from its log: the checkpoint has it
    await heir.opened()
    await heir.fold.apply([a_record(2, an_accepted("m2"))])
    assert heir.stage.decided[0][2] == 12


async def test_an_offset_that_is_no_snapshot_is_poison() -> None:
    bench = await a_bench()
    bench.rules.gone.add(9)
    await bench.fold.apply([a_record(0, an_accepted(control_offset=9))])
    (poison,) = bench.emitter.to(topics.QUARANTINE)
    assert isinstance(poison, RecordQuarantined)
    assert poison.reason == "unknown-snapshot"


async def test_an_adoption_is_written_once_a_pair_and_at_most_once_a_second() -> None:
    bench = await a_bench()
    bench.rules.load(4, 1)
    assert await bench.fold.adopt_newer(10_000_000)
    assert not await bench.fold.adopt_newer(99_000_000)
    bench.rules.load(4, 2)
    bench.rules.load(4, 3)
    assert await bench.fold.adopt_newer(100_000_000)
    bench.rules.load(4, 4)
    assert not await bench.fold.adopt_newer(100_500_000)
    assert await bench.fold.adopt_newer(101_500_000)
    adopted = bench.emitter.to(topics.LIFECYCLE)
    assert [each.health_offset for each in adopted if isinstance(each, SnapshotAdopted)] == [1, 3, 4]
    assert all(partition == 0 for *_, partition in bench.emitter.sent)


async def test_now_is_log_time_and_never_goes_back() -> None:
    bench = await a_bench()
    await bench.fold.apply(
        [a_record(0, an_accepted("m1"), timestamp_ms=50), a_record(1, an_accepted("m2"), timestamp_ms=40)]
    )
    assert [now for _, now, _ in bench.stage.decided] == [50 * MS, 50 * MS]


async def test_a_timer_fires_once_into_its_own_partition() -> None:
    bench = await a_bench()
    await bench.fold.apply([a_record(0, an_accepted(expires_at=5_000_000))])
    assert await bench.fold.fire_timers(4_999_999) == 0
    assert await bench.fold.fire_timers(5_001_000) == 1
    assert await bench.fold.fire_timers(9_000_000) == 0
    topic, key, record, source, epoch, partition = bench.emitter.sent[-1]
    assert isinstance(record, TimerFired)
    assert (topic, key, source, epoch, partition) == (topics.LIFECYCLE, "r", None, "live", 0)
    assert (record.message_id, record.timer_seq, record.due) == ("m1", 1, 5_000_000)


async def test_a_timer_is_found_again_by_the_next_owner() -> None:
    bench = await a_bench()
    await bench.fold.apply([a_record(0, an_accepted(expires_at=5_000_000))])
    await bench.fold.checkpoint()
    heir = await bench.again()
    assert heir.fold.next_timer() == 5_001_000
    assert await heir.fold.fire_timers(6_000_000) == 1


async def test_a_timer_written_twice_is_decided_once() -> None:
    bench = await a_bench()
    fired = TimerFired(message_id="m1", timer_seq=1, due=5_000_000)
    await bench.fold.apply([a_record(0, an_accepted(expires_at=5_000_000)), a_record(1, fired), a_record(2, fired)])
    usages = [each.part for each in bench.emitter.to(topics.USAGE) if isinstance(each, UsageRecorded)]
    assert usages == [1, -1]


async def test_a_timer_whose_message_went_on_is_not_written() -> None:
    bench = await a_bench()
    fired = TimerFired(message_id="m1", timer_seq=1, due=5_000_000)
    await bench.fold.apply([a_record(0, an_accepted(expires_at=5_000_000)), a_record(1, fired)])
    assert await bench.fold.fire_timers(9_000_000) == 0


async def test_a_timer_that_state_does_not_remember_is_a_bug() -> None:
    bench = await a_bench()
    with pytest.raises(StageBroken):
        await bench.fold.apply([a_record(0, an_accepted("forgetful"))])


async def test_a_bug_of_a_stage_is_not_skipped() -> None:
    bench = await a_bench()
    with pytest.raises(ZeroDivisionError):
        await bench.fold.apply([a_record(0, an_accepted("bug"))])
    assert bench.fold.applied == -1


async def test_outputs_come_before_the_checkpoint() -> None:
    bench = await a_bench()
    await bench.fold.apply([a_record(0, an_accepted())])
    assert await bench.fold.checkpoint() == 0
    assert bench.journal == [f"send {topics.USAGE}", "settle", "save"]


async def test_without_all_outputs_there_is_no_checkpoint() -> None:
    bench = await a_bench()
    await bench.fold.apply([a_record(0, an_accepted())])
    bench.emitter.is_failing = True
    with pytest.raises(DeliveryFailed):
        await bench.fold.checkpoint()
    assert bench.store.saves == []


async def test_a_fenced_owner_learns_it_at_its_checkpoint() -> None:
    bench = await a_bench()
    await bench.fold.apply([a_record(0, an_accepted())])
    bench.store.is_fenced = True
    with pytest.raises(Fenced):
        await bench.fold.checkpoint()


async def test_the_next_owner_goes_on_after_the_applied_offset_and_redoes_nothing() -> None:
    bench = await a_bench()
    await bench.fold.apply([a_record(0, an_accepted("m1")), a_record(1, an_accepted("m2"))])
    await bench.fold.checkpoint()
    heir = await bench.again()
    await heir.fold.apply(
        [a_record(0, an_accepted("m1")), a_record(1, an_accepted("m2")), a_record(2, an_accepted("m1"))]
    )
    assert [message_id for message_id, _, _ in heir.stage.decided] == ["m1"]
    (usage,) = heir.emitter.to(topics.USAGE)
    assert isinstance(usage, UsageRecorded)
    assert usage.part == 2


async def test_what_was_not_checkpointed_is_redone_to_the_same_bytes() -> None:
    bench = await a_bench()
    records = [a_record(0, an_accepted("m1")), a_record(1, an_accepted("m1"))]
    await bench.fold.apply(records)
    heir = await bench.again()
    await heir.fold.apply(records)
    assert heir.emitter.sent == bench.emitter.sent


async def test_a_checkpoint_writes_only_what_changed() -> None:
    bench = await a_bench()
    await bench.fold.apply([a_record(0, an_accepted("m1")), a_record(1, an_accepted("m2"))])
    await bench.fold.checkpoint()
    await bench.fold.apply([a_record(2, an_accepted("m2"))])
    await bench.fold.checkpoint()
    await bench.fold.checkpoint()
    assert [sorted(save) for save in bench.store.saves] == [["!progress", "m/m1", "m/m2"], ["!progress", "m/m2"]]
