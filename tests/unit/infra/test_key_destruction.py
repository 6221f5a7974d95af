"""Laws of what may be destroyed: nothing that a message may need, and by force nothing that validation needs."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from infra.key_destruction import NEEDED, TooYoung, chosen, require_old_enough
from pipeline.keys import KeyVault
from pipeline.keys.destruction import destroy
from pipeline.keys.inventory import inventory
from pipeline.keys.tombstone import Tombstone
from pipeline.keys.vault import REMEMBERED

TODAY = date(2026, 1, 20)


def test_a_key_is_needed_for_its_day_the_longest_validity_and_the_late_receipts() -> None:
    assert timedelta(days=1 + 3 + 3) == NEEDED
    require_old_enough(date(2026, 1, 14), TODAY, is_forced=False)  # the 13th ended 6 days ago
    with pytest.raises(TooYoung, match="--before 2026-01-15, expected at most 2026-01-14"):
        require_old_enough(date(2026, 1, 15), TODAY, is_forced=False)


def test_force_spares_the_days_whose_submissions_may_be_unread() -> None:
    """Validation would stop at the first of them, for every account."""
    require_old_enough(date(2026, 1, 18), TODAY, is_forced=True)
    with pytest.raises(TooYoung, match="may still hold messages"):
        require_old_enough(date(2026, 1, 19), TODAY, is_forced=True)


def test_running_processes_remember_no_key_much_longer_than_it_is_needed() -> None:
    assert NEEDED + timedelta(days=1) >= REMEMBERED


def test_chosen_are_the_living_keys_of_the_owner_before_the_day(tmp_path: Path) -> None:
    vault = KeyVault(tmp_path)
    for owner in ("acme", "acme-two"):
        for day in range(1, 6):
            vault.data_key(owner, f"2026-01-{day:02}")
    vault.recipient_key()
    destroy(vault, "acme", "2026-01-02", Tombstone(at="", by="", reason=""))
    names = [each.name for each in chosen(inventory(vault), "acme", date(2026, 1, 4))]
    assert names == ["data/acme/2026-01-01", "data/acme/2026-01-03"]
    assert chosen(inventory(vault), "", date(2026, 1, 4)) == []
