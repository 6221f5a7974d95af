"""Receipts: whose they are, and what they say of the message.

A receipt names a part by (carrier, SMSC id). One that comes before its acknowledgement is kept with the
recipient and joined when the acknowledgement arrives; after a crash near the wire it is joined to the only part
whose outcome is unknown there, and never guessed between two (DOMAIN 3.6, 3.8).
"""

from typing import Any

import msgspec

from pipeline.domain.smpp.receipts import ReceiptState
from pipeline.domain.status import MessageState
from pipeline.events.records import ReceiptReceived
from pipeline.stages.routing.settlement import settle
from pipeline.stages.routing.state import CORRECTION_US, MAX_ORPHANS, Awaiting, Orphan, Outcome, Phase
from pipeline.stages.routing.turn import Turn
from pipeline.stages.routing.usage import record_usage

_ENDS = {
    ReceiptState.FAILED: (MessageState.FAILED, "undelivered"),
    ReceiptState.DELETED: (MessageState.FAILED, "receipt-deleted"),
    ReceiptState.EXPIRED: (MessageState.EXPIRED, "receipt-expired"),
    ReceiptState.REJECTED: (MessageState.REJECTED, "receipt-rejected"),
}
_RANK: dict[str, int] = {"": 0, ReceiptState.UNKNOWN: 1, **dict.fromkeys(_ENDS, 2), ReceiptState.DELIVERED: 3}


def on_receipt(turn: Turn, event: ReceiptReceived) -> None:
    """Keep the receipt with the recipient, to be joined at the end of the turn. Without an id it proves nothing."""
    if not event.smsc_id:
        return
    receipt = Orphan(event.carrier, event.smsc_id, event.state, event.stat, event.error_code, turn.now)
    alive = tuple(each for each in turn.recipient.orphans if each.at > turn.now - CORRECTION_US)
    if any(_same(each, receipt) for each in alive):
        return
    turn.change_recipient(orphans=(*alive, receipt)[-MAX_ORPHANS:])


def join_orphans(turn: Turn) -> None:
    """Apply every kept receipt whose part is known by now; the others stay. May leave another message at hand."""
    while any(_join(turn, receipt) for receipt in turn.recipient.orphans):
        pass  # one that was joined may leave only one possibility for another


def _join(turn: Turn, receipt: Orphan) -> bool:
    waiting = _owner(turn, receipt)
    if waiting is None:
        return False
    turn.change_recipient(orphans=tuple(each for each in turn.recipient.orphans if each is not receipt))
    if turn.take_up(waiting.message_id):
        _apply(turn, receipt, waiting)
    return True


def _same(one: Orphan, other: Orphan) -> bool:
    return (one.carrier, one.smsc_id, one.stat, one.state) == (other.carrier, other.smsc_id, other.stat, other.state)


def _owner(turn: Turn, receipt: Orphan) -> Awaiting | None:
    """The sending that a receipt names; else the only part in the dark on that carrier since then; else None."""
    there = [each for each in turn.recipient.awaiting if each.carrier == receipt.carrier]
    for each in there:
        if each.smsc_id == receipt.smsc_id:
            return each
    dark = [each for each in there if not each.smsc_id]
    if len({(each.message_id, each.part) for each in dark}) != 1:
        return None
    return next((each for each in dark if each.is_unknown and each.at <= receipt.at), None)


def _apply(turn: Turn, receipt: Orphan, waiting: Awaiting) -> None:
    message = turn.message
    part = message.parts[waiting.part - 1]
    fields: dict[str, Any] = {}
    if receipt.smsc_id not in part.smsc_ids:  # joined in the dark: the carrier has it, whatever the response was
        fields = {
            "outcome": Outcome.ACKED.value,
            "smsc_ids": (*part.smsc_ids, receipt.smsc_id),
            "is_charged": True,
        }
        record_usage(
            turn,
            carrier=receipt.carrier,
            attempt=message.attempt,
            release=waiting.release,
            part=waiting.part,
            smsc_id=receipt.smsc_id,
            was_charged=part.is_charged,
        )
        named = msgspec.structs.replace(waiting, smsc_id=receipt.smsc_id, is_unknown=False)
        awaiting = tuple(named if each is waiting else each for each in turn.recipient.awaiting)
        turn.change_recipient(awaiting=awaiting)
    if _is_news(receipt.state, part.receipt):
        fields |= {"receipt": receipt.state, "error_code": receipt.error_code}
    if not fields:
        return
    parts = list(message.parts)
    parts[waiting.part - 1] = msgspec.structs.replace(part, **fields)
    turn.change(parts=tuple(parts))
    _conclude(turn, receipt)
    settle(turn)


def _is_news(state: str, known: str) -> bool:
    """By rank and not by arrival: unknown < any end < delivered; an intermediate state says nothing that counts."""
    return _RANK.get(state, 0) > _RANK[known]


def _conclude(turn: Turn, receipt: Orphan) -> None:
    """What the parts together mean for the message: delivered when all are, failed as soon as one is."""
    states = [part.receipt for part in turn.message.parts]
    if all(state == ReceiptState.DELIVERED for state in states):
        if turn.tell_if_higher(MessageState.DELIVERED):
            turn.wait(Phase.ENDED, turn.now + CORRECTION_US)
        return
    if receipt.state in _ENDS:
        status, reason = _ENDS[ReceiptState(receipt.state)]
        if turn.tell_if_higher(status, reason, error_code=receipt.error_code or receipt.stat):
            turn.wait(Phase.ENDED, turn.now + CORRECTION_US)
    elif receipt.state == ReceiptState.UNKNOWN and turn.message.phase == Phase.RECEIPTS:
        turn.tell_if_higher(MessageState.UNKNOWN, "receipt-unknown", error_code=receipt.error_code)
