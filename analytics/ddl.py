"""From a record's schema to its raw ClickHouse table: names, column types, CREATE TABLE.

Pure. The migrations hold the result as committed SQL (`python -m analytics.generate` prints what a new record
needs); the gate compares a running database with it, and a test holds the committed SQL to it.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
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
        "account_id", "action", "campaign_id", "carrier", "cost_currency", "country", "currency", "encoding",
        "error_code", "event", "facts_version", "failure_class", "key_day", "keyword", "kind", "lane",
        "message_class", "network", "number_prefix", "process_id", "reader", "reason", "scope", "sender",
        "source_topic", "stage", "stat", "state", "status", "status_name", "submitted_topic", "template_id",
    }
)
"""String fields with few different values: stored as a dictionary."""
# fmt: on

_SCALARS: Mapping[str, str] = {"int": "Int32", "long": "Int64", "boolean": "Bool", "string": "String"}


@dataclass(frozen=True, slots=True, kw_only=True)
class RawTable:
    """The raw table of one record: `columns` maps every column, those of META_COLUMNS first, to its type."""

    record: str
    name: str
    columns: Mapping[str, str]

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
    columns = dict(META_COLUMNS)
    for field in schema["fields"]:
        kind = column_type(field["name"], field["type"])
        if kind is not None:
            columns[field["name"]] = kind
    return RawTable(record=record, name=table_name(record), columns=columns)


def raw_tables(store: SchemaStore) -> tuple[RawTable, ...]:
    """The tables of all records that stand in a sunk topic, by table name."""
    records = {record for topic in store.topics() if topic.is_sunk for record in topic.records}
    return tuple(raw_table(record, store.newest(record).json) for record in sorted(records))


def create_table(table: RawTable) -> str:
    """CREATE TABLE of a raw table, ordered as the journal it is, with a projection by message where it has one."""
    lines = [f"    `{name}` {kind}" for name, kind in table.columns.items()]
    lines += [f"    {projection}" for projection in _projections(table)]
    body = ",\n".join(lines)
    return (
        f"CREATE TABLE IF NOT EXISTS {table.full_name}\n(\n{body}\n)\nENGINE = MergeTree\n"
        "PARTITION BY toYYYYMM(_timestamp)\nORDER BY (_topic, _partition, _offset)\n"
        "SETTINGS non_replicated_deduplication_window = 0;"
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


def _projections(table: RawTable) -> Iterator[str]:
    yield ("PROJECTION resume (SELECT _topic, _partition, max(_batch_last) GROUP BY _topic, _partition)")
    if table.has_message:
        yield "PROJECTION by_message (SELECT message_id, _part_offset ORDER BY message_id)"
    if table.record in _AGGREGATES:
        yield _AGGREGATES[table.record].format(counted=_COUNTED)


def _item_type(items: Any) -> str:
    if isinstance(items, dict) and items.get("type") == "record":
        fields = ", ".join(f"{field['name']} {_nested_type(field)}" for field in items["fields"])
        return f"Tuple({fields})"
    if isinstance(items, str) and items in _SCALARS:
        return _SCALARS[items]
    raise ValueError(f"no ClickHouse type for an array of {items!r}")


def _nested_type(field: Mapping[str, Any]) -> str:
    kind = column_type("", field["type"])  # no dictionaries inside tuples: the reader would not fill them
    if kind is None:
        raise ValueError(f"field {field['name']}: bytes inside an array are not stored")
    return kind
