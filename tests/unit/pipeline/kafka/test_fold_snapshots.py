"""Laws of which rules and health a fold decides by: those that its log names, and it adopts newer ones."""

import asyncio

from pipeline.events import topics
from pipeline.events.records import SnapshotAdopted
from tests.unit.pipeline.kafka.fold_bench import MS, Bench, a_bench, a_record, an_accepted


async def test_a_record_that_names_a_newer_snapshot_waits_until_it_is_loaded() -> None:
    bench = await a_bench()
    applying = asyncio.create_task(bench.fold.apply([a_record(0, an_accepted(control_offset=12))]))
    await asyncio.sleep(0)
    assert bench.stage.decided == []
    bench.rules.load(12)
    await applying
    assert bench.stage.decided == [("m1", 1_000 * MS, 12)]


async def test_rules_that_are_loaded_but_not_named_by_the_log_are_not_used() -> None:
    bench = await a_bench()
    bench.rules.load(12)
    await bench.fold.apply([a_record(0, an_accepted())])
    assert bench.stage.decided[0][2] == -1


async def test_the_newest_snapshot_that_the_log_named_stays_in_force() -> None:
    bench = await a_bench()
    bench.rules.load(5)
    bench.rules.load(12, 3)
    adopted = SnapshotAdopted(control_offset=12, health_offset=3, stage="toy")
    await bench.fold.apply([a_record(0, adopted), a_record(1, an_accepted(control_offset=5))])
    assert bench.stage.decided[0][2] == 12
    await bench.fold.checkpoint()
    heir = Bench(bench.store.values)
    heir.rules.load(12)  # health 3 is gone from its log: the checkpoint has it
    await heir.opened()
    await heir.fold.apply([a_record(2, an_accepted("m2"))])
    assert heir.stage.decided[0][2] == 12


async def test_an_adoption_is_written_once_a_pair_and_at_most_once_a_second() -> None:
    bench = await a_bench()
    bench.rules.load(4, 1)
    assert await bench.fold.adopt_newer(10_000_000)
    assert not await bench.fold.adopt_newer(99_000_000)
    bench.rules.load(4, 2)
    bench.rules.load(4, 3)
    assert await bench.fold.adopt_newer(100_000_000)
    bench.rules.load(4, 4)
    assert not await bench.fold.adopt_newer(100_500_000)
    assert await bench.fold.adopt_newer(101_500_000)
    adopted = bench.emitter.to(topics.LIFECYCLE)
    assert [each.health_offset for each in adopted if isinstance(each, SnapshotAdopted)] == [1, 3, 4]
    assert all(partition == 0 for *_, partition in bench.emitter.sent)
