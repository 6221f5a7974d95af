"""The door to ClickHouse: the engine in this process (chDB) or a server, behind one small interface.

Called by the migrator, the gate, the sink and the tests. One `Engine` belongs to one thread. A directory belongs to
one process: `DirectoryLock` says who holds it, where the engine's own refusal names nothing.
"""

import fcntl
import os
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Any

import clickhouse_connect
from clickhouse_connect.driver.client import Client

_INSERT_SETTINGS = {"async_insert": 0}  # its default is 1 now: an answer would not mean that rows are held


class DirectoryInUse(Exception):
    """Another process has the data directory open. Stop it, ask its HTTP front, or give another directory."""


class Engine:
    """Queries and inserts. Errors of the engine are clickhouse_connect's DatabaseError, with its code."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """All rows of a query."""
        return [tuple(row) for row in self._client.query(sql).result_rows]

    def command(self, sql: str) -> None:
        """Run one statement for its effect."""
        self._client.command(sql)

    def insert(self, table: str, columns: Sequence[str], payload: bytes, fmt: str) -> None:
        """Insert `payload`, in one of the engine's formats, wholly or not at all."""
        self._client.raw_insert(
            table, column_names=list(columns), insert_block=payload, fmt=fmt, settings=_INSERT_SETTINGS
        )

    def close(self) -> None:
        self._client.close()


def open_embedded(data_dir: Path) -> Engine:
    """The engine in this process over a directory, which is made if missing. Take the DirectoryLock first."""
    data_dir.mkdir(parents=True, exist_ok=True)
    return Engine(clickhouse_connect.get_client(interface="chdb", path=str(data_dir)))


def open_server(dsn: str) -> Engine:
    """A ClickHouse server (or our own front, which refuses to write) by `http://user:password@host:port/`."""
    return Engine(clickhouse_connect.get_client(dsn=dsn))


class DirectoryLock:
    """Holds `<directory>.lock` while open; the system frees it when the process dies, however it dies."""

    def __init__(self, data_dir: Path) -> None:
        self._path = data_dir.with_name(data_dir.name + ".lock")
        self._file: IO[str] | None = None

    def __enter__(self) -> "DirectoryLock":
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._file = self._path.open("a+", encoding="ascii")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._file.seek(0)
            holder = self._file.read().strip() or "unknown"
            self._file.close()
            raise DirectoryInUse(
                f"{self._path.with_suffix('')} is open in process {holder}; one process owns a ClickHouse directory: "
                "stop that one, or ask it over HTTP (`sluice query`)"
            ) from error
        self._file.truncate(0)
        self._file.write(str(os.getpid()))
        self._file.flush()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()
