"""Follows a one-partition topic in a thread: plain consumer, `assign`, no group, no commits.

The ground under the rules log and the health log. Faust tables are not used for this (FINDINGS section 1).
"""

import asyncio
import threading
import time
from collections.abc import Callable, Mapping

import structlog
from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, Message, TopicPartition

from pipeline.kafka.passing import watermarks
from pipeline.logs import ClientLog

log = structlog.get_logger(__name__)

Config = Mapping[str, str | int | bool]
BATCH = 500
POLL_S = 0.1
TIMEOUT_S = 30.0
LOOK_S = 5.0  # how often a silent consumer is compared with its log
CLOSE_S = 1.0  # a thread that waits for a broker that is away is left behind (it is a daemon)


class LogUnreadable(Exception):
    """The topic cannot be followed any more (missing, forbidden, the thread died): stop the process."""


class Follower:
    """Calls `fold(message)` for each record in order, on its own thread, and tells how far it came.

    `tail`: begin so many offsets before the end instead of at the beginning. A `fold` that raises ends it: all
    who wait get LogUnreadable. A consumer that gives nothing although the log has more (seen once, after a broker's
    kill -9) is made anew: folds wait for this, and would wait for ever.
    """

    def __init__(
        self,
        config: Config,
        topic: str,
        fold: Callable[[Message], None],
        *,
        tail: int | None = None,
        make_consumer: Callable[[Config], Consumer] | None = None,
        look_s: float = LOOK_S,
    ) -> None:
        self.topic = topic
        self._config = config
        self._fold = fold
        self._tail = tail
        self._make_consumer = make_consumer or _consumer
        self._look_s = look_s
        self._looked: tuple[float, int] = (0.0, -1)  # when the log was looked at last, and how far we were then
        self._moved = threading.Condition()
        self._next = -1  # offset after the last record folded; -1 before the end at start is known
        self._end_at_start: int | None = None
        self._failure: BaseException | None = None
        self._is_closed = threading.Event()
        self._waiting: set[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = set()
        self._thread = threading.Thread(target=self._run, name=f"sluice-follow-{topic}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """Stop the thread. Blocking, short."""
        self._is_closed.set()
        if self._thread.is_alive():
            self._thread.join(CLOSE_S)

    @property
    def is_ready(self) -> bool:
        """Whether all that was there at the start has been folded."""
        self.check()
        return self._end_at_start is not None and self._next >= self._end_at_start

    def has_passed(self, offset: int) -> bool:
        """Whether the record of this offset has been folded (or never will be: it is not in the log)."""
        self.check()
        return self._next > offset

    def check(self) -> None:
        """Raises LogUnreadable if the thread died."""
        if self._failure is not None:
            raise LogUnreadable(f"{self.topic}: {self._failure}") from self._failure

    def wait_ready(self, timeout_s: float = TIMEOUT_S) -> None:
        """Block until ready. Raises TimeoutError, LogUnreadable."""
        with self._moved:
            if not self._moved.wait_for(lambda: self._failure is not None or self.is_ready, timeout_s):
                raise TimeoutError(f"{self.topic} was not read to its end within {timeout_s} s")
        self.check()

    async def wait_until(self, is_met: Callable[[], bool]) -> None:
        """Return when a condition on what was folded holds; asked again after each batch. Raises LogUnreadable."""
        waiter = (asyncio.get_running_loop(), asyncio.Event())
        self._waiting.add(waiter)
        try:
            while not is_met():
                self.check()
                await waiter[1].wait()
                waiter[1].clear()
        finally:
            self._waiting.discard(waiter)

    def fetch(self, offset: int) -> Message | None:
        """The record of one offset, read anew; None if the log no longer has it. Blocking; call it in a thread."""
        consumer = self._make_consumer(self._config)
        try:
            low, high = watermarks(consumer, TopicPartition(self.topic, 0), TIMEOUT_S)
            if not low <= offset < high:
                return None
            consumer.assign([TopicPartition(self.topic, 0, offset)])
            for message in consumer.consume(1, TIMEOUT_S):
                if message.error() is None and message.offset() == offset:
                    return message
            return None
        finally:
            consumer.close()

    def _run(self) -> None:
        try:
            self._follow()
        except Exception as error:
            log.exception("follower.failed", topic=self.topic)
            self._failure = error
            self._tell()

    def _follow(self) -> None:
        consumer = self._make_consumer(self._config)
        try:
            low, end = watermarks(consumer, TopicPartition(self.topic, 0), TIMEOUT_S)
            start = OFFSET_BEGINNING if self._tail is None else max(low, end - self._tail)
            consumer.assign([TopicPartition(self.topic, 0, start)])
            self._end_at_start = end
            if end <= low:
                self._next = end
                self._tell()
            while not self._is_closed.is_set():
                self._take(consumer.consume(BATCH, POLL_S))
                if self._is_stuck(consumer):
                    log.warning("follower.stuck", topic=self.topic, at=self._next)
                    consumer.close()
                    consumer = self._make_consumer(self._config)
                    consumer.assign([TopicPartition(self.topic, 0, self._next if self._next >= 0 else start)])
        finally:
            consumer.close()

    def _is_stuck(self, consumer: Consumer) -> bool:
        """Whether the log had more at two looks and nothing came between them."""
        looked_at, was_at = self._looked
        now = time.monotonic()
        if now - looked_at < self._look_s:
            return False
        self._looked = (now, self._next)
        if self._next != was_at:
            return False
        try:
            _, end = consumer.get_watermark_offsets(TopicPartition(self.topic, 0), timeout=1.0)
        except KafkaException:
            return False  # the broker is away: that is no stall
        return bool(end > self._next)

    def _take(self, messages: list[Message]) -> None:
        for message in messages:
            error = message.error()
            if error is None:
                self._fold(message)
                self._next = message.offset() + 1
            elif error.code() == KafkaError._PARTITION_EOF:  # also passes what is not delivered, such as markers
                self._next = max(self._next, message.offset())
            elif error.fatal() or error.code() == KafkaError.UNKNOWN_TOPIC_OR_PART:
                raise KafkaException(error)
            else:
                log.warning("follower.delayed", topic=self.topic, detail=str(error))
        if messages:
            self._tell()

    def _tell(self) -> None:
        with self._moved:
            self._moved.notify_all()
        for loop, event in list(self._waiting):
            if not loop.is_closed():
                loop.call_soon_threadsafe(event.set)


def _consumer(config: Config) -> Consumer:
    return Consumer(
        {
            "group.id": "sluice-follower",  # never joined: partitions are assigned by hand
            "enable.auto.commit": False,
            "auto.offset.reset": "earliest",
            "enable.partition.eof": True,
            "fetch.wait.max.ms": 100,
            **config,
        },
        logger=ClientLog("follower"),
    )
