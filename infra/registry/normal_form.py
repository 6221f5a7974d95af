"""Whether two Avro schemas mean the same, and if not, where they first differ.

Compared is Avro's parsing canonical form plus defaults and logical types. Ignored: `doc`, aliases,
order and every unknown property, such as the `avro.java.string` that Java serializers add.
Source: Avro 1.12 specification, Parsing Canonical Form for Schemas.
"""

from __future__ import annotations

import json
from typing import Any

PRIMITIVES = frozenset({"null", "boolean", "int", "long", "float", "double", "bytes", "string"})
_ABSENT = "absent"

Node = str | dict[str, Any] | list[Any]


class SchemaInvalid(ValueError):
    """The text is not an Avro schema; the message names the place."""


def normal_form(text: str) -> Node:
    """The normal form of a schema given as JSON text. Raises SchemaInvalid."""
    try:
        return _normal(json.loads(text), namespace="", named=set())
    except json.JSONDecodeError as error:
        raise SchemaInvalid(f"not JSON: {error}") from error
    except RecursionError as error:
        raise SchemaInvalid("nested too deeply") from error


def first_difference(given: Node, expected: Node, path: str = "") -> str | None:
    """Where `given` first differs from `expected`, as a sentence; None when they are equal."""
    place = f"at {path}: " if path else ""
    if isinstance(given, list) and isinstance(expected, list):
        if len(given) != len(expected):
            return f"{place}union {_shown(given)}, expected {_shown(expected)}"
        pairs = enumerate(zip(given, expected, strict=True))
        return _first(first_difference(one, other, f"{path}[{index}]") for index, (one, other) in pairs)
    if not isinstance(given, dict) or not isinstance(expected, dict) or given["type"] != expected["type"]:
        same = given == expected and type(given) is type(expected)
        return None if same else f"{place}{_shown(given)}, expected {_shown(expected)}"
    for key in (*expected, *given):
        if key in ("fields", "items", "values", "of"):
            continue
        one, other = given.get(key, _ABSENT), expected.get(key, _ABSENT)
        if one != other:
            return f"{place}{key} {_shown(one)}, expected {_shown(other)}"
    return _difference_inside(given, expected, path)


def _difference_inside(given: dict[str, Any], expected: dict[str, Any], path: str) -> str | None:
    for key in ("items", "values", "of"):
        if key in expected:
            return first_difference(given[key], expected[key], f"{path}.{key}" if key != "of" else path)
    return _fields_difference(given.get("fields", []), expected.get("fields", []), path)


def _fields_difference(given: list[Any], expected: list[Any], path: str) -> str | None:
    names, wanted = [field["name"] for field in given], [field["name"] for field in expected]
    place = f"at {path}: " if path else ""
    for name in wanted:
        if name not in names:
            return f"{place}field {name} is missing"
    for name in names:
        if name not in wanted:
            return f"{place}field {name} is not in the schema"
    if names != wanted:
        return f"{place}fields in the order {', '.join(names)}, expected {', '.join(wanted)}"
    return _first(_field_difference(one, other, path) for one, other in zip(given, expected, strict=True))


def _field_difference(given: dict[str, Any], expected: dict[str, Any], path: str) -> str | None:
    place = f"{path}.{expected['name']}".lstrip(".")
    found = first_difference(given["type"], expected["type"], place)
    if found is not None:
        return found
    one = _shown(given["default"]) if "default" in given else _ABSENT
    other = _shown(expected["default"]) if "default" in expected else _ABSENT
    return None if one == other else f"at {place}: default {one}, expected {other}"


def _first(differences: Any) -> str | None:
    return next((difference for difference in differences if difference is not None), None)


def _shown(value: object) -> str:
    return value if isinstance(value, str) and value == _ABSENT else json.dumps(value, sort_keys=True)


def _normal(schema: Any, *, namespace: str, named: set[str]) -> Node:
    match schema:
        case str():
            return _reference(schema, namespace, named)
        case list():
            return [_normal(branch, namespace=namespace, named=named) for branch in schema]
        case {"type": "record" | "enum" | "fixed"}:
            return _named(schema, namespace, named)
        case {"type": "array", "items": items}:
            return _annotated(schema, {"type": "array", "items": _normal(items, namespace=namespace, named=named)})
        case {"type": "map", "values": values}:
            return _annotated(schema, {"type": "map", "values": _normal(values, namespace=namespace, named=named)})
        case {"type": inner}:
            plain = _normal(inner, namespace=namespace, named=named)
            annotated = _annotated(schema, {"type": "annotated", "of": plain})
            return annotated if len(annotated) > 2 else plain
        case _:
            raise SchemaInvalid(f"not a schema: {_shown(schema)[:200]}")


def _reference(name: str, namespace: str, named: set[str]) -> str:
    if name in PRIMITIVES:
        return name
    full = name if "." in name or not namespace else f"{namespace}.{name}"
    if full not in named:
        raise SchemaInvalid(f"unknown type {name!r}")
    return full


def _named(schema: dict[str, Any], namespace: str, named: set[str]) -> dict[str, Any]:
    name = schema.get("name")
    if not isinstance(name, str) or not name:
        raise SchemaInvalid(f"a {schema['type']} without a name")
    inner = name.rpartition(".")[0] if "." in name else schema.get("namespace", namespace)
    full = name if "." in name or not inner else f"{inner}.{name}"
    if full in named:
        raise SchemaInvalid(f"{full} is defined twice")
    named.add(full)
    node: dict[str, Any] = {"type": schema["type"], "name": full}
    match schema:
        case {"type": "enum", "symbols": [*symbols]}:
            node["symbols"] = symbols
            if "default" in schema:
                node["default"] = schema["default"]
        case {"type": "fixed", "size": int(size)}:
            node["size"] = size
        case {"type": "record", "fields": [*fields]}:
            node["fields"] = [_field(field, full, inner, named) for field in fields]
        case _:
            raise SchemaInvalid(f"{full}: a {schema['type']} without its symbols, size or fields")
    return _annotated(schema, node)


def _field(field: Any, record: str, namespace: str, named: set[str]) -> dict[str, Any]:
    if not isinstance(field, dict) or not isinstance(field.get("name"), str) or "type" not in field:
        raise SchemaInvalid(f"{record}: a field without name or type: {_shown(field)[:200]}")
    node = {"name": field["name"], "type": _normal(field["type"], namespace=namespace, named=named)}
    if "default" in field:
        node["default"] = field["default"]
    return node


def _annotated(schema: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    """Add the logical type, which changes what a value means; a scale of 0 is the same as none."""
    if "logicalType" not in schema:
        return node
    node["logicalType"] = schema["logicalType"]
    if "precision" in schema:
        node["precision"] = schema["precision"]
    if schema.get("scale"):
        node["scale"] = schema["scale"]
    return node
