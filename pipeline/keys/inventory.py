"""Which keys there are, wrapped by what, since when, and which are gone. Never the keys themselves."""

from dataclasses import dataclass
from datetime import UTC, datetime

from pipeline.keys.aws_kms import KIND as AWS
from pipeline.keys.envelope import unpack
from pipeline.keys.errors import KeyMissing
from pipeline.keys.files import read
from pipeline.keys.names import key_names
from pipeline.keys.tombstone import SUFFIX, Tombstone, read_tombstone
from pipeline.keys.vault import KeyVault

UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyEntry:
    """One key. `kek_id` is '' once it is destroyed, UNREADABLE if what lies there is no wrapped key; times are UTC.

    With a tombstone and a `kek_id` both, its destruction was interrupted: destroy it again.
    """

    name: str
    kek_id: str
    made_at: datetime | None
    tombstone: Tombstone | None

    @property
    def owner(self) -> str:
        """The account or platform of a data key; '' for a key of recipient ids."""
        return self.name.split("/")[1] if self.name.startswith("data/") else ""

    @property
    def day(self) -> str:
        """The UTC day of a data key; '' for a key of recipient ids."""
        return self.name.split("/")[2] if self.name.startswith("data/") else ""


def inventory(vault: KeyVault) -> list[KeyEntry]:
    """All keys by name, those that are gone too. Asks no KMS."""
    living = {name: _living(vault, name) for name in key_names(vault.folder)}
    gone = {
        path.relative_to(vault.folder).as_posix().removesuffix(SUFFIX): path
        for path in vault.folder.glob(f"data/*/[!.]*{SUFFIX}")
    }
    for name in gone.keys() - living.keys():
        tombstone = read_tombstone(vault.folder / name)
        living[name] = KeyEntry(name=name, kek_id="", made_at=None, tombstone=tombstone)
    return [living[name] for name in sorted(living)]


def kek_of(vault: KeyVault, name: str) -> str:
    """The id of the KEK that a key is wrapped by; '' if it is not there, UNREADABLE if no KEK file here opens it.

    What a KMS wrapped is taken at its word.
    """
    blob = read(vault.folder / name)
    if blob is None:
        return ""
    try:
        named = unpack(blob).kek_id
        return named if named.startswith(f"{AWS}:") else vault.ring.open(blob, name)[0]
    except (ValueError, KeyMissing):
        return UNREADABLE


def _living(vault: KeyVault, name: str) -> KeyEntry:
    path = vault.folder / name
    try:
        made_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except FileNotFoundError:
        made_at = None
    return KeyEntry(name=name, kek_id=kek_of(vault, name), made_at=made_at, tombstone=read_tombstone(path))
