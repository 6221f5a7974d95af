"""Laws of a stage as real processes: kills and handovers lose nothing and decide nothing twice."""

import signal
from collections import Counter
from pathlib import Path

import pytest
from confluent_kafka import Message

from infra.embedded.kafka import EmbeddedKafka
from pipeline.events import topics
from pipeline.events.records import MessageAccepted, UsageRecorded
from tests.integration.kafka_tools import (
    CODEC,
    Feeder,
    a_name,
    a_topic,
    a_worker,
    first_ones,
    make_topics,
    publish_revision,
    read_topic,
    wait_for_records,
)

pytestmark = pytest.mark.integration

IDS = 40
TOY = "tests.integration.toy"


class Bench:
    """Topics of one toy stage, and what is fed to it: message k is fed in rounds, so its counts must be 1, 2, 3..."""

    def __init__(self, kafka: EmbeddedKafka, home: Path) -> None:
        self.bootstrap = kafka.bootstrap
        self.home = home
        self.stage = a_name("toy")
        self.topic, self.out = f"sms.in.{self.stage}", f"sms.out.{self.stage}"
        made = [
            a_topic(self.topic, partitions=4),
            a_topic(self.out, partitions=2),
            a_topic(topics.state(self.stage), partitions=4, is_compacted=True),
        ]
        make_topics(kafka.bootstrap, made)
        self._feeder = Feeder(kafka.bootstrap)
        self.rounds = 0

    def arguments(self) -> list[str]:
        return [self.bootstrap, str(self.home), self.stage, self.topic, self.out]

    def log(self, name: str) -> Path:
        path = self.home / f"{name}.log"
        path.touch()
        return path

    def feed(self, rounds: int) -> None:
        for _ in range(rounds):
            records = [(f"m{k}", MessageAccepted(message_id=f"m{k}", control_offset=-1)) for k in range(IDS)]
            self._feeder.feed(self.topic, records)
        self.rounds += rounds

    def feed_timed(self, wait_us: int) -> None:
        record = MessageAccepted(message_id="timed", control_offset=-1, expires_at=wait_us)
        self._feeder.feed(self.topic, [("timed", record)])

    def feed_raw(self, count: int) -> None:
        self._feeder.feed(self.topic, [("poison", b"not avro")] * count)

    def wait(self) -> list[Message]:
        return wait_for_records(self.bootstrap, self.out, self.rounds * IDS)

    def assert_exactly_once(self) -> None:
        found = first_ones(read_topic(self.bootstrap, self.out))
        seen = Counter(
            (usage.message_id, usage.part) for usage in (CODEC.decode(m.value(), UsageRecorded) for m in found)
        )
        assert seen == Counter({(f"m{k}", n): 1 for k in range(IDS) for n in range(1, self.rounds + 1)})


@pytest.fixture
def bench(kafka: EmbeddedKafka, tmp_path: Path) -> Bench:
    return Bench(kafka, tmp_path)


def test_a_killed_worker_loses_nothing_and_decides_nothing_twice(bench: Bench) -> None:
    with a_worker(TOY, bench.arguments(), bench.log("one")) as worker:
        worker.wait_ready()
        bench.feed(5)
        wait_for_records(bench.bootstrap, bench.out, IDS)  # mid-flow: some are checkpointed, some not
        bench.feed(5)
        worker.kill()
    bench.feed(2)
    with a_worker(TOY, bench.arguments(), bench.log("two")) as worker:
        bench.wait()
        bench.assert_exactly_once()
        assert worker.terminate() == 0


def test_two_workers_share_partitions_and_hand_over(bench: Bench) -> None:
    with (
        a_worker(TOY, bench.arguments(), bench.log("one")) as one,
    ):
        one.wait_ready()
        bench.feed(3)
        with a_worker(TOY, bench.arguments(), bench.log("two")) as two:
            two.wait_ready()
            one.wait_ready(2)
            bench.feed(3)
            bench.wait()
            assert one.terminate() == 0
            two.wait_ready(2)
            bench.feed(3)
            found = bench.wait()
            assert two.terminate() == 0
    bench.assert_exactly_once()
    assert len(found) == bench.rounds * IDS, "a handover in peace redoes nothing"


def test_a_zombie_that_wakes_up_changes_nothing(bench: Bench) -> None:
    with (
        a_worker(TOY, bench.arguments(), bench.log("zombie")) as zombie,
        a_worker(TOY, bench.arguments(), bench.log("heir")) as heir,
    ):
        zombie.wait_ready()
        heir.wait_ready()
        bench.feed(3)
        zombie.process.send_signal(signal.SIGSTOP)
        bench.feed(3)
        bench.wait()  # the heir has all partitions now
        zombie.process.send_signal(signal.SIGCONT)
        bench.feed(3)
        bench.wait()
        assert heir.terminate() == 0
    bench.assert_exactly_once()


def test_timers_and_snapshots_are_records_of_the_partition(bench: Bench) -> None:
    with a_worker(TOY, bench.arguments(), bench.log("one")) as worker:
        worker.wait_ready()
        publish_revision(bench.bootstrap)
        bench.feed_timed(300_000)
        wait_for_records(bench.bootstrap, bench.out, 2)
        assert worker.terminate() == 0
    usages = [CODEC.decode(m.value(), UsageRecorded).part for m in first_ones(read_topic(bench.bootstrap, bench.out))]
    assert usages == [1, 1000], "seen once, and its timer fired once"
    kinds = Counter(CODEC.record_name(message.value()) for message in read_topic(bench.bootstrap, bench.topic))
    assert kinds["TimerFired"] == 1
    assert kinds["SnapshotAdopted"] >= 4, "one for each partition"


def test_too_much_poison_ends_the_process_loudly(bench: Bench) -> None:
    with a_worker(TOY, bench.arguments(), bench.log("one")) as worker:
        worker.wait_ready()
        bench.feed(1)
        bench.wait()
        bench.feed_raw(30)
        assert worker.process.wait(20) == 1
        assert "PoisonLimit" in worker.log.read_text()
