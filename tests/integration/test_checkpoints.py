"""Laws of checkpoints on a real broker: one owner, and only what it committed counts."""

import pytest
from confluent_kafka import Producer

from infra.embedded.kafka import EmbeddedKafka
from pipeline.events import topics
from pipeline.kafka.checkpoint import Fenced, KafkaCheckpoints
from tests.integration.kafka_tools import a_name, a_topic, make_topics

pytestmark = pytest.mark.integration


class Bench:
    """A stage of its own, with its state topic."""

    def __init__(self, kafka: EmbeddedKafka) -> None:
        self.stage = a_name("stage")
        self.client = {"bootstrap.servers": kafka.bootstrap}
        make_topics(kafka.bootstrap, [a_topic(topics.state(self.stage), partitions=2, is_compacted=True)])

    def owner(self, partition: int = 0) -> KafkaCheckpoints:
        return KafkaCheckpoints(self.client, self.stage, partition)


@pytest.fixture
def bench(kafka: EmbeddedKafka) -> Bench:
    return Bench(kafka)


async def test_the_next_owner_finds_what_was_saved(bench: Bench) -> None:
    first = bench.owner()
    assert await first.open() == {}
    await first.save({"m/1": b"one", "m/2": b"two", "!progress": b"p1"})
    await first.save({"m/1": None, "m/2": b"deux", "!progress": b"p2"})
    await first.close()
    second = bench.owner()
    assert await second.open() == {"m/2": b"deux", "!progress": b"p2"}
    await second.close()


async def test_partitions_do_not_see_each_other(bench: Bench) -> None:
    first, other = bench.owner(0), bench.owner(1)
    await first.open()
    assert await other.open() == {}
    await first.save({"m/1": b"one"})
    await other.save({"m/1": b"other"})
    await first.close()
    await other.close()
    heir = bench.owner(0)
    assert await heir.open() == {"m/1": b"one"}
    await heir.close()


async def test_a_zombie_is_fenced_and_its_late_save_does_not_win(bench: Bench) -> None:
    zombie = bench.owner()
    await zombie.open()
    await zombie.save({"m/1": b"before"})
    owner = bench.owner()
    assert await owner.open() == {"m/1": b"before"}
    await owner.save({"m/1": b"mine"})
    with pytest.raises(Fenced):
        await zombie.save({"m/1": b"late", "m/zombie": b"late"})
    await zombie.close()
    await owner.close()
    heir = bench.owner()
    assert await heir.open() == {"m/1": b"mine"}
    await heir.close()


async def test_a_transaction_that_was_not_committed_is_not_read(bench: Bench) -> None:
    owner = bench.owner()
    await owner.open()
    await owner.save({"m/1": b"committed"})
    await owner.close()
    dying = Producer({**bench.client, "transactional.id": f"{bench.stage}-0"})
    dying.init_transactions(10)
    dying.begin_transaction()
    dying.produce(topics.state(bench.stage), b"never committed", b"m/1", partition=0)
    dying.flush(10)
    heir = bench.owner()
    assert await heir.open() == {"m/1": b"committed"}
    await heir.close()
