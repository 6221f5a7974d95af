"""Letting a message go: everything is checked, a carrier chosen, and a lease begins.

Called for the first release and for each later one (schedule, hold, deferral, resend): on release everything
is checked again.
"""

from collections.abc import Sequence

import msgspec

from pipeline.domain.rules import Account, Carrier
from pipeline.domain.senders import bare
from pipeline.domain.shards import shard_key
from pipeline.domain.status import MessageState
from pipeline.events import topics
from pipeline.events.records import MessageRouted
from pipeline.stages.routing import awaiting, suppressions
from pipeline.stages.routing.choice import Choice, Load, choose
from pipeline.stages.routing.state import MAX_PROGRAMS, Message, Outcome, Phase, Program
from pipeline.stages.routing.turn import Turn

SECOND_US = 1_000_000
HOLD_US = SECOND_US  # when a held message looks for a carrier again at first; then after as long as it was held so far
LONGEST_HOLD_US = {"express": 4 * SECOND_US, "bulk": 30 * SECOND_US}  # each look is a record, and a drain may last
LEASE_MARGIN_US = 5 * SECOND_US  # clocks differ; no next attempt before the lease is over for sure


def release(turn: Turn, reason: str) -> None:
    """Let what the carrier has not taken of the message at hand go towards a carrier, or hold or end it."""
    message = turn.message
    if turn.now >= message.expires_at:
        turn.end(MessageState.EXPIRED, message.why or "validity-over")
        return
    against = suppressions.reason_against(turn, message)
    if against:
        turn.end(MessageState.REJECTED, against, suppressions.WORDS[against])
        return
    account = turn.snapshot.rules.accounts.get(message.account_id)
    if account is None:
        turn.end(MessageState.REJECTED, "unknown-account", f"account {message.account_id!r} left the rules")
        return
    choice = choose(turn.snapshot, load_of(message, turn.now), message.carrier if _is_under_way(message) else "")
    if choice.carrier is None:
        _hold_or_reject(turn, choice)
        return
    _route(turn, account, choice.carrier, choice, reason)


def load_of(message: Message, at: int) -> Load:
    """What is to be carried, as `choose` asks for it at a time (UTC micros)."""
    return Load(
        country=message.country,
        message_class=message.message_class,
        segment_count=message.segment_count,
        currency=message.currency,
        at=at,
        encoding=message.encoding,
    )


def wait_until(turn: Turn, until: int, why: str, status: MessageState | None = None) -> None:
    """Wait for a time, or for the end of validity if that is sooner; tell the account if its status changes."""
    if status is not None and turn.message.status != status.value:
        turn.tell(status, why)
    turn.wait(Phase.WAITING, min(until, turn.message.expires_at), why)


def _is_under_way(message: Message) -> bool:
    """Whether a carrier has (or may have) some part: the others follow there, within the same attempt."""
    return any(part.outcome in (Outcome.ACKED, Outcome.UNKNOWN) for part in message.parts)


def _hold_or_reject(turn: Turn, choice: Choice) -> None:
    if not choice.may_come:
        turn.end(MessageState.REJECTED, "no-route", choice.words())
        return
    since = turn.message.held_since or turn.now
    turn.change(held_since=since)
    pause_us = min(max(turn.now - since, HOLD_US), LONGEST_HOLD_US[turn.message.lane])
    wait_until(turn, turn.now + pause_us, choice.waits_for, MessageState.HELD)


def _route(turn: Turn, account: Account, carrier: Carrier, choice: Choice, reason: str) -> None:
    message = turn.message
    numbers = _parts_to_send(message)
    is_new_attempt = carrier.id != message.carrier or message.attempt == 0
    reference = message.concat_reference
    if is_new_attempt and message.segment_count > 1:
        reference = (turn.recipient.concat_reference + 1) % 256
        turn.change_recipient(concat_reference=reference)
    turn.change(
        attempt=message.attempt + 1 if is_new_attempt else message.attempt,
        release=message.release + 1,
        carrier=carrier.id,
        **_cost(turn, carrier),
        concat_reference=reference,
        parts=_pending(message, numbers),
        held_since=0,
    )
    sender = message.sender or bare(carrier.default_sender)
    awaiting.expect(turn, numbers)
    _remember(turn, sender)
    send_before = min(message.expires_at, turn.now + _budget_us(turn, message.lane))
    routed = _routed_record(turn, choice, numbers, reason, send_before)
    key = shard_key(account, message.campaign_id, message.sender)
    turn.emit(topics.routed(message.lane), key, routed)
    answer_us = carrier.response_timeout_s * SECOND_US  # what went out at the last moment may still be answered
    turn.wait(Phase.LEASED, send_before + answer_us + LEASE_MARGIN_US)


def _cost(turn: Turn, carrier: Carrier) -> dict[str, int | str]:
    """The carrier's cost of a part now, to be pinned on the message at hand."""
    cost = turn.snapshot.rules.price(carrier.tariff, turn.message.country, turn.now)
    assert cost is not None, f"carrier {carrier.id} was chosen without a price"
    return {"cost_micros": cost.micros, "cost_currency": cost.currency, "cost_tariff": cost.tariff}


def _parts_to_send(message: Message) -> tuple[int, ...]:
    """Numbers of the parts that the carrier has not taken; all of them at a first release or a new attempt."""
    return tuple(number for number, part in enumerate(message.parts, start=1) if part.outcome != Outcome.ACKED)


def _pending(message: Message, numbers: Sequence[int]) -> tuple[object, ...]:
    return tuple(
        msgspec.structs.replace(part, outcome=Outcome.PENDING.value, release=message.release + 1)
        if number in numbers
        else part
        for number, part in enumerate(message.parts, start=1)
    )


def _remember(turn: Turn, sender: str) -> None:
    """Note in the recipient who wrote last from this sender."""
    message = turn.message
    program = Program(sender, message.carrier, message.account_id, message.message_id, turn.now)
    others = tuple(
        each for each in turn.recipient.programs if (each.sender, each.account_id) != (sender, message.account_id)
    )
    turn.change_recipient(programs=((*others, program))[-MAX_PROGRAMS:])


def _routed_record(
    turn: Turn, choice: Choice, numbers: tuple[int, ...], reason: str, send_before: int
) -> MessageRouted:
    message = turn.message
    return MessageRouted(
        **turn.stamp(),
        attempt=message.attempt,
        release=message.release,
        carrier=message.carrier,
        candidates=choice.candidates,
        message_class=message.message_class,
        lane=message.lane,
        sender=message.sender,
        country=message.country,
        network=message.network,
        number_prefix=message.number_prefix,
        encoding=message.encoding,
        segment_count=message.segment_count,
        parts=numbers,
        concat_reference=message.concat_reference,
        campaign_id=message.campaign_id,
        price_micros=message.price_micros,
        currency=message.currency,
        cost_micros=message.cost_micros,
        cost_currency=message.cost_currency,
        reason=reason,
        expires_at=message.expires_at,
        send_before=send_before,
        control_offset=turn.snapshot.rules.control_offset,
        health_offset=turn.snapshot.health.health_offset,
        key_day=message.key_day,
        sealed_content=message.sealed_content,
    )


def _budget_us(turn: Turn, lane: str) -> int:
    return turn.snapshot.rules.policy.attempt_budget_s[lane] * SECOND_US
