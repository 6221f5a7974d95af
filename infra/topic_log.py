"""Reading topics from a command: from where, until where, decoded. Plain consumer, no group, nothing committed."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from confluent_kafka import OFFSET_BEGINNING, OFFSET_END, Consumer, KafkaError, KafkaException, Message, TopicPartition

from pipeline.errors import ForTheUser
from pipeline.events.codec import AnyRecord, Codec, Poison
from pipeline.kafka.client import Client
from pipeline.kafka.passing import watermarks

Place = tuple[str, int]
"""Topic and partition."""
TIMEOUT_S = 30.0
POLL_S = 0.2
LAST_SPAN = 10
"""Offsets at the end of a partition that are looked through first for its last record."""
END_WAIT_MS = 10
"""How long the broker keeps a fetch that finds nothing: so long it takes to know that a partition's end is reached.

Measured: a small topic is read in 0.05-0.09 s, with Kafka's default (500 ms) in 0.55-0.9 s.
"""
REFRESH_S = 2.0
"""How often topics that were made later are looked for."""


class TopicMissing(ForTheUser):
    """There is no such topic or partition (or it may not be seen); the message names it."""


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
    reader = _Reader(client, is_followed=follow)
    try:
        partitions = reader.partitions_of(topic)
        if start is None:
            reader.add(reader.placed(topic, partitions, since_ms=since_ms, tail=tail))
        else:
            if strange := sorted(start.keys() - set(partitions)):
                raise TopicMissing(f"topic {topic} has no partition {strange[0]}, but 0 to {max(partitions)}")
            reader.add([TopicPartition(topic, partition, offset) for partition, offset in start.items()])
        while reader.is_behind or follow:
            logged = reader.poll()
            if logged is not None:
                yield logged
    finally:
        reader.close()


def read_topics(
    client: Client, is_wanted: Callable[[str], bool], *, since_ms: int | None = None, follow: bool = False,
    holding: Sequence[bytes] = (),
) -> Iterator[Logged]:  # fmt: skip
    """Records of every topic with a wanted name, as they come; with `holding`, only those with one of these octets.

    From the beginning, or `since_ms`; ends at what was the end. With `follow` it never ends: what is there since
    `since_ms` (nothing, if it is None) comes first, in order of log time and therefore held in memory; then what is
    new, also of topics that are made later. Committed records only. Raises KafkaException.
    """
    reader = _Reader(client, tuple(holding), is_followed=follow)
    try:
        known: set[str] = set()
        reader.add_topics(is_wanted, known, since_ms=since_ms, tail=follow and since_ms is None)
        backlog: list[Logged] = []
        while reader.is_behind:
            logged = reader.poll()
            if logged is not None:
                if follow:
                    backlog.append(logged)
                else:
                    yield logged
        yield from sorted(backlog, key=lambda each: each.timestamp_ms)
        looked_at = time.monotonic()
        while follow:
            logged = reader.poll()
            if logged is not None:
                yield logged
            if time.monotonic() - looked_at > REFRESH_S:
                looked_at = time.monotonic()
                reader.add_topics(is_wanted, known, since_ms=None, tail=False)
    finally:
        reader.close()


def read_record(client: Client, topic: str, partition: int, offset: int) -> Logged | None:
    """The record at exactly these coordinates, or None if none is there (any more). Raises as `read_topic`."""
    for logged in read_topic(client, topic, start={partition: offset}):
        return logged if logged.offset == offset else None
    return None


def read_last(client: Client, topic: str, partition: int = 0) -> Logged | None:
    """The last record of a partition, None if there is none. Transaction markers at its end are passed over."""
    low, end = ends_of(client, [topic])[topic, partition]
    last: Logged | None = None
    span = LAST_SPAN
    while last is None and end > low:
        begin = max(low, end - span)
        for logged in read_topic(client, topic, start={partition: begin}):
            last = logged
        if begin == low:
            break
        span *= 10
    return last


def ends_of(client: Client, topics: Sequence[str]) -> dict[Place, tuple[int, int]]:
    """(first offset, offset after the last) of every partition of these topics. Raises TopicMissing, KafkaException."""
    reader = _Reader(client)
    try:
        return {
            (topic, partition): reader.range_of(topic, partition)
            for topic in topics
            for partition in reader.partitions_of(topic)
        }
    finally:
        reader.close()


def looking(client: Client, **more: str | int | bool) -> Consumer:
    """A consumer that only looks: no group is joined, nothing is committed, what was not committed is not seen."""
    return Consumer(
        {
            **client,
            "group.id": "sluice-look",
            "enable.auto.commit": False,
            "isolation.level": "read_committed",
            "enable.partition.eof": True,
            "auto.offset.reset": "earliest",
            "log_level": 2,
            **more,
        }
    )


class _Reader:
    """A consumer with the partitions given to it, and which of them it has not read to their end yet."""

    def __init__(self, client: Client, holding: tuple[bytes, ...] = (), *, is_followed: bool = False) -> None:
        self._consumer = looking(client) if is_followed else looking(client, **{"fetch.wait.max.ms": END_WAIT_MS})
        self._is_followed = is_followed
        self._silent_s = 0.0
        self._codec = Codec()
        self._holding = holding
        self._behind: set[Place] = set()

    @property
    def is_behind(self) -> bool:
        return bool(self._behind)

    def partitions_of(self, topic: str) -> list[int]:
        found = self._consumer.list_topics(topic, timeout=TIMEOUT_S).topics[topic]
        if found.error is not None or not found.partitions:
            raise TopicMissing(f"topic {topic!r} does not exist here; see: sluice topics list")
        return sorted(found.partitions)

    def range_of(self, topic: str, partition: int) -> tuple[int, int]:
        return watermarks(self._consumer, TopicPartition(topic, partition), TIMEOUT_S)

    def placed(
        self, topic: str, partitions: Sequence[int], *, since_ms: int | None, tail: bool
    ) -> list[TopicPartition]:
        if since_ms is not None:
            asked = [TopicPartition(topic, partition, since_ms) for partition in partitions]
            return list(self._consumer.offsets_for_times(asked, timeout=TIMEOUT_S))
        where = OFFSET_END if tail else OFFSET_BEGINNING
        return [TopicPartition(topic, partition, where) for partition in partitions]

    def add(self, partitions: Sequence[TopicPartition]) -> None:
        """Read these too, from where they say."""
        if partitions:
            self._consumer.incremental_assign(list(partitions))
            self._behind |= {(each.topic, each.partition) for each in partitions}

    def add_topics(
        self, is_wanted: Callable[[str], bool], known: set[str], *, since_ms: int | None, tail: bool
    ) -> None:
        """Read every topic with a wanted name that is not yet among the known ones."""
        for name, topic in self._consumer.list_topics(timeout=TIMEOUT_S).topics.items():
            if name not in known and topic.partitions and is_wanted(name):
                known.add(name)
                self.add(self.placed(name, sorted(topic.partitions), since_ms=since_ms, tail=tail))

    def poll(self) -> Logged | None:
        """The next record that is looked for, or None: nothing came, or something else.

        Raises KafkaException if nothing comes for TIMEOUT_S before the end is reached, unless followed.
        """
        message = self._consumer.poll(POLL_S)
        if message is None:
            self._lose_patience()
            return None
        error = message.error()
        if error is None:
            self._silent_s = 0.0
            value = message.value() or b""
            is_sought = not self._holding or any(octets in value for octets in self._holding)
            return _logged(self._codec, message) if is_sought else None
        topic, partition = message.topic(), message.partition()
        if error.code() == KafkaError._PARTITION_EOF and topic is not None and partition is not None:
            self._silent_s = 0.0
            self._behind.discard((topic, partition))
        elif not error.retriable() and error.code() != KafkaError._ALL_BROKERS_DOWN:
            raise KafkaException(error)
        return None

    def close(self) -> None:
        self._consumer.close()

    def _lose_patience(self) -> None:
        self._silent_s += POLL_S
        if self._behind and not self._is_followed and self._silent_s > TIMEOUT_S:
            topic, partition = min(self._behind)
            why = f"nothing came of {topic}/{partition} for {TIMEOUT_S:g} s"
            raise KafkaException(KafkaError(KafkaError._TIMED_OUT, why))


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
