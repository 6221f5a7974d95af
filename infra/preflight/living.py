"""What routing makes of an accepted message up to the carrier: its own stage is asked, and a schedule's timer fired.

Routing writes its candidates down where it has chosen; where it has not, they are asked of the same `choose`.
"""

from dataclasses import dataclass

from infra.preflight.basis import Basis
from pipeline.domain.status import MessageState
from pipeline.events import topics
from pipeline.events.codec import AnyRecord
from pipeline.events.records import (
    MessageAccepted,
    MessageRouted,
    MessageStatusChanged,
    RouteCandidate,
    TimerFired,
)
from pipeline.kafka.state import PartitionState
from pipeline.stages.decision import Decision, Moment, Timer
from pipeline.stages.routing import Routing
from pipeline.stages.routing.choice import choose
from pipeline.stages.routing.release import load_of
from pipeline.stages.routing.state import Message, Recipient, message_key, recipient_key

NO_ROUTE = "no-route"


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """A message up to the carrier. `decided_at`: when (UTC micros) the last decision fell, by the rules of then.

    `message` is what routing remembers of it, None of a repeat; `routed` None if no carrier was chosen.
    """

    told: tuple[MessageStatusChanged, ...]
    routed: MessageRouted | None
    message: Message | None
    candidates: tuple[RouteCandidate, ...]
    decided_at: int

    @property
    def rejection(self) -> MessageStatusChanged | None:
        """The status with which routing ended it; None if it goes on."""
        last = self.told[-1]
        return last if last.is_final else None


class RoutingAsked:
    """Routing, with nothing in its state but the idempotency keys that this run has seen."""

    def __init__(self, basis: Basis) -> None:
        self._basis = basis
        self._stage = Routing()
        self._state = PartitionState(Routing.state_kinds, {})

    def live(self, line: int, accepted: MessageAccepted) -> Life:
        """The life of one message, accepted at the moment of the basis; the next one finds only its key."""
        now = self._basis.at
        decision = self._decide(line, accepted, now)
        records = _records(decision)
        if decision.wake_at and _told(records)[-1].status == MessageState.SCHEDULED:
            now = decision.wake_at[0].due
            records += _records(self._decide(line, _fired(decision.wake_at[0]), now))
        message = self._state.get(message_key(accepted.message_id), Message)
        routed = next((each for each in records if isinstance(each, MessageRouted)), None)
        told = _told(records)
        self._forget(accepted)
        candidates = routed.candidates if routed else self._considered(message, told[-1], now)
        return Life(told=told, routed=routed, message=message, candidates=candidates, decided_at=now)

    def _decide(self, line: int, event: AnyRecord, now: int) -> Decision:
        at = Moment(topic=topics.LIFECYCLE, partition=0, offset=line)
        decision = self._stage.decide(self._state, event, at=at, now=now, rules=self._basis.snapshot(now))
        for key, value in decision.state.items():
            self._state.put(key, value)
        self._state.forget_changes()
        return decision

    def _considered(self, message: Message | None, last: MessageStatusChanged, now: int) -> tuple[RouteCandidate, ...]:
        """Whom routing looked at before it held or rejected the message; nobody if that was for another reason."""
        if message is None or (last.is_final and last.reason != NO_ROUTE):
            return ()
        return choose(self._basis.snapshot(now), load_of(message, now)).candidates

    def _forget(self, accepted: MessageAccepted) -> None:
        """Leave of the recipient its keys, of the message nothing: state may not grow with every row."""
        key = recipient_key(accepted.recipient_id)
        recipient = self._state.get(key, Recipient)
        keys = recipient.keys if recipient else ()
        self._state.put(key, Recipient(keys=keys) if keys else None)
        self._state.put(message_key(accepted.message_id), None)
        self._state.forget_changes()


def _records(decision: Decision) -> tuple[AnyRecord, ...]:
    return tuple(emit.record for emit in decision.events)


def _told(records: tuple[AnyRecord, ...]) -> tuple[MessageStatusChanged, ...]:
    return tuple(each for each in records if isinstance(each, MessageStatusChanged))


def _fired(timer: Timer) -> TimerFired:
    return TimerFired(
        message_id=timer.message_id,
        account_id=timer.account_id,
        recipient_id=timer.recipient_id,
        occurred_at=timer.due,
        timer_seq=timer.timer_seq,
        due=timer.due,
    )
