"""The examples of `schemas/examples` as records, and the rule by which their JSON is read (see schemas/README.md)."""

import base64
import json
from datetime import datetime, timedelta
from typing import Any

import msgspec

from pipeline.events.codec import AnyRecord
from pipeline.events.records import RECORDS
from pipeline.events.schema_store import SCHEMAS, SchemaEntry, default_store

FOLDER = SCHEMAS / "examples"
_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
_MICROSECOND = timedelta(microseconds=1)


def example(name: str) -> AnyRecord:
    """The example of a record."""
    plain = json.loads((FOLDER / f"{name}.json").read_text())
    fields = _fields(plain, default_store().newest(name).json)
    record: AnyRecord = msgspec.convert(fields, RECORDS[name])
    return record


def fields_of(entry: SchemaEntry) -> dict[str, Any]:
    """The example as an older version has it: its fields only, and its default for one that the newest has no more."""
    plain = json.loads((FOLDER / f"{entry.record}.json").read_text())
    fields: dict[str, Any] = _as_of(_fields(plain, default_store().newest(entry.record).json), entry.json)
    return fields


def without_datetimes(plain: Any) -> Any:
    """What a reader that knows logical types found, in our terms: times as UTC microseconds, arrays as lists."""
    if isinstance(plain, dict):
        return {key: without_datetimes(value) for key, value in plain.items()}
    if isinstance(plain, list | tuple):
        return [without_datetimes(value) for value in plain]
    return (plain - _EPOCH) // _MICROSECOND if isinstance(plain, datetime) else plain


def names() -> list[str]:
    """Records that have an example."""
    return sorted(path.stem for path in FOLDER.glob("*.json"))


def _as_of(value: Any, kind: Any) -> Any:
    if isinstance(kind, dict) and kind["type"] == "record":
        fields = kind["fields"]
        return {each["name"]: _as_of(value.get(each["name"], each.get("default")), each["type"]) for each in fields}
    if isinstance(kind, dict) and kind["type"] == "array":
        return [_as_of(each, kind["items"]) for each in value]
    return value


def _fields(plain: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    wanted = [field["name"] for field in schema["fields"]]
    assert list(plain) == wanted, f"example of {schema['name']}: fields {list(plain)}, expected {wanted}"
    return {field["name"]: _value(plain[field["name"]], field["type"]) for field in schema["fields"]}


def _value(plain: Any, kind: Any) -> Any:
    if isinstance(kind, list):
        return None if plain is None else _value(plain, next(each for each in kind if each != "null"))
    if kind == "bytes":
        return base64.b64decode(plain, validate=True)
    if not isinstance(kind, dict):
        return plain
    if kind.get("logicalType") == "timestamp-micros":
        return 0 if plain == 0 else (datetime.fromisoformat(plain) - _EPOCH) // _MICROSECOND
    if kind["type"] == "record":
        return _fields(plain, kind)
    if kind["type"] == "array":
        return [_value(each, kind["items"]) for each in plain]
    return plain
