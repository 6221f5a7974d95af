"""Raw Avro bodies into an object container that ClickHouse reads, without decoding one.

The fields of the sink's own columns are put before the writer's schema, and their octets before each body. Every
record is a block of its own: inside a bigger block the engine checks no bounds, and one bad record forges rows.
Source: Avro 1.11 specification, "Object Container Files".
"""

import json
import struct
from collections.abc import Iterable, Mapping
from typing import Any

from analytics.sink.records import Row

_MAGIC = b"Obj\x01"
_SYNC = bytes.fromhex("736c756963652d73696e6b2d73796e63")  # any 16 octets do
_FIXED = struct.Struct("<ddddd")  # offset, first and last of the batch, source offset and ordinal: exact to 2^53
_PARTITIONS = struct.Struct("<dd")

_PREPENDED: tuple[tuple[str, Any], ...] = (
    ("_topic", "string"),
    ("_partition", "double"),
    ("_source_partition", "double"),
    ("_offset", "double"),
    ("_batch_first", "double"),
    ("_batch_last", "double"),
    ("_source_offset", "double"),
    ("_source_ordinal", "double"),
    ("_timestamp", {"type": "long", "logicalType": "timestamp-millis"}),
    ("_source_topic", "string"),
    ("_epoch", "string"),
    ("_is_foreign", "boolean"),
    ("_is_repeat", "boolean"),
)


def zigzag(number: int) -> bytes:
    """Avro's variable-length integer, at most 64 bits."""
    rest = (number << 1) ^ (number >> 63)
    octets = bytearray()
    while rest > 0x7F:
        octets.append(rest & 0x7F | 0x80)
        rest >>= 7
    octets.append(rest)
    return bytes(octets)


def sized(octets: bytes) -> bytes:
    """Octets with their length before them: Avro's string and bytes."""
    return zigzag(len(octets)) + octets


def prepended_columns() -> tuple[str, ...]:
    """Names of the sink's own columns that every block brings."""
    return tuple(name for name, _ in _PREPENDED)


def container_head(schema: Mapping[str, Any]) -> bytes:
    """Head of a container of records of `schema` (parsed JSON) with the sink's own fields before them."""
    fields = [{"name": name, "type": kind} for name, kind in _PREPENDED]
    widened = {**schema, "fields": [*fields, *schema["fields"]]}
    text = json.dumps(widened, separators=(",", ":")).encode()
    pairs = sized(b"avro.schema") + sized(text) + sized(b"avro.codec") + sized(b"null")
    return _MAGIC + zigzag(2) + pairs + zigzag(0) + _SYNC


def block(row: Row, batch_first: int, batch_last: int) -> bytes:
    """One record as one block: count 1, size, octets, sync mark."""
    source = row.source
    topic, partition, offset, ordinal = ("", -1, -1, -1) if source is None else source
    content = b"".join(
        (
            sized(row.partition.topic.encode()),
            _PARTITIONS.pack(row.partition.number, partition),
            _FIXED.pack(row.offset, batch_first, batch_last, offset, ordinal),
            zigzag(row.timestamp_ms),
            sized(topic.encode()),
            sized(row.epoch.encode()),
            b"\x01" if row.is_foreign else b"\x00",
            b"\x01" if row.is_repeat else b"\x00",
            row.body,
        )
    )
    return b"\x02" + sized(content) + _SYNC


def container(head: bytes, blocks: Iterable[bytes]) -> bytes:
    """A whole container."""
    return head + b"".join(blocks)
