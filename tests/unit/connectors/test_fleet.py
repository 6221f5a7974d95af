"""Laws of following the rules: what can go on as it is bound does, and nobody else is touched."""

import asyncio
from pathlib import Path
from typing import Any

import msgspec
import pytest

from connectors.app import _Fleet
from connectors.settings import ConnectorSettings
from pipeline.domain.profiles import CarrierProfile
from pipeline.domain.rules import Carrier, Policy, Rules
from pipeline.events.codec import Codec
from pipeline.telemetry import Telemetry


class FakeConnector:
    """Runs until it is stopped; remembers what it was told."""

    def __init__(self, *, rules: Carrier, policy: Policy, **_: Any) -> None:
        self.rules, self.policy = rules, policy
        self.followed: list[Carrier] = []
        self._stopping = asyncio.Event()

    @property
    def is_stopping(self) -> bool:
        return self._stopping.is_set()

    def follow(self, rules: Carrier, policy: Policy) -> None:
        self.rules, self.policy = rules, policy
        self.followed.append(rules)

    def stop(self) -> None:
        self._stopping.set()

    async def run(self) -> None:
        await self._stopping.wait()


class Fleet(_Fleet):
    """A fleet whose connectors can be looked at."""

    def connector(self, name: str) -> FakeConnector:
        found = self._running[name][0]
        assert isinstance(found, FakeConnector)
        return found

    def names(self) -> set[str]:
        return set(self._running)


def a_carrier(name: str, **changes: Any) -> Carrier:
    return Carrier(**({"id": name, "tariff": name, "address": "127.0.0.1:2775"} | changes))


def rules(*carriers: Carrier) -> Rules:
    return Rules(carriers={each.id: each for each in carriers})


@pytest.fixture
def fleet(tmp_path: Path) -> Fleet:
    settings = ConnectorSettings(bootstrap="nowhere:9092", home=tmp_path)
    return Fleet(settings, Codec(), None, Telemetry(), FakeConnector)  # type: ignore[arg-type]


async def test_a_new_carrier_leaves_the_others_as_they_are(fleet: Fleet) -> None:
    fleet.follow(rules(a_carrier("north")))
    before = fleet.connector("north")
    fleet.follow(rules(a_carrier("north"), a_carrier("south")))
    assert fleet.names() == {"north", "south"}
    assert fleet.connector("north") is before
    assert (before.followed, before.is_stopping) == ([], False)
    await fleet.stop()


@pytest.mark.parametrize(
    "changes", [{"tariff": "t"}, {"rate_per_s": 7}, {"default_sender": "1"}, {"classes": ("otp",)}, {"max_parts": 2}]
)
async def test_what_no_bind_depends_on_is_taken_up_in_place(fleet: Fleet, changes: dict[str, Any]) -> None:
    fleet.follow(rules(a_carrier("north")))
    before = fleet.connector("north")
    fleet.follow(rules(a_carrier("north", **changes)))
    assert (before.followed, before.is_stopping) == ([a_carrier("north", **changes)], False)
    fleet.follow(rules(a_carrier("north", **changes)))
    assert len(before.followed) == 1, "told once"
    await fleet.stop()


@pytest.mark.parametrize(
    "changes",
    [
        {"address": "127.0.0.1:1"},
        {"window": 2},
        {"binds": 2},
        {"password_ref": "x"},
        {"system_id": "other"},
        {"profile": CarrierProfile(concat="sar")},
    ],
)
async def test_what_a_bind_depends_on_makes_a_new_one_once_the_old_has_stopped(
    fleet: Fleet, changes: dict[str, Any]
) -> None:
    wanted = rules(a_carrier("north", **changes), a_carrier("south"))
    fleet.follow(rules(a_carrier("north"), a_carrier("south")))
    before, other = fleet.connector("north"), fleet.connector("south")
    fleet.follow(wanted)
    assert (before.is_stopping, before.followed, other.is_stopping) == (True, [], False)
    await asyncio.sleep(0.01)
    await fleet.check()
    fleet.follow(wanted)
    assert fleet.connector("north") is not before
    assert fleet.connector("south") is other
    await fleet.stop()


async def test_another_policy_is_taken_up_by_all_in_place(fleet: Fleet) -> None:
    fleet.follow(rules(a_carrier("north"), a_carrier("south")))
    before = fleet.connector("north")
    after = msgspec.structs.replace(rules(a_carrier("north"), a_carrier("south")), policy=Policy(max_parts=3))
    fleet.follow(after)
    assert [fleet.connector(name).policy.max_parts for name in ("north", "south")] == [3, 3]
    assert fleet.connector("north") is before
    await fleet.stop()


async def test_a_removed_carrier_is_stopped_and_forgotten(fleet: Fleet) -> None:
    fleet.follow(rules(a_carrier("north"), a_carrier("south")))
    fleet.follow(rules(a_carrier("south")))
    await asyncio.sleep(0.01)
    await fleet.check()
    assert fleet.names() == {"south"}
    await fleet.stop()
