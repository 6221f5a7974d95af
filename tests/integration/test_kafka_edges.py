"""Laws of the smaller edges on a real broker: topics, output, rules log, sequence."""

import asyncio
import os
from dataclasses import replace

import msgspec
import pytest

from infra.embedded.kafka import EmbeddedKafka
from pipeline.domain.rules import Account
from pipeline.events.headers import headers_of
from pipeline.events.records import CarrierHealth, ControlRecorded, HealthSnapshot, UsageRecorded
from pipeline.kafka.output import DeliveryFailed, Output
from pipeline.kafka.rules_log import HealthLog, RulesLog, SnapshotUnknown
from pipeline.kafka.sequence import Sequence, committed_offsets
from pipeline.kafka.topics import PartitionsDiffer, ensure_topics
from tests.integration.kafka_tools import CODEC, Feeder, a_name, a_topic, read_topic

pytestmark = pytest.mark.integration


def a_change(account: str, *, body: str | None = None) -> tuple[str, ControlRecorded]:
    sound = msgspec.json.encode(Account(id=account, tariff="t")).decode()
    return f"account/{account}", ControlRecorded(kind="account", id=account, body=body or sound)


REVISION = ("revision/1", ControlRecorded(kind="revision", id="1"))


def a_made_topic(kafka: EmbeddedKafka, what: str) -> str:
    name = a_name(what)
    ensure_topics({"bootstrap.servers": kafka.bootstrap}, [a_topic(name)])
    return name


def test_topics_are_made_once_and_counts_for_life_are_not_changed(kafka: EmbeddedKafka) -> None:
    admin = {"bootstrap.servers": kafka.bootstrap}
    topic = replace(a_topic(a_name("topic"), partitions=2), has_fixed_partitions=True)
    growing = a_topic(a_name("topic"))
    assert ensure_topics(admin, [topic, growing]) == (topic.name, growing.name)
    assert ensure_topics(admin, [topic, replace(growing, partitions=3)]) == ()
    with pytest.raises(PartitionsDiffer, match="2 partitions, expected 4"):
        ensure_topics(admin, [replace(topic, partitions=4)])


async def test_settled_means_written(kafka: EmbeddedKafka) -> None:
    topic = a_made_topic(kafka, "out")
    output = Output({"bootstrap.servers": kafka.bootstrap})
    outbox = output.outbox()
    for part in range(100):
        await outbox.send(topic, "k", CODEC.encode(UsageRecorded(part=part)), headers_of(None, "live"))
    await outbox.settle()
    found = [CODEC.decode(message.value(), UsageRecorded).part for message in read_topic(kafka.bootstrap, topic)]
    assert found == list(range(100))
    await outbox.settle()
    output.close()


async def test_a_failed_delivery_is_remembered_by_all_who_send(kafka: EmbeddedKafka) -> None:
    topic = a_made_topic(kafka, "out")
    output = Output({"bootstrap.servers": kafka.bootstrap, "message.max.bytes": 20_000_000})
    outbox, other = output.outbox(), output.outbox()
    await outbox.send(topic, "k", os.urandom(3_000_000))  # the broker takes one megabyte
    with pytest.raises(DeliveryFailed):
        await outbox.settle()
    with pytest.raises(DeliveryFailed):
        await other.send(topic, "k", b"behind the gap")
    with pytest.raises(DeliveryFailed):
        await other.settle()
    output.close()
    assert read_topic(kafka.bootstrap, topic) == []


async def test_rules_are_known_by_revision_and_one_unsound_record_stops_nobody(kafka: EmbeddedKafka) -> None:
    topic = a_made_topic(kafka, "control")
    feeder = Feeder(kafka.bootstrap)
    feeder.feed(topic, [a_change("one"), REVISION, a_change("broken", body="{"), ("x", b"not avro"), a_change("two")])
    reported: list[str] = []
    log = RulesLog(
        {"bootstrap.servers": kafka.bootstrap}, CODEC, topic=topic, report=lambda where, _: reported.append(where)
    )
    log.start()
    await asyncio.to_thread(log.wait_ready)
    assert sorted(log.newest().accounts) == ["one"]
    assert log.newest().control_offset == 1
    assert reported == [f"{topic}/0/2", f"{topic}/0/3"]
    waiting = asyncio.create_task(log.wait_for(5))
    feeder.feed(topic, [REVISION])
    assert sorted((await waiting).accounts) == ["one", "two"]
    first = log.at(1)
    assert first is not None
    assert sorted(first.accounts) == ["one"]
    with pytest.raises(SnapshotUnknown):
        await log.wait_for(4)
    log.close()


async def test_a_scheduled_revision_is_known_at_once_and_in_force_at_its_time(kafka: EmbeddedKafka) -> None:
    topic = a_made_topic(kafka, "control")
    clock = [1_000_000]

    def revision(effective_at: int) -> tuple[str, ControlRecorded]:
        return "revision", ControlRecorded(kind="revision", effective_at=effective_at)

    log = RulesLog({"bootstrap.servers": kafka.bootstrap}, CODEC, topic=topic, now_us=lambda: clock[0])
    feeder = Feeder(kafka.bootstrap)
    feeder.feed(topic, [a_change("one"), revision(1_000_000), a_change("two"), revision(1_200_000)])
    log.start()
    await asyncio.to_thread(log.wait_ready)
    known = log.at(3)
    assert known is not None
    assert sorted(known.accounts) == ["one", "two"]
    assert log.newest().control_offset == 1
    waiting = asyncio.create_task(log.wait_change(1))
    await asyncio.sleep(0.5)
    assert not waiting.done()  # the wall clock has gone past it, ours has not
    clock[0] = 1_200_000
    assert (await asyncio.wait_for(waiting, 5)).control_offset == 3
    clock[0] = 1_100_000
    assert log.newest().control_offset == 3  # a clock that is set back takes no revision out of force
    waiting = asyncio.create_task(log.wait_change(3))
    feeder.feed(topic, [revision(9_000_000), revision(1_100_000)])
    assert (await asyncio.wait_for(waiting, 5)).control_offset == 5
    clock[0] = 9_000_000
    assert log.newest().control_offset == 5  # the one for 9 s was superseded before its time
    log.close()


async def test_health_that_left_the_window_is_read_again(kafka: EmbeddedKafka) -> None:
    topic = a_made_topic(kafka, "health")
    snapshots = [
        ("", HealthSnapshot(number=n, carriers=(CarrierHealth(carrier="c", is_bound=n % 2 == 0, reason=str(n)),)))
        for n in range(10)
    ]
    Feeder(kafka.bootstrap).feed(topic, snapshots)
    log = HealthLog({"bootstrap.servers": kafka.bootstrap}, CODEC, topic=topic, window=3)
    log.start()
    await asyncio.to_thread(log.wait_ready)
    assert log.newest().health_offset == 9
    assert log.at(2) is None
    old = await log.wait_for(2)
    assert (old.health_offset, old.carriers["c"].is_bound, old.carriers["c"].reason) == (2, True, "2")
    log.close()


async def test_a_jump_in_offsets_is_believed_only_if_the_log_has_it(kafka: EmbeddedKafka) -> None:
    topic = a_made_topic(kafka, "in")
    Feeder(kafka.bootstrap).feed(topic, [("k", b"v")] * 10)
    sequence = Sequence({"bootstrap.servers": kafka.bootstrap}, topic, 0, 3)
    assert sequence.follows(1)
    assert sequence.follows(3)
    assert not sequence.follows(7)
    assert not await sequence.is_true_gap(7)
    assert sequence.expected == 4
    assert await sequence.is_true_gap(4)
    client = {"bootstrap.servers": kafka.bootstrap}
    assert committed_offsets(client, a_name("group"), {(topic, 0)}) == {}
