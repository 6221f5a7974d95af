"""Laws of keys at rest: made once by whoever is first, readable by their owner alone, useless without the right kek."""

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from pipeline.keys import DATA_KEY_OCTETS, PLATFORM, KeyMissing, KeyVault

DAY = "2026-01-05"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "keys"


def test_a_key_is_the_same_for_ever(folder: Path) -> None:
    vault = KeyVault(folder)
    first = vault.data_key("acme", DAY), vault.recipient_key()
    assert (vault.data_key("acme", DAY), vault.recipient_key()) == first
    again = KeyVault(folder)
    assert (again.data_key("acme", DAY), again.recipient_key()) == first


def test_every_owner_and_day_has_a_key_of_its_own(folder: Path) -> None:
    vault = KeyVault(folder)
    keys = {vault.data_key(owner, day) for owner in ("acme", "teahouse", PLATFORM) for day in (DAY, "2026-01-06")}
    assert len(keys) == 6
    assert {len(key) for key in keys} == {DATA_KEY_OCTETS}


def test_two_folders_share_nothing(tmp_path: Path) -> None:
    one, two = KeyVault(tmp_path / "one"), KeyVault(tmp_path / "two")
    assert one.data_key("acme", DAY) != two.data_key("acme", DAY)
    assert one.recipient_key() != two.recipient_key()


def test_whoever_asks_at_the_same_time_gets_the_same_key(folder: Path) -> None:
    racers = 16
    start = Barrier(racers)

    def ask(_: int) -> tuple[bytes, bytes]:
        start.wait()
        vault = KeyVault(folder)  # a process of its own, as far as files go
        return vault.data_key("acme", DAY), vault.recipient_key()[1]

    with ThreadPoolExecutor(racers) as pool:
        assert len(set(pool.map(ask, range(racers)))) == 1


def test_no_draft_is_left_behind(folder: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: KeyVault(folder).data_key("acme", DAY), range(16)))
    files = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
    assert files == [f"data/acme/{DAY}", "kek"]


def test_keys_are_readable_by_their_owner_alone(folder: Path) -> None:
    vault = KeyVault(folder)
    vault.data_key("acme", DAY)
    vault.recipient_key()
    for path in folder.rglob("*"):
        if path.is_file():
            assert stat.S_IMODE(path.stat().st_mode) == 0o600, path


def test_no_key_stands_in_a_file_in_the_clear(folder: Path) -> None:
    vault = KeyVault(folder)
    keys = [vault.data_key("acme", DAY), vault.recipient_key()[1]]
    for path in folder.rglob("*"):
        if path.is_file():
            assert not any(key in path.read_bytes() for key in keys)


def test_another_key_encryption_key_opens_nothing_and_overwrites_nothing(folder: Path) -> None:
    KeyVault(folder).data_key("acme", DAY)
    before = (folder / "data" / "acme" / DAY).read_bytes()
    (folder / "kek").unlink()
    with pytest.raises(
        KeyMissing, match=f"key data/acme/{DAY} is wrapped by key-encryption key file:.* which is not at"
    ):
        KeyVault(folder).data_key("acme", DAY)
    assert (folder / "data" / "acme" / DAY).read_bytes() == before


@pytest.mark.parametrize("damage", [b"", b"x", os.urandom(72)])
def test_a_damaged_key_is_missing_and_never_made_anew(folder: Path, damage: bytes) -> None:
    KeyVault(folder).data_key("acme", DAY)
    path = folder / "data" / "acme" / DAY
    path.write_bytes(damage)
    with pytest.raises(KeyMissing):
        KeyVault(folder).data_key("acme", DAY)
    assert path.read_bytes() == damage


@pytest.mark.parametrize("day", ["", "2026-1-5", "2026-01-05/..", "../2026-01-05", "20260105"])
def test_a_day_that_is_none_names_no_file(folder: Path, day: str) -> None:
    with pytest.raises(ValueError, match="expected YYYY-MM-DD"):
        KeyVault(folder).data_key("acme", day)


def test_the_newest_generation_of_the_recipient_key_is_used(folder: Path) -> None:
    vault = KeyVault(folder)
    generation, first = vault.recipient_key()
    assert (generation, len(first)) == (1, 32)
    (folder / "recipient" / "10").write_bytes((folder / "recipient" / "1").read_bytes())
    assert KeyVault(folder).recipient_key() == (10, first)
