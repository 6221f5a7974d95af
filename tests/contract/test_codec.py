"""Laws of the wire: Confluent framing, whole records or Poison, the same values as with logical types."""

import io
import json
import struct
from datetime import datetime, timedelta
from typing import Any

import fastavro
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.events.codec import AnyRecord, Poison
from pipeline.events.records import RECORDS, TimerFired
from pipeline.events.schema_store import default_store
from tests import examples
from tests.builders import CODEC

STORE = default_store()
NAMES = STORE.records()
REASONS = {"not-avro", "unknown-schema", "wrong-schema", "undecodable"}
EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
IN_RANGE_US = 250_000_000_000_000_000  # beyond the year 9000 a datetime ends


def values_of(kind: Any) -> st.SearchStrategy[Any]:
    """Any value of an Avro type as our records hold it."""
    if isinstance(kind, list):
        return st.none() | values_of(next(each for each in kind if each != "null"))
    if isinstance(kind, dict):
        if kind["type"] == "record":
            return st.fixed_dictionaries({field["name"]: values_of(field["type"]) for field in kind["fields"]})
        if kind["type"] == "array":
            return st.lists(values_of(kind["items"]), max_size=3)
        if kind["type"] == "map":
            return st.dictionaries(st.text(max_size=4), st.text(max_size=4), max_size=3)
        return st.integers(0, IN_RANGE_US)
    return {
        "string": st.text(max_size=12),
        "int": st.integers(-(2**31), 2**31 - 1),
        "long": st.integers(-(2**63), 2**63 - 1),
        "boolean": st.booleans(),
        "bytes": st.binary(max_size=12),
    }[kind]


@st.composite
def records(draw: st.DrawFn) -> AnyRecord:
    """Any record with any values."""
    name = draw(st.sampled_from(NAMES))
    record: AnyRecord = msgspec.convert(draw(values_of(STORE.newest(name).json)), RECORDS[name])
    return record


def decoded_or_poison(value: bytes | None) -> AnyRecord | Poison:
    try:
        return CODEC.decode(value)
    except Poison as poison:
        return poison


@pytest.mark.parametrize("name", NAMES)
def test_a_value_begins_with_a_zero_octet_and_the_schemas_id(name: str) -> None:
    value = CODEC.encode(examples.example(name))
    assert struct.unpack(">bI", value[:5]) == (0, STORE.newest(name).id)
    assert CODEC.record_name(value) == name


@given(records())
@settings(max_examples=300, deadline=None)
def test_any_record_comes_back_as_it_was(record: AnyRecord) -> None:
    assert CODEC.decode(CODEC.encode(record), type(record)) == record


@given(records())
@settings(max_examples=200, deadline=None)
def test_our_values_are_those_that_any_avro_reader_finds(record: AnyRecord) -> None:
    value = CODEC.encode(record)
    schema = fastavro.parse_schema(STORE.newest(type(record).__name__).json)
    theirs = fastavro.schemaless_reader(io.BytesIO(value[5:]), schema)
    ours = msgspec.to_builtins(record, builtin_types=(bytes,))
    assert examples.without_datetimes(theirs) == examples.without_datetimes(ours)


@given(records())
@settings(max_examples=150, deadline=None)
def test_what_any_avro_writer_writes_is_read_as_ours(record: AnyRecord) -> None:
    name = type(record).__name__
    schema = STORE.newest(name)
    buffer = io.BytesIO()
    fields = json.loads(json.dumps(schema.json))
    plain = msgspec.to_builtins(record, builtin_types=(bytes,))
    fastavro.schemaless_writer(buffer, fastavro.parse_schema(fields), _with_datetimes(plain, fields))
    assert CODEC.decode(struct.pack(">bI", 0, schema.id) + buffer.getvalue()) == record


@given(st.binary(max_size=64))
@settings(max_examples=300, deadline=None)
def test_any_octets_are_a_record_or_poison_under_a_known_name(value: bytes) -> None:
    found = decoded_or_poison(value)
    assert not isinstance(found, Poison) or found.reason in REASONS


@given(st.sampled_from(NAMES), st.binary(max_size=120))
@settings(max_examples=500, deadline=None)
def test_any_body_under_any_schema_is_a_record_or_undecodable(name: str, body: bytes) -> None:
    found = decoded_or_poison(struct.pack(">bI", 0, STORE.newest(name).id) + body)
    assert isinstance(found, RECORDS[name]) or (isinstance(found, Poison) and found.reason == "undecodable")


@pytest.mark.parametrize("name", NAMES)
def test_a_value_cut_short_anywhere_is_poison(name: str) -> None:
    value = CODEC.encode(examples.example(name))
    for end in range(len(value)):
        assert isinstance(decoded_or_poison(value[:end]), Poison), end


@pytest.mark.parametrize("name", NAMES)
def test_octets_left_over_are_poison(name: str) -> None:
    found = decoded_or_poison(CODEC.encode(examples.example(name)) + b"\x00")
    assert isinstance(found, Poison)
    assert "1 octets left over" in found.detail


@given(st.sampled_from(NAMES), st.data())
@settings(max_examples=400, deadline=None)
def test_a_flipped_octet_is_poison_or_a_record_that_can_be_written_again(name: str, data: st.DataObject) -> None:
    value = bytearray(CODEC.encode(examples.example(name)))
    value[data.draw(st.integers(0, len(value) - 1))] ^= data.draw(st.integers(1, 255))
    found = decoded_or_poison(bytes(value))
    if not isinstance(found, Poison):
        assert CODEC.decode(CODEC.encode(found)) == found


def test_no_value_at_all_is_not_avro() -> None:
    for nothing in (None, b"", b"\x00", b"\x00\x00\x00\x03"):
        found = decoded_or_poison(nothing)
        assert isinstance(found, Poison)
        assert found.reason == "not-avro"


def test_a_record_that_does_not_belong_here_is_refused_by_name() -> None:
    value = CODEC.encode(examples.example("MessageAccepted"))
    with pytest.raises(Poison, match=r"wrong-schema: record MessageAccepted \(schema id 1002\), expected TimerFired"):
        CODEC.decode(value, TimerFired)


def test_a_number_beyond_its_schema_is_a_bug_and_not_a_shorter_number() -> None:
    with pytest.raises((ValueError, OverflowError)):
        CODEC.encode(TimerFired(timer_seq=2**63))


@pytest.mark.parametrize("field", ["message_id", "due"])
def test_a_wrong_type_is_a_bug_and_not_another_value(field: str) -> None:
    wrong: Any = {"message_id": 7, "due": "soon"}[field]
    with pytest.raises((TypeError, ValueError, AttributeError)):
        CODEC.encode(TimerFired(**{field: wrong}))


def _with_datetimes(plain: Any, kind: Any) -> Any:
    if plain is None:
        return None
    if isinstance(kind, list):
        return _with_datetimes(plain, next(each for each in kind if each != "null"))
    if not isinstance(kind, dict):
        return plain
    if kind["type"] == "record":
        return {field["name"]: _with_datetimes(plain[field["name"]], field["type"]) for field in kind["fields"]}
    if kind["type"] == "array":
        return [_with_datetimes(each, kind["items"]) for each in plain]
    return EPOCH + timedelta(microseconds=plain) if "logicalType" in kind else plain
