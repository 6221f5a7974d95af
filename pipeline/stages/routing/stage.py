"""Routing as a stage: which function answers which record of sms.lifecycle."""

from collections.abc import Mapping
from typing import assert_never, cast

from pipeline.events.codec import AnyRecord
from pipeline.events.records import (
    AccountServed,
    DispatchRefused,
    MessageAccepted,
    MessageDeferred,
    MessageRefused,
    MessageRejected,
    ReceiptReceived,
    ReplyReceived,
    SnapshotAdopted,
    SubmitFailed,
    SubmitOutcomeUnknown,
    SubmitSucceeded,
    SuppressionChanged,
    TimerFired,
)
from pipeline.stages.decision import NOTHING, Decision, Moment, Snapshot, StateValue, StateView, Timer
from pipeline.stages.routing import accounts, outcomes, receipts, replies, submissions, suppressions, timers
from pipeline.stages.routing.state import Message, Recipient, Served
from pipeline.stages.routing.turn import Turn, timer_of

LifecycleEvent = (
    MessageAccepted
    | MessageRejected
    | MessageDeferred
    | MessageRefused
    | SnapshotAdopted
    | TimerFired
    | SubmitSucceeded
    | SubmitFailed
    | SubmitOutcomeUnknown
    | DispatchRefused
    | ReceiptReceived
    | ReplyReceived
    | SuppressionChanged
    | AccountServed
)


class Routing:
    """The stage that owns a message's life. Implements `pipeline.stages.decision.Stage`."""

    name = "routing"
    reads: tuple[type[AnyRecord], ...] = LifecycleEvent.__args__
    state_kinds: Mapping[str, type[StateValue]] = {"r": Recipient, "m": Message, "a": Served}

    def decide(self, state: StateView, event: AnyRecord, *, at: Moment, now: int, rules: Snapshot) -> Decision:
        """The decision on one lifecycle record; pure."""
        assert isinstance(event, self.reads), f"{type(event).__name__} is not a lifecycle record"
        if isinstance(event, SnapshotAdopted):
            return NOTHING  # the shell adopts; held messages come back by their timers
        known = cast(LifecycleEvent, event)
        turn = Turn(state, known, at, now, rules)
        _answer(turn, known)
        receipts.join_orphans(turn)  # whatever happened may say whose a kept receipt is
        return turn.decision()

    def timers(self, key: str, value: StateValue) -> tuple[Timer, ...]:
        """The one timer of a message; nothing else has one."""
        return (timer_of(value),) if isinstance(value, Message) else ()


def _answer(turn: Turn, event: LifecycleEvent) -> None:  # noqa: C901  (one line for each kind of record)
    match event:
        case MessageAccepted():
            submissions.on_accepted(turn, event)
        case MessageRejected():
            submissions.on_rejected(turn, event)
        case MessageDeferred():
            submissions.on_deferred(turn, event.release, event.until, event.reason)
        case MessageRefused():
            submissions.on_refused(turn, event.release, event.reason, event.detail)
        case TimerFired():
            timers.on_timer(turn, event)
        case SubmitSucceeded():
            outcomes.on_succeeded(turn, event)
        case SubmitFailed():
            outcomes.on_failed(turn, event)
        case SubmitOutcomeUnknown():
            outcomes.on_unknown(turn, event)
        case DispatchRefused():
            outcomes.on_dispatch_refused(turn, event)
        case ReceiptReceived():
            receipts.on_receipt(turn, event)
        case ReplyReceived():
            replies.on_reply(turn, event)
        case SuppressionChanged():
            suppressions.on_command(turn, event)
        case AccountServed():
            accounts.on_served(turn, event)
        case SnapshotAdopted():
            pass
        case _:
            assert_never(event)
