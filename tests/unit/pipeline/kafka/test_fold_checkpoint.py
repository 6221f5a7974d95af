"""Laws of the checkpoint of a fold: outputs come first, and the next owner goes on after it."""

import pytest

from pipeline.events import topics
from pipeline.events.records import UsageRecorded
from pipeline.kafka.checkpoint import Fenced
from pipeline.kafka.output import DeliveryFailed
from tests.unit.pipeline.kafka.fold_bench import a_bench, a_record, an_accepted


async def test_outputs_come_before_the_checkpoint() -> None:
    bench = await a_bench()
    await bench.fold.apply([a_record(0, an_accepted())])
    assert await bench.fold.checkpoint() == 0
    assert bench.journal == [f"send {topics.USAGE}", "settle", "save"]


async def test_without_all_outputs_there_is_no_checkpoint() -> None:
    bench = await a_bench()
    await bench.fold.apply([a_record(0, an_accepted())])
    bench.emitter.is_failing = True
    with pytest.raises(DeliveryFailed):
        await bench.fold.checkpoint()
    assert bench.store.saves == []


async def test_a_fenced_owner_learns_it_at_its_checkpoint() -> None:
    bench = await a_bench()
    await bench.fold.apply([a_record(0, an_accepted())])
    bench.store.is_fenced = True
    with pytest.raises(Fenced):
        await bench.fold.checkpoint()


async def test_the_next_owner_goes_on_after_the_applied_offset_and_redoes_nothing() -> None:
    bench = await a_bench()
    await bench.fold.apply([a_record(0, an_accepted("m1")), a_record(1, an_accepted("m2"))])
    await bench.fold.checkpoint()
    heir = await bench.again()
    await heir.fold.apply(
        [a_record(0, an_accepted("m1")), a_record(1, an_accepted("m2")), a_record(2, an_accepted("m1"))]
    )
    assert [message_id for message_id, _, _ in heir.stage.decided] == ["m1"]
    (usage,) = heir.emitter.to(topics.USAGE)
    assert isinstance(usage, UsageRecorded)
    assert usage.part == 2


async def test_what_was_not_checkpointed_is_redone_to_the_same_bytes() -> None:
    bench = await a_bench()
    records = [a_record(0, an_accepted("m1")), a_record(1, an_accepted("m1"))]
    await bench.fold.apply(records)
    heir = await bench.again()
    await heir.fold.apply(records)
    assert heir.emitter.sent == bench.emitter.sent


async def test_a_checkpoint_writes_only_what_changed() -> None:
    bench = await a_bench()
    await bench.fold.apply([a_record(0, an_accepted("m1")), a_record(1, an_accepted("m2"))])
    await bench.fold.checkpoint()
    await bench.fold.apply([a_record(2, an_accepted("m2"))])
    await bench.fold.checkpoint()
    await bench.fold.checkpoint()
    assert [sorted(save) for save in bench.store.saves] == [["!progress", "m/m1", "m/m2"], ["!progress", "m/m2"]]
