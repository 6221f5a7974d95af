"""What is wrong with octets that should be one record, and from which octet on. Pure."""

import io
from collections.abc import Iterator
from dataclasses import dataclass

import fastavro

from pipeline.events.codec import AnyRecord, Codec, Poison

FRAME_OCTETS = 5
"""Byte 0, then the schema id."""

_LINE = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """`octet` is where what is wrong begins, None if that cannot be told; `words` say what."""

    octet: int | None
    words: str


def diagnose(value: bytes, codec: Codec, *expected: type[AnyRecord]) -> Diagnosis | None:
    """What is wrong by what is known today; None if it can be read as one of `expected` (or as anything known)."""
    try:
        codec.decode(value, *expected)
    except Poison as poison:
        return Diagnosis(octet=_octet_of(value, poison, codec), words=_words_of(value, poison, codec))
    return None


def hex_lines(value: bytes, mark: int | None = None) -> Iterator[str]:
    """A dump of 16 octets a line; the marked octet is said below its line."""
    for start in range(0, len(value), _LINE):
        line = value[start : start + _LINE]
        digits = " ".join(f"{octet:02x}" for octet in line)
        letters = "".join(chr(octet) if 32 <= octet < 127 else "." for octet in line)
        yield f"{start:06x}  {digits:<{_LINE * 3 - 1}}  {letters}"
        if mark is not None and start <= mark < start + _LINE:
            yield f"{'':8}{'   ' * (mark - start)}^^ octet {mark}"


def _octet_of(value: bytes, poison: Poison, codec: Codec) -> int | None:
    match poison.reason:
        case "not-avro":
            return min(len(value), FRAME_OCTETS) if value[:1] == b"\x00" else 0
        case "unknown-schema" | "wrong-schema":
            return 1
    return _walk(value, codec)[0]


def _words_of(value: bytes, poison: Poison, codec: Codec) -> str:
    if poison.reason != "undecodable":
        return str(poison)
    at, field = _walk(value, codec)
    if field:
        return f"{poison}; field {field!r}, which begins at octet {at}, cannot be read"
    return f"{poison}; all fields can be read up to octet {at}, where {len(value) - at} octets more follow"


def _walk(value: bytes, codec: Codec) -> tuple[int, str]:
    """Read field by field: where the first that cannot be read begins and its name; ('' and the end if all can)."""
    entry = codec.store.by_id(int.from_bytes(value[1:FRAME_OCTETS], "big"))
    assert entry is not None, "only of a known schema"
    buffer = io.BytesIO(value)
    buffer.seek(FRAME_OCTETS)
    for field in entry.json["fields"]:
        at = buffer.tell()
        try:
            fastavro.schemaless_reader(buffer, fastavro.parse_schema(field["type"], named_schemas={}), None)
        except Exception:  # noqa: BLE001  (fastavro raises a dozen kinds on hostile octets; all mean the same)
            return at, field["name"]
    return buffer.tell(), ""
