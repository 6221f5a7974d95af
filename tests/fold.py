"""A stage driven by hand: records in order, offsets and log time that rise, timers that fire when time passes.

The driver holds the stage to its contract at every step: what it emits stands in the catalogue of topics and
survives its schema, its state survives storing, and its timers can be found again from the state alone.
"""

from typing import TypeVar

import msgspec

from pipeline.events.codec import AnyRecord
from pipeline.events.records import TimerFired
from pipeline.stages.decision import Decision, Emit, Moment, Snapshot, Stage, StateValue, Timer
from tests.builders import CODEC, NOW, SECOND, a_snapshot
from tests.catalogue import entry_of

T = TypeVar("T", bound=msgspec.Struct)
R = TypeVar("R")


class DictState(dict[str, StateValue]):
    """A StateView over a dict."""

    def get(self, key: str, kind: type[T]) -> T | None:  # type: ignore[override]
        value = super().get(key)
        if value is not None and not isinstance(value, kind):
            raise TypeError(f"{key} holds {type(value).__name__}, expected {kind.__name__}")
        return value


class Fold:
    """One input partition of one stage. `emitted` is everything so far; `give` returns what one record led to."""

    def __init__(self, stage: Stage, snapshot: Snapshot | None = None, *, topic: str = "sms.lifecycle") -> None:
        self.stage = stage
        self.snapshot = snapshot or a_snapshot()
        self.topic = topic
        self.now = NOW
        self.offset = 0
        self.state = DictState()
        self.timers: dict[str, Timer] = {}
        self.emitted: list[Emit] = []
        self.log: list[tuple[int, int, AnyRecord]] = []

    def give(self, *records: AnyRecord) -> list[AnyRecord]:
        """Decide on these records, in order; what was emitted."""
        return [emit.record for record in records for emit in self._step(record).events]

    def pass_time(self, seconds: float) -> list[AnyRecord]:
        """Let log time pass; timers that come due fire in order, each at its time. What was emitted."""
        until = self.now + int(seconds * SECOND)
        out: list[AnyRecord] = []
        while due := sorted((t for t in self.timers.values() if t.due <= until), key=lambda t: (t.due, t.message_id)):
            self.now = max(self.now, due[0].due)
            out += self.fire(due[0])
        self.now = until
        return out

    def fire(self, timer: Timer) -> list[AnyRecord]:
        """Write a timer's record now, due or not, current or not."""
        if self.timers.get(timer.message_id) == timer:
            del self.timers[timer.message_id]
        return self.give(
            TimerFired(
                message_id=timer.message_id,
                account_id=timer.account_id,
                recipient_id=timer.recipient_id,
                occurred_at=self.now,
                timer_seq=timer.timer_seq,
                due=timer.due,
            )
        )

    def all(self, kind: type[R]) -> list[R]:
        """Every record of a kind emitted so far, in order."""
        return [emit.record for emit in self.emitted if isinstance(emit.record, kind)]

    def last(self, kind: type[R]) -> R:
        found = self.all(kind)
        assert found, f"no {kind.__name__} was emitted"
        return found[-1]

    def encoded(self) -> list[tuple[str, str, bytes]]:
        """Topic, key and Kafka value of everything emitted."""
        return [(emit.topic, emit.key, CODEC.encode(emit.record)) for emit in self.emitted]

    def _step(self, record: AnyRecord) -> Decision:
        assert type(record).__name__ in entry_of(self.topic).records, f"{record} does not belong in {self.topic}"
        at = Moment(topic=self.topic, partition=0, offset=self.offset)
        before = dict(self.state)
        decision = self.stage.decide(self.state, record, at=at, now=self.now, rules=self.snapshot)
        assert dict(self.state) == before, "decide changed the state that it was given"
        self.log.append((self.offset, self.now, record))
        self.offset += 1
        self._apply(decision)
        self._hold_to_contract(decision)
        return decision

    def _apply(self, decision: Decision) -> None:
        for key, value in decision.state.items():
            if value is None:
                gone = self.state.pop(key, None)
                if gone is not None:
                    self.timers.pop(getattr(gone, "message_id", ""), None)
            else:
                self.state[key] = value
        for timer in decision.wake_at:
            self.timers[timer.message_id] = timer
        self.emitted += decision.events

    def _hold_to_contract(self, decision: Decision) -> None:
        for emit in decision.events:
            entry = entry_of(emit.topic)
            name = type(emit.record).__name__
            assert name in entry.records, f"{name} was written to {emit.topic}, which holds {entry.records}"
            assert CODEC.decode(CODEC.encode(emit.record)) == emit.record
        for key, value in decision.state.items():
            if value is None:
                continue
            kind = self.stage.state_kinds[key.partition("/")[0]]
            assert msgspec.msgpack.decode(msgspec.msgpack.encode(value), type=kind) == value
            mine = tuple(timer for timer in self.timers.values() if timer in self.stage.timers(key, value))
            assert mine == self.stage.timers(key, value), f"timers of {key} cannot be found again from its state"
