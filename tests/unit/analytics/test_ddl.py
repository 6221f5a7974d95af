"""The committed tables are those that the schemas ask for."""

import re
from dataclasses import replace

import pytest

from analytics.ddl import (
    RawTable,
    add_column,
    column_type,
    create_table,
    held_offsets_view,
    raw_table,
    raw_tables,
    sql_literal,
    table_name,
)
from analytics.gate import Different, Missing, mismatches, missing_sql
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


def added(name: str) -> list[str]:
    """Columns that later migrations add to a raw table, in order; each statement is as it would be written now."""
    table = next(table for table in TABLES if table.name == name)
    found = []
    for migration in load_migrations():
        for statement in migration.statements:
            match = re.search(rf"ALTER TABLE sluice\.{name} ADD COLUMN IF NOT EXISTS `(\w+)`", statement)
            if match:
                assert statement[match.start() :] + ";" == add_column(table, match[1])
                found.append(match[1])
    return found


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_the_committed_table_is_what_its_schema_asks_for(table: RawTable) -> None:
    later = added(table.name)
    first = {name: kind for name, kind in table.columns.items() if name not in later}
    assert committed(table.name) == create_table(replace(table, columns=first))


def test_every_column_that_was_added_later_is_found() -> None:
    assert added("usage_recorded")[:2] == ["tariff", "cost_tariff"]
    assert added("recall_requested") == []


def test_the_newest_list_of_held_offsets_names_every_table() -> None:
    newest = [each for migration in load_migrations() for each in migration.statements if "held_offsets AS" in each][-1]
    assert newest[newest.index("CREATE") :] + ";" == held_offsets_view(TABLES)


def test_a_default_of_the_schema_is_that_of_the_column() -> None:
    fields = [
        {"name": "reason", "type": "string", "default": "it's \\ so"},
        {"name": "part", "type": "int", "default": -1},
        {"name": "is_new", "type": "boolean", "default": True},
        {"name": "carrier", "type": "string"},
    ]
    table = raw_table("Toy", {"fields": fields})
    assert table.defaults == {"reason": r"'it\'s \\ so'", "part": "-1", "is_new": "true"}
    assert add_column(table, "part") == "ALTER TABLE sluice.toy ADD COLUMN IF NOT EXISTS `part` Int32 DEFAULT -1;"
    assert "`is_new` Bool DEFAULT true,\n    `carrier` LowCardinality(String),\n" in create_table(table)
    with pytest.raises(ValueError, match="field parts: no SQL literal for default"):
        sql_literal("parts", [])


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
    sound = {name: (kind, "") for name, kind in table.columns.items()}
    bent = {**sound, "_offset": ("Int32", ""), "_epoch": (sound["_epoch"][0], "'live'")}
    del bent["_topic"]
    assert mismatches([table], {table.name: sound}) == []
    assert mismatches([table], {}) == [Missing(f"table {table.full_name} for record {table.record} is missing")]
    assert mismatches([table], {table.name: bent}) == [
        Missing(f"{table.full_name}: column _topic (LowCardinality(String)) of {table.record} is missing"),
        Different(f"{table.full_name}._offset: type Int32, expected Int64"),
        Different(f"{table.full_name}._epoch: default 'live', expected none"),
    ]


def test_what_is_missing_is_made_by_these_statements() -> None:
    usage = next(table for table in TABLES if table.record == "UsageRecorded")
    found = {table.name: {name: (kind, "") for name, kind in table.columns.items()} for table in TABLES}
    assert list(missing_sql(TABLES, found)) == []
    del found["usage_recorded"]["tariff"]
    assert list(missing_sql(TABLES, found)) == [add_column(usage, "tariff")]
    del found["audit_recorded"]
    audit = next(table for table in TABLES if table.record == "AuditRecorded")
    wanted = [create_table(audit), add_column(usage, "tariff"), held_offsets_view(TABLES)]
    assert list(missing_sql(TABLES, found)) == wanted
