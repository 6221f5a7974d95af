"""One carrier's missing password, or a profile that this build cannot read, concerns that carrier alone."""

import asyncio
import random
from pathlib import Path
from typing import Any, cast

import msgspec
import pytest

from connectors import carrier as module
from connectors.carrier import CarrierConnector, require_known
from connectors.settings import ConnectorSettings
from pipeline.domain.profiles import BUILT_IN, CarrierProfile
from pipeline.domain.rules import Carrier

RULES = Carrier(id="north", tariff="north-usd", password_ref="file:secrets/north")


class Led(Exception):
    """It went on to lead."""


def a_connector(home: Path, profile: CarrierProfile = RULES.profile) -> CarrierConnector:
    settings = ConnectorSettings(bootstrap="127.0.0.1:1", home=home)
    nothing = cast(Any, None)
    rules = msgspec.structs.replace(RULES, profile=profile)
    return CarrierConnector(rules=rules, settings=settings, codec=nothing, keyring=nothing, rng=random.Random(1))


async def test_it_waits_for_its_password_and_then_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def lead(**_: Any) -> None:
        raise Led

    monkeypatch.setattr(module, "Leadership", lead)
    monkeypatch.setattr(module, "_PAUSE_S", 0.01)
    running = asyncio.create_task(a_connector(tmp_path).run())
    await asyncio.sleep(0.05)
    assert not running.done()

    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "north").write_text("pass")

    with pytest.raises(Led):
        await asyncio.wait_for(running, 5)


@pytest.mark.parametrize(
    "profile",
    [
        CarrierProfile(statuses={"0x0400": "of a later build"}),
        CarrierProfile(receipt_zone="Mars/Olympus"),
        CarrierProfile(receipt_zone="../etc"),
        CarrierProfile(receipt_ids="7"),
    ],
)
async def test_under_a_profile_of_a_later_build_it_waits_and_still_stops(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, profile: CarrierProfile
) -> None:
    monkeypatch.setattr(module, "_PAUSE_S", 0.01)
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "north").write_text("pass")
    connector = a_connector(tmp_path, profile)
    running = asyncio.create_task(connector.run())
    await asyncio.sleep(0.05)
    assert not running.done()

    connector.stop()

    await asyncio.wait_for(running, 5)


@pytest.mark.parametrize("name", BUILT_IN)
def test_every_built_in_profile_can_be_read(name: str) -> None:
    require_known(BUILT_IN[name])


async def test_without_a_password_it_still_stops(tmp_path: Path) -> None:
    connector = a_connector(tmp_path)
    running = asyncio.create_task(connector.run())
    await asyncio.sleep(0)
    connector.stop()

    await asyncio.wait_for(running, 5)
