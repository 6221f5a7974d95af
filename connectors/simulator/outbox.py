"""What one carrier account has to deliver to its ESME: receipts and messages from handsets.

At least once: a delivery is pending until a bind answers it with OK and that answer is journalled. It waits for a
bind that receives and has room in its window, and comes back when the bind goes, times out or says no.
Called by `account` and `session`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Protocol

from connectors.simulator.agenda import Agenda
from connectors.simulator.receipts import Delivery


class Bind(Protocol):
    """A bound connection, as the outbox sees it."""

    @property
    def has_room(self) -> bool:
        """True if it receives and its deliver window is not full."""

    def deliver(self, delivery: Delivery, body: bytes) -> None:
        """Queue a deliver_sm; its answer ends in `confirmed` or `returned`."""

    def flush(self) -> None:
        """Write what is queued."""


class Outbox:
    """Pending deliveries of one account, and the binds that can take them."""

    def __init__(self, body_of: Callable[[Delivery], bytes], redeliver_after_s: float) -> None:
        self.pending: dict[str, Delivery] = {}
        self.binds: list[Bind] = []
        self.resent = 0
        self._body_of = body_of
        self._redeliver_after_s = redeliver_after_s
        self._ready: deque[Delivery] = deque()
        self._later: Agenda[Delivery] | None = None
        self._turn = 0

    def start(self, now_ms: int) -> None:
        """Begin to deliver: schedule what recovery left pending. Needs the running event loop."""
        self._later = Agenda(self._due)
        for delivery in list(self.pending.values()):
            self._schedule(delivery, (delivery.due_ms - now_ms) / 1000)

    def close(self) -> None:
        """Stop the timer; what is pending stays in the journal."""
        if self._later:
            self._later.close()
            self._later = None

    def add(self, delivery: Delivery, now_ms: int) -> None:
        """Take a delivery; before `start` it is only remembered."""
        self.pending[delivery.key] = delivery
        if self._later:
            self._schedule(delivery, (delivery.due_ms - now_ms) / 1000)

    def confirmed(self, key: str) -> None:
        """The delivery was answered with OK and this is in the journal."""
        self.pending.pop(key, None)

    def returned(self, delivery: Delivery, *, is_at_once: bool) -> None:
        """The delivery was not answered with OK: try again, on a lost bind at once, else after a pause."""
        if delivery.key in self.pending and self._later:
            self._schedule(delivery, 0 if is_at_once else self._redeliver_after_s)

    def joined(self, bind: Bind) -> None:
        """A bind has come."""
        self.binds.append(bind)
        self.pump()

    def left(self, bind: Bind) -> None:
        """A bind has gone."""
        if bind in self.binds:
            self.binds.remove(bind)
        self.pump()

    def pump(self) -> None:
        """Hand over what is ready while a bind has room, in turn."""
        touched: list[Bind] = []
        while self._ready:
            bind = self._next_bind()
            if bind is None:
                break
            delivery = self._ready.popleft()
            if delivery.key not in self.pending:
                continue
            delivery.sent += 1
            self.resent += delivery.sent > 1
            bind.deliver(delivery, self._body_of(delivery))
            if bind not in touched:
                touched.append(bind)
        for bind in touched:
            bind.flush()

    def _next_bind(self) -> Bind | None:
        for _ in self.binds:
            self._turn += 1
            bind = self.binds[self._turn % len(self.binds)]
            if bind.has_room:
                return bind
        return None

    def _schedule(self, delivery: Delivery, delay_s: float) -> None:
        if delay_s > 0 and self._later:
            self._later.add(delay_s, delivery)
        else:
            self._ready.append(delivery)

    def _due(self, deliveries: list[Delivery]) -> None:
        self._ready.extend(deliveries)
        self.pump()
