"""The fold of what connectors report about parts: taken, refused, unknown, not sent.

Repeats are recognised by message, release, part and kind, since the wire has no source record. A late
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
from pipeline.stages.routing import awaiting
from pipeline.stages.routing.receipts import join_orphans
from pipeline.stages.routing.settlement import settle
from pipeline.stages.routing.state import Outcome, Part
from pipeline.stages.routing.submissions import is_current
from pipeline.stages.routing.suppressions import OPTED_OUT, SUPPRESSED
from pipeline.stages.routing.turn import Turn
from pipeline.stages.routing.usage import record_usage


def on_succeeded(turn: Turn, event: SubmitSucceeded) -> None:
    """The carrier took a part: usage, and receipts may now name it."""
    part = _part(turn, event.part)
    if part is None:
        return
    if event.smsc_id in part.smsc_ids:  # a repeat, or its receipt was joined in the dark
        awaiting.forget(turn, event.release, (event.part,))
        return
    smsc_ids = (*part.smsc_ids, event.smsc_id)
    _change_part(turn, event.part, outcome=Outcome.ACKED.value, smsc_ids=smsc_ids, is_charged=True)
    record_usage(
        turn,
        carrier=event.carrier,
        attempt=event.attempt,
        release=event.release,
        part=event.part,
        smsc_id=event.smsc_id,
        was_charged=part.is_charged,
    )
    awaiting.name(turn, event.carrier, event.part, event.release, event.smsc_id)
    _join_and_settle(turn)


def on_failed(turn: Turn, event: SubmitFailed) -> None:
    """The carrier refused a part: the end if for good, else it is sent again later. Wins over unknown too."""
    part = _part(turn, event.part)
    if part is None:
        return
    awaiting.forget(turn, event.release, (event.part,))
    if part.release != event.release or part.outcome not in (Outcome.PENDING, Outcome.UNKNOWN):
        return
    outcome = Outcome.PERMANENT if event.failure_class == "permanent" else Outcome.TEMPORARY
    _change_part(turn, event.part, outcome=outcome.value, tries=part.tries + 1, error_code=event.status_name)
    _join_and_settle(turn)


def on_unknown(turn: Turn, event: SubmitOutcomeUnknown) -> None:
    """A part may have reached the carrier. Policy decides, once all parts of the release are known."""
    part = _part(turn, event.part)
    if part is None:
        return
    awaiting.doubt(turn, event.part, event.release)
    if part.release == event.release and part.outcome == Outcome.PENDING:
        _change_part(turn, event.part, outcome=Outcome.UNKNOWN.value, doubts=part.doubts + 1)
        _join_and_settle(turn)


def on_dispatch_refused(turn: Turn, event: DispatchRefused) -> None:
    """The connector did not send these parts: routed again while there is time, ended if it was recalled."""
    if not turn.has_message:
        return
    awaiting.forget(turn, event.release, event.parts)
    if not is_current(turn, event.release):
        return
    if event.reason == "lease-expired":
        for number in event.parts:
            part = _part(turn, number)
            if part is not None and part.release == event.release and part.outcome == Outcome.PENDING:
                _change_part(turn, number, outcome=Outcome.UNSENT.value)
        _join_and_settle(turn)
    elif event.reason == "recalled":
        why = SUPPRESSED if event.detail == SUPPRESSED else OPTED_OUT  # the connector repeats the recall's reason
        turn.end(MessageState.REJECTED, why, event.detail or "taken back before it was sent")
    else:
        turn.end(MessageState.FAILED, event.reason, event.detail)


def _join_and_settle(turn: Turn) -> None:
    """A receipt that was kept may spare a resend; but what is taken is told so before it is told as delivered."""
    message_id = turn.message.message_id
    if any(part.outcome != Outcome.ACKED for part in turn.message.parts):
        join_orphans(turn)
    if turn.take_up(message_id):
        settle(turn)


def _part(turn: Turn, number: int) -> Part | None:
    if not turn.has_message or not 1 <= number <= len(turn.message.parts):
        return None
    return turn.message.parts[number - 1]


def _change_part(turn: Turn, number: int, **fields: Any) -> None:
    parts = list(turn.message.parts)
    parts[number - 1] = msgspec.structs.replace(parts[number - 1], **fields)
    turn.change(parts=tuple(parts))
