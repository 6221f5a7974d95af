"""Topics, records and worker processes for integration tests."""

import subprocess
import sys
import time
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from confluent_kafka import Consumer, Message, Producer, TopicPartition
from confluent_kafka.admin import AdminClient

from pipeline.events import topics as names
from pipeline.events.codec import AnyRecord, Codec
from pipeline.events.headers import Watermarks, headers_of, read_headers
from pipeline.events.records import ControlRecorded
from pipeline.kafka.topics import Topic, ensure_topics

CODEC = Codec()
ROOT = Path(__file__).resolve().parents[2]
READY_TIMEOUT_S = 40.0


def a_name(what: str) -> str:
    """A name that no other test has."""
    return f"{what}-{uuid.uuid4().hex[:8]}"


def a_topic(name: str, *, partitions: int = 1, is_compacted: bool = False) -> Topic:
    config = {
        "message.timestamp.type": "LogAppendTime",
        "cleanup.policy": "compact" if is_compacted else "delete",
    }
    return Topic(name=name, partitions=partitions, replication=1, config=config, has_fixed_partitions=False)


def make_topics(bootstrap: str, topics: Sequence[Topic]) -> None:
    """These topics, and those that every worker reads."""
    common = [a_topic(names.CONTROL), a_topic(names.HEALTH), a_topic(names.QUARANTINE)]
    ensure_topics({"bootstrap.servers": bootstrap}, [*topics, *common])
    there = AdminClient({"bootstrap.servers": bootstrap}).list_topics(timeout=10).topics
    assert all(topic.name in there for topic in topics)


class Feeder:
    """Writes records as the pipeline does."""

    def __init__(self, bootstrap: str) -> None:
        self._producer = Producer(
            {
                "bootstrap.servers": bootstrap,
                "enable.idempotence": True,
                "partitioner": "murmur2_random",
                "linger.ms": 5,
            }
        )

    def feed(self, topic: str, records: Iterable[tuple[str, AnyRecord | bytes]], *, epoch: str = "live") -> None:
        for key, record in records:
            value = record if isinstance(record, bytes) else CODEC.encode(record)
            self._producer.produce(topic, value, key.encode(), headers=headers_of(None, epoch))
        assert self._producer.flush(10) == 0


def publish_revision(bootstrap: str) -> None:
    """A new revision that changes nothing."""
    Feeder(bootstrap).feed(names.CONTROL, [("revision/1", ControlRecorded(kind="revision", id="1"))])


def read_topic(bootstrap: str, topic: str, *, isolation: str = "read_uncommitted") -> list[Message]:
    """All records of a topic, by partition and offset."""
    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": "tests",
            "enable.auto.commit": False,
            "auto.offset.reset": "earliest",
            "isolation.level": isolation,
            "enable.partition.eof": True,
        }
    )
    partitions = consumer.list_topics(topic, timeout=10).topics[topic].partitions
    consumer.assign([TopicPartition(topic, each, 0) for each in partitions])
    ended: set[int] = set()
    found: list[Message] = []
    deadline = time.monotonic() + 20
    while len(ended) < len(partitions) and time.monotonic() < deadline:
        for message in consumer.consume(1000, 0.1):
            if message.error() is None:
                found.append(message)
            else:
                ended.add(message.partition())
    consumer.close()
    return sorted(found, key=lambda message: (message.partition(), message.offset()))


def first_ones(messages: Iterable[Message]) -> list[Message]:
    """What a reader keeps: records that its watermark, one for each of its partitions, has not seen."""
    marks: dict[int, Watermarks] = {}
    kept = []
    for message in messages:
        source, _ = read_headers(message.headers())
        assert source is not None
        if marks.setdefault(message.partition(), Watermarks()).admit(source):
            kept.append(message)
    return kept


def wait_for_records(bootstrap: str, topic: str, count: int, *, timeout_s: float = 40.0) -> list[Message]:
    """All records of a topic once so many (without repeats) are there. Raises AssertionError if they never are."""
    deadline = time.monotonic() + timeout_s
    while True:
        found = read_topic(bootstrap, topic)
        if len(first_ones(found)) >= count:
            return found
        assert time.monotonic() < deadline, f"{topic}: {len(first_ones(found))} records, expected {count}"
        time.sleep(0.2)


class WorkerProcess:
    """A worker in a process of its own; its log is a file."""

    def __init__(self, module: str, arguments: Sequence[str], log: Path) -> None:
        self.log = log
        self._output = log.open("ab")
        self.process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments], cwd=ROOT, stdout=self._output, stderr=self._output
        )

    def wait_ready(self, times: int = 1) -> None:
        self.wait_for("worker.ready", times)

    def wait_for(self, words: str, times: int = 1) -> None:
        deadline = time.monotonic() + READY_TIMEOUT_S
        while self.log.read_text().count(words) < times:
            assert self.process.poll() is None, f"worker ended:\n{self.log.read_text()[-4000:]}"
            assert time.monotonic() < deadline, f"no {words!r} in:\n{self.log.read_text()[-4000:]}"
            time.sleep(0.05)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def terminate(self, timeout_s: float = 15.0) -> int:
        self.process.terminate()
        return self.process.wait(timeout_s)

    def close(self) -> None:
        if self.process.poll() is None:
            self.kill()
        self._output.close()


@contextmanager
def a_worker(module: str, arguments: Sequence[str], log: Path) -> Iterator[WorkerProcess]:
    """A worker that is killed at the end if it still runs."""
    worker = WorkerProcess(module, arguments, log)
    try:
        yield worker
    finally:
        worker.close()
