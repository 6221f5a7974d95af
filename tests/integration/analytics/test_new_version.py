"""A field added with a default flows from the schema to the column: checked, generated, gated, landed old and new."""

import io
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fastavro
import pytest

from analytics.ddl import raw_tables
from analytics.gate import SchemaMismatch, check_gate, found_columns
from analytics.generate import lacking
from infra.schemas.history import faults
from pipeline.events.schema_store import SchemaStore
from tests import examples
from tests.evolution import a_copy, a_new_version
from tests.golden import path_of
from tests.integration.analytics.engine_rig import STORE, Journal

pytestmark = pytest.mark.integration

FIELD = {"name": "planted_unit", "type": "string", "default": "part", "doc": "What one charge is for."}
ALTER = "ALTER TABLE sluice.usage_recorded ADD COLUMN IF NOT EXISTS `planted_unit` String DEFAULT 'part';"


@pytest.fixture
def newer(tmp_path: Path, journal: Journal) -> Iterator[SchemaStore]:
    """The schemas with one more version of UsageRecorded; what a test adds to the table is taken away again."""
    copy = a_copy(tmp_path)
    a_new_version(copy, "UsageRecorded", lambda schema: schema["fields"].append(FIELD))
    yield SchemaStore(copy)
    journal.engine.command("ALTER TABLE sluice.usage_recorded DROP COLUMN IF EXISTS planted_unit")


def a_value(store: SchemaStore, **more: Any) -> bytes:
    """The example of UsageRecorded as a writer of the store's newest version frames it."""
    entry = store.newest("UsageRecorded")
    buffer = io.BytesIO()
    fields = {**examples.fields_of(STORE.newest("UsageRecorded")), **more}
    fastavro.schemaless_writer(buffer, fastavro.parse_schema(entry.json), fields)
    return struct.pack(">bI", 0, entry.id) + buffer.getvalue()


def test_a_new_field_lands_and_older_records_have_its_default(journal: Journal, newer: SchemaStore) -> None:
    assert faults(newer) == []
    before = [path_of(entry).read_bytes() for entry in STORE.versions("UsageRecorded")[:2]]
    journal.put_octets("sms.usage", before[:1])  # a part of the table without the column
    script = lacking(newer, found_columns(journal.engine))
    assert script == ALTER
    with pytest.raises(SchemaMismatch, match=r"usage_recorded: column planted_unit \(String\) of UsageRecorded is mis"):
        check_gate(journal.engine, raw_tables(newer))
    journal.engine.command(script)
    check_gate(journal.engine, raw_tables(newer))
    journal.put_octets("sms.usage", [*before, a_value(newer, planted_unit="message")], store=newer)
    rows = journal.rows("SELECT planted_unit, tariff, part FROM sluice.usage_recorded ORDER BY _offset")
    assert rows == [("part", "", 1), ("part", "", 1), ("part", "acme-2026", 1), ("message", "acme-2026", 1)]
    assert lacking(newer, found_columns(journal.engine)) == ""


def test_a_column_with_another_default_than_the_schema_is_no_way_to_start(journal: Journal, newer: SchemaStore) -> None:
    journal.engine.command(ALTER.replace("'part'", "'piece'"))
    said = "usage_recorded.planted_unit: default 'piece', expected 'part'"
    with pytest.raises(SchemaMismatch, match=said):
        check_gate(journal.engine, raw_tables(newer))
    with pytest.raises(ValueError, match=f"no ADD COLUMN mends this.*{said}"):
        lacking(newer, found_columns(journal.engine))


def test_the_committed_migrations_lack_nothing(journal: Journal) -> None:
    assert lacking(STORE, found_columns(journal.engine)) == ""
