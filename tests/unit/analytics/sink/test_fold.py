"""What one partition's fold gives out, from any resume point."""

import pytest

from analytics.sink.fold import Holding, Output, PartitionFold
from analytics.sink.records import EndReached, Explained, Partition, Row, Skipped, Taken
from analytics.sink.topics import SunkTopics
from pipeline.events.codec import Codec
from pipeline.events.headers import Source, headers_of
from pipeline.events.records import MessageAccepted, MessageStatusChanged

CODEC = Codec()
HERE = Partition("sms.status.acme", 0)
GOOD = CODEC.encode(MessageStatusChanged(message_id="m"))


def a_fold(holding: Holding | None = None, *, reason: str = "") -> PartitionFold:
    return PartitionFold(
        HERE, holding or Holding(), store=CODEC.store, records=frozenset({"MessageStatusChanged"}), epoch="live",
        explain=lambda partition, first, last: reason,
    )  # fmt: skip


def a_record(offset: int, value: bytes | None = GOOD, *, source: int | None = None, epoch: str = "live") -> Taken:
    origin = None if source is None else Source("sms.lifecycle", 0, source, 0)
    return Taken(HERE, offset, 1000 + offset, value, headers_of(origin, epoch))


def only_row(outputs: list[Output]) -> Row:
    (row,) = outputs
    assert isinstance(row, Row)
    return row


def test_a_new_record_becomes_a_row_without_its_frame() -> None:
    row = only_row(a_fold().take(a_record(0)))
    assert (row.partition, row.offset, row.timestamp_ms, row.schema_id, row.body) == (HERE, 0, 1000, 1017, GOOD[5:])


@pytest.mark.parametrize(
    ("value", "reason"),
    [(None, "not-avro"), (b"", "not-avro"), (b"\x01abcdefg", "not-avro"), (b"\x00\x00\x00\x00\x07", "unknown-schema"),
     (CODEC.encode(MessageAccepted()), "wrong-schema")],
)  # fmt: skip
def test_what_does_not_belong_is_skipped_by_name(value: bytes | None, reason: str) -> None:
    (skipped,) = a_fold().take(a_record(0, value))
    assert isinstance(skipped, Skipped)
    assert skipped.reason == reason


def test_a_malformed_source_header_is_skipped_by_name() -> None:
    (skipped,) = a_fold().take(Taken(HERE, 0, 0, GOOD, [("source", b"nonsense")]))
    assert isinstance(skipped, Skipped)
    assert skipped.reason == "bad-header"


def test_only_missing_offsets_of_the_last_batch_are_given_out() -> None:
    fold = a_fold(Holding(first=10, last=14, offsets=frozenset({10, 12, 14})))
    given = [
        output.offset for offset in range(10, 17) for output in fold.take(a_record(offset)) if isinstance(output, Row)
    ]
    assert given == [11, 13, 15, 16]


def test_a_repeat_is_marked_by_the_watermark_of_its_source() -> None:
    fold = a_fold()
    marks = [only_row(fold.take(a_record(offset, source=source))).is_repeat
             for offset, source in enumerate([1, 2, 1, 2, 3])]  # fmt: skip
    assert marks == [False, False, True, True, False]


def test_a_missing_record_is_no_repeat_of_a_later_one_that_is_held() -> None:
    holding = Holding(first=5, last=6, offsets=frozenset({6}), watermark={("sms.lifecycle", 0): (1, 0)})
    fold = a_fold(holding)
    assert not only_row(fold.take(a_record(5, source=2))).is_repeat
    assert fold.take(a_record(6, source=3)) == []
    assert only_row(fold.take(a_record(7, source=3))).is_repeat


def test_another_epoch_is_marked_and_leaves_the_watermark_alone() -> None:
    fold = a_fold()
    foreign = only_row(fold.take(a_record(0, source=9, epoch="what-if")))
    assert (foreign.is_foreign, foreign.is_repeat) == (True, False)
    assert not only_row(fold.take(a_record(1, source=1))).is_repeat


def test_offsets_left_out_are_explained_or_left_to_coverage() -> None:
    explained = a_fold(reason="transaction").take(a_record(3))
    assert explained[0] == Explained(HERE, 0, 2, "transaction")
    assert len(a_fold(reason="").take(a_record(3))) == 1


def test_the_end_of_a_partition_explains_markers_behind_the_last_record_once() -> None:
    fold = a_fold(reason="transaction")
    fold.take(a_record(0))
    assert fold.reach_end(EndReached(HERE, 2)) == [Explained(HERE, 1, 1, "transaction")]
    assert fold.reach_end(EndReached(HERE, 2)) == []
    held = a_fold(Holding(first=0, explained=frozenset({(1, 1)})), reason="transaction")
    held.take(a_record(0))
    assert held.reach_end(EndReached(HERE, 2)) == []


def test_what_went_by_retention_before_the_first_read_is_explained() -> None:
    fold = a_fold()
    assert fold.start(7) == [Explained(HERE, 0, 6, "retention")]
    assert fold.next_offset == 7
    assert a_fold(Holding(first=9)).start(7) == []


def test_a_record_given_twice_is_taken_once() -> None:
    fold = a_fold()
    assert len(fold.take(a_record(0))) == 1
    assert fold.take(a_record(0)) == []


def test_the_catalogue_says_which_topics_are_taken() -> None:
    topics = SunkTopics(CODEC.store)
    assert topics.records_of("sms.status.corner-shop") == {"MessageStatusChanged", "ReplyForwarded", "AccountOpened"}
    assert topics.records_of("sms.submitted.acme.express") is None
    assert topics.records_of("sms.state.routing") is None
    assert topics.records_of("sms.status.a.b") is None
    assert all(topics.is_transactional(name) for name in ("sms.intents.north.bulk", "sms.control", "sms.health"))
    assert not topics.is_transactional("sms.lifecycle")
