"""The append-only file that makes the simulator survive kill -9.

`append` collects, `flush` hands all that was collected to the operating system with one write (and, on demand,
fdatasync); only then may anything be answered. `open_journal` reads what is there and cuts off a torn last line.
One process at a time: the file is locked. Called by `simulator` and `session`.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable
from pathlib import Path

import structlog

from connectors.simulator.errors import SimulatorError
from connectors.simulator.records import AnyRecord, decode_line, encode_line

log = structlog.get_logger(__name__)


class JournalBroken(SimulatorError):
    """The file cannot be trusted or written; move it away, free space, or stop the other process."""


class Journal:
    """Collects records and writes them in batches. Without a file (fd None) it forgets them."""

    def __init__(self, fd: int | None, size: int, is_synced: bool) -> None:
        self._fd, self._size, self._is_synced = fd, size, is_synced
        self._lines: list[bytes] = []

    def append(self, record: AnyRecord) -> None:
        """Collect a record for the next flush."""
        if self._fd is not None:
            self._lines.append(encode_line(record))

    def flush(self) -> None:
        """Write what was collected, whole or not at all. Raises JournalBroken: then answer nothing as taken."""
        if not self._lines or self._fd is None:
            return
        block = b"".join(self._lines)
        self._lines.clear()
        try:
            written = 0
            while written < len(block):
                written += os.write(self._fd, block[written:])
            if self._is_synced:
                os.fdatasync(self._fd)
        except OSError as error:
            os.ftruncate(self._fd, self._size)
            raise JournalBroken(f"journal: {error.strerror}, expected room for {len(block)} octets") from error
        self._size += len(block)

    def close(self) -> None:
        """Flush and close."""
        if self._fd is not None:
            self.flush()
            os.close(self._fd)
            self._fd = None


def open_journal(path: Path | None, *, is_synced: bool, replay: Callable[[AnyRecord], None]) -> Journal:
    """Open or create the journal and hand every record in it to `replay`, in order.

    A last line without a newline was torn by a crash before anything was answered: it is cut off and logged.
    Raises JournalBroken for any other unreadable line, or if another process has the file.
    """
    if path is None:
        return Journal(None, 0, False)
    path.parent.mkdir(parents=True, exist_ok=True)
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        size = _replay(fd, path, replay)
    except BlockingIOError as error:
        os.close(fd)
        raise JournalBroken(f"journal {path}: another simulator writes it, expected one") from error
    except BaseException:
        os.close(fd)
        raise
    return Journal(fd, size, is_synced)


def _replay(fd: int, path: Path, replay: Callable[[AnyRecord], None]) -> int:
    """Replay all whole lines; returns the size of the file after a torn tail is cut off."""
    size = count = 0
    with os.fdopen(os.dup(fd), "rb") as lines:
        for line in lines:
            if not line.endswith(b"\n"):
                os.ftruncate(fd, size)
                log.warning("journal.torn_tail_cut", path=str(path), at_octet=size, octets=len(line))
                break
            try:
                record = decode_line(line)
            except ValueError as error:
                raise JournalBroken(f"journal {path}: octet {size} is not a record ({error})") from error
            replay(record)
            size += len(line)
            count += 1
    if count:
        log.info("journal.replayed", path=str(path), records=count)
    return size
