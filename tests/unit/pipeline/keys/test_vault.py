"""Laws of keys at rest: made once by whoever is first, readable by their owner alone, useless without the right kek."""

import os
import secrets
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path
from threading import Barrier

import pytest
from cryptography.hazmat.primitives.keywrap import aes_key_wrap

from pipeline.keys import DATA_KEY_OCTETS, PLATFORM, KekInvalid, KeyDestroyed, KeyMissing, KeyVault
from pipeline.keys.destruction import destroy
from pipeline.keys.envelope import Envelope, pack, unpack
from pipeline.keys.tombstone import Tombstone, write_tombstone

DAY = "2026-01-05"
TOMBSTONE = Tombstone(at="2026-01-20T10:00:00+00:00", by="ann", reason="contract ended")


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
    assert KeyVault(folder).recipient_keys() == [(1, first), (10, first)]


@pytest.mark.parametrize("owner", ["", ".", "..", "a/b", "Acme", "-", "a b"])
def test_an_owner_that_is_none_names_no_file(folder: Path, owner: str) -> None:
    with pytest.raises(ValueError, match="expected an account"):
        KeyVault(folder).data_key(owner, DAY)


def test_keys_of_the_first_bare_format_still_open(folder: Path) -> None:
    kek, key, recipient = secrets.token_bytes(32), secrets.token_bytes(64), secrets.token_bytes(32)
    for name, content in (
        ("kek", kek),
        (f"data/acme/{DAY}", aes_key_wrap(kek, key)),
        ("recipient/1", aes_key_wrap(kek, recipient)),
    ):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    vault = KeyVault(folder)
    assert (vault.data_key("acme", DAY), vault.recipient_key()) == (key, (1, recipient))
    vault.data_key("acme", "2026-01-06")
    assert unpack((folder / "data/acme/2026-01-06").read_bytes()).kek_id.startswith("file:")


def test_a_wrapped_key_names_its_kek_and_what_is_cut_short_is_refused() -> None:
    envelope = Envelope(kek_id="file:0123", wrapped=b"w" * 72)
    blob = pack(envelope)
    assert unpack(blob) == envelope
    for length in range(7, len(blob) - 71):
        with pytest.raises(ValueError, match="expected"):
            unpack(blob[:length])
    with pytest.raises(ValueError, match="expected format 1"):
        unpack(b"SLUICEK\x02" + blob[8:])


def test_a_read_only_vault_makes_nothing(folder: Path) -> None:
    reader = KeyVault(folder, may_create=False)
    with pytest.raises(KeyMissing, match=f"key data/acme/{DAY} was never made in"):
        reader.data_key("acme", DAY)
    with pytest.raises(KeyMissing, match="key recipient/1 was never made"):
        reader.recipient_key()
    with pytest.raises(KeyMissing, match="key recipient/1 was never made"):
        reader.recipient_keys()
    assert not folder.exists()
    made = KeyVault(folder).data_key("acme", DAY)
    assert reader.data_key("acme", DAY) == made


def test_no_new_kek_is_made_beside_keys_whose_own_is_gone(folder: Path) -> None:
    """Else a restored KEK file would find its place taken, and half of the keys would open by neither."""
    KeyVault(folder).data_key("acme", DAY)
    (folder / "kek").unlink()
    with pytest.raises(KeyMissing, match="which is not at"):
        KeyVault(folder).data_key("acme", "2026-01-06")
    assert not (folder / "kek").exists()


def test_a_destroyed_key_is_never_made_again(folder: Path) -> None:
    vault = KeyVault(folder)
    key = vault.data_key("acme", DAY)
    draft = folder / "data/acme" / f".{DAY}.77.abcd"
    draft.write_bytes(b"what a killed process left")
    assert destroy(vault, "acme", DAY, TOMBSTONE)
    assert not destroy(vault, "acme", DAY, TOMBSTONE)
    assert not destroy(vault, "acme", "2026-01-04", TOMBSTONE)
    assert sorted(path.name for path in (folder / "data/acme").iterdir()) == [f"{DAY}.destroyed"]
    for may_create in (True, False):
        with pytest.raises(KeyDestroyed, match=f"data/acme/{DAY} was destroyed at 2026-01-20.* by ann: contract ended"):
            KeyVault(folder, may_create=may_create).data_key("acme", DAY)
    assert KeyVault(folder).has_data_key("acme", DAY)
    assert KeyVault(folder).data_key("other", DAY) != key


def test_a_destruction_that_was_killed_between_tombstone_and_key_is_repeated(folder: Path) -> None:
    vault = KeyVault(folder)
    vault.data_key("acme", DAY)
    write_tombstone(folder / "data/acme" / DAY, TOMBSTONE)
    assert destroy(vault, "acme", DAY, Tombstone(at="later", by="bob", reason="again"))
    with pytest.raises(KeyDestroyed, match="by ann"):
        KeyVault(folder).data_key("acme", DAY)


def test_a_destroyed_key_leaves_the_memory_of_running_processes_too(folder: Path) -> None:
    """A key may go 7 days after its own; by the day after, nobody who seals today's messages remembers it."""
    vault, first = KeyVault(folder), date(2026, 1, 5)
    for day in range(8):
        vault.data_key("acme", (first + timedelta(day)).isoformat())
    destroy(vault, "acme", DAY, TOMBSTONE)
    vault.data_key("acme", (first + timedelta(9)).isoformat())
    with pytest.raises(KeyDestroyed):
        vault.data_key("acme", DAY)


@pytest.mark.parametrize("setting", ["file:", "vault:x", "nonsense", "aws-kms:", "aws-kms:alias/a?zone=b"])
def test_a_setting_that_names_no_kek_is_refused(folder: Path, setting: str) -> None:
    with pytest.raises(KekInvalid, match="expected file:PATH or aws-kms:KEY"):
        KeyVault(folder, kek=setting)


def test_the_environment_chooses_the_kek(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLUICE_KEK", f"file:{tmp_path}/elsewhere/kek")
    key = KeyVault(folder).data_key("acme", DAY)
    assert (tmp_path / "elsewhere" / "kek").exists()
    assert not (folder / "kek").exists()
    assert KeyVault(folder).data_key("acme", DAY) == key
    with pytest.raises(KeyMissing, match="which is not at"):
        KeyVault(folder, kek="").data_key("acme", DAY)


def test_a_kek_of_another_size_is_refused(folder: Path) -> None:
    folder.mkdir()
    (folder / "kek").write_bytes(b"short")
    with pytest.raises(KekInvalid, match="5 octets, expected a key-encryption key of 32"):
        KeyVault(folder).data_key("acme", DAY)


@pytest.mark.parametrize("damage", [b"SLUICEK\x09", b"SLUICEK\x01\x10file:", b"SLUICEK\x01\x02\xff\xffkey"])
def test_a_damaged_key_beside_no_kek_is_named_and_no_kek_is_made(folder: Path, damage: bytes) -> None:
    KeyVault(folder).data_key("acme", DAY)
    (folder / "kek").unlink()
    (folder / "data" / "acme" / DAY).write_bytes(damage)
    with pytest.raises(KeyMissing, match=f"key data/acme/{DAY} is damaged"):
        KeyVault(folder).data_key("acme", "2026-01-06")
    assert not (folder / "kek").exists()
