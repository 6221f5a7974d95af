"""From a record's schema to its raw ClickHouse table: names, column types, CREATE TABLE, ADD COLUMN.

Pure. The migrations hold the result as committed SQL (`python -m analytics.generate` prints what a new record or
field needs); the gate compares a running database with it, and a test holds the committed SQL to it.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pipeline.events.schema_store import SchemaStore

DATABASE = "sluice"

META_COLUMNS: Mapping[str, str] = {
    "_topic": "LowCardinality(String)",
    "_partition": "Int32",
    "_offset": "Int64",
    "_timestamp": "DateTime64(3, 'UTC')",
    "_source_topic": "LowCardinality(String)",
    "_source_partition": "Int32",
    "_source_offset": "Int64",
    "_source_ordinal": "Int32",
    "_epoch": "LowCardinality(String)",
    "_is_foreign": "Bool",
    "_is_repeat": "Bool",
    "_batch_first": "Int64",
    "_batch_last": "Int64",
}
"""What every raw row says besides its record's fields; the README explains each."""

# fmt: off
_FEW_VALUES = frozenset(
    {
        "account_id", "action", "actor", "campaign_id", "carrier", "cost_currency", "cost_tariff", "country",
        "currency", "encoding", "error_code", "event", "facts_version", "failure_class", "key_day", "keyword", "kind",
        "lane", "message_class", "network", "number_prefix", "origin", "process_id", "reader", "reason", "scope",
        "sender", "source_topic", "stage", "stat", "state", "status", "status_name", "submitted_topic", "tariff",
        "template_id", "topic",
    }
)
"""String fields with few different values: stored as a dictionary."""
# fmt: on

_SCALARS: Mapping[str, str] = {"int": "Int32", "long": "Int64", "boolean": "Bool", "string": "String"}


@dataclass(frozen=True, slots=True, kw_only=True)
class RawTable:
    """The raw table of one record: `columns` maps every column, those of META_COLUMNS first, to its type.

    `defaults` has the SQL literal of what a row of an older version holds where its schema lacks the field.
    """

    record: str
    name: str
    columns: Mapping[str, str]
    defaults: Mapping[str, str] = field(default_factory=dict)

    @property
    def full_name(self) -> str:
        return f"{DATABASE}.{self.name}"

    @property
    def has_message(self) -> bool:
        return "message_id" in self.columns


def table_name(record: str) -> str:
    """MessageAccepted -> message_accepted."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", record).lower()


def column_type(name: str, avro: Any) -> str | None:
    """The ClickHouse type of a field, None for sealed bytes, which are not stored.

    Only the pairs that the engine maps without loss are known (micros to DateTime64(6), long to Int64); raises
    ValueError for any other, so that a new kind of field is thought about.
    """
    if avro == "bytes":
        return None
    if avro == "string":
        return "LowCardinality(String)" if name in _FEW_VALUES else "String"
    if isinstance(avro, str) and avro in _SCALARS:
        return _SCALARS[avro]
    if isinstance(avro, dict):
        if avro.get("logicalType") == "timestamp-micros":
            return "DateTime64(6, 'UTC')"
        if avro.get("type") == "array":
            return f"Array({_item_type(avro['items'])})"
    raise ValueError(f"field {name}: no ClickHouse type for Avro {avro!r}")


def raw_table(record: str, schema: Mapping[str, Any]) -> RawTable:
    """The table that holds a record, from its schema as parsed JSON."""
    columns, defaults = dict(META_COLUMNS), {}
    for each in schema["fields"]:
        kind = column_type(each["name"], each["type"])
        if kind is None:
            continue
        columns[each["name"]] = kind
        if "default" in each:
            defaults[each["name"]] = sql_literal(each["name"], each["default"])
    return RawTable(record=record, name=table_name(record), columns=columns, defaults=defaults)


def sql_literal(name: str, default: Any) -> str:
    """A schema's default as ClickHouse writes it in a column's DEFAULT: text, a number or a boolean.

    Raises ValueError for any other (a list, null), so that a new kind of default is thought about.
    """
    if isinstance(default, str):
        return "'" + default.replace("\\", "\\\\").replace("'", "\\'") + "'"
    if isinstance(default, bool | int):
        return json.dumps(default)
    raise ValueError(f"field {name}: no SQL literal for default {default!r}, expected text, a number or a boolean")


def raw_tables(store: SchemaStore) -> tuple[RawTable, ...]:
    """The tables of all records that stand in a sunk topic, by table name."""
    records = {record for topic in store.topics() if topic.is_sunk for record in topic.records}
    return tuple(raw_table(record, store.newest(record).json) for record in sorted(records))


def create_table(table: RawTable) -> str:
    """CREATE TABLE of a raw table, ordered as the journal it is, with a projection by message where it has one."""
    lines = [f"    {_column(table, name)}" for name in table.columns]
    lines += [f"    {projection}" for projection in _projections(table)]
    body = ",\n".join(lines)
    return (
        f"CREATE TABLE IF NOT EXISTS {table.full_name}\n(\n{body}\n)\nENGINE = MergeTree\n"
        "PARTITION BY toYYYYMM(_timestamp)\nORDER BY (_topic, _partition, _offset)\n"
        "SETTINGS non_replicated_deduplication_window = 0;"
    )


def add_column(table: RawTable, name: str) -> str:
    """ALTER TABLE for a field that a newer version of the record brought."""
    return f"ALTER TABLE {table.full_name} ADD COLUMN IF NOT EXISTS {_column(table, name)};"


def held_offsets_view(tables: Iterable[RawTable]) -> str:
    """The view that lists every raw table's rows by where they stood in Kafka; `coverage` is made from it."""
    of_each = "\n    UNION ALL\n".join(
        "    SELECT _topic, _partition, _offset, _is_repeat, _is_foreign, "
        f"'{table.name}' AS held_in FROM {table.full_name}"
        for table in tables
    )
    return (
        f"CREATE OR REPLACE VIEW {DATABASE}.held_offsets AS\n"
        "SELECT _topic AS topic, _partition AS partition, _offset AS offset, _is_repeat AS is_repeat,\n"
        f"    _is_foreign AS is_foreign, held_in\nFROM\n(\n{of_each}\n) AS held;"
    )


_COUNTED = "_is_repeat, _is_foreign"
_BY_CARRIER = (
    "PROJECTION by_carrier_hour (SELECT toStartOfHour(_timestamp), carrier, {counted}, count() "
    "GROUP BY toStartOfHour(_timestamp), carrier, {counted})"
)
_BY_ACCOUNT = (
    "PROJECTION by_account_hour (SELECT toStartOfHour(_timestamp), account_id, country, carrier, currency, "
    "cost_currency, {counted}, count(), sum(charge_micros), sum(cost_micros) GROUP BY toStartOfHour(_timestamp), "
    "account_id, country, carrier, currency, cost_currency, {counted})"
)
_BY_STATE = (
    "PROJECTION by_carrier_hour (SELECT toStartOfHour(_timestamp), carrier, state, {counted}, count() "
    "GROUP BY toStartOfHour(_timestamp), carrier, state, {counted})"
)
_AGGREGATES: Mapping[str, str] = {
    "SubmitSucceeded": _BY_CARRIER,
    "SubmitFailed": _BY_CARRIER,
    "SubmitOutcomeUnknown": _BY_CARRIER,
    "ReceiptReceived": _BY_STATE,
    "UsageRecorded": _BY_ACCOUNT,
}


def _column(table: RawTable, name: str) -> str:
    default = f" DEFAULT {table.defaults[name]}" if name in table.defaults else ""
    return f"`{name}` {table.columns[name]}{default}"


def _projections(table: RawTable) -> Iterator[str]:
    yield ("PROJECTION resume (SELECT _topic, _partition, max(_batch_last) GROUP BY _topic, _partition)")
    if table.has_message:
        yield "PROJECTION by_message (SELECT message_id, _part_offset ORDER BY message_id)"
    if table.record in _AGGREGATES:
        yield _AGGREGATES[table.record].format(counted=_COUNTED)


def _item_type(items: Any) -> str:
    if isinstance(items, dict) and items.get("type") == "record":
        fields = ", ".join(f"{each['name']} {_nested_type(each)}" for each in items["fields"])
        return f"Tuple({fields})"
    if isinstance(items, str) and items in _SCALARS:
        return _SCALARS[items]
    raise ValueError(f"no ClickHouse type for an array of {items!r}")


def _nested_type(nested: Mapping[str, Any]) -> str:
    kind = column_type("", nested["type"])  # no dictionaries inside tuples: the reader would not fill them
    if kind is None:
        raise ValueError(f"field {nested['name']}: bytes inside an array are not stored")
    return kind
