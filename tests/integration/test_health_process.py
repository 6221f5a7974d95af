"""The health process on a real Kafka: facts in, numbered snapshots out, across a restart."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from infra.embedded.kafka import EmbeddedKafka
from pipeline.events.codec import Codec
from pipeline.events.records import CarrierBindChanged, HealthSnapshot
from pipeline.events.topics import CARRIER_FACTS, HEALTH
from pipeline.kafka.health_process import HealthSettings, run_health
from pipeline.metrics import HEALTH_BOUND, HEALTH_WRITTEN, Metrics

pytestmark = pytest.mark.integration
TIMEOUT_S = 20


@pytest.fixture(scope="module")
def bootstrap(kafka: EmbeddedKafka) -> str:
    admin = AdminClient({"bootstrap.servers": kafka.bootstrap})
    known = admin.list_topics(timeout=10).topics
    missing = [NewTopic(name, 1, 1) for name in (CARRIER_FACTS, HEALTH) if name not in known]
    for made in admin.create_topics(missing).values() if missing else ():
        made.result(TIMEOUT_S)
    return kafka.bootstrap


@contextmanager
def running(bootstrap: str) -> Iterator[Metrics]:
    stop, ready, metrics = threading.Event(), threading.Event(), Metrics()
    thread = threading.Thread(
        target=run_health,
        args=(HealthSettings(bootstrap=bootstrap),),
        kwargs={"ready": ready.set, "stop": stop, "metrics": metrics},
    )
    thread.start()
    try:
        assert ready.wait(TIMEOUT_S)
        yield metrics
    finally:
        stop.set()
        thread.join(TIMEOUT_S)


def say(bootstrap: str, binds: int) -> None:
    producer = Producer({"bootstrap.servers": bootstrap})
    fact = CarrierBindChanged(carrier="health-test", process_id="p", is_bound=binds > 0, bind_count=binds)
    producer.produce(CARRIER_FACTS, value=Codec().encode(fact))
    assert producer.flush(TIMEOUT_S) == 0


def wait_for(bootstrap: str, binds: int) -> HealthSnapshot:
    """The last snapshot once it tells so many binds."""
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "health-test", "enable.auto.commit": False})
    consumer.assign([TopicPartition(HEALTH, 0, 0)])
    deadline = time.monotonic() + TIMEOUT_S
    try:
        while time.monotonic() < deadline:
            message = consumer.poll(0.5)
            if message is None or message.error():
                continue
            snapshot = Codec().decode(message.value(), HealthSnapshot)
            if any(each.carrier == "health-test" and each.bind_count == binds for each in snapshot.carriers):
                return snapshot
    finally:
        consumer.close()
    raise AssertionError(f"no snapshot with {binds} binds came")


def test_facts_become_snapshots_and_a_successor_goes_on_with_the_numbers(bootstrap: str) -> None:
    with running(bootstrap) as metrics:
        say(bootstrap, 1)
        first = wait_for(bootstrap, 1)
        say(bootstrap, 2)
        second = wait_for(bootstrap, 2)
    assert second.number > first.number
    assert metrics.value(HEALTH_WRITTEN) >= 2
    assert metrics.value(HEALTH_BOUND) == sum(each.is_bound for each in second.carriers)
    with running(bootstrap) as metrics:
        assert metrics.value(HEALTH_BOUND) == sum(each.is_bound for each in second.carriers)
        say(bootstrap, 3)
        assert wait_for(bootstrap, 3).number > second.number
