"""HTTP bodies as ClickHouse's clients expect them: compression, error codes, an empty Native block. Pure."""

import gzip
import importlib
import io
import re
import zlib
from collections.abc import Callable
from typing import Any

import lz4.frame  # type: ignore[import-untyped]

MAX_BODY_OCTETS = 4 * 1024 * 1024

_HTTP_STATUS = {
    **dict.fromkeys((46, 47, 50, 60, 73, 81, 115), 404),  # unknown function, column, type, table, format, database
    **dict.fromkeys((164, 291, 497), 403),
    48: 501,
    158: 413, 161: 413, 396: 413,  # too many rows, columns, octets
    159: 408,  # not 504, which clients try again
    202: 503,
    241: 500, 394: 500,  # memory limit, cancelled
}  # fmt: skip
_CODE = re.compile(r"Code: (\d+)\.")
_NESTED = re.compile(
    r"(?:Code: \d+\. DB::Exception: )*(?P<once>Code: \d+\. DB::Exception: .*?\. \([A-Z_]+\)(?: \(version [^)]*\))?)"
    r"(?:\. \([A-Z_]+\)(?: \(version [^)]*\))?)+",
    re.DOTALL,
)
"""An error that the embedded engine wrapped in itself, once a layer."""


class BadBody(Exception):
    """The request's body cannot be read; the message says why."""


def error_code(message: str) -> int:
    """ClickHouse's code in an error message; 1002 (unknown exception) if there is none."""
    match = _CODE.search(message)
    return int(match[1]) if match else 1002


def error_text(code: int, message: str, name: str = "") -> str:
    """The message as a server words it: from its first 'Code:' on, and once."""
    at = message.find("Code: ")
    if at >= 0:
        whole = message[at:].strip()
        nested = _NESTED.fullmatch(whole)
        return (nested["once"] if nested else whole) + "\n"
    return f"Code: {code}. DB::Exception: {message}.{f' ({name})' if name else ''}\n"


def http_status(code: int) -> int:
    """HTTP status of an error code: most are the query's own fault."""
    return _HTTP_STATUS.get(code, 500 if code in (1001, 1002) else 400)


def decompress(body: bytes, encoding: str) -> bytes:
    """A request's body. Raises BadBody when it is broken, too long, or of an unknown encoding."""
    if encoding in ("", "identity"):
        return body
    readers: dict[str, Callable[[io.BytesIO], Any]] = {
        "gzip": lambda source: gzip.GzipFile(fileobj=source),
        "lz4": lambda source: lz4.frame.open(source, mode="rb"),
        "zstd": lambda source: _zstd().open(source, mode="rb"),
    }
    try:
        if encoding == "deflate":
            plain = zlib.decompressobj().decompress(body, MAX_BODY_OCTETS + 1)
        elif encoding in readers:
            plain = readers[encoding](io.BytesIO(body)).read(MAX_BODY_OCTETS + 1)
        else:
            raise BadBody(f"Content-Encoding {encoding}, expected gzip, deflate, lz4 or zstd")
    except BadBody:
        raise
    except Exception as error:  # each library has its own kinds, all mean the same
        raise BadBody(f"body is not {encoding}: {type(error).__name__}") from error
    if len(plain) > MAX_BODY_OCTETS:
        raise BadBody(f"body is over {MAX_BODY_OCTETS} octets")
    return bytes(plain)


def choose_encoding(accepted: str) -> str:
    """The first encoding of an Accept-Encoding header that we have; '' for none."""
    for each in accepted.split(","):
        name, _, quality = each.strip().partition(";")
        if name in ("gzip", "deflate", "lz4", "zstd") and quality.replace(" ", "") != "q=0":
            return name
    return ""


def compress(body: bytes, encoding: str) -> bytes:
    """A response's body in one of choose_encoding's."""
    match encoding:
        case "gzip":
            return gzip.compress(body, 1)
        case "deflate":
            return zlib.compress(body, 1)
        case "lz4":
            return bytes(lz4.frame.compress(body))
        case "zstd":
            return bytes(_zstd().compress(body, 1))
    return body


def empty_native(columns: list[tuple[str, str]]) -> bytes:
    """A Native block of no rows, which tells a client the columns (the embedded engine sends nothing at all)."""
    octets = bytearray(_varint(len(columns)) + _varint(0))
    for name, kind in columns:
        for text in (name, kind):
            raw = text.encode()
            octets += _varint(len(raw)) + raw
    return bytes(octets)


def _varint(number: int) -> bytes:
    octets = bytearray()
    while number > 0x7F:
        octets.append(number & 0x7F | 0x80)
        number >>= 7
    octets.append(number)
    return bytes(octets)


def _zstd() -> Any:
    try:
        return importlib.import_module("compression.zstd")  # Python 3.14
    except ImportError:
        return importlib.import_module("backports.zstd")  # comes with clickhouse-connect
