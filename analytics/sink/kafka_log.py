"""The sink's log over a Kafka cluster: every partition of every sunk topic, committed records only."""

import threading
from collections.abc import Mapping
from typing import Any

from confluent_kafka import (
    TIMESTAMP_NOT_AVAILABLE,
    Consumer,
    KafkaError,
    KafkaException,
    Message,
    TopicPartition,
)

from analytics.sink.records import EndReached, LogError, LogUnavailable, Partition, Taken
from analytics.sink.topics import SunkTopics
from pipeline.kafka.client import Client
from pipeline.kafka.passing import PASSING, passes
from pipeline.logs import ClientLog

_FIRST_TIMEOUT_S = 10.0
_LATER_TIMEOUT_S = 2.0
_CLOSE_TIMEOUT_S = 3.0
_PASSING_HERE = PASSING | {KafkaError._UNKNOWN_PARTITION, KafkaError.OFFSET_NOT_AVAILABLE, KafkaError._RESOLVE}
"""A partition that was made a moment ago is unknown for a while, and so is its end."""
"""librdkafka goes on trying by itself after these."""


class KafkaLog:
    """A consumer with all partitions assigned by hand. `config` holds bootstrap.servers and security."""

    def __init__(self, config: Client, group_id: str, topics: SunkTopics) -> None:
        self._topics = topics
        self._timeout_s = _FIRST_TIMEOUT_S
        self._consumer = Consumer(
            {
                **config,
                "group.id": group_id,
                "enable.auto.commit": False,
                "enable.auto.offset.store": False,
                "auto.offset.reset": "earliest",
                "isolation.level": "read_committed",
                "enable.partition.eof": True,
                "fetch.wait.max.ms": 50,
                "queued.max.messages.kbytes": 32_768,
                "topic.metadata.refresh.interval.ms": 30_000,
                "logger": ClientLog("sink"),
            }
        )

    def partitions(self) -> frozenset[Partition]:
        try:
            metadata = self._consumer.list_topics(timeout=self._timeout_s)
        except KafkaException as error:
            raise _failure(error, f"no metadata from Kafka in {self._timeout_s:.0f} s") from error
        self._timeout_s = _LATER_TIMEOUT_S
        return frozenset(
            Partition(name, number)
            for name, topic in metadata.topics.items()
            if self._topics.records_of(name) is not None and topic.error is None
            for number in topic.partitions
        )

    def ends(self, partition: Partition) -> tuple[int, int]:
        try:
            low, high = self._consumer.get_watermark_offsets(TopicPartition(*partition), timeout=_FIRST_TIMEOUT_S)
        except KafkaException as error:
            raise _failure(error, f"no end offsets of {partition.topic}/{partition.number}") from error
        return int(low), int(high)

    def known_end(self, partition: Partition) -> int:
        found = self._consumer.get_watermark_offsets(TopicPartition(*partition), cached=True)
        return -1 if found is None else int(found[1])

    def read_from(self, positions: Mapping[Partition, int]) -> None:
        if positions:
            self._consumer.incremental_assign([TopicPartition(*part, offset) for part, offset in positions.items()])

    def take(self, limit: int, timeout_s: float) -> list[Taken | EndReached]:
        try:
            messages = self._consumer.consume(num_messages=limit, timeout=timeout_s)
        except KafkaException as error:
            raise LogError(f"Kafka consumer: {error}") from error
        return [item for message in messages if (item := _item(message)) is not None]

    def commit(self, positions: Mapping[Partition, int]) -> None:
        offsets = [TopicPartition(*part, offset) for part, offset in positions.items()]
        try:
            if offsets:
                self._consumer.commit(offsets=offsets, asynchronous=True)
        except KafkaException:
            return  # for monitoring only: nothing depends on it, the next one says more

    def close(self) -> None:
        closing = threading.Thread(target=self._consumer.close, daemon=True, name="kafka-close")
        closing.start()
        closing.join(_CLOSE_TIMEOUT_S)  # with no broker it waits for a commit's answer; nothing depends on that


def _failure(error: KafkaException, what: str) -> LogError:
    """Unavailable if it passes by itself; else (no right, a wrong password) nothing but a person mends it."""
    found: KafkaError = error.args[0]
    kind = LogUnavailable if found.code() in _PASSING_HERE or passes(error) else LogError
    return kind(f"{what}: {error}")


def _item(message: Message) -> Taken | EndReached | None:
    topic, number, offset = message.topic(), message.partition(), message.offset()
    error = message.error()
    if error is not None:
        if error.code() == KafkaError._PARTITION_EOF:
            return EndReached(Partition(topic, number), offset)
        if error.code() in _PASSING_HERE or (error.retriable() and not error.fatal()):
            return None
        raise LogError(f"Kafka consumer, {topic}/{number}: {error}")
    kind, timestamp = message.timestamp()
    headers: list[tuple[str, Any]] = message.headers() or []
    millis = 0 if kind == TIMESTAMP_NOT_AVAILABLE else timestamp
    return Taken(Partition(topic, number), offset, millis, message.value(), headers)
