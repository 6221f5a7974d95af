"""Lives of messages out of ClickHouse: the views find them, the raw tables hold every field of their records.

What is found by the view `timeline` is read whole from the tables of its records, so that a life reads the same
as from the log.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from infra.reading.fields import time_fields
from infra.reading.life import Life, Step, life_of
from infra.reading.question import MANY, Found, Question
from infra.sql import ask
from pipeline.events.records import RECORDS, Event

_PLACES = "{places:Array(Tuple(String,Int32,Int64))}"
_CAPITAL = re.compile(r"(?<!^)([A-Z])")


def find(home: Path, question: Question) -> tuple[Found, ...]:
    """The messages that fit, the newest first, at most MANY + 1. Raises as `infra.sql.ask`."""
    conditions, values = [], dict[str, str | int]()
    if question.message_id:
        conditions.append("message_id = {message:String}")
        values["message"] = question.message_id
    if question.reference:
        conditions.append("reference = {reference:String}")
        values["reference"] = question.reference
    if question.recipient_ids:
        conditions.append("recipient_id IN {recipients:Array(String)}")
        values["recipients"] = _array(question.recipient_ids)
    if question.account_id:
        conditions.append("account_id = {account:String}")
        values["account"] = question.account_id
    rows = ask(
        home,
        "SELECT message_id, account_id, reference, status, message_class, country, "
        "toString(ifNull(received_at, accepted_at)) AS received_at "
        f"FROM messages WHERE {' AND '.join(conditions)} ORDER BY received_at DESC, message_id LIMIT {MANY + 1}",
        **values,
    )
    return tuple(
        Found(**{**row, "received_at": _micros(row["received_at"]) if row["received_at"] else 0}) for row in rows
    )


def life(home: Path, message_id: str) -> Life:
    """Every event of a message, whole. Raises as `infra.sql.ask`."""
    rows = ask(
        home,
        "SELECT event, topic, partition, offset FROM timeline WHERE message_id = {message:String}",
        message=message_id,
    )
    places: dict[str, list[str]] = {}
    for row in rows:
        places.setdefault(row["event"], []).append(f"('{row['topic']}',{row['partition']},{row['offset']})")
    steps = [step for event, of_event in places.items() for step in _steps(home, event, of_event)]
    return life_of(message_id, steps)


def _steps(home: Path, event: str, places: list[str]) -> Iterable[Step]:
    table = _CAPITAL.sub(r"_\1", event).lower()
    rows = ask(
        home,
        f"SELECT * FROM {table} WHERE (_topic, _partition, _offset) IN {_PLACES} AND NOT _is_repeat",
        places=f"[{','.join(places)}]",
    )
    for row in rows:
        yield Step(
            at=_micros(row["_timestamp"]),
            event=event,
            topic=row["_topic"],
            partition=row["_partition"],
            offset=row["_offset"],
            record=_record(event, row),
        )


def _record(event: str, row: Mapping[str, Any]) -> Event:
    """The record of a row: its columns are the schema's fields, but for times and what is sealed."""
    struct = RECORDS[event]
    times = time_fields(event)
    columns = {field.name for field in msgspec.structs.fields(struct)} & row.keys()
    values = {name: _micros(row[name]) if name in times else row[name] for name in columns}
    record = msgspec.convert(values, struct)
    assert isinstance(record, Event), event
    return record


def _micros(text: str) -> int:
    """UTC micros of ClickHouse's '2026-01-05 10:00:00.123456'; exact, since no float is in between."""
    at = datetime.fromisoformat(text).replace(tzinfo=UTC)
    return int(at.replace(microsecond=0).timestamp()) * 1_000_000 + at.microsecond


def _array(values: Iterable[str]) -> str:
    return "[" + ",".join("'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'" for value in values) + "]"
