"""Laws of the keeper: keys of today and of the next days for everybody, before anybody asks; nothing twice."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from structlog.testing import capture_logs

from infra.keeper import Keeper, KeeperSettings, wanted_keys
from pipeline.domain.rules import Account, Rules
from pipeline.keys import KekUnavailable, KeyVault
from pipeline.keys.destruction import destroy
from pipeline.keys.inventory import inventory
from pipeline.keys.tombstone import Tombstone
from pipeline.metrics import KEYS_MADE, Metrics

EVE = datetime(2026, 12, 31, 23, 59, tzinfo=UTC)


def rules(*accounts: str, revision: int = 1) -> Rules:
    return Rules(
        control_offset=revision,
        accounts={name: Account(id=name, tariff="retail") for name in accounts},
    )


class Clock:
    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


def keeper(vault: KeyVault, clock: Clock, *, keep_days: int = 0, metrics: Metrics | None = None) -> Keeper:
    return Keeper(vault, clock, KeeperSettings(client={}, days_ahead=2, keep_days=keep_days), metrics)


def days_of(vault: KeyVault, owner: str) -> list[str]:
    return [each.day for each in inventory(vault) if each.owner == owner]


def test_wanted_are_today_and_the_days_ahead_of_every_account_and_the_platform_todays_first() -> None:
    assert wanted_keys(["b", "a"], EVE, 1) == [
        ("platform", "2026-12-31"),
        ("a", "2026-12-31"),
        ("b", "2026-12-31"),
        ("platform", "2027-01-01"),
        ("a", "2027-01-01"),
        ("b", "2027-01-01"),
    ]
    assert wanted_keys([], EVE, 0) == [("platform", "2026-12-31")]


def test_it_makes_what_is_missing_once_and_the_next_day_when_that_comes(tmp_path: Path) -> None:
    vault, clock = KeyVault(tmp_path), Clock(EVE)
    kept = keeper(vault, clock)
    assert len(kept.turn(rules("acme"))) == 6
    assert days_of(vault, "acme") == ["2026-12-31", "2027-01-01", "2027-01-02"]
    assert KeyVault(tmp_path, may_create=False).recipient_key()[0] == 1
    assert kept.turn(rules("acme")) == []
    clock.now += timedelta(minutes=1)
    assert kept.turn(rules("acme")) == [("platform", "2027-01-03"), ("acme", "2027-01-03")]


def test_a_new_account_gets_its_keys_with_the_revision_that_brings_it(tmp_path: Path) -> None:
    kept = keeper(KeyVault(tmp_path), Clock(EVE))
    kept.turn(rules("acme"))
    made = kept.turn(rules("acme", "shop", revision=2))
    assert {owner for owner, _ in made} == {"shop"}


def test_a_second_keeper_and_a_worker_that_was_faster_lose_no_key(tmp_path: Path) -> None:
    worker = KeyVault(tmp_path)
    key = worker.data_key("acme", "2026-12-31")
    assert ("acme", "2026-12-31") not in keeper(KeyVault(tmp_path), Clock(EVE)).turn(rules("acme"))
    assert keeper(KeyVault(tmp_path), Clock(EVE)).turn(rules("acme")) == []
    assert KeyVault(tmp_path).data_key("acme", "2026-12-31") == key


def test_a_destroyed_key_is_left_alone(tmp_path: Path) -> None:
    vault = KeyVault(tmp_path)
    vault.data_key("acme", "2027-01-01")
    destroy(vault, "acme", "2027-01-01", Tombstone(at="", by="", reason=""))
    assert ("acme", "2027-01-01") not in keeper(KeyVault(tmp_path), Clock(EVE)).turn(rules("acme"))


def test_after_a_kms_that_did_not_answer_it_makes_the_rest(tmp_path: Path) -> None:
    class Faltering(KeyVault):
        is_down = True

        def data_key(self, owner: str, day: str) -> bytes:
            if self.is_down and owner == "acme":
                raise KekUnavailable("no answer")
            return super().data_key(owner, day)

    vault, metrics = Faltering(tmp_path), Metrics()
    kept = keeper(vault, Clock(EVE), metrics=metrics)
    with pytest.raises(KekUnavailable):
        kept.turn(rules("acme"))
    vault.is_down = False
    assert len(kept.turn(rules("acme"))) == 5  # the platform's key of today was made before
    assert metrics.value(KEYS_MADE) == 6


def test_keys_older_than_they_are_to_be_kept_are_told_once_a_day_and_never_destroyed(tmp_path: Path) -> None:
    vault, clock = KeyVault(tmp_path), Clock(EVE)
    for day in (date(2026, 12, 1), date(2026, 12, 20), date(2026, 12, 21)):
        vault.data_key("acme", day.isoformat())
    kept = keeper(vault, clock, keep_days=10)
    with capture_logs() as logs:
        kept.turn(rules("acme"))
        kept.turn(msgspec.structs.replace(rules("acme"), control_offset=7))
    told = [line for line in logs if line["event"] == "keys.overdue"]
    assert [(line["keys"], line["owners"], line["oldest"]) for line in told] == [(2, ["acme"], "2026-12-01")]
    assert len(days_of(vault, "acme")) == 6
    with capture_logs() as logs:
        clock.now += timedelta(days=1)
        kept.turn(rules("acme"))
    assert next(line["keys"] for line in logs if line["event"] == "keys.overdue") == 3
