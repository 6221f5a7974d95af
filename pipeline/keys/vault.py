"""The vault: keys below one folder, each made once by whoever needs it first, and the same for everybody.

Layout: `kek` (see `kek.py`), `recipient/<generation>`, `data/<owner>/<YYYY-MM-DD>` (see `envelope.py`), and
`data/<owner>/<YYYY-MM-DD>.destroyed` in the place of a key that is gone.
"""

import os
import secrets
from datetime import date, timedelta
from pathlib import Path

from pipeline.keys.envelope import Envelope, pack, unpack
from pipeline.keys.errors import KeyDestroyed, KeyMissing
from pipeline.keys.files import locked, read, write_once
from pipeline.keys.names import data_key_name, key_names, recipient_key_name
from pipeline.keys.ring import SETTING, KekRing
from pipeline.keys.tombstone import read_tombstone

DATA_KEY_OCTETS = 64  # AES-256-SIV takes two 256-bit keys
RECIPIENT_KEY_OCTETS = 32
REMEMBERED = timedelta(days=8)  # longer than a message may need its key: then it may be destroyed, so it is forgotten


class KeyVault:
    """Keys below one folder, created if absent; with `may_create` False nothing is ever written.

    `kek` chooses what wraps new keys; None is what SLUICE_KEK says, or the file `kek` in the folder. Opened keys stay
    in memory, never in a file: those of the newest day asked for, and of the days shortly before it.
    Raises KekInvalid for a setting that is none.
    """

    def __init__(self, folder: Path, *, may_create: bool = True, kek: str | None = None) -> None:
        self.folder = folder
        self.ring = KekRing(folder, os.environ.get(SETTING, "") if kek is None else kek)
        self._may_create = may_create
        self._recipient_keys: dict[int, bytes] = {}
        self._data_keys: dict[tuple[str, str], bytes] = {}

    def recipient_key(self) -> tuple[int, bytes]:
        """(generation, key of 32 octets) of the newest key of recipient ids, the first made if absent.

        Raises as `data_key`.
        """
        generation = max(self._generations(), default=1)
        return generation, self._recipient_key(generation)

    def recipient_keys(self) -> list[tuple[int, bytes]]:
        """As `recipient_key`, of every generation there is, the oldest first."""
        return [(generation, self._recipient_key(generation)) for generation in sorted(self._generations()) or [1]]

    def data_key(self, owner: str, day: str, *, may_create: bool = True) -> bytes:
        """The 64-octet key of an account (or PLATFORM) for a UTC day 'YYYY-MM-DD', made if absent.

        Who opens what was sealed says `may_create` False: a key made now would open nothing, and hide that one is gone.
        Raises ValueError for a malformed day or owner, KeyDestroyed, KeyMissing if it cannot be read, KekUnavailable.
        """
        key = self._data_keys.get((owner, day))
        if key is None:
            key = self._key(data_key_name(owner, day), DATA_KEY_OCTETS, may_create=may_create)
            self._remember(owner, day, key)
        return key

    def has_data_key(self, owner: str, day: str) -> bool:
        """Whether this key was made, destroyed or not."""
        path = self.folder / data_key_name(owner, day)
        return path.exists() or read_tombstone(path) is not None

    def _generations(self) -> list[int]:
        return [int(path.name) for path in (self.folder / "recipient").glob("[1-9]*")]

    def _recipient_key(self, generation: int) -> bytes:
        if generation not in self._recipient_keys:
            self._recipient_keys[generation] = self._key(recipient_key_name(generation), RECIPIENT_KEY_OCTETS)
        return self._recipient_keys[generation]

    def _remember(self, owner: str, day: str, key: bytes) -> None:
        newest = max([day, *(known for _, known in self._data_keys)])
        oldest = (date.fromisoformat(newest) - REMEMBERED).isoformat()
        self._data_keys = {name: known for name, known in self._data_keys.items() if name[1] >= oldest}
        self._data_keys[owner, day] = key

    def _key(self, name: str, octets: int, *, may_create: bool = True) -> bytes:
        path = self.folder / name
        blob = read(path)
        while True:
            if blob is None:
                blob = self._made(path, name, octets, may_create=may_create)
            try:
                return self.ring.open(blob, name)[1]
            except KeyMissing:
                again = read(path)
                if again == blob:
                    raise
                blob = again  # rewrapped or destroyed since it was read

    def _made(self, path: Path, name: str, octets: int, *, may_create: bool) -> bytes:
        """The content of a key file that was not there, made by us or by who was faster."""
        if self._may_create and may_create:
            self._ensure_kek()
            with locked(self.folder):  # so that no rotation or destruction passes us by
                if read_tombstone(path) is None:
                    return self._write(path, name, octets)
        tombstone = read_tombstone(path)
        if tombstone is not None:
            raise KeyDestroyed(f"key {name} was destroyed at {tombstone.at} by {tombstone.by}: {tombstone.reason}")
        raise KeyMissing(f"key {name} was never made in {self.folder}")

    def _write(self, path: Path, name: str, octets: int) -> bytes:
        found = read(path)
        if found is not None:
            return found
        kek = self.ring.newest()
        assert kek is not None
        wrapped = kek.wrap(secrets.token_bytes(octets), name)
        return write_once(path, pack(Envelope(kek_id=kek.id, wrapped=wrapped)))

    def _ensure_kek(self) -> None:
        """Make the first KEK file, where files wrap; never beside keys whose own KEK file is gone."""
        files = self.ring.files
        if files is None or files.all():
            return
        with locked(self.folder):
            if files.all():
                return
            for name in key_names(self.folder):
                blob = (self.folder / name).read_bytes()
                try:
                    kind = unpack(blob).kek_id.partition(":")[0]
                except ValueError:
                    kind = ""  # damaged: opening it says so
                if kind in ("", "file"):
                    self.ring.open(blob, name)  # raises KeyMissing: restore that file first
            files.make()
