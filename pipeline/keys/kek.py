"""A key-encryption key (KEK): wraps data keys for the disk, opens them again. One that lies in a file; the port of all.

The file is `<path>`; rotation makes `<path>.2`, `<path>.3` and so on. The newest wraps; older ones open what
they wrapped, until rotation is through.
"""

import hashlib
import re
import secrets
from pathlib import Path
from typing import Final, Protocol

from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

from pipeline.keys.errors import KekInvalid, KeyMissing
from pipeline.keys.files import read, shred, sweep, write_once

KEK_OCTETS: Final = 32


class Kek(Protocol):
    """Wraps and opens keys. `name` says which key it is ('data/acme/2026-01-05'); a KMS binds the two together."""

    @property
    def id(self) -> str:
        """How a wrapped key names this KEK: `file:<fingerprint>`, `aws-kms:<arn>`."""
        ...

    def wrap(self, key: bytes, name: str) -> bytes:
        """Raises KekUnavailable."""
        ...

    def unwrap(self, wrapped: bytes, name: str) -> bytes:
        """Raises KeyMissing for what this KEK did not wrap under that name, KekUnavailable."""
        ...


class FileKek:
    """A KEK of 256 bits in a file: AES key wrap, RFC 3394 (which knows no associated data: names are not bound)."""

    def __init__(self, path: Path, key: bytes) -> None:
        if len(key) != KEK_OCTETS:
            raise KekInvalid(f"{path}: {len(key)} octets, expected a key-encryption key of {KEK_OCTETS}")
        self.path = path
        self._key = key
        self.id = f"file:{hashlib.sha256(b'sluice-kek' + key).hexdigest()[:16]}"

    def wrap(self, key: bytes, name: str) -> bytes:
        return aes_key_wrap(self._key, key)

    def unwrap(self, wrapped: bytes, name: str) -> bytes:
        try:
            return aes_key_unwrap(self._key, wrapped)
        except InvalidUnwrap as error:
            raise KeyMissing(f"key {name} is not wrapped by key-encryption key {self.id}, or was altered") from error


class KekFiles:
    """All KEKs at one path, looked up on the disk each time: another process may have rotated."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def all(self) -> list[FileKek]:
        """Newest first. Raises KekInvalid for a file of another size."""
        contents = ((path, read(path)) for _, path in sorted(self._versions().items(), reverse=True))
        return [FileKek(path, key) for path, key in contents if key is not None]

    def make(self) -> FileKek:
        """Make the next one; for the holder of the lock, so that nobody wraps by the one before meanwhile."""
        version = max(self._versions(), default=0) + 1
        path = self.path if version == 1 else self.path.with_name(f"{self.path.name}.{version}")
        return FileKek(path, write_once(path, secrets.token_bytes(KEK_OCTETS)))

    def older(self, folder: Path) -> tuple[list[Path], list[Path]]:
        """All but the newest: those that lie in a folder, and those elsewhere, which others may need too."""
        paths = [kek.path for kek in self.all()[1:]]
        inside = [path for path in paths if _lies_in(path, folder)]
        return inside, [path for path in paths if path not in inside]

    def remove_older(self, folder: Path) -> list[Path]:
        """Shred those and drafts, in this folder alone; for the holder of its lock, when no key in it needs them."""
        older, _ = self.older(folder)
        for path in older:
            shred(path)
        if _lies_in(self.path, folder):
            sweep(self.path.parent, self.path.name)
        return older

    def _versions(self) -> dict[int, Path]:
        pattern = re.compile(re.escape(self.path.name) + r"(?:\.([1-9]\d*))?")
        found = ((pattern.fullmatch(path.name), path) for path in self.path.parent.glob(f"{self.path.name}*"))
        return {int(match[1] or 1): path for match, path in found if match}


def _lies_in(path: Path, folder: Path) -> bool:
    return path.resolve().is_relative_to(folder.resolve())
