"""A watchdog for a loop that goes round: if a turn takes too long, its process ends, to be started again.

For loops whose progress cannot be read from offsets: the connectors' event loop, the sink's thread.
"""

import os
import threading
import time
from collections.abc import Callable

import structlog

log = structlog.get_logger(__name__)

EXIT_CODE = 1
LOOKS = 20  # in a limit


def end_at_once() -> None:
    """End the process as a kill would: nothing is saved or committed on the way, which a stuck part might have done."""
    os._exit(EXIT_CODE)


class Pulse:
    """`start`, then `beat` at least once in `limit_s` until `close`. `end` is called on the thread that looks."""

    def __init__(
        self,
        loop: str,
        limit_s: float,
        *,
        end: Callable[[], None] = end_at_once,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._loop = loop
        self._limit_s = limit_s
        self._end = end
        self._clock = clock
        self._beat_at = self._looked_at = clock()
        self._is_closed = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"sluice-pulse-{loop}", daemon=True)

    def start(self) -> None:
        self.beat()
        self._thread.start()

    def beat(self) -> None:
        """The loop has come round. Any thread may say so; costs nothing."""
        self._beat_at = self._clock()

    def close(self) -> None:
        self._is_closed.set()

    def is_stuck(self) -> bool:
        """Whether there was no beat within the limit. Asked regularly: a stopped process starts anew."""
        now = self._clock()
        has_slept = now - self._looked_at > self._limit_s / 2  # nobody looked: the whole process stood still
        self._looked_at = now
        if has_slept:
            self._beat_at = now
        return now - self._beat_at >= self._limit_s

    def _run(self) -> None:
        self._looked_at = self._clock()
        while not self._is_closed.wait(self._limit_s / LOOKS):
            if self.is_stuck():
                log.critical(
                    "loop.stuck",
                    loop=self._loop,
                    seconds=self._limit_s,
                    detail="the loop has not come round; the process ends, to be started again",
                )
                self._end()
                return
