"""Keys at rest: data keys of account and day, and the key of recipient ids, wrapped by a key-encryption key.

An edge (it reads and writes files below one folder), used by validation, connectors and the audited reveal;
routing, throttling and the sink never open it. Every file is made once and never overwritten, so that
two processes that need the same key at the same time get the same key.
"""

import contextlib
import os
import re
import secrets
from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

PLATFORM = "platform"
"""The owner of keys that seal what belongs to no account yet (replies)."""

DATA_KEY_OCTETS = 64  # AES-256-SIV takes two 256-bit keys
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


class KeyMissing(Exception):
    """A key cannot be read: never made here, destroyed, or wrapped by another key-encryption key."""


class KeyVault:
    """Keys below one folder, created if absent.

    Layout: `kek` (32 octets), `recipient/<generation>` and `data/<owner>/<YYYY-MM-DD>` (wrapped, RFC 3394).
    Files are readable by their owner alone.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._kek = _once(folder / "kek", lambda: secrets.token_bytes(32))
        self._known: dict[str, bytes] = {}

    def recipient_key(self) -> tuple[int, bytes]:
        """(generation, key of 32 octets) of the newest key of recipient ids."""
        generations = [int(path.name) for path in (self.folder / "recipient").glob("[0-9]*")]
        generation = max(generations, default=1)
        return generation, self._key(f"recipient/{generation}", 32)

    def data_key(self, owner: str, day: str) -> bytes:
        """The 64-octet key of an account (or PLATFORM) for a UTC day 'YYYY-MM-DD', made if absent.

        Raises ValueError for a malformed day, KeyMissing if it cannot be unwrapped.
        """
        if not _DAY.fullmatch(day):
            raise ValueError(f"key day={day!r}, expected YYYY-MM-DD")
        return self._key(f"data/{owner}/{day}", DATA_KEY_OCTETS)

    def _key(self, name: str, octets: int) -> bytes:
        if name not in self._known:
            wrapped = _once(self.folder / name, lambda: aes_key_wrap(self._kek, secrets.token_bytes(octets)))
            try:
                self._known[name] = aes_key_unwrap(self._kek, wrapped)
            except InvalidUnwrap as error:
                raise KeyMissing(f"key {name} is not wrapped by the key-encryption key of {self.folder}") from error
        return self._known[name]


def _once(path: Path, make: Callable[[], bytes]) -> bytes:
    """The content of a file, made whole and durable by whoever is first."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        os.write(handle, make())
        os.fsync(handle)
    finally:
        os.close(handle)
    with contextlib.suppress(FileExistsError):  # another process was first: its key is the key
        os.link(draft, path)
    draft.unlink()
    return path.read_bytes()
