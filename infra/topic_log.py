"""Reading a topic from a command: from where, until where, decoded. Plain consumer, no group, nothing committed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from confluent_kafka import OFFSET_BEGINNING, OFFSET_END, Consumer, KafkaError, KafkaException, Message, TopicPartition

from pipeline.events.codec import AnyRecord, Codec, Poison

Client = Mapping[str, str | int | bool]
TIMEOUT_S = 30.0
POLL_S = 0.2
MARKERS = 10
"""Records and markers at the end of a partition that are looked through for the last record, at first."""


class TopicMissing(Exception):
    """There is no such topic (or it may not be seen); the message names it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    """One raw record of a topic and what it says. `record` is None for a tombstone, Poison for what cannot be read."""

    topic: str
    partition: int
    offset: int
    timestamp_ms: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...]
    record: AnyRecord | Poison | None

    @property
    def coordinates(self) -> str:
        """`<topic>/<partition>/<offset>`."""
        return f"{self.topic}/{self.partition}/{self.offset}"


def read_topic(
    client: Client, topic: str, *, start: Mapping[int, int] | None = None, since_ms: int | None = None,
    follow: bool = False, tail: bool = False,
) -> Iterator[Logged]:  # fmt: skip
    """Records of all partitions, as they come: each partition in order.

    From the beginning, or `start` (offset by partition; others are left out), or the first record at or after
    `since_ms`, or only what comes from now on (`tail`). Ends at what was the end when it began, unless `follow`.
    Committed records only. Raises TopicMissing, KafkaException.
    """
    consumer = Consumer(
        {
            **client,
            "group.id": "sluice-look",
            "enable.auto.commit": False,
            "isolation.level": "read_committed",
            "enable.partition.eof": True,
            "auto.offset.reset": "earliest",
            "log_level": 2,
        }
    )
    codec = Codec()
    try:
        partitions = _starts(consumer, topic, start, since_ms, tail)
        waiting = {each.partition for each in partitions}
        consumer.assign(partitions)
        while waiting or follow:
            message = consumer.poll(POLL_S)
            if message is None:
                continue
            error = message.error()
            if error is None:
                yield _logged(codec, message)
            elif error.code() == KafkaError._PARTITION_EOF:
                waiting.discard(message.partition())
            elif not error.retriable() and error.code() != KafkaError._ALL_BROKERS_DOWN:
                raise KafkaException(error)
    finally:
        consumer.close()


def read_record(client: Client, topic: str, partition: int, offset: int) -> Logged | None:
    """The record at exactly these coordinates, or None if none is there (any more)."""
    for logged in read_topic(client, topic, start={partition: offset}):
        return logged if logged.offset == offset else None
    return None


def read_last(client: Client, topic: str, partition: int = 0) -> Logged | None:
    """The last record of a partition, or None if it is empty; transaction markers at its end are passed over."""
    consumer = Consumer({**client, "group.id": "sluice-look", "log_level": 2})
    try:
        low, end = consumer.get_watermark_offsets(TopicPartition(topic, partition), timeout=TIMEOUT_S)
    finally:
        consumer.close()
    last: Logged | None = None
    span = MARKERS
    while last is None and end > low:
        begin = max(low, end - span)
        for logged in read_topic(client, topic, start={partition: begin}):
            last = logged
        if begin == low:
            break
        span *= 10
    return last


def _starts(
    consumer: Consumer, topic: str, start: Mapping[int, int] | None, since_ms: int | None, tail: bool
) -> list[TopicPartition]:
    found = consumer.list_topics(topic, timeout=TIMEOUT_S).topics[topic]
    if found.error is not None or not found.partitions:
        raise TopicMissing(f"topic {topic!r} does not exist here; see: sluice topics list")
    if start is not None:
        return [TopicPartition(topic, partition, offset) for partition, offset in start.items()]
    if since_ms is not None:
        asked = [TopicPartition(topic, partition, since_ms) for partition in found.partitions]
        return list(consumer.offsets_for_times(asked, timeout=TIMEOUT_S))
    where = OFFSET_END if tail else OFFSET_BEGINNING
    return [TopicPartition(topic, partition, where) for partition in found.partitions]


def _logged(codec: Codec, message: Message) -> Logged:
    value = message.value()
    record: AnyRecord | Poison | None = None
    if value is not None:
        try:
            record = codec.decode(value)
        except Poison as error:
            record = error
    topic, partition, offset = message.topic(), message.partition(), message.offset()
    assert topic is not None
    assert partition is not None
    assert offset is not None
    return Logged(
        topic=topic,
        partition=partition,
        offset=offset,
        timestamp_ms=message.timestamp()[1],
        key=message.key(),
        value=value,
        headers=tuple(message.headers() or ()),
        record=record,
    )
