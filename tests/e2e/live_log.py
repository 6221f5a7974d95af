"""A whole log as a value: every committed record of every topic, read once, to be folded and judged without Kafka."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TypeVar

import msgspec
from confluent_kafka import Consumer, KafkaError, Message, TopicPartition

from pipeline.domain.rules import CarrierState, Health, Rules, apply_control
from pipeline.events import topics
from pipeline.events.codec import AnyRecord, Codec
from pipeline.events.headers import Watermarks, coordinates, read_headers
from pipeline.events.records import ControlRecorded, HealthSnapshot
from pipeline.kafka.ports import InputRecord
from pipeline.kafka.rules_log import SnapshotUnknown
from pipeline.stages.decision import Snapshot

CODEC = Codec()
TIMEOUT_S = 60.0
INTENTS = "sms.intents."
R = TypeVar("R", bound=AnyRecord)


@dataclass(frozen=True, kw_only=True)
class LiveLog:
    """`records` of each topic by partition and offset; `cluster_id` as message ids contain it."""

    cluster_id: str
    records: Mapping[str, tuple[InputRecord, ...]]

    def of(self, topic: str) -> tuple[InputRecord, ...]:
        return self.records.get(topic, ())

    def partitions(self, topic: str) -> dict[int, list[InputRecord]]:
        """The records of each partition, in offset order."""
        found: dict[int, list[InputRecord]] = {}
        for record in self.of(topic):
            found.setdefault(record.partition, []).append(record)
        return found

    def names(self, prefix: str) -> list[str]:
        """The topics whose names begin so."""
        return sorted(name for name in self.records if name.startswith(prefix))

    def first_ones(self, prefix: str, kind: type[R]) -> list[tuple[InputRecord, R]]:
        """What readers keep of a kind in these topics: repeats are dropped by the watermark, facts of the wire stay."""
        kept: list[tuple[InputRecord, R]] = []
        for name in self.names(prefix):
            for records in self.partitions(name).values():
                watermarks = Watermarks()
                for record in records:
                    source, _ = read_headers(record.headers)
                    if source is None or watermarks.admit(source):
                        decoded: AnyRecord = CODEC.decode(record.value)
                        if isinstance(decoded, kind):
                            kept.append((record, decoded))
        return kept

    def without(self, record: InputRecord) -> "LiveLog":
        """This log as if a record had never been written."""
        kept = tuple(each for each in self.of(record.topic) if each is not record)
        return replace(self, records={**self.records, record.topic: kept})

    def changed(self, record: InputRecord, value: bytes) -> "LiveLog":
        """This log with another value in a record's place."""
        records = tuple(each._replace(value=value) if each is record else each for each in self.of(record.topic))
        return replace(self, records={**self.records, record.topic: records})

    def with_last(self, record: InputRecord) -> "LiveLog":
        """This log with one record more, at the end of its partition."""
        end = max(each.offset for each in self.of(record.topic) if each.partition == record.partition)
        records = (*self.of(record.topic), record._replace(offset=end + 1))
        return replace(self, records={**self.records, record.topic: records})

    @cached_property
    def rulebook(self) -> "Rulebook":
        """The rules and health that the log itself holds."""
        return Rulebook(rules=_revisions(self.of(topics.CONTROL)), health=_healths(self.of(topics.HEALTH)))

    @cached_property
    def stored(self) -> dict[tuple[str, int], dict[str, bytes]]:
        """What stands in the state topics: values by key, for each (stage, partition)."""
        found: dict[tuple[str, int], dict[str, bytes]] = {}
        prefix = topics.state("")
        for name in self.names(prefix):
            for record in self.of(name):
                values = found.setdefault((name.removeprefix(prefix), record.partition), {})
                key = (record.key or b"").decode()
                if record.value is None:
                    values.pop(key, None)
                else:
                    values[key] = record.value
        return found


@dataclass(frozen=True, kw_only=True)
class Rulebook:
    """Snapshots by offset, all at hand. Implements `ports.RulesSource`."""

    rules: Mapping[int, Rules] = field(default_factory=dict)
    health: Mapping[int, Health] = field(default_factory=dict)

    def newest(self) -> tuple[int, int]:
        return max(self.rules), max(self.health)

    def at(self, control_offset: int, health_offset: int) -> Snapshot | None:
        rules, health = self.rules.get(control_offset), self.health.get(health_offset)
        return None if rules is None or health is None else Snapshot(rules=rules, health=health)

    async def wait_for(self, control_offset: int, health_offset: int) -> Snapshot:
        found = self.at(control_offset, health_offset)
        if found is None:
            raise SnapshotUnknown(f"no rules at {control_offset}, or no health at {health_offset}")
        return found


def read_log(bootstrap: str) -> LiveLog:
    """Every committed record of every topic of Sluice there is now. Raises TimeoutError if they cannot all be read.

    Of intents also those that were rolled back: what a killed broker had acknowledged may be (connectors.takeover).
    """
    cluster_id, committed = _read_topics(bootstrap, "read_committed", lambda name: not name.startswith(INTENTS))
    _, intents = _read_topics(bootstrap, "read_uncommitted", lambda name: name.startswith(INTENTS))
    return LiveLog(cluster_id=cluster_id, records={**committed, **intents})


def _read_topics(
    bootstrap: str, isolation: str, is_wanted: Callable[[str], bool]
) -> tuple[str, dict[str, tuple[InputRecord, ...]]]:
    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": "tests-live-log",  # never joined
            "enable.auto.commit": False,
            "auto.offset.reset": "earliest",
            "isolation.level": isolation,
            "enable.partition.eof": True,
            "fetch.wait.max.ms": 50,
        }
    )
    try:
        cluster = consumer.list_topics(timeout=30)
        places = [
            TopicPartition(name, partition, 0)
            for name, topic in cluster.topics.items()
            if name.startswith(topics.PREFIX) and is_wanted(name)
            for partition in topic.partitions
        ]
        consumer.assign(places)
        return cluster.cluster_id, _read_to_end(consumer, {(each.topic, each.partition) for each in places})
    finally:
        consumer.close()


def place_of(record: InputRecord) -> str:
    return coordinates(record.topic, record.partition, record.offset)


def _read_to_end(consumer: Consumer, unread: set[tuple[str, int]]) -> dict[str, tuple[InputRecord, ...]]:
    found: dict[str, list[InputRecord]] = {topic: [] for topic, _ in unread}
    deadline = time.monotonic() + TIMEOUT_S
    while unread:
        if time.monotonic() > deadline:
            raise TimeoutError(f"not read to the end within {TIMEOUT_S} s: {sorted(unread)}")
        for message in consumer.consume(1000, 0.1):
            if message.error() is None:
                found[message.topic()].append(_record_of(message))
            elif message.error().code() == KafkaError._PARTITION_EOF:
                unread.discard((message.topic(), message.partition()))
    return {topic: tuple(sorted(each, key=lambda one: (one.partition, one.offset))) for topic, each in found.items()}


def _record_of(message: Message) -> InputRecord:
    return InputRecord(
        topic=message.topic(),
        partition=message.partition(),
        offset=message.offset(),
        timestamp_ms=message.timestamp()[1],
        value=message.value(),
        headers=tuple(message.headers() or ()),
        key=message.key(),
    )


def _revisions(records: tuple[InputRecord, ...]) -> dict[int, Rules]:
    draft = Rules()
    found = {-1: draft}
    for each in records:
        record = CODEC.decode(each.value, ControlRecorded)
        if record.kind == "revision":
            found[each.offset] = msgspec.structs.replace(draft, control_offset=each.offset)
        else:
            draft = apply_control(draft, record.kind, record.id, record.body, is_deleted=record.is_deleted)
    return found


def _healths(records: tuple[InputRecord, ...]) -> dict[int, Health]:
    found = {-1: Health()}
    for each in records:
        snapshot = CODEC.decode(each.value, HealthSnapshot)
        carriers = {one.carrier: CarrierState(is_bound=one.is_bound, reason=one.reason) for one in snapshot.carriers}
        found[each.offset] = Health(health_offset=each.offset, carriers=carriers)
    return found
