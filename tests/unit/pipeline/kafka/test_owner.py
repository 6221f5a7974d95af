"""Laws of the owner of a partition: what is acknowledged is durable, and failures end it at once."""

import asyncio

from pipeline.kafka.owner import PartitionOwner
from tests.unit.pipeline.kafka.fold_bench import Bench, a_record, an_accepted


class Desk:
    """An owner over a fold on fakes; `acked` are the offsets that need never be read again."""

    def __init__(self, *, interval_s: float = 60.0) -> None:
        self.bench = Bench()
        self.acked: list[int] = []
        self.failures: list[BaseException] = []
        self.owner = PartitionOwner(
            self.bench.fold, wall_now_us=lambda: 0, on_failure=self.failures.append, checkpoint_interval_s=interval_s
        )

    def offer(self, *offsets: int, message_id: str = "m") -> None:
        self.owner.offer(
            [(a_record(each, an_accepted(message_id)), lambda each=each: self.acked.append(each)) for each in offsets]
        )

    async def until_decided(self, count: int) -> None:
        while len(self.bench.stage.decided) < count and not self.failures:
            await asyncio.sleep(0)


async def test_nothing_is_acknowledged_before_the_checkpoint_that_covers_it() -> None:
    desk = Desk()
    desk.owner.start()
    desk.offer(0, 1)
    await desk.until_decided(2)
    assert desk.acked == []
    await desk.owner.stop(5)
    assert desk.acked == [0, 1]
    assert desk.bench.journal[-3:] == ["settle", "save", "close"]


async def test_what_was_not_applied_at_the_end_is_not_acknowledged() -> None:
    desk = Desk()
    desk.owner.start()
    desk.offer(0)
    await desk.until_decided(1)
    stopping = asyncio.create_task(desk.owner.stop(5))
    await asyncio.sleep(0)
    desk.offer(1)
    await stopping
    assert desk.acked == [0]


async def test_a_failed_delivery_is_fatal_and_saves_and_acknowledges_nothing() -> None:
    desk = Desk(interval_s=0.01)
    desk.bench.emitter.is_failing = True
    desk.owner.start()
    desk.offer(0)
    while not desk.failures:
        await asyncio.sleep(0)
    await desk.owner.abandon()
    assert [type(each).__name__ for each in desk.failures] == ["DeliveryFailed"]
    assert desk.acked == []
    assert desk.bench.store.saves == []


async def test_a_bug_of_a_stage_is_fatal() -> None:
    desk = Desk()
    desk.owner.start()
    desk.offer(0, message_id="bug")
    while not desk.failures:
        await asyncio.sleep(0)
    assert [type(each).__name__ for each in desk.failures] == ["ZeroDivisionError"]
    await desk.owner.stop(5)
    assert desk.acked == []


async def test_a_fenced_owner_that_is_leaving_anyway_leaves_quietly() -> None:
    desk = Desk()
    desk.owner.start()
    desk.offer(0)
    await desk.until_decided(1)
    desk.bench.store.is_fenced = True
    await desk.owner.stop(5)
    assert desk.failures == []
    assert desk.acked == []


async def test_a_fenced_owner_that_serves_is_fatal() -> None:
    desk = Desk(interval_s=0.01)
    desk.bench.store.is_fenced = True
    desk.owner.start()
    desk.offer(0)
    while not desk.failures:
        await asyncio.sleep(0)
    assert [type(each).__name__ for each in desk.failures] == ["Fenced"]
    assert desk.acked == []


async def test_abandoning_lets_go_without_a_checkpoint() -> None:
    desk = Desk()
    desk.owner.start()
    desk.offer(0)
    await desk.until_decided(1)
    await desk.owner.abandon()
    assert desk.bench.store.saves == []
    assert desk.acked == []


async def test_what_holds_up_the_agent_excuses_only_a_partition_that_was_offered_nothing() -> None:
    desk = Desk()
    desk.owner.start()
    await desk.owner.opened.wait()
    assert desk.owner.standing("another comes first").excuse == "another comes first"
    desk.offer(0)
    assert desk.owner.standing("another comes first").excuse == ""
    await desk.owner.stop(5)
