"""One carrier's missing password concerns that carrier alone."""

import asyncio
import random
from pathlib import Path
from typing import Any, cast

import pytest

from connectors import carrier as module
from connectors.carrier import CarrierConnector
from connectors.settings import ConnectorSettings
from pipeline.domain.rules import Carrier

RULES = Carrier(id="north", tariff="north-usd", password_ref="file:secrets/north")


class Led(Exception):
    """It went on to lead."""


def a_connector(home: Path) -> CarrierConnector:
    settings = ConnectorSettings(bootstrap="127.0.0.1:1", home=home)
    nothing = cast(Any, None)
    return CarrierConnector(rules=RULES, settings=settings, codec=nothing, keyring=nothing, rng=random.Random(1))


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


async def test_without_a_password_it_still_stops(tmp_path: Path) -> None:
    connector = a_connector(tmp_path)
    running = asyncio.create_task(connector.run())
    await asyncio.sleep(0)
    connector.stop()

    await asyncio.wait_for(running, 5)
