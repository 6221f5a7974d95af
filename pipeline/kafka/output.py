"""Writing to Kafka in order and without gaps: an idempotent producer, and outboxes that can be settled.

One `Output` a process, one `Outbox` for each thing that must know when *its* records are acknowledged (a partition
of a stage). A failed delivery is remembered: settling raises, nothing more is sent, and the worker has to
stop without a checkpoint, because a record after a gap would hide the gap behind the reader's watermark.
"""

import asyncio
import threading
import time
import weakref
from collections.abc import Mapping, Sequence
from typing import Any

import structlog
from confluent_kafka import KafkaError, KafkaException, Message, Producer

from pipeline.logs import ClientLog
from pipeline.metrics import OUTPUT_BYTES, OUTPUT_FAILURES, OUTPUT_QUEUE, Metrics

log = structlog.get_logger(__name__)

Headers = Sequence[tuple[str, bytes]]
LINGER_MS = 5
POLL_S = 0.1
TELL_S = 1.0
FULL_PAUSE_S = 0.005
PRODUCER: Mapping[str, str | int | bool] = {
    "enable.idempotence": True,
    "acks": "all",
    "partitioner": "murmur2_random",
    "enable.gapless.guarantee": True,
    "log_level": 3,  # it warns of that setting, which is "experimental", at every start
    "message.timeout.ms": 0,  # for ever: a broker that is away delays, and must not make a gap
    "compression.type": "none",  # sealed content does not shrink
}


class DeliveryFailed(Exception):
    """A record was not written: stop without a checkpoint, and start again from the last one."""


class Output:
    """The producer of a process. `config` is merged over the defaults (bootstrap.servers, security, ...).

    Callbacks come from a thread of its own; everything else is called on one event loop.
    """

    def __init__(
        self,
        config: Mapping[str, str | int | bool],
        *,
        linger_ms: int = LINGER_MS,
        metrics: Metrics | None = None,
    ) -> None:
        self._producer: Producer = Producer({**PRODUCER, "linger.ms": linger_ms, **config}, logger=ClientLog("output"))
        self._metrics = metrics or Metrics()
        self._octets = self._told_octets = 0  # handed over; told to the metrics
        self._told_at = 0.0
        self._failure: str | None = None
        self._outboxes: weakref.WeakSet[Outbox] = weakref.WeakSet()
        self._is_closed = threading.Event()
        self._poller = threading.Thread(target=self._poll, name="sluice-output", daemon=True)
        self._poller.start()

    def outbox(self) -> "Outbox":
        """A new outbox over this producer."""
        made = Outbox(self)
        self._outboxes.add(made)
        return made

    def close(self, timeout_s: float = 5.0) -> None:
        """Send what is queued, for at most this long, then drop the rest. Blocking."""
        if self._failure is None:
            self._producer.flush(timeout_s)
        self._producer.purge()
        self._is_closed.set()
        self._poller.join(2 * POLL_S + 1)
        if hasattr(self._producer, "close"):  # else it is closed when it is forgotten
            self._producer.close()

    @property
    def failure(self) -> str | None:
        """Why a delivery failed, or None: then nothing more is sent."""
        return self._failure

    def fail(self, why: str) -> None:
        """Remember a failure and drop what is queued, so that nothing lands behind the gap."""
        if self._failure is None:
            self._failure = why
            self._metrics.add(OUTPUT_FAILURES)
            log.error("output.failed", detail=why)
            self._producer.purge(in_queue=True, in_flight=False, blocking=False)
        for outbox in list(self._outboxes):
            outbox.wake()

    def produce(self, topic: str, value: bytes, key: bytes, **more: Any) -> None:
        """As `Producer.produce`. Raises DeliveryFailed after a failure, BufferError when the queue is full."""
        if self._failure is not None:
            raise DeliveryFailed(self._failure)
        self._producer.produce(topic, value, key, **more)
        self._octets += len(value) + len(key)

    def _poll(self) -> None:
        """The polling thread: ends at a fatal error, after which librdkafka delivers nothing more."""
        try:
            while not self._is_closed.is_set():
                self._producer.poll(POLL_S)
                self._tell()
        except KafkaException as error:
            self.fail(str(error))

    def _tell(self) -> None:
        """Once a second, on the polling thread."""
        now = time.monotonic()
        if now - self._told_at < TELL_S:
            return
        self._told_at = now
        octets = self._octets
        self._metrics.add(OUTPUT_BYTES, octets - self._told_octets)
        self._told_octets = octets
        self._metrics.set(OUTPUT_QUEUE, len(self._producer))


class Outbox:
    """Records of one sender, in the order they were sent. Used from one event loop, by one task at a time."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._lock = threading.Lock()
        self._outstanding = 0
        self._waiter: tuple[asyncio.AbstractEventLoop, asyncio.Event] | None = None

    async def send(
        self, topic: str, key: str, value: bytes, headers: Headers = (), partition: int | None = None
    ) -> None:
        """Queue one record; waits while the producer's queue is full. Raises DeliveryFailed after any failure.

        Without a partition it is murmur2 of the key, as Java producers have it.
        """
        where: dict[str, int] = {} if partition is None else {"partition": partition}
        with self._lock:
            self._outstanding += 1
        while True:
            try:
                self._output.produce(
                    topic, value, key.encode(), headers=list(headers), on_delivery=self._delivered, **where
                )
                return
            except BufferError:
                await asyncio.sleep(FULL_PAUSE_S)
            except BaseException:
                self._one_less()
                raise

    async def settle(self) -> None:
        """Return when all that was sent is acknowledged. Raises DeliveryFailed if anything was not, by anyone."""
        settled = asyncio.Event()
        with self._lock:
            is_waiting = self._outstanding > 0 and self._output.failure is None
            self._waiter = (asyncio.get_running_loop(), settled) if is_waiting else None
        if is_waiting:
            await settled.wait()
        if self._output.failure is not None:
            raise DeliveryFailed(self._output.failure)

    def _delivered(self, error: KafkaError | None, message: Message) -> None:
        """Called on the polling thread."""
        if error is not None:
            self._output.fail(f"{message.topic()}: {error}")
        self._one_less()

    def _one_less(self) -> None:
        with self._lock:
            self._outstanding -= 1
            is_settled = self._outstanding == 0
        if is_settled:
            self.wake()

    def wake(self) -> None:
        """Have whoever settles look again: all is acknowledged, or nothing more ever will be."""
        with self._lock:
            waiter, self._waiter = self._waiter, None
        if waiter is not None:
            loop, settled = waiter
            loop.call_soon_threadsafe(settled.set)
