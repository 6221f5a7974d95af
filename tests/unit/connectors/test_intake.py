"""Laws of taking dispatch records in."""

from pathlib import Path
from typing import Any, cast

import pytest

from connectors.intake import Intake, Job, PartitionState, PartJob, PoisonFlood
from connectors.keyring import Keyring
from connectors.ledger import Ledger, Place
from connectors.outbox import Outbox
from pipeline.events.codec import Codec
from pipeline.events.headers import Source, Watermarks, headers_of
from pipeline.events.records import DispatchMessage, RecordQuarantined, SubmitSucceeded
from pipeline.keys import KeyVault
from tests.unit.connectors.fakes import FakeMessage, FakeOutbox

CODEC = Codec()
PLACE = Place("express", 0)


class World:
    def __init__(self, home: Path, *, taken: dict[int, frozenset[int]] | None = None, poison_limit: int = 3) -> None:
        self.outbox = FakeOutbox()
        self.state = PartitionState(ledger=Ledger(0, Watermarks()), marks=Watermarks(), taken=taken or {})
        self.offered: list[PartJob] = []
        self.refused: list[tuple[Job, tuple[int, ...], str]] = []
        self.offset = -1
        self.intake = Intake(
            carrier="aurora",
            epoch="live",
            codec=CODEC,
            keyring=Keyring(KeyVault(home), CODEC),
            outbox=cast(Outbox, self.outbox),
            states={PLACE: self.state},
            offer=self.offered.append,
            refuse=lambda job, parts, reason, _detail: self.refused.append((job, parts, reason)),
            on_fatal=lambda error: pytest.fail(str(error)),
            poison_limit=poison_limit,
        )

    def admit(self, record: Any = None, *, source: int | None = None, epoch: str = "live", headers: Any = None) -> None:
        self.offset += 1
        at = Source("sms.routed.express", 0, self.offset if source is None else source, 0)
        value = record if isinstance(record, bytes) else CODEC.encode(record or a_dispatch())
        message = FakeMessage(value, headers_of(at, epoch) if headers is None else headers, self.offset)
        self.intake.admit("express", cast(Any, message))

    @property
    def low_water(self) -> int:
        due = self.state.ledger.due()
        return 0 if due is None else due.offset


def a_dispatch(**more: Any) -> DispatchMessage:
    return DispatchMessage(**{"carrier": "aurora", "parts": (1, 2), "segment_count": 2, **more})


def test_each_part_of_a_sound_dispatch_is_offered(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.admit()
    assert [part.part for part in world.offered] == [1, 2]
    assert world.offered[0].job.caused_by == "sms.dispatch.aurora.express/0/0"
    assert world.low_water == 0


def test_a_repeat_is_dropped_and_settled(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.admit(source=9)
    world.admit(source=9)
    world.admit(source=3)
    assert len(world.offered) == 2
    assert world.state.ledger.open_count == 1


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"epoch": "replay-1"}, "foreign-epoch"),
        ({"epoch": ""}, "foreign-epoch"),
        ({"headers": headers_of(None, "live")}, "no-source"),
        ({"headers": [("source", b"x"), ("epoch", b"live")]}, "bad-headers"),
        ({"record": b"not avro"}, "not-avro"),
        ({"record": SubmitSucceeded()}, "wrong-schema"),
    ],
)
def test_what_may_not_or_cannot_be_read_is_quarantined_and_settled_once_stored(
    tmp_path: Path, given: dict[str, Any], reason: str
) -> None:
    world = World(tmp_path)
    world.admit(**given)
    (record,) = world.outbox.records(RecordQuarantined)
    assert (record.reason, record.source_offset, record.reader) == (reason, 0, "connector")
    assert (world.offered, world.low_water) == ([], 0)
    world.outbox.store()
    assert world.low_water == 1


def test_a_foreign_record_does_not_hide_the_true_one_behind_the_watermark(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.admit(source=9, epoch="replay-1")
    world.admit(source=9)
    assert len(world.offered) == 2


def test_too_much_poison_in_a_row_stops_loudly_and_a_sound_record_between_does_not(tmp_path: Path) -> None:
    world = World(tmp_path, poison_limit=2)
    for _ in range(3):
        world.admit(b"poison")
        world.admit()
    for _ in range(2):
        world.admit(b"poison")
    with pytest.raises(PoisonFlood):
        world.admit(b"poison")


def test_parts_with_a_predecessors_intent_are_never_offered(tmp_path: Path) -> None:
    world = World(tmp_path, taken={0: frozenset({1}), 1: frozenset({1, 2})})
    world.admit()
    world.admit()
    assert [(part.job.offset, part.part) for part in world.offered] == [(0, 2)]
    assert world.offered[0].job.open_parts == {2}
    assert world.state.ledger.open_count == 1


def test_a_dispatch_for_another_carrier_or_without_parts_is_refused(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.admit(a_dispatch(carrier="other"))
    world.admit(a_dispatch(parts=()))
    assert [(parts, reason) for _, parts, reason in world.refused] == [
        ((1, 2), "carrier-mismatch"),
        ((), "segments-differ"),
    ]
    assert world.offered == []
