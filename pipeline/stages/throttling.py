"""Throttling: may this released message go now? One small state record per bucket; it never waits.

It answers every MessageRouted with a DispatchMessage, or with a MessageDeferred that names a time. For now the
one bucket is the account's rate (of its shard, where an account is spread over several).
"""

from collections.abc import Mapping

import msgspec

from pipeline.domain import throttle
from pipeline.domain.rules import Account
from pipeline.domain.shards import shard_key
from pipeline.events import topics
from pipeline.events.codec import AnyRecord
from pipeline.events.records import DispatchMessage, MessageDeferred, MessageRefused, MessageRouted, SnapshotAdopted
from pipeline.stages.decision import NOTHING, Decision, Emit, Moment, Snapshot, StateValue, StateView, Timer

ACCOUNT_RATE = "account-rate"


class Bucket(msgspec.Struct, frozen=True, array_like=True):
    """A token bucket as stored, under 'b/account/<id>/<shard>': see `pipeline.domain.throttle`."""

    tat_us: int = 0
    last_slot_us: int = 0
    last_return_us: int = 0


class Throttling:
    """The stage between a route and its carrier, one per lane. Implements `pipeline.stages.decision.Stage`."""

    reads: tuple[type[AnyRecord], ...] = (MessageRouted, SnapshotAdopted)
    state_kinds: Mapping[str, type[StateValue]] = {"b": Bucket}

    def __init__(self, lane: str) -> None:
        self.lane = lane
        self.name = f"throttling-{lane}"

    def decide(self, state: StateView, event: AnyRecord, *, at: Moment, now: int, rules: Snapshot) -> Decision:
        """Dispatch, or defer; refuse only where the account has left the rules. Pure."""
        if not isinstance(event, MessageRouted):
            return NOTHING
        account = rules.rules.accounts.get(event.account_id)
        if account is None:
            return Decision(events=(_refused(event, at, now),))
        key = f"b/account/{shard_key(account, event.campaign_id, event.sender)}"
        stored = state.get(key, Bucket) or Bucket()
        bucket, until = throttle.take(
            throttle.Bucket(stored.tat_us, stored.last_slot_us, stored.last_return_us),
            now_us=now,
            rate_per_s=_rate_per_s(account),
            burst=account.burst,
            is_return=event.reason == "deferred",
        )
        emit = _dispatched(event, at, now) if until is None else _deferred(event, at, now, until, key)
        kept = Bucket(bucket.tat_us, bucket.last_slot_us, bucket.last_return_us)
        return Decision(state={key: kept}, events=(emit,))

    def timers(self, key: str, value: StateValue) -> tuple[Timer, ...]:
        """None: all waiting is in routing."""
        return ()


def _rate_per_s(account: Account) -> int:
    """The account's rate; each shard has its share, at least one a second."""
    return max(1, account.rate_per_s // max(1, account.shards))


def _stamp(event: MessageRouted, at: Moment, now: int) -> dict[str, object]:
    return {
        "message_id": event.message_id,
        "account_id": event.account_id,
        "recipient_id": event.recipient_id,
        "caused_by": str(at),
        "occurred_at": now,
        "attempt": event.attempt,
        "release": event.release,
        "lane": event.lane,
    }


def _dispatched(event: MessageRouted, at: Moment, now: int) -> Emit:
    record = DispatchMessage(
        **_stamp(event, at, now),  # type: ignore[arg-type]
        carrier=event.carrier,
        message_class=event.message_class,
        sender=event.sender,
        country=event.country,
        encoding=event.encoding,
        segment_count=event.segment_count,
        parts=event.parts,
        concat_reference=event.concat_reference,
        expires_at=event.expires_at,
        send_before=event.send_before,
        key_day=event.key_day,
        sealed_content=event.sealed_content,
    )
    return Emit(topic=topics.dispatch(event.carrier, event.lane), key=event.recipient_id, record=record)


def _deferred(event: MessageRouted, at: Moment, now: int, until: int, bucket: str) -> Emit:
    record = MessageDeferred(
        **_stamp(event, at, now),  # type: ignore[arg-type]
        until=until,
        reason=ACCOUNT_RATE,
        bucket=bucket,
    )
    return Emit(topic=topics.LIFECYCLE, key=event.recipient_id, record=record)


def _refused(event: MessageRouted, at: Moment, now: int) -> Emit:
    record = MessageRefused(
        **_stamp(event, at, now),  # type: ignore[arg-type]
        reason="unknown-account",
        detail=f"account {event.account_id!r} is not in the rules",
        bucket="",
    )
    return Emit(topic=topics.LIFECYCLE, key=event.recipient_id, record=record)
