"""When two schemas mean the same, and how a difference is named."""

import json
from typing import Any

import pytest

from infra.registry.normal_form import SchemaInvalid, first_difference, normal_form
from pipeline.events.schema_store import default_store


def a_record(*fields: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "record", "name": "Message", "namespace": "sluice", "fields": list(fields), **more}


def difference(given: Any, expected: Any) -> str | None:
    return first_difference(normal_form(json.dumps(given)), normal_form(json.dumps(expected)))


TEXT = {"name": "text", "type": "string"}
AT = {"name": "at", "type": {"type": "long", "logicalType": "timestamp-micros"}}


@pytest.mark.parametrize(
    "given",
    [
        a_record(TEXT, AT, doc="other words"),
        a_record({**TEXT, "doc": "words"}, AT),
        a_record({"name": "text", "type": {"type": "string", "avro.java.string": "String"}}, AT),
        {"type": "record", "name": "sluice.Message", "fields": [TEXT, AT]},
        a_record({"type": "string", "name": "text", "order": "ignore"}, AT, aliases=["Old"]),
    ],
)
def test_words_spelling_and_java_properties_do_not_matter(given: dict[str, Any]) -> None:
    assert difference(given, a_record(TEXT, AT)) is None


@pytest.mark.parametrize(
    ("given", "named"),
    [
        (a_record(TEXT), "field at is missing"),
        (a_record(TEXT, AT, {"name": "more", "type": "int"}), "field more is not in the schema"),
        (a_record(AT, TEXT), "order at, text"),
        (a_record({**TEXT, "type": "bytes"}, AT), 'at text: "bytes", expected "string"'),
        (a_record({**TEXT, "type": ["null", "string"]}, AT), "at text"),
        (a_record({**TEXT, "default": ""}, AT), 'at text: default "", expected absent'),
        (a_record(TEXT, {"name": "at", "type": "long"}), "at at"),
        (a_record(TEXT, {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}}), "timestamp-mic"),
        ({**a_record(TEXT, AT), "namespace": "other"}, "other.Message"),
    ],
)
def test_what_changes_the_meaning_is_a_difference_with_its_place(given: dict[str, Any], named: str) -> None:
    found = difference(given, a_record(TEXT, AT))
    assert found is not None
    assert named in found


def test_a_null_default_is_not_the_same_as_none() -> None:
    optional = {"name": "text", "type": ["null", "string"]}
    found = difference(a_record(optional), a_record({**optional, "default": None}))
    assert found == "at text: default absent, expected null"


def test_a_difference_deep_inside_is_found() -> None:
    def nested(inner: str) -> dict[str, Any]:
        part = {"type": "record", "name": "Part", "fields": [{"name": "bits", "type": inner}]}
        return a_record({"name": "parts", "type": {"type": "array", "items": ["null", part]}})

    assert difference(nested("int"), nested("int")) is None
    assert difference(nested("int"), nested("long")) == 'at parts.items[1].bits: "int", expected "long"'


def test_a_named_type_is_the_same_by_full_or_short_name() -> None:
    part = {"type": "enum", "name": "Kind", "symbols": ["MT", "MO"]}
    short = a_record({"name": "a", "type": part}, {"name": "b", "type": "Kind"})
    full = a_record({"name": "a", "type": part}, {"name": "b", "type": "sluice.Kind"})
    assert difference(short, full) is None


@pytest.mark.parametrize(
    "text",
    ["", "{", "5", '"strin"', "{}", '{"type": "record", "name": "A"}', '{"type": "enum", "name": "A"}',
     '{"type": "record", "fields": []}', '{"type": "array"}', '{"type": "record", "name": "A", "fields": [1]}'],
)  # fmt: skip
def test_what_is_no_schema_is_refused(text: str) -> None:
    with pytest.raises(SchemaInvalid):
        normal_form(text)


def test_every_schema_of_the_folder_equals_itself_and_no_other() -> None:
    forms = {entry.id: normal_form(entry.text) for entry in default_store().entries()}
    for one, form in forms.items():
        equal = [other for other, expected in forms.items() if first_difference(form, expected) is None]
        assert equal == [one]
