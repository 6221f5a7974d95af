"""One heap of things to do later, with one timer of the event loop for all of them.

Things that fall due within the same wake-up are handed over together, so that their octets leave in one write.
Called by `account` (receipts) and `simulator` (answers with latency).
"""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")
_SLACK_S = 0.0005  # due this soon counts as due: below the resolution of the event loop


class Agenda(Generic[T]):
    """Calls `fire` with the items that are due, in order of time, then of arrival."""

    def __init__(self, fire: Callable[[list[T]], None]) -> None:
        self._fire = fire
        self._heap: list[tuple[float, int, T]] = []
        self._count = 0
        self._timer: asyncio.TimerHandle | None = None
        self._loop = asyncio.get_running_loop()

    def add(self, delay_s: float, item: T) -> None:
        """Fire `item` after `delay_s`."""
        due = self._loop.time() + delay_s
        self._count += 1
        heapq.heappush(self._heap, (due, self._count, item))
        if self._timer is None or due < self._timer.when():
            self._arm()

    def close(self) -> None:
        """Forget everything."""
        self._heap.clear()
        if self._timer:
            self._timer.cancel()
            self._timer = None

    def _arm(self) -> None:
        if self._timer:
            self._timer.cancel()
        self._timer = self._loop.call_at(self._heap[0][0], self._wake) if self._heap else None

    def _wake(self) -> None:
        self._timer = None
        now, due = self._loop.time() + _SLACK_S, []
        while self._heap and self._heap[0][0] <= now:
            due.append(heapq.heappop(self._heap)[2])
        try:
            if due:
                self._fire(due)
        finally:
            if self._timer is None and self._heap:
                self._arm()
