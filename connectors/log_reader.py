"""Reading partitions of Kafka without a group: from a place to the end of what is committed, or on and on. Blocking."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, Message, TopicPartition

from pipeline.kafka.client import Client
from pipeline.logs import ClientLog

PATIENCE_S = 30.0
UNJOINED = "sluice-unjoined"
"""A group for those who commit nothing: a client must name one, and its principal may describe it."""


def consumer_of(client: Client, group: str, **more: Any) -> Consumer:
    """A consumer that commits nothing by itself and sees committed records only."""
    return Consumer(
        {
            **client,
            "group.id": group,
            "enable.auto.commit": False,
            "isolation.level": "read_committed",
            "auto.offset.reset": "earliest",
            "fetch.wait.max.ms": 50,
            "logger": ClientLog(f"reader {group}"),
            **more,
        }
    )


def partitions_of(consumer: Consumer, topic: str) -> list[int]:
    """Partition numbers of a topic. Raises KafkaException if it does not exist."""
    metadata = consumer.list_topics(topic, timeout=PATIENCE_S).topics[topic]
    if metadata.error is not None:
        raise KafkaException(metadata.error)
    return sorted(metadata.partitions)


def offset_at(consumer: Consumer, topic: str, partition: int, timestamp_ms: int) -> int | None:
    """Offset of the first record at or after a log time; None if there is none."""
    found: TopicPartition = consumer.offsets_for_times(
        [TopicPartition(topic, partition, max(0, timestamp_ms))], timeout=PATIENCE_S
    )[0]
    return found.offset if found.offset >= 0 else None


def read_to_end(
    client: Client, topic: str, starts: Mapping[int, int], *, isolation: str = "read_committed"
) -> Iterator[Message]:
    """All committed records of partitions from their starts (OFFSET_BEGINNING allowed) to the end as it is reached.

    With `isolation="read_uncommitted"` those that were rolled back too. Raises KafkaException for an error that
    reading on cannot mend.
    """
    if not starts:
        return
    consumer = consumer_of(client, UNJOINED, **{"enable.partition.eof": True, "isolation.level": isolation})
    try:
        consumer.assign([TopicPartition(topic, partition, offset) for partition, offset in starts.items()])
        left = set(starts)
        while left:
            for message in consumer.consume(500, 0.2):
                error = message.error()
                if error is None:
                    yield message
                elif error.code() == KafkaError._PARTITION_EOF:
                    left.discard(message.partition())
                elif error.fatal() or error.code() == KafkaError.UNKNOWN_TOPIC_OR_PART:
                    raise KafkaException(error)
    finally:
        consumer.close()


def take(consumer: Consumer, limit: int, wait_s: float) -> list[Message]:
    """Up to `limit` records: waits for the first, not for more. Errors that pass are left out, others raised."""
    first = consumer.poll(wait_s)
    if first is None:
        return []
    messages: Sequence[Message] = [first, *consumer.consume(limit - 1, 0)] if limit > 1 else [first]
    sound = []
    for message in messages:
        error = message.error()
        if error is None:
            sound.append(message)
        elif error.fatal() or error.code() == KafkaError.OFFSET_OUT_OF_RANGE:
            raise KafkaException(error)
    return sound


BEGINNING = OFFSET_BEGINNING
