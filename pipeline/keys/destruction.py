"""Destruction of a data key: what it sealed is gone for ever. Which keys may go is decided elsewhere."""

from pipeline.keys.files import locked, shred, sweep
from pipeline.keys.names import data_key_name
from pipeline.keys.tombstone import Tombstone, write_tombstone
from pipeline.keys.vault import KeyVault


def destroy(vault: KeyVault, owner: str, day: str, tombstone: Tombstone) -> bool:
    """Shred a data key and set the tombstone that forbids making it again; False if there is no such key.

    Killed in the middle, it leaves the key with its tombstone: to be repeated.
    """
    path = vault.folder / data_key_name(owner, day)
    with locked(vault.folder):  # so that no rotation writes it anew
        sweep(path.parent, path.name)
        if not path.exists():
            return False
        write_tombstone(path, tombstone)  # first: a key that is gone without one would be made anew
        shred(path)
    return True
