"""What becomes of a submission: the first outcome counts, a repeat by its key is named, the rest is released."""

from pipeline.domain.rules import Price
from pipeline.domain.status import MessageState
from pipeline.events.records import MessageAccepted, MessageRejected, MessageStatusChanged
from pipeline.stages.routing import awaiting
from pipeline.stages.routing.release import release, wait_until
from pipeline.stages.routing.state import IDEMPOTENCY_US, MAX_KEYS, KeyUse, Message, Part, Phase
from pipeline.stages.routing.turn import Turn


def on_accepted(turn: Turn, event: MessageAccepted) -> None:
    """Begin a message, unless it is a repeat of this submission or of one with the same idempotency key."""
    if turn.has_message:
        return  # the first outcome of a submission counts
    rules = turn.snapshot.rules
    account = rules.accounts.get(event.account_id)
    price = None if account is None else rules.price(account.tariff, event.country, turn.now)
    turn.begin(_message(event, price))
    first = _first_use(turn, event)
    if first is not None:
        _refuse_repeat(turn, event, first)
        return
    if account is not None and price is None:  # it had one when validation looked: nobody sends for nothing
        turn.end(MessageState.REJECTED, "country-not-served", f"account {account.id} has no price for it any more")
        return
    turn.tell(MessageState.ACCEPTED)
    if event.not_before > turn.now:
        turn.tell(MessageState.SCHEDULED)
        turn.wait(Phase.WAITING, event.not_before)
        return
    release(turn, "first")


def on_rejected(turn: Turn, event: MessageRejected) -> None:
    """Tell the account; nothing is remembered, since repeats are dropped by where they came from."""
    if turn.has_message:
        return
    record = MessageStatusChanged(
        message_id=event.message_id,
        account_id=event.account_id,
        recipient_id=event.recipient_id,
        caused_by=str(turn.at),
        occurred_at=turn.now,
        reference=event.reference,
        idempotency_key=event.idempotency_key,
        status=MessageState.REJECTED.value,
        status_seq=1,
        is_final=True,
        reason=event.reason,
        detail=event.detail,
        message_class=event.message_class,
        country=event.country,
        campaign_id=event.campaign_id,
        submitted_topic=event.submitted_topic,
        submitted_partition=event.submitted_partition,
        submitted_offset=event.submitted_offset,
    )
    turn.emit(turn.status_topic(event.account_id), event.message_id, record)


def on_deferred(turn: Turn, release_number: int, until: int, reason: str) -> None:
    """Throttling put it off: wait, and let it go again. `held` is told once, not at each turn."""
    if is_current(turn, release_number):
        _forget_awaiting(turn)
        wait_until(turn, until, reason, MessageState.HELD)


def on_refused(turn: Turn, release_number: int, reason: str, detail: str) -> None:
    """Throttling refused it: the end."""
    if is_current(turn, release_number):
        _forget_awaiting(turn)
        turn.end(MessageState.REJECTED, reason, detail)


def is_current(turn: Turn, release_number: int) -> bool:
    """Whether an answer is to the release that the message waits for."""
    return turn.has_message and turn.message.phase == Phase.LEASED and turn.message.release == release_number


def _forget_awaiting(turn: Turn) -> None:
    """What throttling stopped was never sent: no receipt can speak of it."""
    message = turn.message
    awaiting.forget(turn, message.release, range(1, message.segment_count + 1))


def _first_use(turn: Turn, event: MessageAccepted) -> KeyUse | None:
    """The use of this idempotency key within 72 h of log time, or None; then this one is remembered."""
    if not event.idempotency_key:
        return None
    alive = tuple(use for use in turn.recipient.keys if use.at > turn.now - IDEMPOTENCY_US)
    for use in alive:
        if use.account_id == event.account_id and use.key == event.idempotency_key:
            return use
    mine = KeyUse(event.account_id, event.idempotency_key, event.payload_hash, event.message_id, turn.now)
    turn.change_recipient(keys=(*alive, mine)[-MAX_KEYS:])
    return None


def _refuse_repeat(turn: Turn, event: MessageAccepted, first: KeyUse) -> None:
    if first.payload_hash == event.payload_hash:
        reason, detail = "duplicate-ignored", "the same submission under this idempotency key was taken before"
    else:
        reason, detail = "idempotency-conflict", "another submission holds this idempotency key"
    turn.tell(MessageState.REJECTED, reason, detail, first_message_id=first.message_id)
    turn.forget()


def _message(event: MessageAccepted, price: Price | None) -> Message:
    return Message(
        message_id=event.message_id,
        account_id=event.account_id,
        recipient_id=event.recipient_id,
        reference=event.reference,
        idempotency_key=event.idempotency_key,
        message_class=event.message_class,
        lane=event.lane,
        sender=event.sender,
        country=event.country,
        network=event.network,
        number_prefix=event.number_prefix,
        encoding=event.encoding,
        segment_count=event.segment_count,
        campaign_id=event.campaign_id,
        expires_at=event.expires_at,
        submitted_topic=event.submitted_topic,
        submitted_partition=event.submitted_partition,
        submitted_offset=event.submitted_offset,
        key_day=event.key_day,
        sealed_content=event.sealed_content,
        price_micros=price.micros if price else 0,
        currency=price.currency if price else "",
        tariff=price.tariff if price else "",
        parts=(Part(),) * event.segment_count,
    )
