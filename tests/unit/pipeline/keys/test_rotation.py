"""Laws of rotation: keys stay what they are, everybody reads them meanwhile, and it may be killed at any moment."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.keywrap import aes_key_wrap

from pipeline.keys import PLATFORM, KeyDestroyed, KeyMissing, KeyVault
from pipeline.keys.destruction import destroy
from pipeline.keys.inventory import UNREADABLE, inventory
from pipeline.keys.kek import Kek
from pipeline.keys.ring import KekRing
from pipeline.keys.rotation import plan_rotation, rotate
from pipeline.keys.tombstone import Tombstone

NAMES = [(owner, day) for owner in ("acme", "teahouse", PLATFORM) for day in ("2026-01-05", "2026-01-06")]


TOMBSTONE = Tombstone(at="2026-02-01", by="ann", reason="asked to")
Act = Callable[[], object] | None


class Killed(Exception):
    """The process ends here."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "keys"


def all_keys(vault: KeyVault) -> dict[object, bytes]:
    return {name: vault.data_key(*name) for name in NAMES} | {"recipient": vault.recipient_key()[1]}


def keks_of(folder: Path) -> set[str]:
    return {each.kek_id for each in inventory(KeyVault(folder, may_create=False))}


def test_every_key_is_what_it_was_and_wrapped_by_a_new_kek(folder: Path) -> None:
    keys, before = all_keys(KeyVault(folder)), keks_of(folder)
    times = {each.name: each.made_at for each in inventory(KeyVault(folder))}
    done = rotate(KeyVault(folder))
    assert len(done.rewrapped) == len(keys) == 7
    assert done.removed == (folder / "kek",)
    assert (keks_of(folder) == {done.kek_id}, done.kek_id in before) == (True, False)
    assert all_keys(KeyVault(folder, may_create=False)) == keys
    assert {each.name: each.made_at for each in inventory(KeyVault(folder))} == times
    assert [path.name for path in folder.glob("kek*")] == ["kek.2"]


def test_what_the_old_kek_opened_is_nowhere_any_more(folder: Path) -> None:
    all_keys(KeyVault(folder))
    stolen = (folder / "kek").read_bytes()
    rotate(KeyVault(folder))
    for path in list(folder.rglob("*")):
        if path.name.startswith("kek"):
            path.unlink()
    (folder / "kek").write_bytes(stolen)
    with pytest.raises(KeyMissing):
        KeyVault(folder).data_key(*NAMES[0])


def test_rotating_again_and_again_works(folder: Path) -> None:
    keys = all_keys(KeyVault(folder))
    assert len({rotate(KeyVault(folder)).kek_id for _ in range(3)}) == 3
    assert all_keys(KeyVault(folder, may_create=False)) == keys
    assert [path.name for path in folder.glob("kek*")] == ["kek.4"]


@pytest.mark.parametrize("steps", range(8))
def test_killed_between_any_two_steps_all_keys_open_and_the_next_one_finishes_it(folder: Path, steps: int) -> None:
    before = KeyVault(folder)
    keys = all_keys(before)
    old = keks_of(folder)
    told: list[str] = []

    def step(what: str) -> None:
        told.append(what)
        if len(told) > steps:
            raise Killed

    with pytest.raises(Killed):
        rotate(KeyVault(folder), step)
    assert all_keys(KeyVault(folder, may_create=False)) == keys
    assert old <= keks_of(folder) or steps >= 7
    plan = plan_rotation(KeyVault(folder))
    assert (plan.makes_kek, len(plan.names)) == (False, 7 - steps)
    done = rotate(KeyVault(folder))
    assert len(done.rewrapped) == 7 - steps
    assert keks_of(folder) == {done.kek_id}
    assert [path.name for path in folder.glob("kek*")] == ["kek.2"]
    assert all_keys(KeyVault(folder, may_create=False)) == keys


def test_processes_read_and_make_keys_while_it_goes_on(folder: Path) -> None:
    """Each of these has looked at the old KEK before, and must find the new one where a key names it."""
    keys = all_keys(KeyVault(folder))
    old = KeyVault(folder)
    old.data_key(*NAMES[0])
    made: dict[str, bytes] = {}

    def step(what: str) -> None:
        assert all_keys(KeyVault(folder, may_create=False)) == keys
        day = f"2026-02-{len(made) + 1:02}"
        made[day] = old.data_key("acme", day)

    rotate(KeyVault(folder), step)
    assert all_keys(old) == keys
    assert {day: KeyVault(folder, may_create=False).data_key("acme", day) for day in made} == made
    assert len(keks_of(folder)) == 1


class Ring(KekRing):
    """A ring in whose use something else happens, once: between reading a key and opening it, or choosing a KEK."""

    def __init__(self, folder: Path, *, before_open: Act = None, after_newest: Act = None) -> None:
        super().__init__(folder, "")
        self._before_open, self._after_newest = before_open, after_newest

    def open(self, blob: bytes, name: str) -> tuple[str, bytes]:
        act, self._before_open = self._before_open, None
        if act:
            act()
        return super().open(blob, name)

    def newest(self) -> Kek | None:
        kek = super().newest()
        act, self._after_newest = self._after_newest, None
        if act:
            act()
        return kek


def test_a_key_that_was_read_just_before_the_old_kek_went_is_read_again(folder: Path) -> None:
    keys = all_keys(KeyVault(folder))
    late = KeyVault(folder, may_create=False)
    late.ring = Ring(folder, before_open=lambda: rotate(KeyVault(folder)))
    assert late.data_key(*NAMES[0]) == keys[NAMES[0]]
    late.ring = Ring(folder, before_open=lambda: destroy(KeyVault(folder), *NAMES[1], TOMBSTONE))
    (folder / "data" / "/".join(NAMES[1])).write_bytes(b"unreadable, so that it is looked at again")
    with pytest.raises(KeyDestroyed):
        late.data_key(*NAMES[1])


def test_no_key_is_wrapped_by_a_kek_that_a_rotation_shreds_meanwhile(folder: Path) -> None:
    """The maker has chosen the old KEK when the rotation begins: it must wait, and then wrap that key anew too."""
    all_keys(KeyVault(folder))
    rotation = threading.Thread(target=lambda: rotate(KeyVault(folder)))

    def rotate_meanwhile() -> None:
        rotation.start()
        rotation.join(0.5)  # far longer than it takes, were it not to wait

    maker = KeyVault(folder)
    maker.ring = Ring(folder, after_newest=rotate_meanwhile)
    key = maker.data_key("acme", "2026-01-07")
    rotation.join()
    assert KeyVault(folder, may_create=False).data_key("acme", "2026-01-07") == key
    assert len(keks_of(folder)) == 1


def test_a_damaged_key_keeps_the_old_kek_until_it_is_destroyed(folder: Path) -> None:
    keys = all_keys(KeyVault(folder))
    path = folder / "data/acme/2026-01-05"
    sound = path.read_bytes()
    path.write_bytes(sound[:60])
    done = rotate(KeyVault(folder))
    assert (done.unreadable, done.removed) == (("data/acme/2026-01-05",), ())
    assert UNREADABLE in keks_of(folder)
    path.write_bytes(sound)  # restored from a backup: its KEK is there still
    assert KeyVault(folder).data_key("acme", "2026-01-05") == keys["acme", "2026-01-05"]
    path.write_bytes(sound[:60])
    destroy(KeyVault(folder), "acme", "2026-01-05", TOMBSTONE)
    assert rotate(KeyVault(folder)).removed == (folder / "kek",)


def test_keys_of_the_bare_format_are_wrapped_anew_too(folder: Path) -> None:
    vault = KeyVault(folder)
    key = vault.data_key("acme", "2026-01-05")
    (folder / "data/acme/2026-01-05").write_bytes(aes_key_wrap((folder / "kek").read_bytes(), key))
    assert plan_rotation(KeyVault(folder)).makes_kek
    assert rotate(KeyVault(folder)).rewrapped == ("data/acme/2026-01-05",)
    assert KeyVault(folder, may_create=False).data_key("acme", "2026-01-05") == key


def test_drafts_that_killed_processes_left_are_swept(folder: Path) -> None:
    all_keys(KeyVault(folder))
    drafts = [folder / "data/acme/.2026-01-05.1.ab", folder / "recipient/.1.1.ab", folder / ".kek.2.1.ab"]
    for draft in drafts:
        draft.write_bytes(b"wrapped, or even a KEK")
    rotate(KeyVault(folder))
    assert not [draft for draft in drafts if draft.exists()]


def test_keys_move_to_a_kek_elsewhere(folder: Path, tmp_path: Path) -> None:
    keys = all_keys(KeyVault(folder))
    elsewhere = f"file:{tmp_path}/safe/kek"
    KeyVault(folder, kek=elsewhere).data_key("acme", "2026-01-07")
    plan = plan_rotation(KeyVault(folder, kek=elsewhere))
    assert (plan.makes_kek, len(plan.names)) == (False, 7)
    rotate(KeyVault(folder, kek=elsewhere))
    (folder / "kek").unlink()
    assert all_keys(KeyVault(folder, kek=elsewhere, may_create=False)) == keys


def test_nothing_is_rotated_where_no_kek_ever_was(folder: Path) -> None:
    with pytest.raises(KeyMissing, match="nothing to rotate"):
        rotate(KeyVault(folder))


def test_a_kek_that_homes_share_is_kept_and_named(tmp_path: Path) -> None:
    """Each home knows its own keys alone; the second goes to the KEK that the first made, and neither loses a key."""
    one, two = tmp_path / "one", tmp_path / "two"
    shared = tmp_path / "safe" / "kek"
    kek = f"file:{shared}"
    keys = {folder: all_keys(KeyVault(folder, kek=kek)) for folder in (one, two)}
    draft = shared.with_name(".kek.2.1.ab")
    draft.write_bytes(b"of another home, which is making one")
    first = rotate(KeyVault(one, kek=kek))
    assert (first.removed, first.kept, len(first.rewrapped)) == ((), (shared,), 7)
    assert all_keys(KeyVault(two, kek=kek, may_create=False)) == keys[two]
    second = rotate(KeyVault(two, kek=kek))
    assert (second.kek_id, second.removed, second.kept) == (first.kek_id, (), (shared,))
    assert draft.exists()
    shared.unlink()  # nobody needs it any more
    for folder in (one, two):
        assert all_keys(KeyVault(folder, kek=kek, may_create=False)) == keys[folder]


def test_a_kek_elsewhere_is_rotated_again_and_again(folder: Path, tmp_path: Path) -> None:
    kek = f"file:{tmp_path}/safe/kek"
    keys = all_keys(KeyVault(folder, kek=kek))
    assert len({rotate(KeyVault(folder, kek=kek)).kek_id for _ in range(3)}) == 3
    assert all_keys(KeyVault(folder, kek=kek, may_create=False)) == keys
    assert len(list((tmp_path / "safe").glob("kek*"))) == 4


def test_a_kek_that_a_link_brings_into_the_folder_lies_elsewhere(folder: Path, tmp_path: Path) -> None:
    folder.mkdir()
    shared = tmp_path / "kek"
    shared.write_bytes(b"k" * 32)
    (folder / "kek").symlink_to(shared)
    all_keys(KeyVault(folder))
    done = rotate(KeyVault(folder))
    assert (done.removed, done.kept, shared.read_bytes()) == ((), (folder / "kek",), b"k" * 32)
