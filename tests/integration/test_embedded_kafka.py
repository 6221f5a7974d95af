"""The embedded node is Apache Kafka: standard clients work, and it survives what a laptop does to it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from confluent_kafka import TIMESTAMP_LOG_APPEND_TIME, Consumer, KafkaException, Message, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from infra.embedded.errors import KafkaBusy, KafkaFailed
from infra.embedded.kafka import EmbeddedKafka
from infra.endpoints import read_endpoints
from infra.ports import free_port

pytestmark = pytest.mark.integration
PATIENCE_S = 30.0


def a_topic(bootstrap: str, *, partitions: int = 1, **settings: str) -> str:
    topic = f"test.{uuid.uuid4().hex}"
    admin = AdminClient({"bootstrap.servers": bootstrap})
    created = admin.create_topics([NewTopic(topic, partitions, 1, config=settings)])
    created[topic].result(PATIENCE_S)
    return topic


def written(bootstrap: str, topic: str, values: list[bytes]) -> None:
    producer = Producer({"bootstrap.servers": bootstrap})
    failures: list[object] = []
    for value in values:
        producer.produce(topic, value, on_delivery=lambda error, _: failures.append(error) if error else None)
    assert producer.flush(PATIENCE_S) == 0
    assert failures == []


def read(bootstrap: str, topic: str, count: int, **settings: str) -> list[Message]:
    """The first `count` records of partition 0, or fewer when no more come."""
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "none", "enable.auto.commit": False, **settings})
    consumer.assign([TopicPartition(topic, 0, 0)])
    try:
        return [message for message in consumer.consume(count, timeout=PATIENCE_S) if message.error() is None]
    finally:
        consumer.close()


def until(condition: Callable[[], bool]) -> bool:
    """Whether the condition came true in time."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


@pytest.fixture
def node(tmp_path: Path) -> Iterator[EmbeddedKafka]:
    """A node of the test's own, to be stopped and killed."""
    kafka = EmbeddedKafka(tmp_path / "kafka")
    yield kafka
    kafka.stop()


def test_a_group_of_the_confluent_client_reads_what_it_wrote(kafka: EmbeddedKafka) -> None:
    topic = a_topic(kafka.bootstrap, partitions=2)
    written(kafka.bootstrap, topic, [b"%d" % number for number in range(100)])
    settings = {"bootstrap.servers": kafka.bootstrap, "group.id": topic, "auto.offset.reset": "earliest"}
    consumer = Consumer(settings)
    consumer.subscribe([topic])
    values = {message.value() for message in consumer.consume(100, timeout=PATIENCE_S)}
    consumer.commit(asynchronous=False)
    committed = consumer.committed([TopicPartition(topic, 0), TopicPartition(topic, 1)], timeout=PATIENCE_S)
    consumer.close()
    assert values == {b"%d" % number for number in range(100)}
    assert sum(partition.offset for partition in committed) == 100


async def test_a_group_of_aiokafka_reads_what_it_wrote(kafka: EmbeddedKafka) -> None:
    topic = a_topic(kafka.bootstrap, partitions=2)
    async with AIOKafkaProducer(bootstrap_servers=kafka.bootstrap, enable_idempotence=True) as producer:
        for number in range(100):
            await producer.send(topic, b"%d" % number)
        await producer.flush()
    values: set[bytes] = set()
    consumer = AIOKafkaConsumer(
        topic,
        bootstrap_servers=kafka.bootstrap,
        group_id=topic,
        auto_offset_reset="earliest",
        session_timeout_ms=10_000,
    )
    async with consumer:
        while len(values) < 100:
            batches = await consumer.getmany(timeout_ms=1000)
            values.update(record.value for batch in batches.values() for record in batch)
        await consumer.commit()
    assert values == {b"%d" % number for number in range(100)}


def test_an_unknown_topic_does_not_appear_by_itself(kafka: EmbeddedKafka) -> None:
    producer = Producer({"bootstrap.servers": kafka.bootstrap, "message.timeout.ms": 3000})
    is_delivered: list[bool] = []
    producer.produce("test.never-created", b"x", on_delivery=lambda error, _: is_delivered.append(error is None))
    producer.flush(PATIENCE_S)
    assert is_delivered == [False]
    assert "test.never-created" not in producer.list_topics(timeout=PATIENCE_S).topics


def test_the_brokers_clock_stamps_a_log_append_topic(kafka: EmbeddedKafka) -> None:
    topic = a_topic(kafka.bootstrap, **{"message.timestamp.type": "LogAppendTime"})
    producer = Producer({"bootstrap.servers": kafka.bootstrap})
    before_ms = time.time_ns() // 1_000_000
    producer.produce(topic, b"x", timestamp=1)
    producer.flush(PATIENCE_S)
    (message,) = read(kafka.bootstrap, topic, 1)
    kind, at_ms = message.timestamp()
    assert kind == TIMESTAMP_LOG_APPEND_TIME
    assert at_ms >= before_ms


def test_a_fenced_producer_cannot_commit_and_its_records_stay_unseen(kafka: EmbeddedKafka) -> None:
    topic = a_topic(kafka.bootstrap)
    settings = {"bootstrap.servers": kafka.bootstrap, "transactional.id": topic}
    zombie, successor = Producer(settings), Producer(settings)
    zombie.init_transactions(PATIENCE_S)
    zombie.begin_transaction()
    zombie.produce(topic, b"late")
    zombie.flush(PATIENCE_S)
    successor.init_transactions(PATIENCE_S)
    successor.begin_transaction()
    successor.produce(topic, b"good")
    successor.commit_transaction(PATIENCE_S)
    with pytest.raises(KafkaException) as raised:
        zombie.commit_transaction(PATIENCE_S)
    assert raised.value.args[0].fatal()
    (message,) = read(kafka.bootstrap, topic, 1, **{"isolation.level": "read_committed"})
    assert message.value() == b"good"


def test_a_clean_stop_and_a_crash_keep_the_data_the_cluster_and_the_port(node: EmbeddedKafka) -> None:
    node.start()
    bootstrap, cluster_id = node.bootstrap, node.cluster_id
    topic = a_topic(bootstrap)
    written(bootstrap, topic, [b"before the stop"])
    node.stop()
    assert not node.is_running
    node.start()
    written(bootstrap, topic, [b"before the crash"])
    crashed = node.pid
    node.kill()
    assert crashed is not None
    assert not is_alive(crashed)
    node.start()
    assert (node.bootstrap, node.cluster_id) == (bootstrap, cluster_id)
    assert [message.value() for message in read(bootstrap, topic, 2)] == [b"before the stop", b"before the crash"]


def test_a_directory_has_one_owner(kafka: EmbeddedKafka) -> None:
    with pytest.raises(KafkaBusy, match=f"process {os.getpid()}"):
        EmbeddedKafka(kafka.directory).start()
    assert kafka.is_running


def test_a_node_that_dies_while_starting_shows_its_last_lines(node: EmbeddedKafka) -> None:
    meta = node.data / "meta.properties"
    meta.parent.mkdir(parents=True)
    meta.write_text("version=1\ncluster.id=AAAAAAAAAAAAAAAAAAAAAA\nnode.id=7\n")
    with pytest.raises(KafkaFailed, match=r"(?s)last lines.*Stored node id 7"):
        node.start()
    assert not node.is_running


ABANDONING = """
import os, sys, threading
from pathlib import Path
from infra.ports import free_port
from infra.embedded.kafka import EmbeddedKafka
thread = threading.Thread(target=EmbeddedKafka(Path(sys.argv[1])).start)
thread.start()
thread.join()
os._exit(9)
"""


def test_a_broker_whose_owner_is_gone_is_stopped_by_the_next_one(node: EmbeddedKafka) -> None:
    subprocess.run([sys.executable, "-c", ABANDONING, str(node.directory)], check=False)
    abandoned = int((node.directory / "broker.pid").read_text())
    assert is_alive(abandoned)
    node.start()
    assert not is_alive(abandoned)
    assert node.pid != abandoned


def a_process(home: Path) -> subprocess.Popen[bytes]:
    environ = {**os.environ, "SLUICE_HOME": str(home)}
    process = subprocess.Popen([sys.executable, "-m", "infra.embedded"], env=environ, stdout=subprocess.DEVNULL)
    assert until(lambda: read_endpoints(home).find("kafka") is not None or process.poll() is not None)
    return process


def broker_pid(home: Path) -> int:
    return int((home / "kafka" / "broker.pid").read_text())


def test_sigterm_to_its_process_stops_the_node_cleanly(tmp_path: Path) -> None:
    process = a_process(tmp_path)
    pid = broker_pid(tmp_path)
    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE_S) == 0
    assert not is_alive(pid)
    assert read_endpoints(tmp_path).find("kafka") is None
    assert (tmp_path / "kafka" / "data" / ".kafka_cleanshutdown").exists()


def test_after_its_process_is_killed_the_next_one_takes_over_on_the_same_port(tmp_path: Path) -> None:
    first = a_process(tmp_path)
    before = read_endpoints(tmp_path).require("kafka")
    first.kill()
    first.wait()
    second = a_process(tmp_path)
    try:
        assert until(lambda: read_endpoints(tmp_path).require("kafka").pid == second.pid)
        assert read_endpoints(tmp_path).require("kafka").port == before.port
    finally:
        second.terminate()
        assert second.wait(PATIENCE_S) == 0


def test_a_killed_broker_ends_its_process_with_an_error(tmp_path: Path) -> None:
    process = a_process(tmp_path)
    os.kill(broker_pid(tmp_path), signal.SIGKILL)
    assert process.wait(PATIENCE_S) == 1


def test_a_port_taken_by_somebody_quicker_is_given_up_for_a_free_one(tmp_path: Path) -> None:
    thieves: list[socket.socket] = []

    def choose_and_lose() -> int:
        port = free_port()
        thief = socket.socket()
        thief.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        thief.bind(("127.0.0.1", port))
        thief.listen(1)
        thieves.append(thief)
        return port

    with EmbeddedKafka(tmp_path / "node", choose_port=choose_and_lose) as kafka:
        lost = thieves[0].getsockname()[1]
        assert kafka.is_running
        assert kafka.port != lost
    thieves[0].close()
