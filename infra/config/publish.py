"""Rules into sms.control: topics first, then the changed objects and their revision in one transaction."""

import time
from dataclasses import dataclass

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, Producer, TopicPartition

from infra.config.changes import Change, Published, changes_between, fold, records_of
from pipeline.domain.rules import Rules
from pipeline.events.codec import Codec
from pipeline.events.headers import headers_of
from pipeline.events.records import ControlRecorded
from pipeline.events.schema_store import default_store
from pipeline.events.topics import CONTROL
from pipeline.kafka.topics import PartitionsDiffer, Profile, ensure_topics, topics_of

TIMEOUT_S = 30.0
TRANSACTIONAL_ID = "sluice-config-apply"  # one at a time: a second one fences the first
MICROS = 1_000_000


class PublishFailed(Exception):
    """The rules could not be published; nothing of this revision counts. The message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What applying a file came to; without changes the revision and offset are the ones in force."""

    changes: tuple[Change, ...]
    revision: int
    control_offset: int


def make_topics(bootstrap: str, rules: Rules, profile: Profile = "laptop") -> tuple[str, ...]:
    """Create every topic of the catalogue that these rules need; the names of those that were missing.

    Raises PublishFailed.
    """
    direct = [account.id for account in rules.accounts.values() if account.is_direct]
    wanted = topics_of(default_store().topics(), accounts=direct, carriers=rules.carriers, profile=profile)
    try:
        return ensure_topics({"bootstrap.servers": bootstrap, "log_level": 2}, wanted)
    except PartitionsDiffer as error:
        raise PublishFailed(str(error)) from error
    except KafkaException as error:
        raise PublishFailed(f"Kafka at {bootstrap}: {error.args[0].str()}") from error


def apply_rules(
    bootstrap: str, rules: Rules, *, author: str, reason: str, epoch: str = "live", profile: Profile = "laptop"
) -> Applied:
    """Make the topics that the rules need, then publish what differs from the rules in force.

    Raises PublishFailed. Applying the same rules again writes nothing.
    """
    make_topics(bootstrap, rules, profile)
    try:
        before = read_published(bootstrap)
        changes = changes_between(before.rules, rules)
        if not changes:
            return Applied(changes=(), revision=before.revision, control_offset=before.control_offset)
        revision = before.revision + 1
        now_us = int(time.time() * MICROS)
        records = records_of(changes, revision=revision, now_us=now_us, author=author, reason=reason)
        offset = _write(bootstrap, records, epoch)
    except KafkaException as error:
        raise PublishFailed(f"Kafka at {bootstrap}: {error.args[0].str()}") from error
    return Applied(changes=changes, revision=revision, control_offset=offset)


def read_published(bootstrap: str) -> Published:
    """Fold all of sms.control. Raises KafkaException, or PublishFailed if it does not end in time."""
    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": "sluice-config-read",
            "enable.auto.commit": False,
            "enable.partition.eof": True,
            "auto.offset.reset": "earliest",
            "isolation.level": "read_committed",
            "log_level": 2,
        }
    )
    codec = Codec()
    records: list[tuple[int, ControlRecorded]] = []
    try:
        consumer.assign([TopicPartition(CONTROL, 0, 0)])
        deadline = time.monotonic() + TIMEOUT_S
        while time.monotonic() < deadline:
            message = consumer.poll(1.0)
            if message is None:
                continue
            if message.error():
                if message.error().code() == KafkaError._PARTITION_EOF:
                    return fold(records)
                raise KafkaException(message.error())
            records.append((message.offset(), codec.decode(message.value(), ControlRecorded)))
    finally:
        consumer.close()
    raise PublishFailed(f"{CONTROL} could not be read to its end within {TIMEOUT_S:.0f} s")


def _write(bootstrap: str, records: tuple[ControlRecorded, ...], epoch: str) -> int:
    """Write one revision, all of it or nothing; the offset of its mark."""
    producer = Producer(
        {
            "bootstrap.servers": bootstrap,
            "transactional.id": TRANSACTIONAL_ID,
            "partitioner": "murmur2_random",
            "linger.ms": 0,
            "log_level": 2,
        }
    )
    codec = Codec()
    offsets: list[int] = []

    def delivered(error: KafkaError | None, message: Message) -> None:
        if error is None:
            offsets.append(message.offset())

    producer.init_transactions(TIMEOUT_S)
    producer.begin_transaction()
    for record in records:
        producer.produce(
            CONTROL,
            key=f"{record.kind}/{record.id}".encode(),
            value=codec.encode(record),
            headers=headers_of(None, epoch),
            on_delivery=delivered,
        )
    producer.commit_transaction(TIMEOUT_S)
    if len(offsets) != len(records):
        raise PublishFailed(f"{len(offsets)} of {len(records)} records were delivered to {CONTROL}, expected all")
    return max(offsets)
