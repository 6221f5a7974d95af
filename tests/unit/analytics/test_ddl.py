"""The committed tables are those that the schemas ask for."""

import re

import pytest

from analytics.ddl import RawTable, column_type, create_table, raw_tables, table_name
from analytics.gate import mismatches
from analytics.migrator import load_migrations, split_statements
from pipeline.events.schema_store import default_store

TABLES = raw_tables(default_store())


def committed(name: str) -> str:
    """The CREATE TABLE of a raw table as it stands in the migrations."""
    for migration in load_migrations():
        for statement in migration.statements:
            if re.search(rf"CREATE TABLE IF NOT EXISTS sluice\.{name}\n", statement):
                return statement[statement.index("CREATE TABLE") :] + ";"
    raise AssertionError(f"no migration creates {name}")


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_the_committed_table_is_what_its_schema_asks_for(table: RawTable) -> None:
    assert committed(table.name) == create_table(table)


def test_every_record_of_a_sunk_topic_has_a_table() -> None:
    sunk = {record for topic in default_store().topics() if topic.is_sunk for record in topic.records}
    assert {table.record for table in TABLES} == sunk
    assert "SubmitMessage" not in sunk


def test_a_table_reads_like_this() -> None:
    recall = next(table for table in TABLES if table.record == "RecallRequested")
    assert create_table(recall) == (
        "CREATE TABLE IF NOT EXISTS sluice.recall_requested\n(\n"
        "    `_topic` LowCardinality(String),\n    `_partition` Int32,\n    `_offset` Int64,\n"
        "    `_timestamp` DateTime64(3, 'UTC'),\n    `_source_topic` LowCardinality(String),\n"
        "    `_source_partition` Int32,\n    `_source_offset` Int64,\n    `_source_ordinal` Int32,\n"
        "    `_epoch` LowCardinality(String),\n    `_is_foreign` Bool,\n    `_is_repeat` Bool,\n"
        "    `_batch_first` Int64,\n    `_batch_last` Int64,\n    `message_id` String,\n"
        "    `account_id` LowCardinality(String),\n    `recipient_id` String,\n    `caused_by` String,\n"
        "    `occurred_at` DateTime64(6, 'UTC'),\n    `attempt` Int32,\n    `reason` LowCardinality(String),\n"
        "    PROJECTION resume (SELECT _topic, _partition, max(_batch_last) GROUP BY _topic, _partition),\n"
        "    PROJECTION by_message (SELECT message_id, _part_offset ORDER BY message_id)\n)\n"
        "ENGINE = MergeTree\nPARTITION BY toYYYYMM(_timestamp)\nORDER BY (_topic, _partition, _offset)\n"
        "SETTINGS non_replicated_deduplication_window = 0;"
    )


def test_no_sealed_octets_are_stored() -> None:
    assert not [name for table in TABLES for name in table.columns if name.startswith("sealed_")]


def test_a_type_that_the_engine_would_bend_is_refused() -> None:
    with pytest.raises(ValueError, match="no ClickHouse type"):
        column_type("at", {"type": "long", "logicalType": "timestamp-millis"})
    with pytest.raises(ValueError, match="no ClickHouse type"):
        column_type("maybe", ["null", "string"])


def test_a_table_is_named_after_its_record() -> None:
    assert table_name("MessageStatusChanged") == "message_status_changed"


def test_migrations_are_numbered_without_holes_and_every_statement_may_run_again() -> None:
    for migration in load_migrations():
        for statement in migration.statements:
            assert "IF NOT EXISTS" in statement or "CREATE OR REPLACE VIEW" in statement


def test_statements_end_with_a_semicolon_at_the_end_of_a_line() -> None:
    assert list(split_statements("-- only; words\n\nSELECT ';';\nSELECT\n2;\n-- bye\n")) == [
        "-- only; words\n\nSELECT ';'",
        "SELECT\n2",
    ]


def test_the_gate_names_a_missing_table_a_missing_column_and_a_wrong_type() -> None:
    table = TABLES[0]
    bent = {**table.columns, "_offset": "Int32"}
    del bent["_topic"]
    assert mismatches([table], {table.name: table.columns}) == []
    assert mismatches([table], {}) == [f"table {table.full_name} for record {table.record} is missing"]
    assert mismatches([table], {table.name: bent}) == [
        f"{table.full_name}: column _topic (LowCardinality(String)) of {table.record} is missing",
        f"{table.full_name}._offset: type Int32, expected Int64",
    ]
