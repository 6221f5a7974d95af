"""Laws of golden octets: what was written under any version is read today, by every reader, and never changes."""

import contextlib
import io
from pathlib import Path
from typing import Any

import avro.io
import avro.schema
import fastavro
import msgspec
import pytest

from pipeline.events.codec import AnyRecord, Poison
from pipeline.events.records import RECORDS
from pipeline.events.schema_store import SchemaEntry, default_store
from tests import examples
from tests.builders import CODEC
from tests.golden import FOLDER, make_missing, path_of, written

STORE = default_store()
ENTRIES = STORE.entries()
FRAME_SIZE = 5
every_version = pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: f"{entry.record}.v{entry.version}")


def expected(entry: SchemaEntry) -> AnyRecord:
    """What today's reader makes of a version's example: fields that came later have their defaults."""
    record: AnyRecord = msgspec.convert(examples.fields_of(entry), RECORDS[entry.record])
    return record


def plain(entry: SchemaEntry) -> Any:
    return examples.without_datetimes(msgspec.to_builtins(expected(entry), builtin_types=(bytes,)))


@every_version
def test_a_golden_value_is_what_a_writer_of_its_version_writes(entry: SchemaEntry) -> None:
    assert path_of(entry).read_bytes() == written(entry)


def test_every_version_has_its_golden_file_and_every_file_its_version() -> None:
    assert {path.name for path in FOLDER.iterdir()} == {path_of(entry).name for entry in ENTRIES}


@every_version
def test_todays_codec_reads_every_version(entry: SchemaEntry) -> None:
    assert CODEC.decode(path_of(entry).read_bytes(), RECORDS[entry.record]) == expected(entry)


@every_version
def test_fastavro_reads_every_version_as_the_newest(entry: SchemaEntry) -> None:
    body = io.BytesIO(path_of(entry).read_bytes()[FRAME_SIZE:])
    reader = fastavro.parse_schema(STORE.newest(entry.record).json)
    found = fastavro.schemaless_reader(body, fastavro.parse_schema(entry.json), reader)
    assert (examples.without_datetimes(found), body.read()) == (plain(entry), b"")


@every_version
def test_apaches_avro_reads_every_version_as_the_newest(entry: SchemaEntry) -> None:
    body = io.BytesIO(path_of(entry).read_bytes()[FRAME_SIZE:])
    newest = avro.schema.parse(STORE.newest(entry.record).text)
    found = avro.io.DatumReader(avro.schema.parse(entry.text), newest).read(avro.io.BinaryDecoder(body))
    assert (examples.without_datetimes(found), body.read()) == (plain(entry), b"")


@every_version
def test_readers_of_every_version_read_the_newest(entry: SchemaEntry) -> None:
    newest = STORE.newest(entry.record)
    body = io.BytesIO(path_of(newest).read_bytes()[FRAME_SIZE:])
    found = fastavro.schemaless_reader(body, fastavro.parse_schema(newest.json), fastavro.parse_schema(entry.json))
    assert examples.without_datetimes(found) == examples.fields_of(entry)


@every_version
def test_what_was_read_of_any_version_is_written_as_the_newest(entry: SchemaEntry) -> None:
    record = CODEC.decode(path_of(entry).read_bytes())
    again = CODEC.encode(record)
    newest = STORE.newest(entry.record)
    assert int.from_bytes(again[1:FRAME_SIZE]) == newest.id
    assert CODEC.decode(again) == record
    if entry is newest:
        assert again == path_of(entry).read_bytes()


def test_an_added_field_has_its_default_in_what_was_written_before() -> None:
    first, second, *_ = (CODEC.decode(path_of(entry).read_bytes()) for entry in STORE.versions("UsageRecorded"))
    assert (first.tariff, first.cost_tariff) == ("", "")  # type: ignore[union-attr]
    assert (second.tariff, second.cost_tariff) == ("acme-2026", "north-2026")  # type: ignore[union-attr]


@every_version
def test_a_flipped_octet_anywhere_would_be_found(entry: SchemaEntry) -> None:
    kept = path_of(entry).read_bytes()
    for place in range(len(kept)):
        flipped = bytearray(kept)
        flipped[place] ^= 0x01
        with contextlib.suppress(Poison):
            assert CODEC.decode(bytes(flipped)) != expected(entry), place


def test_a_golden_file_is_never_overwritten(tmp_path: Path) -> None:
    kept = path_of(ENTRIES[0], tmp_path)
    kept.write_bytes(b"as it was")
    assert len(make_missing(tmp_path)) == len(ENTRIES) - 1
    assert make_missing(tmp_path) == []
    assert kept.read_bytes() == b"as it was"
