"""Laws over all schemas: documented with units, told apart by stable ids, equal to the structs, with an example."""

import json
import re
import shutil
import types
from pathlib import Path
from typing import Any, Union, get_args, get_origin, get_type_hints

import pytest
import yaml

from pipeline.events.records import RECORDS
from pipeline.events.schema_store import SCHEMAS, SchemaStore, default_store
from tests import examples
from tests.builders import CODEC

STORE = default_store()
RECORD_NAMES = STORE.records()
PRODUCERS_RECORD = "SubmitMessage"  # the one that others write: absent is null there
_UNITS = (
    (re.compile(r".*_micros"), "micros"),
    (re.compile(r".*_s"), "econds"),
    (re.compile(r".*_ms"), "milliseconds"),
    (re.compile(r".*_size"), "ctets"),
    (re.compile(r"segment_count"), "arts"),
)
_PLAIN = {"string": str, "int": int, "long": int, "boolean": bool, "bytes": bytes}


def schema_of(name: str) -> dict[str, Any]:
    return STORE.newest(name).json


def records_in(schema: dict[str, Any]) -> list[dict[str, Any]]:
    """The schema and every record nested in it."""
    found = [schema]
    for field in schema["fields"]:
        kind = field["type"]
        if isinstance(kind, dict) and isinstance(kind.get("items"), dict):
            found += records_in(kind["items"])
    return found


def is_time(kind: Any) -> bool:
    if isinstance(kind, list):
        return any(is_time(each) for each in kind)
    return isinstance(kind, dict) and kind.get("logicalType") == "timestamp-micros"


def faults_of_docs(schema: dict[str, Any]) -> list[str]:
    """What the documentation of a schema lacks."""
    faults = []
    for record in records_in(schema):
        if not record.get("doc"):
            faults.append(f"{record['name']}: no doc")
        for field in record["fields"]:
            where, doc = f"{record['name']}.{field['name']}", field.get("doc", "")
            if not doc:
                faults.append(f"{where}: no doc")
            if is_time(field["type"]) and "UTC microseconds" not in doc:
                faults.append(f"{where}: a time whose doc does not say 'UTC microseconds'")
            faults += [
                f"{where}: doc does not name its unit, expected '{unit}'"
                for pattern, unit in _UNITS
                if pattern.fullmatch(field["name"]) and unit not in doc
            ]
    return faults


def faults_of_times(schema: dict[str, Any]) -> list[str]:
    """Fields named as times that are not typed so."""
    return [
        f"{record['name']}.{field['name']}: named as a time, typed {field['type']}"
        for record in records_in(schema)
        for field in record["fields"]
        if field["name"].endswith("_at") and not is_time(field["type"])
    ]


def python_type(kind: Any) -> Any:
    """The annotation that a field of this Avro type has in a struct."""
    if isinstance(kind, list):
        return python_type(next(each for each in kind if each != "null")) | None
    if isinstance(kind, str):
        return _PLAIN[kind]
    if kind["type"] == "record":
        return kind["name"]
    if kind["type"] == "array":
        return ("tuple", python_type(kind["items"]))
    if kind["type"] == "map":
        return dict[str, str]
    return _PLAIN[kind["type"]]


def annotation(hint: Any) -> Any:
    """A struct's annotation in the same terms."""
    if get_origin(hint) is tuple:
        inner, dots = get_args(hint)
        assert dots is ...
        return ("tuple", annotation(inner))
    if isinstance(hint, type) and hasattr(hint, "__struct_fields__"):
        return hint.__name__
    return hint


@pytest.mark.parametrize("name", RECORD_NAMES)
def test_every_field_has_a_doc_that_names_its_unit(name: str) -> None:
    assert faults_of_docs(schema_of(name)) == []


@pytest.mark.parametrize("name", RECORD_NAMES)
def test_what_is_named_as_a_time_is_a_time(name: str) -> None:
    assert faults_of_times(schema_of(name)) == []


@pytest.mark.parametrize("name", RECORD_NAMES)
def test_a_struct_equals_its_schema_in_names_order_and_types(name: str) -> None:
    schema, struct = schema_of(name), RECORDS[name]
    hints = get_type_hints(struct)
    for record in records_in(schema)[1:]:
        hints_of_nested = {field["name"]: python_type(field["type"]) for field in record["fields"]}
        nested = get_args(next(hint for hint in hints.values() if record["name"] in str(hint)))[0]
        assert {key: annotation(hint) for key, hint in get_type_hints(nested).items()} == hints_of_nested
    wanted = [(field["name"], python_type(field["type"])) for field in schema["fields"]]
    assert [(field, annotation(hints[field])) for field in struct.__struct_fields__] == wanted


def test_every_struct_has_a_schema_and_every_schema_a_struct() -> None:
    assert set(RECORDS) == set(RECORD_NAMES)


@pytest.mark.parametrize("name", RECORD_NAMES)
def test_the_doc_of_a_record_is_that_of_its_struct(name: str) -> None:
    said = " ".join((RECORDS[name].__doc__ or "").split())
    assert said == schema_of(name)["doc"]


@pytest.mark.parametrize("name", RECORD_NAMES)
def test_no_enum_anywhere_and_inside_the_pipeline_no_union_and_no_map(name: str) -> None:
    kinds = [field["type"] for record in records_in(schema_of(name)) for field in record["fields"]]
    assert '"enum"' not in json.dumps(kinds)
    if name != PRODUCERS_RECORD:
        assert not any(isinstance(kind, list) for kind in kinds)
        assert '"map"' not in json.dumps(kinds)


@pytest.mark.parametrize("name", RECORD_NAMES)
def test_a_producer_may_leave_out_whatever_may_be_absent(name: str) -> None:
    for field in schema_of(name)["fields"]:
        if isinstance(field["type"], list):
            assert (field["type"][0], field["default"]) == ("null", None), field["name"]


def test_every_schema_file_has_an_id_and_every_id_a_file() -> None:
    listed = set(yaml.safe_load((SCHEMAS / "ids.yaml").read_text()))
    assert listed == {path.stem for path in SCHEMAS.glob("*.avsc")}


def test_ids_are_unique_and_versions_count_from_one() -> None:
    rows = yaml.safe_load((SCHEMAS / "ids.yaml").read_text())
    ids = [version["id"] for versions in rows.values() for version in versions]
    assert len(ids) == len(set(ids))
    for versions in rows.values():
        assert [version["version"] for version in versions] == list(range(1, len(versions) + 1))


def test_every_schema_is_a_record_of_our_namespace_named_as_its_file() -> None:
    for path in SCHEMAS.glob("*.avsc"):
        schema = json.loads(path.read_text())
        assert (schema["type"], schema["name"], schema["namespace"]) == ("record", path.stem, "sluice")


def test_every_record_has_an_example() -> None:
    assert examples.names() == sorted(RECORD_NAMES)


@pytest.mark.parametrize("name", RECORD_NAMES)
def test_an_example_is_encoded_and_decoded_to_itself(name: str) -> None:
    record = examples.example(name)
    assert CODEC.decode(CODEC.encode(record), RECORDS[name]) == record


@pytest.mark.parametrize("name", RECORD_NAMES)
def test_an_example_shows_no_number_but_the_sandboxs_and_only_where_it_may(name: str) -> None:
    text = (examples.FOLDER / f"{name}.json").read_text()
    if name in ("SubmitMessage", "SealedContent"):
        assert set(re.findall(r"\+\d{9,}", text)) == {"+18446040924"}
    else:
        assert not re.search(r"\+\d{9,}", text)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the folder, to plant faults in."""
    return Path(shutil.copytree(SCHEMAS, tmp_path / "schemas"))


def test_an_id_used_twice_is_found(copy: Path) -> None:
    ids = copy / "ids.yaml"
    ids.write_text(ids.read_text().replace("id: 1002", "id: 1001"))
    with pytest.raises(ValueError, match=r"ids\.yaml: a schema id is used twice"):
        SchemaStore(copy)


def test_a_schema_under_another_name_is_found(copy: Path) -> None:
    path = copy / "TimerFired.avsc"
    path.write_text(path.read_text().replace('"TimerFired"', '"TimerWent"'))
    with pytest.raises(ValueError, match=r"TimerFired\.avsc: record is named 'TimerWent'"):
        SchemaStore(copy)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("UTC microseconds since 1970", "since 1970"),
        ("What the account pays for this event, micros of currency", "What the account pays"),
        ('"doc": "SMSC id that proves it."', '"doc": ""'),
        ('"doc": "One billing event of one part; an invoice is a fold over these."', '"doc": ""'),
    ],
)
def test_a_missing_doc_or_unit_is_found(old: str, new: str) -> None:
    text = STORE.newest("UsageRecorded").text
    assert old in text
    assert len(faults_of_docs(json.loads(text.replace(old, new)))) == 1


def test_a_time_of_another_type_is_found() -> None:
    text = STORE.newest("ReceiptReceived").text.replace(
        '{"type": "long", "logicalType": "timestamp-micros"}', '"string"'
    )
    assert len(faults_of_times(json.loads(text))) == 2


def test_a_struct_of_another_type_would_be_found() -> None:
    assert annotation(int) != python_type("string")
    assert annotation(tuple[int, ...]) == python_type({"type": "array", "items": "int"})
    optional = get_type_hints(RECORDS["SubmitMessage"])["sender"]
    assert isinstance(optional, types.UnionType) or get_origin(optional) is Union
    assert optional == python_type(["null", "string"])
