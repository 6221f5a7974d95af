"""Whether two versions of a record can stand in one topic: each reads what the other writes, and means the same.

Pure. What can be read is decided by Apache Avro's own checker (`avro.compatibility`). It looks neither at namespaces
nor at logical types nor at the values of defaults, and takes text for bytes, so those are compared here.
"""

import json
from collections.abc import Iterator
from typing import Any

import avro.io
import avro.schema
from avro.compatibility import ReaderWriterCompatibilityChecker, SchemaCompatibilityResult, SchemaCompatibilityType
from avro.errors import AvroException

from infra.registry.normal_form import Node, SchemaInvalid, normal_form


def invalid(schema: str) -> str:
    """Why a text is no Avro schema; '' if it is one. The other functions take only those that are."""
    try:
        normal_form(schema)
        avro.schema.parse(schema)
    except (SchemaInvalid, AvroException) as error:
        return str(error)[-200:]  # Avro repeats the whole schema before it says what is wrong
    return ""


def unreadable(reader: str, writer: str) -> list[str]:
    """Why `reader` (a schema's text) cannot read what `writer` writes, one sentence a field; empty if it can."""
    result = _result(json.loads(reader), writer)
    if result.compatibility is SchemaCompatibilityType.compatible:
        return []
    written = {field["name"] for field in json.loads(writer)["fields"]}
    found = [
        words for field in json.loads(reader)["fields"] if (words := _unreadable_field(reader, field, writer, written))
    ]
    return found or [_words(result)]


def changes_of_meaning(old: str, new: str) -> list[str]:
    """What Avro lets pass and yet means something else, one sentence a place: names, types, logical types, defaults."""
    return list(_changes(normal_form(old), normal_form(new), ""))


def misfits(schema: str) -> list[str]:
    """What no version may have: an enum (it cannot grow), or a default of another type than its field."""
    return [
        words
        for record in _records(json.loads(schema))
        for field in record["fields"]
        for words in _field_misfits(record["name"], field)
    ]


def _result(reader: dict[str, Any], writer: str) -> SchemaCompatibilityResult:
    checker = ReaderWriterCompatibilityChecker()  # type: ignore[no-untyped-call]
    return checker.get_compatibility(avro.schema.parse(json.dumps(reader)), avro.schema.parse(writer))


def _unreadable_field(reader: str, field: dict[str, Any], writer: str, written: set[str]) -> str:
    """Avro's messages do not say which field they speak of, so that the reader is asked with this one alone."""
    try:
        result = _result({**json.loads(reader), "fields": [field]}, writer)
    except AvroException:
        return ""  # it names a type that another field defines: the whole schema's messages have to do
    if result.compatibility is SchemaCompatibilityType.compatible:
        return ""
    if field["name"] not in written:
        return f"field {field['name']} is not written, and the reader has no default for it"
    return f"field {field['name']}: {_words(result)}"


def _words(result: SchemaCompatibilityResult) -> str:
    kinds = ", ".join(dict.fromkeys(each.name.replace("_", " ") for each in result.incompatibilities))
    places = ", ".join(sorted(each for each in result.locations if each != "/")) or "/"
    return f"{kinds} ({'; '.join(sorted(result.messages))}) at {places}"


def _changes(old: Node, new: Node, place: str) -> Iterator[str]:
    before, after = _kind(old), _kind(new)
    if before != after:
        yield f"{place or 'the record'} is {after}, was {before}"
    elif isinstance(old, list) and isinstance(new, list):
        for one, other in zip(old, new, strict=False):
            yield from _changes(one, other, place)
    elif isinstance(old, dict) and isinstance(new, dict):
        for key in ("items", "values", "of"):
            if key in old:
                yield from _changes(old[key], new[key], place)
        yield from _changes_of_fields(old.get("fields", []), new.get("fields", []), place)


def _changes_of_fields(old: list[dict[str, Any]], new: list[dict[str, Any]], place: str) -> Iterator[str]:
    newer = {field["name"]: field for field in new}
    for field in old:
        other = newer.get(field["name"])
        if other is None:
            continue
        inner = f"{place}.{field['name']}" if place else f"field {field['name']}"
        yield from _changes(field["type"], other["type"], inner)
        if "default" in field and "default" in other and field["default"] != other["default"]:
            yield f"{inner} has default {json.dumps(other['default'])}, was {json.dumps(field['default'])}"


def _kind(node: Node) -> str:
    """The type in words, without what is inside it: 'long', 'timestamp-micros', 'record sluice.RouteCandidate'."""
    if isinstance(node, str):
        return node
    if isinstance(node, list):
        return "a union"
    return " ".join(str(node[key]) for key in ("type", "name", "logicalType", "size", "precision") if key in node)


def _records(schema: Any) -> Iterator[dict[str, Any]]:
    """The schema, if a record, and every record inside it."""
    if isinstance(schema, list):
        for branch in schema:
            yield from _records(branch)
    elif isinstance(schema, dict):
        if schema["type"] == "record":
            yield schema
            for field in schema["fields"]:
                yield from _records(field["type"])
        for key in ("items", "values"):
            if key in schema:
                yield from _records(schema[key])


def _field_misfits(record: str, field: dict[str, Any]) -> Iterator[str]:
    place = f"field {record}.{field['name']}"
    if '"enum"' in json.dumps(field["type"]):
        yield f"{place} is an enum, which cannot grow; expected a string"
    elif "default" in field and not _fits(field["type"], field["default"]):
        yield f"{place} has default {json.dumps(field['default'])}, which is no {json.dumps(field['type'])}"


def _fits(kind: Any, default: Any) -> bool:
    """Whether a default is a value of its field's type; of the first branch where that is a union (Avro 1.12)."""
    if isinstance(kind, list):
        return _fits(kind[0], default)
    if isinstance(kind, dict) and "logicalType" in kind:
        kind = {key: value for key, value in kind.items() if key != "logicalType"}
    name = kind["type"] if isinstance(kind, dict) else kind
    if name in ("bytes", "fixed"):
        return isinstance(default, str)  # written as text, an octet a character
    if isinstance(default, bool) and name in ("int", "long", "float", "double"):
        return False  # Python takes True for 1
    return avro.io.validate(avro.schema.parse(json.dumps(kind)), default)
