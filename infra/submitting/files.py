"""A file of messages: checked whole before the first is sent, then read again to send. Also `sluice encode`."""

import hashlib
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TextIO

from msgspec import structs

from infra.submitting.rows import RowInvalid, rows_of_csv, rows_of_json
from pipeline.errors import ForTheUser
from pipeline.events.codec import Codec
from pipeline.events.records import SubmitMessage

MAX_TOLD = 20
CHUNK = 1 << 16


class FileInvalid(ForTheUser, ValueError):
    """Rows of a file are no messages, so none was sent; the message names each line (the first twenty)."""


class Source:
    """Messages with the line each stands in; `rows` may be called again."""

    def __init__(self, count: int, rows: Callable[[], Iterator[tuple[int, SubmitMessage]]]) -> None:
        self.count = count
        self.rows = rows

    @classmethod
    def of_one(cls, message: SubmitMessage) -> "Source":
        """One message, of no file."""
        return cls(1, lambda: iter([(1, message)]))

    @classmethod
    @contextmanager
    def spooled(cls, lines: TextIO, defaults: Mapping[str, Any], *, is_csv: bool) -> Iterator["Source"]:
        """The messages of a file, all checked. Raises FileInvalid, or RowInvalid for a CSV without a header."""
        read = rows_of_csv if is_csv else rows_of_json
        with tempfile.TemporaryFile("w+", encoding="utf-8", newline="") as spool:
            digest = hashlib.sha256()
            while chunk := lines.read(CHUNK):
                spool.write(chunk)
                digest.update(chunk.encode("utf-8", "surrogatepass"))
            spool.seek(0)
            count = _checked(read(spool, defaults))
            key = digest.hexdigest()[:16]

            def rows() -> Iterator[tuple[int, SubmitMessage]]:
                spool.seek(0)
                for line, row in read(spool, defaults):
                    assert isinstance(row, SubmitMessage)
                    yield line, row if row.idempotency_key else structs.replace(row, idempotency_key=f"{key}-{line}")

            yield cls(count, rows)


def encoded(lines: TextIO, delimiter: bytes) -> Iterator[bytes]:
    """Framed Kafka values of JSON lines, the delimiter between them.

    Raises FileInvalid for a line that is no message, for a second message without a delimiter, and for a
    value that contains it.
    """
    codec = Codec()
    is_first = True
    for line, row in rows_of_json(lines, {}):
        if isinstance(row, RowInvalid):
            raise FileInvalid(str(row))
        value = codec.encode(row)
        if not is_first:
            if not delimiter:
                raise FileInvalid(f"line {line}: a second message; give --delimiter, the same as to kcat -D")
            yield delimiter
        if delimiter and delimiter in value:
            raise FileInvalid(
                f"line {line}: the delimiter {delimiter.decode()!r} stands in the message; choose another"
            )
        is_first = False
        yield value


def _checked(rows: Iterator[tuple[int, SubmitMessage | RowInvalid]]) -> int:
    count, wrong = 0, []
    for _, row in rows:
        if isinstance(row, RowInvalid):
            wrong.append(str(row))
        count += 1
    if wrong:
        more = f"\n... and {len(wrong) - MAX_TOLD} more" if len(wrong) > MAX_TOLD else ""
        told = "\n".join(wrong[:MAX_TOLD])
        raise FileInvalid(f"{len(wrong)} of {count} rows are no messages, so nothing was sent:\n{told}{more}")
    return count
