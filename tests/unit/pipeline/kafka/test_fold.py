"""Laws of the fold of a partition: what a record leads to, what a repeat does not, and by which time."""

from typing import Any

import pytest

from pipeline.events import topics
from pipeline.events.headers import Source
from pipeline.kafka.fold import ROOM
from tests.unit.pipeline.kafka.fold_bench import MS, a_bench, a_record, an_accepted


async def test_an_output_names_the_record_it_came_from_and_the_epoch() -> None:
    bench = await a_bench()
    await bench.fold.apply([a_record(7, an_accepted())])
    topic, key, _, source, epoch, partition = bench.emitter.sent[0]
    assert (topic, key, source, epoch, partition) == (
        topics.USAGE,
        "a",
        Source(topics.LIFECYCLE, 0, 7, 0),
        "live",
        None,
    )


async def test_a_repeat_is_dropped_by_where_it_came_from() -> None:
    bench = await a_bench()
    first, second = Source("sms.submitted.x.express", 0, 4, 0), Source("sms.submitted.x.express", 0, 5, 0)
    await bench.fold.apply(
        [a_record(0, an_accepted("m1"), source=first), a_record(1, an_accepted("m2"), source=second)]
    )
    await bench.fold.apply(
        [a_record(2, an_accepted("m1"), source=first), a_record(3, an_accepted("m2"), source=second)]
    )
    assert [message_id for message_id, _, _ in bench.stage.decided] == ["m1", "m2"]
    assert bench.fold.applied == 3


async def test_a_repeat_is_still_dropped_by_the_next_owner() -> None:
    bench = await a_bench()
    source = Source("sms.submitted.x.express", 0, 4, 0)
    await bench.fold.apply([a_record(0, an_accepted(), source=source)])
    await bench.fold.checkpoint()
    heir = await bench.again()
    await heir.fold.apply([a_record(1, an_accepted(), source=source)])
    assert heir.stage.decided == []


async def test_now_is_log_time_and_never_goes_back() -> None:
    bench = await a_bench()
    await bench.fold.apply(
        [a_record(0, an_accepted("m1"), timestamp_ms=50), a_record(1, an_accepted("m2"), timestamp_ms=40)]
    )
    assert [now for _, now, _ in bench.stage.decided] == [50 * MS, 50 * MS]


async def test_a_bug_of_a_stage_is_not_skipped() -> None:
    bench = await a_bench()
    with pytest.raises(ZeroDivisionError):
        await bench.fold.apply([a_record(0, an_accepted("bug"))])
    assert bench.fold.applied == -1


async def test_whatever_is_written_may_wait_for_room_without_being_taken_for_stuck() -> None:
    bench = await a_bench()
    excuses: dict[str, str] = {}
    send = bench.emitter.send

    async def noted(topic: str, *arguments: Any, **more: Any) -> None:
        excuses[topic] = bench.fold.waits_for
        await send(topic, *arguments, **more)

    bench.emitter.send = noted  # type: ignore[method-assign]
    bench.rules.load(7)
    await bench.fold.adopt_newer(2_000_000)
    await bench.fold.apply([a_record(0, an_accepted()), a_record(1, b"no avro")])
    assert excuses == dict.fromkeys([topics.LIFECYCLE, topics.USAGE, topics.QUARANTINE], ROOM)
    assert bench.fold.waits_for == ""
