"""The fields of any record as a person or a program may see them: times in words, no text, no whole number.

What is sealed shows its size only. A `SubmitMessage` stands in the clear in its topic and is masked here: the number
but for its prefix, the text and every parameter (a one-time code is one) but for their length. Pure.
"""

from functools import cache
from typing import Any

import msgspec

from infra.times import iso_us
from pipeline.domain.ids import mask_number
from pipeline.events.codec import AnyRecord
from pipeline.events.records import SubmitMessage
from pipeline.events.schema_store import default_store


def fields_of(record: AnyRecord) -> dict[str, Any]:
    """All fields of a record, masked, in the order of its schema."""
    shown = msgspec.to_builtins(record, builtin_types=(bytes,))
    if isinstance(record, SubmitMessage):
        shown |= _masked(record)
    times = time_fields(type(record).__name__)
    return {name: _field(value, is_time=name in times) for name, value in shown.items()}


@cache
def time_fields(record: str) -> frozenset[str]:
    """Names of the fields of a record that are times, by its newest schema."""
    return frozenset(
        field["name"] for field in default_store().newest(record).json["fields"] if _is_time(field["type"])
    )


def sealed(octets: bytes) -> str:
    """What is shown in place of sealed octets."""
    return f"<sealed {len(octets)} octets>" if octets else ""


def _field(value: Any, *, is_time: bool) -> Any:
    if isinstance(value, bytes):
        return sealed(value)
    return iso_us(value) if is_time and isinstance(value, int) else value


def _masked(record: SubmitMessage) -> dict[str, Any]:
    return {
        "to": mask_number(record.to),
        "text": None if record.text is None else _length(record.text),
        "params": {name: _length(value) for name, value in record.params.items()},
        "metadata": {name: _length(value) for name, value in record.metadata.items()},
    }


def _length(text: str) -> str:
    return f"<{len(text)} characters>"


def _is_time(kind: Any) -> bool:
    if isinstance(kind, list):
        return any(_is_time(each) for each in kind)
    return isinstance(kind, dict) and kind.get("logicalType") == "timestamp-micros"
