"""Rotation: a new KEK, and every key wrapped again by it.

It may be killed between any two steps and repeated: what is left to do follows from the files alone. Everybody can
read every key meanwhile. Keys themselves do not change, so that nothing needs to be sealed again.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pipeline.keys.envelope import Envelope, pack, unpack
from pipeline.keys.errors import KekInvalid, KeyMissing
from pipeline.keys.files import locked, read, replace, sweep
from pipeline.keys.inventory import UNREADABLE, kek_of
from pipeline.keys.kek import Kek
from pipeline.keys.names import key_names
from pipeline.keys.vault import KeyVault

Step = Callable[[str], None]
"""Told what was just done: the name of a key, or what happened to KEKs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a rotation would do: make a KEK or go on with the newest, and wrap these keys by it."""

    makes_kek: bool
    kek_id: str
    """The KEK that wraps now: what is left of others goes to it, unless a new one is made."""
    names: tuple[str, ...]
    unreadable: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotated:
    """What it did. While keys are `unreadable`, KEK files are kept: one of them might belong to such a key.

    `kept`: older KEK files that no key here needs, but which lie elsewhere, so that other homes may.
    """

    kek_id: str
    rewrapped: tuple[str, ...]
    removed: tuple[Path, ...]
    kept: tuple[Path, ...]
    unreadable: tuple[str, ...]


def plan_rotation(vault: KeyVault) -> Plan:
    """A new KEK if all keys are wrapped by the newest; else, what an interrupted rotation or a move has left.

    A KMS makes its own keys: there, only what another KEK wraps is left to do. Raises KekUnavailable, KekInvalid.
    """
    newest = vault.ring.newest()
    if newest is None:
        raise KeyMissing(f"no key-encryption key was ever made in {vault.folder}: there is nothing to rotate")
    wrapped = {name: kek_of(vault, name) for name in key_names(vault.folder)}
    readable = {name: kek_id for name, kek_id in wrapped.items() if kek_id != UNREADABLE}
    others = [name for name, kek_id in readable.items() if kek_id != newest.id]
    files = vault.ring.files
    makes_kek = files is not None and not others and not files.older(vault.folder)[0]
    return Plan(
        makes_kek=makes_kek,
        kek_id=newest.id,
        names=tuple(readable if makes_kek else others),
        unreadable=tuple(wrapped.keys() - readable.keys()),
    )


def rotate(vault: KeyVault, step: Step = lambda _: None) -> Rotated:
    """Make the next KEK (see `plan_rotation`), wrap every key by it, shred the KEK files that are needed no more."""
    with locked(vault.folder):
        for folder in {(vault.folder / name).parent for name in key_names(vault.folder)}:
            sweep(folder)
        target = _target(vault)
    step("kek chosen")
    rewrapped, unreadable = [], []
    for name in key_names(vault.folder):  # those made from now on are wrapped by it already
        try:
            if _rewrap(vault, name, target):
                rewrapped.append(name)
        except KeyMissing:
            unreadable.append(name)
        step(name)
    removed, kept = _remove_older(vault, target)
    return Rotated(
        kek_id=target.id, rewrapped=tuple(rewrapped), removed=removed, kept=kept, unreadable=tuple(unreadable)
    )


def _target(vault: KeyVault) -> Kek:
    plan = plan_rotation(vault)
    if plan.makes_kek and vault.ring.files is not None:
        return vault.ring.files.make()
    newest = vault.ring.newest()
    assert newest is not None
    return newest


def _rewrap(vault: KeyVault, name: str, target: Kek) -> bool:
    """Whether there was something to do. Raises KeyMissing for what cannot be opened."""
    path = vault.folder / name
    with locked(vault.folder):  # so that no key comes back that is destroyed meanwhile
        blob = read(path)
        if blob is None:
            return False
        kek_id, key = vault.ring.open(blob, name)
        if kek_id == target.id and unpack(blob).kek_id:
            return False
        wrapped = target.wrap(key, name)
        if target.unwrap(wrapped, name) != key:
            raise KekInvalid(f"key {name}: {target.id} does not open what it wrapped; this key was not changed")
        replace(path, pack(Envelope(kek_id=target.id, wrapped=wrapped)))
    return True


def _remove_older(vault: KeyVault, target: Kek) -> tuple[tuple[Path, ...], tuple[Path, ...]]:
    """Shred the older KEK files in the folder, unless a key is there that the newest does not open; those, and others.

    Only the keys of this folder are known here: a file elsewhere may wrap those of another home.
    """
    with locked(vault.folder):
        files = vault.ring.files
        if files is None or any(kek_of(vault, name) != target.id for name in key_names(vault.folder)):
            return (), ()
        return tuple(files.remove_older(vault.folder)), tuple(files.older(vault.folder)[1])
