"""Kafka values to records and back: Confluent framing (byte 0, 4-byte schema id, Avro body).

Logical types are left off inside: a timestamp is an int of UTC microseconds, half the cost of a datetime
(the wire is the same). Decoding uses the writer's schema; where the id is an older version, it is resolved
to the newest. Pure but for the schemas, which are handed in.
"""

import io
import struct as binary
from collections.abc import Callable
from typing import Any, TypeVar

import fastavro
import msgspec

from pipeline.events.records import RECORDS, Event, Record
from pipeline.events.schema_store import SchemaStore, default_store

AnyRecord = Event | Record
R = TypeVar("R", bound=AnyRecord)
MAGIC = 0
_FRAME = binary.Struct(">bI")


class Poison(Exception):
    """A value that cannot be read: quarantine it. `reason` is a stable code, `detail` says it in words."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


class Codec:
    """Encodes and decodes all records of a schema store. Threads may share one; it keeps no state."""

    def __init__(self, store: SchemaStore | None = None) -> None:
        self.store = store or default_store()
        self._parsed = {
            entry.id: fastavro.parse_schema(_without_logical_types(entry.json), named_schemas={})
            for entry in self.store.entries()
        }
        self._record_of = {entry.id: entry.record for entry in self.store.entries()}
        newest = [self.store.newest(record) for record in self.store.records()]
        self._newest = {each.record: (_FRAME.pack(MAGIC, each.id), self._parsed[each.id]) for each in newest}
        self._newest_id = {each.id for each in newest}

    def encode(self, record: AnyRecord) -> bytes:
        """The framed Kafka value of a record, by the newest schema. Raises on a wrong field type (a bug)."""
        frame, schema = self._newest[type(record).__name__]
        buffer = io.BytesIO()
        buffer.write(frame)
        fields = msgspec.to_builtins(record, builtin_types=(bytes,))
        fastavro.schemaless_writer(buffer, schema, fields)
        return buffer.getvalue()

    def record_name(self, value: bytes | None) -> str:
        """Name of the record in a framed value, without decoding the body.

        Raises Poison('not-avro' | 'unknown-schema').
        """
        return self._record_of[_schema_id(value, self._record_of.__contains__)]

    def decode(self, value: bytes | None, *expected: type[R]) -> R:
        """The record in a framed value, which must be one of `expected` (any known record if none is given).

        Raises Poison: not-avro (no frame), unknown-schema (id never given out), wrong-schema (a record that does
        not belong here), undecodable (the body does not fit its schema, or has octets left over).
        """
        schema_id = _schema_id(value, self._record_of.__contains__)
        name = self._record_of[schema_id]
        struct = RECORDS[name]
        if expected and struct not in expected:
            wanted = ", ".join(sorted(each.__name__ for each in expected))
            raise Poison("wrong-schema", f"record {name} (schema id {schema_id}), expected {wanted}")
        assert value is not None
        buffer = io.BytesIO(value)
        buffer.seek(_FRAME.size)
        reader = None if schema_id in self._newest_id else self._newest[name][1]
        try:
            fields = fastavro.schemaless_reader(buffer, self._parsed[schema_id], reader)
            record = msgspec.convert(fields, struct)
        except Exception as error:  # fastavro raises a dozen kinds on hostile octets; all mean the same
            raise Poison("undecodable", f"{name} (schema id {schema_id}): {_words(error)}") from error
        if buffer.tell() != len(value):
            raise Poison("undecodable", f"{name}: {len(value) - buffer.tell()} octets left over, expected 0")
        return record  # type: ignore[return-value]


def _words(error: Exception) -> str:
    return (
        f"{type(error).__name__}" if isinstance(error, UnicodeDecodeError) else f"{type(error).__name__}: {error}"[:200]
    )


def _schema_id(value: bytes | None, is_known: Callable[[int], bool]) -> int:
    if value is None or len(value) < _FRAME.size or value[0] != MAGIC:
        start = "nothing" if not value else f"0x{value[:1].hex()}"
        raise Poison(
            "not-avro",
            f"value of {len(value or b'')} octets begins with {start}, expected 0x00 and a 4-byte schema id",
        )
    schema_id: int = _FRAME.unpack_from(value)[1]
    if not is_known(schema_id):
        raise Poison("unknown-schema", f"schema id {schema_id} was never given out")
    return schema_id


def _without_logical_types(schema: Any) -> Any:
    if isinstance(schema, dict):
        return {key: _without_logical_types(value) for key, value in schema.items() if key != "logicalType"}
    if isinstance(schema, list):
        return [_without_logical_types(each) for each in schema]
    return schema
