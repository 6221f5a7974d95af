"""Laws of what may be committed."""

import random

from hypothesis import given
from hypothesis import strategies as st

from connectors.ledger import Ledger, Mark, read_marks, write_marks
from pipeline.events.headers import Source, Watermarks


def a_source(offset: int, partition: int = 0) -> Source:
    return Source("sms.routed.express", partition, offset, 0)


@given(st.permutations(range(12)), st.sets(st.integers(0, 11)))
def test_the_mark_is_the_contiguous_low_water_whatever_the_order_of_settling(order: list[int], left: set[int]) -> None:
    ledger = Ledger(100, Watermarks())
    for n in range(12):
        ledger.open(100 + n * 2, a_source(n))  # gaps, as transaction markers make them
    for n in order:
        if n not in left:
            ledger.settle(100 + n * 2)
    first_open = min(left, default=12)
    due = ledger.due()
    assert (due is None) == (first_open == 0)
    if due is not None:
        assert due.offset == 100 + (first_open - 1) * 2 + 1
        marks = read_marks(due.metadata)
        assert marks is not None
        assert marks.seen == {("sms.routed.express", 0): (first_open - 1, 0)}


def test_nothing_is_due_again_once_committed() -> None:
    ledger = Ledger(0, Watermarks())
    ledger.open(0, a_source(0))
    ledger.settle(0)
    due = ledger.due()
    assert due is not None
    ledger.open(1, a_source(1))
    ledger.committed(due)
    assert ledger.due() is None
    assert ledger.open_count == 1


def test_records_that_were_not_admitted_move_the_mark_and_no_watermark() -> None:
    ledger = Ledger(0, Watermarks())
    ledger.open(0, None)
    ledger.settle(0)
    assert ledger.due() == Mark(1, write_marks(Watermarks()))


def test_watermarks_survive_the_commit_metadata_also_of_a_large_cluster() -> None:
    chance = random.Random(1)
    marks = Watermarks({("sms.routed.bulk", n): (chance.randrange(10**9), chance.randrange(3)) for n in range(256)})
    read = read_marks(write_marks(marks))
    assert read is not None
    assert read.seen == marks.seen


def test_watermarks_that_do_not_fit_are_left_out_and_metadata_that_cannot_be_read_is_none() -> None:
    chance = random.Random(1)
    many = Watermarks({(f"t{n}", n): (chance.randrange(10**12), 0) for n in range(5_000)})
    assert write_marks(many) == ""
    for broken in (None, "", "not base85 \x00", write_marks(Watermarks())[:-3]):
        assert read_marks(broken) is None
