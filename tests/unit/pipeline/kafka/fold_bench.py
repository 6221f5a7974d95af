"""A fold of one partition over fakes, with a toy stage: no broker, no clock."""

import asyncio
from collections.abc import Mapping, Sequence

import msgspec

from pipeline.domain.rules import Account, Health, Rules
from pipeline.events import topics
from pipeline.events.codec import AnyRecord, Codec
from pipeline.events.headers import Source, headers_of, read_headers
from pipeline.events.records import MessageAccepted, TimerFired, UsageRecorded
from pipeline.kafka.checkpoint import Fenced
from pipeline.kafka.fold import FoldOptions, PartitionFold
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
