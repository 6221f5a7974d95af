"""The fold of what connectors report about parts: taken, refused, unknown, not sent; usage and resends.

Repeats are recognised by message, attempt, release, part and kind, since the wire has no source record. A late
acknowledgement wins over unknown.
"""

from typing import Any

import msgspec

from pipeline.domain.status import MessageState
from pipeline.events.records import (
    DispatchRefused,
    SubmitFailed,
    SubmitOutcomeUnknown,
    SubmitSucceeded,
)
from pipeline.stages.routing.receipts import join_orphans
from pipeline.stages.routing.release import SECOND_US, release, wait_until
from pipeline.stages.routing.state import Awaiting, Outcome, Part, Phase
from pipeline.stages.routing.submissions import is_current
from pipeline.stages.routing.turn import Turn
from pipeline.stages.routing.usage import record_usage

MAX_TRIES = 8
RETRY_CAP_S = 60
RESEND = "resend"
HOLD = "hold"


def on_succeeded(turn: Turn, event: SubmitSucceeded) -> None:
    """The carrier took a part: usage, and receipts may now name it."""
    part = _part(turn, event.part)
    if part is None or event.smsc_id in part.smsc_ids:
        return
    _change_part(
        turn, event.part, outcome=Outcome.ACKED.value, smsc_ids=(*part.smsc_ids, event.smsc_id), is_charged=True
    )
    record_usage(turn, event.part, event.release, event.smsc_id, was_charged=part.is_charged)
    _name_awaiting(turn, event)
    _settle(turn)
    join_orphans(turn)


def on_failed(turn: Turn, event: SubmitFailed) -> None:
    """The carrier refused a part: the end if for good, else it is sent again later."""
    part = _part(turn, event.part)
    if part is None or part.release != event.release or part.outcome != Outcome.PENDING:
        return
    outcome = Outcome.PERMANENT if event.failure_class == "permanent" else Outcome.TEMPORARY
    _change_part(turn, event.part, outcome=outcome.value, tries=part.tries + 1, error_code=event.status_name)
    _forget_awaiting(turn, event.part)
    _settle(turn)


def on_unknown(turn: Turn, event: SubmitOutcomeUnknown) -> None:
    """A part may have reached the carrier. Policy decides, once all parts of the release are known."""
    part = _part(turn, event.part)
    if part is None or part.release != event.release or part.outcome != Outcome.PENDING:
        return
    _change_part(turn, event.part, outcome=Outcome.UNKNOWN.value, tries=part.tries + 1)
    waiting = (
        msgspec.structs.replace(each, is_unknown=True) if _is_of(each, event.message_id, event.part) else each
        for each in turn.recipient.awaiting
    )
    turn.change_recipient(awaiting=tuple(waiting))
    _settle(turn)
    join_orphans(turn)


def on_dispatch_refused(turn: Turn, event: DispatchRefused) -> None:
    """The connector did not send these parts: routed again while there is time, ended if it was recalled."""
    if not is_current(turn, event.release):
        return
    for number in event.parts:
        _forget_awaiting(turn, number)
    if event.reason == "lease-expired":
        _settle(turn, lease_is_over=True)
    elif event.reason == "recalled":
        turn.end(MessageState.REJECTED, "recipient-opted-out", event.detail or "taken back before it was sent")
    else:
        turn.end(MessageState.FAILED, event.reason, event.detail)


def on_lease_over(turn: Turn) -> None:
    """No outcome came before the lease ended (plus a margin): nothing of what is pending will be sent any more."""
    _settle(turn, lease_is_over=True)


def _settle(turn: Turn, *, lease_is_over: bool = False) -> None:
    """Decide once every part of the release has an outcome."""
    message = turn.message
    if message.phase != Phase.LEASED:
        return
    outcomes = [part.outcome for part in message.parts]
    failed = next((part for part in message.parts if part.outcome == Outcome.PERMANENT), None)
    if failed is not None:
        turn.end(MessageState.FAILED, "carrier-refused", failed.error_code, error_code=failed.error_code)
    elif all(outcome == Outcome.ACKED for outcome in outcomes):
        _all_taken(turn)
    elif Outcome.PENDING not in outcomes or lease_is_over:
        _send_rest(turn)


def _all_taken(turn: Turn) -> None:
    turn.tell_if_higher(MessageState.SUBMITTED)
    grace_us = turn.snapshot.rules.policy.receipt_grace_s * SECOND_US
    turn.wait(Phase.RECEIPTS, turn.message.expires_at + grace_us)


def _send_rest(turn: Turn) -> None:
    """Some parts are temporary, unknown or were never sent: send them again, later, or hold by class policy."""
    message = turn.message
    worst = max(message.parts, key=lambda part: part.tries)
    unknown = [part for part in message.parts if part.outcome == Outcome.UNKNOWN]
    may_resend = not unknown or (_unknown_policy(turn) == RESEND and worst.tries <= MAX_TRIES)
    if not may_resend:
        turn.tell_if_higher(MessageState.UNKNOWN, "outcome-unknown")
        grace_us = turn.snapshot.rules.policy.receipt_grace_s * SECOND_US
        turn.wait(Phase.RECEIPTS, message.expires_at + grace_us)
    elif worst.tries > MAX_TRIES:
        turn.end(MessageState.FAILED, "carrier-busy", worst.error_code, error_code=worst.error_code)
    elif any(part.outcome == Outcome.TEMPORARY for part in message.parts):
        delay_s = min(2 ** (worst.tries - 1), RETRY_CAP_S)
        wait_until(turn, turn.now + delay_s * SECOND_US, "carrier-busy")
    else:
        release(turn, "resend", parts_to_send(turn))


def parts_to_send(turn: Turn) -> tuple[int, ...]:
    """Numbers of the parts that the carrier has not taken."""
    parts = enumerate(turn.message.parts, start=1)
    return tuple(number for number, part in parts if part.outcome != Outcome.ACKED)


def _unknown_policy(turn: Turn) -> str:
    message = turn.message
    rules = turn.snapshot.rules
    account = rules.accounts.get(message.account_id)
    if account is not None and message.message_class in account.on_unknown:
        return account.on_unknown[message.message_class]
    return rules.policy.on_unknown.get(message.message_class, HOLD)


def _part(turn: Turn, number: int) -> Part | None:
    if not turn.has_message or not 1 <= number <= len(turn.message.parts):
        return None
    return turn.message.parts[number - 1]


def _change_part(turn: Turn, number: int, **fields: Any) -> None:
    parts = list(turn.message.parts)
    parts[number - 1] = msgspec.structs.replace(parts[number - 1], **fields)
    turn.change(parts=tuple(parts))


def _is_of(waiting: Awaiting, message_id: str, part: int) -> bool:
    """Whether an entry waits for the answer about this part."""
    return waiting.message_id == message_id and waiting.part == part and not waiting.smsc_id


def _name_awaiting(turn: Turn, event: SubmitSucceeded) -> None:
    others = tuple(each for each in turn.recipient.awaiting if not _is_of(each, event.message_id, event.part))
    named = Awaiting(event.carrier, event.smsc_id, event.message_id, event.part, False)
    turn.change_recipient(awaiting=(*others, named))


def _forget_awaiting(turn: Turn, number: int) -> None:
    message_id = turn.message.message_id
    kept = tuple(each for each in turn.recipient.awaiting if not _is_of(each, message_id, number))
    turn.change_recipient(awaiting=kept)
