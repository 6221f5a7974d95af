"""May this dispatch be sent now? The last look before the intent. Pure.

Recalls name a message (all its attempts, or one), or, without a message, everything to a recipient that was
dispatched before the recall.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.events.records import DispatchMessage, RecallRequested

_ALL_ATTEMPTS = 0


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a dispatch is not sent: DispatchRefused's reason and detail."""

    reason: str
    detail: str


class Recalls:
    """What routing took back, kept for the longest lease."""

    def __init__(self, *, keep_micros: int) -> None:
        self._keep_micros = keep_micros
        self._messages: dict[str, dict[int, RecallRequested]] = {}
        self._recipients: dict[str, RecallRequested] = {}
        self._in_order: list[RecallRequested] = []

    def add(self, recall: RecallRequested) -> None:
        """Remember a recall; a repeat changes nothing."""
        if recall.message_id:
            self._messages.setdefault(recall.message_id, {})[recall.attempt] = recall
        else:
            known = self._recipients.get(recall.recipient_id)
            if known is None or known.occurred_at < recall.occurred_at:
                self._recipients[recall.recipient_id] = recall
        self._in_order.append(recall)

    def forget(self, *, now: int) -> None:
        """Drop what no lease can outlive."""
        if not self._in_order or self._in_order[0].occurred_at >= now - self._keep_micros:
            return
        kept = [recall for recall in self._in_order if recall.occurred_at >= now - self._keep_micros]
        self._messages, self._recipients, self._in_order = {}, {}, []
        for recall in kept:
            self.add(recall)

    def of(self, dispatch: DispatchMessage) -> RecallRequested | None:
        """The recall that takes this dispatch back, if there is one."""
        for recall in self._candidates(dispatch):
            if not recall.recipient_id or recall.recipient_id == dispatch.recipient_id:
                return recall
        return None

    def _candidates(self, dispatch: DispatchMessage) -> Iterator[RecallRequested]:
        attempts = self._messages.get(dispatch.message_id, {})
        for attempt in (_ALL_ATTEMPTS, dispatch.attempt):
            if attempt in attempts:
                yield attempts[attempt]
        whole = self._recipients.get(dispatch.recipient_id)
        if whole is not None and whole.occurred_at >= dispatch.occurred_at:
            yield whole


def lease_ended(dispatch: DispatchMessage, *, now: int) -> Refusal | None:
    """The refusal of a lease that has ended by the wall clock `now` (UTC micros), else None."""
    end = min(dispatch.send_before, dispatch.expires_at)
    if now < end:
        return None
    return Refusal("lease-expired", f"ended {(now - end) / 1_000_000:.1f} s ago")


def refusal(dispatch: DispatchMessage, recalls: Recalls, *, now: int) -> Refusal | None:
    """Why this dispatch may not be sent now, or None if it may."""
    ended = lease_ended(dispatch, now=now)
    if ended is not None:
        return ended
    recall = recalls.of(dispatch)
    return None if recall is None else Refusal("recalled", recall.reason)
