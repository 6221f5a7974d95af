"""Laws of what a fold cannot read, or must not: it is told in quarantine, and too long a row of it stops loudly."""

import pytest

from pipeline.events import topics
from pipeline.events.headers import Source
from pipeline.events.records import MessageDeferred, RecordQuarantined
from pipeline.kafka.fold import PoisonLimit
from tests.unit.pipeline.kafka.fold_bench import Bench, a_bench, a_record, an_accepted


async def test_a_foreign_epoch_is_quarantined_and_never_decided() -> None:
    bench = await a_bench()
    await bench.fold.apply([a_record(0, an_accepted(), epoch="replay-1"), a_record(1, an_accepted(), epoch="")])
    quarantined = bench.emitter.to(topics.QUARANTINE)
    assert bench.stage.decided == []
    assert [each.reason for each in quarantined if isinstance(each, RecordQuarantined)] == ["foreign-epoch"] * 2


async def test_a_foreign_epoch_does_not_move_the_watermark() -> None:
    bench = await a_bench()
    source = Source("sms.submitted.x.express", 0, 4, 0)
    await bench.fold.apply(
        [a_record(0, an_accepted(), source=source, epoch="replay"), a_record(1, an_accepted(), source=source)]
    )
    assert len(bench.stage.decided) == 1


async def test_poison_is_quarantined_with_its_coordinates_and_stops_nobody() -> None:
    bench = await a_bench()
    await bench.fold.apply([a_record(5, b"not avro"), a_record(6, an_accepted())])
    (poison,) = bench.emitter.to(topics.QUARANTINE)
    assert isinstance(poison, RecordQuarantined)
    assert (poison.reader, poison.source_topic, poison.source_offset, poison.reason, poison.value_size) == (
        "toy",
        topics.LIFECYCLE,
        5,
        "not-avro",
        8,
    )
    assert poison.sealed_value == b""
    assert len(bench.stage.decided) == 1


async def test_a_record_that_the_stage_does_not_read_is_poison() -> None:
    bench = await a_bench()
    await bench.fold.apply([a_record(0, MessageDeferred(message_id="m"))])
    (poison,) = bench.emitter.to(topics.QUARANTINE)
    assert isinstance(poison, RecordQuarantined)
    assert poison.reason == "wrong-schema"


async def test_too_much_poison_in_a_row_stops_loudly() -> None:
    bench = await a_bench(poison_limit=3)
    await bench.fold.apply([a_record(offset, b"x") for offset in range(3)])
    with pytest.raises(PoisonLimit, match=r"sms\.lifecycle/0/3"):
        await bench.fold.apply([a_record(3, b"x")])


async def test_poison_in_a_row_is_counted_across_owners() -> None:
    bench = await a_bench(poison_limit=3)
    await bench.fold.apply([a_record(offset, b"x") for offset in range(3)])
    await bench.fold.checkpoint()
    heir = await Bench(bench.store.values, poison_limit=3).opened()
    with pytest.raises(PoisonLimit):
        await heir.fold.apply([a_record(3, b"x")])


async def test_a_good_record_ends_a_row_of_poison() -> None:
    bench = await a_bench(poison_limit=2)
    for offset in range(0, 9, 3):
        await bench.fold.apply(
            [a_record(offset, b"x"), a_record(offset + 1, b"x"), a_record(offset + 2, an_accepted())]
        )
    assert len(bench.stage.decided) == 3


async def test_an_offset_that_is_no_snapshot_is_poison() -> None:
    bench = await a_bench()
    bench.rules.gone.add(9)
    await bench.fold.apply([a_record(0, an_accepted(control_offset=9))])
    (poison,) = bench.emitter.to(topics.QUARANTINE)
    assert isinstance(poison, RecordQuarantined)
    assert poison.reason == "unknown-snapshot"
