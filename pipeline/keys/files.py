"""Key files: made once, replaced whole, destroyed; and the lock that keeps these apart.

Every file is readable by its owner alone. Drafts start with a dot, and a killed process may leave one behind:
`sweep` removes them.
"""

import contextlib
import fcntl
import os
import secrets
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the lock of a folder, which all who write there take turns to hold. Freed when a process dies."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def read(path: Path) -> bytes | None:
    """The content of a file, or None if there is none."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def write_once(path: Path, content: bytes) -> bytes:
    """The content of a file, written whole and durable by whoever is first."""
    draft = _draft(path, content)
    with contextlib.suppress(FileExistsError):  # another process was first: its key is the key
        os.link(draft, path)
    draft.unlink()
    _sync(path.parent)
    return path.read_bytes()


def replace(path: Path, content: bytes) -> None:
    """Put new content in the place of a file's, at one moment; the file keeps its time."""
    before = path.stat()
    draft = _draft(path, content)
    os.utime(draft, ns=(before.st_atime_ns, before.st_mtime_ns))
    draft.replace(path)
    _sync(path.parent)


def shred(path: Path) -> None:
    """Overwrite a file and remove it; nothing if there is none.

    What a journal, a snapshot or the wear levelling of a disk keeps besides is not reached.
    """
    with contextlib.suppress(FileNotFoundError):
        handle = os.open(path, os.O_WRONLY)
        try:
            os.write(handle, secrets.token_bytes(os.fstat(handle).st_size))
            os.fsync(handle)
        finally:
            os.close(handle)
        path.unlink()
        _sync(path.parent)


def sweep(folder: Path, name: str = "") -> None:
    """Shred the drafts (of one file) that killed processes left; for the holder of the lock."""
    for draft in folder.glob(f".{name}*"):
        if draft.is_file():
            shred(draft)


def _draft(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        os.write(handle, content)
        os.fsync(handle)
    finally:
        os.close(handle)
    return draft


def _sync(folder: Path) -> None:
    """Make names of files durable, as fsync of a file makes its content."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
