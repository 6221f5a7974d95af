"""What a message's timer means, by the phase that it waits in. All waiting of Sluice is here."""

from pipeline.domain.status import MessageState
from pipeline.events.records import TimerFired
from pipeline.stages.routing.release import release
from pipeline.stages.routing.settlement import settle
from pipeline.stages.routing.state import CORRECTION_US, IDEMPOTENCY_US, Phase
from pipeline.stages.routing.turn import Turn

_RELEASE_REASONS = {"": "released", "account-rate": "deferred", "carrier-busy": "resend"}


def on_timer(turn: Turn, event: TimerFired) -> None:
    """Ignore a timer that is not the message's current one; re-arm one that fired early; else act."""
    if not turn.has_message or turn.message.timer_seq != event.timer_seq:
        return
    message = turn.message
    phase = Phase(message.phase)
    if turn.now < message.due:
        turn.wait(phase, message.due, message.why)
    elif phase is Phase.WAITING:
        release(turn, _RELEASE_REASONS.get(message.why, "released"))
    elif phase is Phase.LEASED:
        settle(turn, lease_is_over=True)  # nothing of what is pending will be sent any more
    elif phase is Phase.RECEIPTS:
        if turn.tell_if_higher(MessageState.EXPIRED, "no-receipt"):
            turn.wait(Phase.ENDED, turn.now)
        else:
            _forget(turn)
    else:
        _forget(turn)


def _forget(turn: Turn) -> None:
    """The message is over: remove it, and what the recipient kept for it."""
    message_id = turn.message.message_id
    recipient = turn.recipient
    turn.change_recipient(
        awaiting=tuple(each for each in recipient.awaiting if each.message_id != message_id),
        keys=tuple(use for use in recipient.keys if use.at > turn.now - IDEMPOTENCY_US),
        orphans=tuple(each for each in recipient.orphans if each.at > turn.now - CORRECTION_US),
    )
    turn.forget()
