"""Threads for blocking calls that may never come back: daemons, so that a stuck one ends with the process.

librdkafka can wait for ever in `send_offsets_to_transaction` when its broker dies in that call, whatever timeout
was given (seen with 2.16); a ThreadPoolExecutor would then keep the process from ending.
"""

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any, TypeVar

T = TypeVar("T")


class DaemonThreads(Executor):
    """As many threads as there are calls at a time; idle ones are used again."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._calls: queue.SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._idle = 0
        self._threads = 0

    def submit(self, call: Callable[..., T], /, *arguments: Any, **named: Any) -> Future[T]:
        """Call in a thread of this pool."""
        future: Future[T] = Future()
        with self._lock:
            is_needed = self._idle == 0
            if is_needed:
                self._threads += 1
            else:
                self._idle -= 1
        self._calls.put((future, lambda: call(*arguments, **named)))
        if is_needed:
            threading.Thread(target=self._work, name=f"{self._name}-{self._threads}", daemon=True).start()
        return future

    def shutdown(self, wait: bool = False, *, cancel_futures: bool = False) -> None:
        """Let idle threads end; those in a call end after it, or never."""
        for _ in range(self._threads):
            self._calls.put(None)

    def _work(self) -> None:
        while (item := self._calls.get()) is not None:
            future, call = item
            if future.set_running_or_notify_cancel():
                try:
                    future.set_result(call())
                except BaseException as error:  # noqa: BLE001 - handed to who waits, as executors do
                    future.set_exception(error)
            with self._lock:
                self._idle += 1
