"""Who is the active connector of a carrier account: the owner of its receipt index's one partition.

A member of the group `connector-<carrier>` for as long as the process lives. The cooperative assignor leaves the
partition where it is when a standby joins; a standby gets it when the owner leaves or is silent for the session
timeout. The consumer polls in a thread of its own.
"""

import asyncio
import threading

import structlog
from confluent_kafka import Consumer, KafkaError, TopicPartition

from pipeline.events import topics
from pipeline.kafka.client import Client
from pipeline.logs import ClientLog

log = structlog.get_logger(__name__)

_HAND_OVER_S = 25.0


class Leadership:
    """Tells the event loop when the lead is ours (`is_ours`) and when it is asked back or gone (`is_over`).

    Asked back in good order: the thread waits up to 25 s for `handed_over`. `is_lost` says that nobody waited: the
    group believes us dead, so another may be active already.
    """

    def __init__(self, *, client: Client, carrier: str, session_timeout_ms: int) -> None:
        self._loop = asyncio.get_running_loop()
        self._carrier = carrier
        self.is_ours = asyncio.Event()
        self.is_over = asyncio.Event()
        self.is_lost = False
        self.failure: BaseException | None = None
        self._handed_over = threading.Event()
        self._is_closing = threading.Event()
        self._consumer = Consumer(
            {
                **client,
                "group.id": f"connector-{carrier}",
                "enable.auto.commit": False,
                "partition.assignment.strategy": "cooperative-sticky",
                "session.timeout.ms": session_timeout_ms,
                "heartbeat.interval.ms": max(300, session_timeout_ms // 4),
                "max.poll.interval.ms": max(60_000, session_timeout_ms),
                "topic.metadata.refresh.interval.ms": 10_000,
                "auto.offset.reset": "latest",
                "logger": ClientLog(f"lead {carrier}"),
            }
        )
        self._thread = threading.Thread(target=self._run, name=f"lead-{carrier}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def taken(self) -> None:
        """The active part begins: who asks for the lead waits for `handed_over`."""
        self._handed_over.clear()
        self.is_ours.clear()

    def handed_over(self) -> None:
        """The active part has ended: another may begin."""
        self._handed_over.set()

    async def close(self) -> None:
        """Leave the group, so that a standby takes over at once."""
        self._is_closing.set()
        self._handed_over.set()
        await asyncio.to_thread(self._thread.join, 30)

    def _run(self) -> None:
        try:
            self._consumer.subscribe(
                [topics.receipt_index(self._carrier)],
                on_assign=self._assigned,
                on_revoke=self._revoked,
                on_lost=self._lost,
            )
            while not self._is_closing.is_set():
                message = self._consumer.poll(0.2)
                error = None if message is None else message.error()
                if error is not None and error.code() != KafkaError._PARTITION_EOF:
                    log.warning("lead.error", carrier=self._carrier, detail=str(error))
        except Exception as error:  # noqa: BLE001 - whatever it is ends the connector, in the loop
            self.failure = error
            self._loop.call_soon_threadsafe(self.is_over.set)
        finally:
            self._consumer.close()

    def _assigned(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        consumer.incremental_assign(partitions)
        if partitions and not self._is_closing.is_set():
            consumer.pause(partitions)  # the partition is a token here; its records are read elsewhere
            self._handed_over.clear()
            self._loop.call_soon_threadsafe(self._begin)

    def _revoked(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        self._hand_over(partitions)
        consumer.incremental_unassign(partitions)

    def _lost(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        if partitions:
            self.is_lost = True
        self._hand_over(partitions)
        consumer.incremental_unassign(partitions)

    def _hand_over(self, partitions: list[TopicPartition]) -> None:
        if partitions and not self._is_closing.is_set():  # when closing, the active part has ended already
            self._loop.call_soon_threadsafe(self.is_over.set)
            self._handed_over.wait(_HAND_OVER_S)

    def _begin(self) -> None:
        self.is_lost = False
        self.is_over.clear()
        self.is_ours.set()
