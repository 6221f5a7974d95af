"""Which timers are pending in one partition, and which are due. Pure; the state is their only memory.

A timer is armed by a state value and disarmed when that value no longer names it, so that no record is written
for a message that has gone on. Each (message, sequence) fires at most once for as long as this lives.
"""

import heapq
from collections.abc import Iterable

from pipeline.stages.decision import Timer

TimerId = tuple[str, int]


class TimerWheel:
    """A heap of pending timers with lazy deletion."""

    def __init__(self) -> None:
        self._heap: list[tuple[int, TimerId, str]] = []
        self._armed: dict[str, dict[TimerId, Timer]] = {}
        self._fired: dict[str, set[TimerId]] = {}
        self._pending = 0

    def __len__(self) -> int:
        """How many timers are armed and have not fired."""
        return self._pending

    def replace(self, key: str, timers: Iterable[Timer]) -> None:
        """The timers of a state key are now these: new ones are armed, ones that are gone never fire."""
        before = self._armed.pop(key, {})
        now = {(timer.message_id, timer.timer_seq): timer for timer in timers}
        fired_before = self._fired.pop(key, set())
        fired = fired_before & now.keys()
        self._pending += len(now) - len(fired) - (len(before) - len(fired_before))
        for name, timer in now.items():
            if before.get(name) != timer and name not in fired:
                heapq.heappush(self._heap, (timer.due, name, key))
        if now:
            self._armed[key] = now
        if fired:
            self._fired[key] = fired

    def next_due(self) -> int | None:
        """When the next timer is due (UTC micros), or None."""
        self._drop_stale()
        return self._heap[0][0] if self._heap else None

    def take_due(self, now_us: int) -> list[Timer]:
        """Timers due by `now_us`, earliest first; none of them is given again."""
        due = []
        while (at := self.next_due()) is not None and at <= now_us:
            _, name, key = heapq.heappop(self._heap)
            self._fired.setdefault(key, set()).add(name)
            due.append(self._armed[key][name])
            self._pending -= 1
        return due

    def _drop_stale(self) -> None:
        while self._heap:
            due, name, key = self._heap[0]
            timer = self._armed.get(key, {}).get(name)
            if timer is not None and timer.due == due and name not in self._fired.get(key, ()):
                return
            heapq.heappop(self._heap)
