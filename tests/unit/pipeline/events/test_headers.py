"""Laws of headers and watermarks: a source comes back as it was, a repeat is never admitted, a new one always is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.events.headers import (
    EPOCH,
    SOURCE,
    Source,
    Watermarks,
    coordinates,
    headers_of,
    parse_source,
    read_headers,
)

TOPICS = st.sampled_from(["sms.lifecycle", "sms.routed.express", "sms.submitted.blue-whale.bulk"])
SOURCES = st.builds(Source, TOPICS, st.integers(0, 3), st.integers(0, 20), st.integers(0, 3))


@given(SOURCES)
def test_a_source_comes_back_as_it_was(source: Source) -> None:
    assert parse_source(source.encode()) == source
    assert read_headers(headers_of(source, "live")) == (source, "live")


def test_a_source_is_readable_text() -> None:
    assert Source("sms.lifecycle", 3, 118, 1).encode() == b"sms.lifecycle/3/118/1"
    assert coordinates("sms.lifecycle", 3, 118) == "sms.lifecycle/3/118"


def test_a_fact_from_the_wire_has_an_epoch_and_no_source() -> None:
    assert headers_of(None, "live") == [(EPOCH, b"live")]
    assert read_headers([(EPOCH, b"live")]) == (None, "live")


@pytest.mark.parametrize("headers", [None, [], [("traceparent", b"00-1")], [(SOURCE, None), (EPOCH, None)]])
def test_a_record_of_a_producer_has_neither(headers: list[tuple[str, bytes | None]] | None) -> None:
    assert read_headers(headers) == (None, "")


@pytest.mark.parametrize("raw", [b"", b"sms.lifecycle", b"a/b/c/d", b"t/0/1", b"t/0/1/", b"\xff/0/1/2"])
def test_a_malformed_source_is_an_error_and_not_a_fact_from_the_wire(raw: bytes) -> None:
    with pytest.raises(ValueError):
        read_headers([(SOURCE, raw)])


def test_a_repeat_is_not_admitted_and_the_next_is() -> None:
    marks = Watermarks()
    first = Source("t", 0, 5, 0)
    assert marks.admit(first)
    assert not marks.admit(first)
    assert marks.admit(first._replace(ordinal=1))
    assert not marks.admit(first)
    assert marks.admit(first._replace(offset=6))
    assert not marks.admit(first._replace(ordinal=9))


def test_each_source_partition_has_a_mark_of_its_own() -> None:
    marks = Watermarks()
    assert marks.admit(Source("t", 0, 5, 0))
    assert marks.admit(Source("t", 1, 5, 0))
    assert marks.admit(Source("u", 0, 5, 0))


def test_offset_zero_is_new() -> None:
    assert Watermarks().admit(Source("t", 0, 0, 0))


@given(st.lists(SOURCES, max_size=30), st.integers(0, 30))
def test_a_redo_of_any_tail_changes_nothing(outputs: list[Source], back: int) -> None:
    """Outputs of a source partition come in order; a new owner redoes some of the last ones, then goes on."""
    in_order = sorted(set(outputs))
    start = max(0, len(in_order) - back)
    marks = Watermarks()
    admitted = [source for source in in_order + in_order[start:] if marks.admit(source)]
    assert admitted == in_order


def test_marks_can_be_stored_and_taken_up_again() -> None:
    marks = Watermarks()
    marks.admit(Source("t", 0, 5, 1))
    again = Watermarks(marks.seen)
    assert not again.admit(Source("t", 0, 5, 1))
    assert again.admit(Source("t", 0, 5, 2))
    assert marks.seen == {("t", 0): (5, 1)}
