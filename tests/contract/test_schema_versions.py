"""Laws of versions: each reads and is read by all others, means the same, and stays as it was published."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from infra.schemas.history import Fault, faults
from pipeline.events.schema_store import SchemaStore, default_store
from tests.evolution import a_copy, a_new_version, field_of

Change = Callable[[dict[str, Any]], object]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return a_copy(tmp_path)


def found(copy: Path) -> list[tuple[str, int, str]]:
    return [(fault.record, fault.version, fault.direction) for fault in faults(SchemaStore(copy))]


def words(copy: Path) -> str:
    return "\n".join(str(fault) for fault in faults(SchemaStore(copy)))


def test_every_version_of_every_record_fits_all_others_and_is_as_it_was_published() -> None:
    assert [str(fault) for fault in faults(default_store())] == []


def test_there_is_history_to_hold_it_to() -> None:
    assert len(default_store().versions("UsageRecorded")) >= 2


def adding(**field: Any) -> Change:
    return lambda schema: schema["fields"].append({"name": "weight", "doc": "A weight.", **field})


def changing(name: str, /, **to: Any) -> Change:
    return lambda schema: field_of(schema, name).update(to)


def removing(name: str) -> Change:
    return lambda schema: schema["fields"].remove(field_of(schema, name))


def inside_candidates(change: Change) -> Change:
    return lambda schema: change(field_of(schema, "candidates")["type"]["items"])


@pytest.mark.parametrize(
    ("record", "change"),
    [
        ("TimerFired", adding(type="int", default=0)),
        ("TimerFired", adding(type={"type": "long", "logicalType": "timestamp-micros"}, default=0)),
        ("TimerFired", adding(type={"type": "array", "items": "string"}, default=[])),
        ("SubmitMessage", adding(type=["null", "string"], default=None)),
        ("MessageRouted", inside_candidates(adding(type="int", default=0))),
        ("UsageRecorded", removing("tariff")),  # version 1 has none, and version 2 a default for it
        ("TimerFired", changing("due", doc="Better words.")),
        ("TimerFired", lambda schema: schema["fields"].reverse()),
    ],
)
def test_a_change_that_everybody_can_live_with_is_no_fault(copy: Path, record: str, change: Change) -> None:
    a_new_version(copy, record, change)
    assert words(copy) == ""


BOTH, BACKWARD, FORWARD, NEITHER = ["backward", "forward"], ["backward"], ["forward"], [""]


@pytest.mark.parametrize(
    ("record", "change", "directions", "said"),
    [
        ("TimerFired", adding(type="int"), BACKWARD, "field weight is not written, and the reader has no default"),
        ("TimerFired", removing("due"), FORWARD, "field due is not written, and the reader has no default for it"),
        ("TimerFired", changing("timer_seq", type="string"), BOTH, "field timer_seq: type mismatch (reader type: "),
        ("TimerFired", changing("timer_seq", type="double"), FORWARD, "reader type: long not compatible with writer"),
        ("TimerFired", changing("due", name="due_at"), BOTH, "field due_at is not written"),
        ("TimerFired", changing("due", name="due_at", aliases=["due"]), FORWARD, "field due is not written"),
        ("TimerFired", changing("message_id", type=["null", "string"]), FORWARD, "field message_id: "),
        ("MessageRouted", inside_candidates(removing("score")), FORWARD, "field candidates: reader field missing"),
        ("TimerFired", changing("message_id", type="bytes"), NEITHER, "field message_id is bytes, was string"),
        ("TimerFired", changing("due", type="long"), NEITHER, "field due is long, was annotated timestamp-micros"),
        (
            "TimerFired",
            changing("due", type={"type": "long", "logicalType": "timestamp-millis"}),
            NEITHER,
            "field due is annotated timestamp-millis, was annotated timestamp-micros",
        ),
        ("TimerFired", lambda schema: schema.update(namespace="other"), NEITHER, "the record is record other.Timer"),
    ],
)
def test_a_change_that_breaks_somebody_names_version_direction_and_place(
    copy: Path, record: str, change: Change, directions: list[str], said: str
) -> None:
    a_new_version(copy, record, change)
    assert found(copy) == [(record, 1, direction) for direction in directions]
    assert said in words(copy)


def test_each_version_is_compared_and_not_only_the_last(copy: Path) -> None:
    a_new_version(copy, "TimerFired", adding(type="int", default=0))
    a_new_version(copy, "TimerFired", removing("weight"))
    assert found(copy) == []
    a_new_version(copy, "TimerFired", adding(type="string", default=""))  # another type than version 2's
    assert found(copy) == [("TimerFired", 2, "backward"), ("TimerFired", 2, "forward")]


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ({"type": "int", "default": ""}, 'field TimerFired.weight has default "", which is no "int"'),
        ({"type": "int", "default": True}, "has default true"),
        ({"type": "string", "default": None}, "has default null"),
        ({"type": ["null", "string"], "default": ""}, 'has default "", which is no ["null", "string"]'),
        ({"type": {"type": "long", "logicalType": "timestamp-micros"}, "default": "now"}, 'has default "now"'),
        ({"type": {"type": "array", "items": "int"}, "default": ["x"]}, 'has default ["x"]'),
        ({"type": "string", "name": "due"}, "no Avro schema: Field name due already in use."),
        ({"type": {"type": "enum", "name": "Mood", "symbols": ["GOOD"]}, "default": "GOOD"}, "is an enum"),
    ],
)
def test_an_enum_or_a_default_of_another_type_is_found(copy: Path, field: dict[str, Any], said: str) -> None:
    a_new_version(copy, "TimerFired", adding(**field))
    assert found(copy) == [("TimerFired", 2, "")]
    assert said in words(copy)


def test_a_default_that_changes_would_say_another_thing_of_the_past(copy: Path) -> None:
    a_new_version(copy, "UsageRecorded", changing("tariff", default="standard"))
    assert 'UsageRecorded version 2: field tariff has default "standard", was ""' in words(copy)


@pytest.mark.parametrize("name", ["history/UsageRecorded.v1.avsc", "TimerFired.avsc"])
def test_a_published_text_that_was_edited_is_found(copy: Path, name: str) -> None:
    path = copy / name
    path.write_text(path.read_text().replace('"caused_by"', '"because_of"'))
    assert "its text was changed after it was published" in words(copy)
    path.write_text(path.read_text().replace('"because_of"', '"caused_by"').replace("UTC", "utc"))
    assert words(copy) == ""  # words are not meaning


def test_a_version_without_a_fingerprint_is_told_its_own(copy: Path) -> None:
    ids, kept = copy / "ids.yaml", default_store().newest("TimerFired").fingerprint
    ids.write_text(ids.read_text().replace(f", fingerprint: '{kept}'", ""))
    assert f"add: fingerprint: '{kept}'" in words(copy)


def test_an_id_that_is_not_above_the_older_ones_is_found(copy: Path) -> None:
    ids = copy / "ids.yaml"
    ids.write_text(ids.read_text().replace("id: 1032", "id: 7"))
    assert words(copy).splitlines()[0] == (
        "UsageRecorded version 2: ids.yaml: id 7 is not above 1019 of version 1; no id is used again"
    )


def test_a_text_without_an_id_and_a_topic_without_its_record_are_found(copy: Path) -> None:
    (copy / "history" / "TimerFired.v9.avsc").write_text("{}")
    (copy / "Stray.avsc").write_text("{}")
    topics = copy / "topics.yaml"
    topics.write_text(topics.read_text().replace("[RecallRequested]", "[RecallDemanded]"))
    assert faults(SchemaStore(copy)) == [
        Fault(record="TimerFired", words="history/TimerFired.v9.avsc: ids.yaml has no such version"),
        Fault(record="Stray", words="Stray.avsc: ids.yaml has no such record"),
        Fault(record="RecallDemanded", words="topics.yaml: sms.recall holds it, and there is no such record"),
    ]


def test_what_is_no_schema_is_one_fault_and_not_a_crash(copy: Path) -> None:
    a_new_version(copy, "TimerFired", adding(type="string", default=""))
    path = copy / "TimerFired.avsc"
    path.write_text(path.read_text().replace('"type": "string", "default": ""', '"type": "strung"'))
    assert words(copy) == "TimerFired version 2: no Avro schema: unknown type 'strung'"
