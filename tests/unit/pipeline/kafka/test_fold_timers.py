"""Laws of the timers of a fold: each is written to its own partition, and decided once."""

import pytest

from pipeline.events import topics
from pipeline.events.records import TimerFired, UsageRecorded
from pipeline.kafka.fold import StageBroken
from tests.unit.pipeline.kafka.fold_bench import a_bench, a_record, an_accepted


async def test_a_timer_fires_once_into_its_own_partition() -> None:
    bench = await a_bench()
    await bench.fold.apply([a_record(0, an_accepted(expires_at=5_000_000))])
    assert await bench.fold.fire_timers(4_999_999) == 0
    assert await bench.fold.fire_timers(5_001_000) == 1
    assert await bench.fold.fire_timers(9_000_000) == 0
    topic, key, record, source, epoch, partition = bench.emitter.sent[-1]
    assert isinstance(record, TimerFired)
    assert (topic, key, source, epoch, partition) == (topics.LIFECYCLE, "r", None, "live", 0)
    assert (record.message_id, record.timer_seq, record.due) == ("m1", 1, 5_000_000)


async def test_a_timer_is_found_again_by_the_next_owner() -> None:
    bench = await a_bench()
    await bench.fold.apply([a_record(0, an_accepted(expires_at=5_000_000))])
    await bench.fold.checkpoint()
    heir = await bench.again()
    assert heir.fold.next_timer() == 5_001_000
    assert await heir.fold.fire_timers(6_000_000) == 1


async def test_a_timer_written_twice_is_decided_once() -> None:
    bench = await a_bench()
    fired = TimerFired(message_id="m1", timer_seq=1, due=5_000_000)
    await bench.fold.apply([a_record(0, an_accepted(expires_at=5_000_000)), a_record(1, fired), a_record(2, fired)])
    usages = [each.part for each in bench.emitter.to(topics.USAGE) if isinstance(each, UsageRecorded)]
    assert usages == [1, -1]


async def test_a_timer_whose_message_went_on_is_not_written() -> None:
    bench = await a_bench()
    fired = TimerFired(message_id="m1", timer_seq=1, due=5_000_000)
    await bench.fold.apply([a_record(0, an_accepted(expires_at=5_000_000)), a_record(1, fired)])
    assert await bench.fold.fire_timers(9_000_000) == 0


async def test_a_timer_that_state_does_not_remember_is_a_bug() -> None:
    bench = await a_bench()
    with pytest.raises(StageBroken):
        await bench.fold.apply([a_record(0, an_accepted("forgetful"))])
