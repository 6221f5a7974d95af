"""Writes records and says when each is durable: one idempotent producer, its polling thread, callbacks in the loop."""

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

import structlog
from confluent_kafka import KafkaError, KafkaException, Message, Producer

from pipeline.events.codec import AnyRecord, Codec
from pipeline.events.headers import headers_of
from pipeline.kafka.client import Client
from pipeline.logs import ClientLog

log = structlog.get_logger(__name__)

OnStored = Callable[[str], None]
"""Called in the event loop with '' once the record is durable, or with what went wrong for good."""


class Outbox:
    """Records out of one process. Nothing times out: while the broker is away, records wait (message.timeout.ms=0).

    `on_fatal` is called in the loop if the producer fails for good: then no callback comes any more.
    """

    def __init__(
        self,
        client: Client,
        codec: Codec,
        epoch: str,
        *,
        loop: asyncio.AbstractEventLoop,
        on_fatal: Callable[[BaseException], None],
        make_producer: Callable[[dict[str, Any]], Producer] = Producer,
    ) -> None:
        self._codec = codec
        self._headers = headers_of(None, epoch)
        self._loop = loop
        self._on_fatal = on_fatal
        self._producer = make_producer(
            {
                **client,
                "enable.idempotence": True,
                "acks": "all",
                "partitioner": "murmur2_random",
                "linger.ms": 2,
                "message.timeout.ms": 0,
                "queue.buffering.max.messages": 500_000,
                "error_cb": _log_error,
                "logger": ClientLog("outbox"),
            }
        )
        self._stored: deque[tuple[OnStored, str]] = deque()
        self._is_draining = False
        self._is_closing = threading.Event()
        self._poller = threading.Thread(target=self._poll, name="outbox", daemon=True)
        self._poller.start()

    def send(
        self, topic: str, key: str, record: AnyRecord, on_stored: OnStored, headers: Sequence[tuple[str, bytes]] = ()
    ) -> None:
        """Write a record with the epoch header (facts from the wire have no source) and these.

        Raises BufferError if full.
        """

        def delivered(error: KafkaError | None, _message: Message) -> None:
            self._stored.append((on_stored, "" if error is None else str(error)))
            if not self._is_draining:
                self._is_draining = True
                self._loop.call_soon_threadsafe(self._drain)

        self._producer.produce(
            topic,
            key=key.encode(),
            value=self._codec.encode(record),
            headers=[*self._headers, *headers],
            on_delivery=delivered,
        )

    async def flush(self, timeout_s: float) -> int:
        """Wait for what is on its way; the number of records that are not stored yet."""
        left: int = await asyncio.to_thread(self._producer.flush, timeout_s)
        await asyncio.sleep(0)
        self._drain()
        return left

    async def close(self, timeout_s: float) -> None:
        """Flush and stop."""
        left = await self.flush(timeout_s)
        if left:
            log.error("outbox.left_unstored", records=left)
        self._is_closing.set()
        await asyncio.to_thread(self._poller.join, 2)

    def _poll(self) -> None:
        """The polling thread: librdkafka raises a fatal error here, and delivers nothing more."""
        try:
            while not self._is_closing.is_set():
                self._producer.poll(0.1)
        except KafkaException as error:
            log.error("outbox.failed", detail=str(error))
            self._loop.call_soon_threadsafe(self._on_fatal, error)

    def _drain(self) -> None:
        self._is_draining = False
        while self._stored:
            on_stored, error = self._stored.popleft()
            on_stored(error)


def _log_error(error: KafkaError) -> None:
    if error.fatal() or error.code() == KafkaError._ALL_BROKERS_DOWN:  # the rest repeats it, broker by broker
        log.warning("kafka.error", detail=str(error), is_fatal=error.fatal())
