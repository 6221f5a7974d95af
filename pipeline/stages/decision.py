"""What a stage is: a pure fold over one input partition. The nouns that stages and their shells share.

`decide(state, event, *, now, rules) -> Decision`: no I/O, clock or chance inside (DESIGN section 1). The
shell decodes, drops repeats, looks up rules, applies the decision, emits, sets timers and checkpoints.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

import msgspec

from pipeline.domain.rules import Health, Rules
from pipeline.events.codec import AnyRecord

StateValue = msgspec.Struct
"""A value of a stage's state: a frozen struct, stored under a text key such as 'm/<message_id>'."""

T = TypeVar("T", bound=msgspec.Struct)


class StateView(Protocol):
    """Read access to the state of one partition."""

    def get(self, key: str, kind: type[T]) -> T | None:
        """The value under a key, or None. Raises TypeError if it is of another kind (a bug)."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Emit:
    """One record to write: its place among the decision's events is its ordinal."""

    topic: str
    key: str
    record: AnyRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Timer:
    """Fire at `due` (UTC micros, log time) for a message, with a sequence that outdated timers do not have."""

    message_id: str
    recipient_id: str
    account_id: str
    timer_seq: int
    due: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What follows from one record: changed state (None = forget the key), events in order, timers to set."""

    state: Mapping[str, StateValue | None] = field(default_factory=dict)
    events: tuple[Emit, ...] = ()
    wake_at: tuple[Timer, ...] = ()


NOTHING = Decision()


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The rules and health in force at a record."""

    rules: Rules
    health: Health


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """Where the fold stands: the coordinates of the record being decided, for `caused_by`."""

    topic: str
    partition: int
    offset: int

    def __str__(self) -> str:
        return f"{self.topic}/{self.partition}/{self.offset}"


class Stage(Protocol):
    """A stage with state, as its shell sees it.

    `decide` is pure. `timers` gives the timers that a state value has set, so that a new owner finds them again
    after recovery (state is the only memory). `state_kinds` maps the prefix of a key ('m', 'r', 'b') to the
    struct stored under it.
    """

    name: str
    reads: tuple[type[AnyRecord], ...]
    state_kinds: Mapping[str, type[StateValue]]

    def decide(self, state: StateView, event: AnyRecord, *, at: Moment, now: int, rules: Snapshot) -> Decision:
        """The decision on one record; `now` is its log time in UTC micros. Never raises on any valid record."""
        ...

    def timers(self, key: str, value: StateValue) -> tuple[Timer, ...]:
        """Timers that this state value has pending."""
        ...
