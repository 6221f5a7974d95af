"""Blocks around bodies that nobody decoded: an Avro reader finds all in them."""

import io

import fastavro
import pytest

from analytics.sink.avro import block, container, container_head, prepended_columns, zigzag
from analytics.sink.records import Partition, Row
from pipeline.events.codec import Codec
from pipeline.events.headers import Source
from pipeline.events.records import RecallRequested

CODEC = Codec()


def a_row(number: int, *, source: Source | None = None) -> Row:
    value = CODEC.encode(RecallRequested(message_id=f"m{number}", attempt=number))
    return Row(Partition("sms.recall", 3), number, 1_767_607_200_123, 1020, value[5:], source, "live", False, True)


def read(octets: bytes) -> list[dict[str, object]]:
    return list(fastavro.reader(io.BytesIO(octets)))  # type: ignore[arg-type]


def test_every_record_is_a_block_of_its_own_with_its_coordinates() -> None:
    head = container_head(CODEC.store.newest("RecallRequested").json)
    source = Source("sms.lifecycle", 2, 2**53, 4)
    found = read(container(head, [block(a_row(1), 1, 2), block(a_row(2, source=source), 1, 2)]))
    assert [row["message_id"] for row in found] == ["m1", "m2"]
    last = found[1]
    assert {name: last[name] for name in ("_topic", "_partition", "_offset", "_batch_first", "_batch_last")} == {
        "_topic": "sms.recall", "_partition": 3, "_offset": 2, "_batch_first": 1, "_batch_last": 2,
    }  # fmt: skip
    assert (last["_source_topic"], last["_source_partition"], last["_source_offset"], last["_source_ordinal"]) == source
    assert (last["_epoch"], last["_is_foreign"], last["_is_repeat"]) == ("live", False, True)
    assert found[0]["_source_topic"] == ""
    assert set(prepended_columns()) <= set(last)


@pytest.mark.parametrize(
    ("number", "octets"),
    [
        (0, "00"),
        (-1, "01"),
        (1, "02"),
        (-64, "7f"),
        (64, "8001"),
        (2**63 - 1, "feffffffffffffffff01"),
        (-(2**63), "ffffffffffffffffff01"),
    ],
)
def test_zigzag_is_avros(number: int, octets: str) -> None:
    assert zigzag(number).hex() == octets
