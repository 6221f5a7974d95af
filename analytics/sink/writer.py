"""Rows into raw tables: one insert a schema, and a search for the bad record when the engine refuses one."""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from clickhouse_connect.driver.exceptions import DatabaseError

from analytics.ddl import DATABASE, RawTable
from analytics.engine import Engine
from analytics.sink.avro import block, container, container_head, prepended_columns
from analytics.sink.records import Explained, Partition, Row, Skipped
from pipeline.events.schema_store import SchemaStore

BAD_DATA_CODES = frozenset({6, 27, 33, 34, 36, 49, 53, 69, 70, 72, 117, 131, 190, 321, 349, 636, 1001, 1003})
"""Codes with which the engine says that data does not fit: parsing, types, sizes, and (1001) the Avro library."""

Ranges = Mapping[Partition, tuple[int, int]]
"""First and last offset of the batch, by partition."""


class PoisonFlood(Exception):
    """Too many records in a row could not be read: something is wrong with the writer or with us. Look first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Target:
    table: RawTable
    head: bytes
    columns: tuple[str, ...]


class Writer:
    """Inserts batches. Belongs to the thread of its engine."""

    def __init__(self, engine: Engine, store: SchemaStore, tables: Iterable[RawTable]) -> None:
        self._engine = engine
        self._targets: dict[int, _Target] = {}
        by_record = {table.record: table for table in tables}
        for entry in store.entries():
            if entry.record in by_record:
                self._targets[entry.id] = _target(by_record[entry.record], entry.json)

    def write_rows(self, rows: Iterable[Row], ranges: Ranges) -> list[Skipped]:
        """Insert all rows but those that the engine refuses, which are returned.

        Raises DatabaseError when the engine is in trouble itself: the rows may be fine, stop and try again.
        """
        by_schema: dict[int, list[Row]] = {}
        for row in rows:
            by_schema.setdefault(row.schema_id, []).append(row)
        refused: list[Skipped] = []
        for schema_id, group in sorted(by_schema.items()):
            target = self._targets[schema_id]
            refused += insert_or_bisect(group, lambda some, to=target: self._insert(to, some, ranges))  # type: ignore[misc]
        return refused

    def write_notes(self, skipped: Sequence[Skipped], explained: Sequence[Explained], ranges: Ranges) -> None:
        """Note the offsets that have no row."""
        self._insert_json("skipped_offsets", [_skipped_json(each, ranges[each.partition]) for each in skipped])
        self._insert_json("explained_offsets", [_explained_json(each, ranges[each.partition]) for each in explained])

    def write_ends(self, ends: Mapping[Partition, tuple[int, int]], now_ms: int) -> None:
        """Note how far Kafka's logs reach: (first kept, after the last), seen at `now_ms`."""
        seen_at = _utc(now_ms)
        self._insert_json(
            "partition_ends",
            [
                {"topic": part.topic, "partition": part.number, "log_start": low, "log_end": high, "seen_at": seen_at}
                for part, (low, high) in ends.items()
            ],
        )

    def _insert(self, target: _Target, rows: Sequence[Row], ranges: Ranges) -> None:
        payload = container(target.head, (block(row, *ranges[row.partition]) for row in rows))
        self._engine.insert(target.table.full_name, target.columns, payload, "Avro")

    def _insert_json(self, table: str, rows: Sequence[Mapping[str, object]]) -> None:
        if rows:
            payload = "\n".join(json.dumps(row) for row in rows).encode()
            self._engine.insert(f"{DATABASE}.{table}", tuple(rows[0]), payload, "JSONEachRow")


def insert_or_bisect(rows: Sequence[Row], insert: Callable[[Sequence[Row]], None]) -> list[Skipped]:
    """Insert rows; where the engine says that data is bad, halve until the bad ones are alone. Returns those.

    An insert is wholly done or not at all, so that no row lands twice. Any other error is raised.
    """
    if not rows:
        return []
    try:
        insert(rows)
    except DatabaseError as error:
        if error_code(error) not in BAD_DATA_CODES:
            raise
        if len(rows) == 1:
            return [_refused(rows[0], error)]
        middle = len(rows) // 2
        return insert_or_bisect(rows[:middle], insert) + insert_or_bisect(rows[middle:], insert)
    return []


def error_code(error: DatabaseError) -> int:
    """ClickHouse's number of an error, 0 if it gives none."""
    return int(getattr(error, "code", None) or 0)


def _target(table: RawTable, schema: Mapping[str, object]) -> _Target:
    fields = schema["fields"]
    assert isinstance(fields, list)
    written = tuple(field["name"] for field in fields if field["name"] in table.columns)
    return _Target(table=table, head=container_head(schema), columns=prepended_columns() + written)


def _refused(row: Row, error: DatabaseError) -> Skipped:
    value = b"\x00" + row.schema_id.to_bytes(4, "big") + row.body
    detail = f"the engine refused it: code {error_code(error)}: {str(error)[:160]}"
    return Skipped(row.partition, row.offset, row.timestamp_ms, value, "undecodable", detail)


def _skipped_json(skipped: Skipped, batch: tuple[int, int]) -> dict[str, object]:
    return {
        "_topic": skipped.partition.topic,
        "_partition": skipped.partition.number,
        "_offset": skipped.offset,
        "_timestamp": _utc(skipped.timestamp_ms),
        "_batch_first": batch[0],
        "_batch_last": batch[1],
        "reason": skipped.reason,
        "detail": skipped.detail,
        "value_size": len(skipped.value),
        "value_sha256": hashlib.sha256(skipped.value).hexdigest(),
    }


def _explained_json(explained: Explained, batch: tuple[int, int]) -> dict[str, object]:
    return {
        "_topic": explained.partition.topic,
        "_partition": explained.partition.number,
        "first_offset": explained.first,
        "last_offset": explained.last,
        "_batch_first": batch[0],
        "_batch_last": batch[1],
        "reason": explained.reason,
    }


def _utc(millis: int) -> str:
    return datetime.fromtimestamp(millis / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
