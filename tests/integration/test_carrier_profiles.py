"""Carriers of several profiles behind one running simulator: every phone shows the text, however the SMSC wants it."""

import asyncio
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from infra.embedded.kafka import EmbeddedKafka
from pipeline.domain.abilities import abilities_of
from pipeline.domain.profiles import CarrierProfile
from pipeline.domain.text.segments import segment
from pipeline.events.records import ReceiptReceived, SubmitSucceeded
from tests.integration.connector_rig import PASSWORD, Rig, running
from tests.integration.simulated_carrier import SimulatorProcess

pytestmark = pytest.mark.integration

LATIN1_TEXT = "Café @ 10 £: " * 15
CARRIERS: dict[str, tuple[CarrierProfile, dict[str, Any], str]] = {
    "latin": (CarrierProfile(default_charset="latin1"), {"dc0_charset": "latin1"}, LATIN1_TEXT),
    "wide": (CarrierProfile(concat="udh16"), {}, "x" * 305),
    "tlv": (CarrierProfile(concat="sar"), {}, "Your code is 123456 {€} " * 10),
    "packed": (CarrierProfile(is_packed=True), {"dc0_packed": True}, "@1234567 " * 30),
    "turkish": (CarrierProfile(national=("TR",)), {}, "ş ğ ı İ €: Şifreniz 123456. " * 8),
    "coded": (CarrierProfile(ucs2_data_coding=0x18), {"ucs2_data_coding": 0x18}, "【晨星】验证码5246 " * 9),
}
"""By system_id: the profile, what the simulator does there, a text of several parts that would show a wrong setting."""


def a_phone(number: int) -> str:
    return f"+90532000{number:04d}"


@pytest.fixture
def simulator(tmp_path: Path) -> Iterator[SimulatorProcess]:
    accounts = [{"system_id": name, "password": PASSWORD, **behind} for name, (_, behind, _) in CARRIERS.items()]
    process = SimulatorProcess(tmp_path, accounts=accounts)
    yield process
    process.kill()


async def test_every_phone_shows_the_text_and_every_part_is_answered_for(
    kafka: EmbeddedKafka, tmp_path: Path, simulator: SimulatorProcess
) -> None:
    rigs = {name: Rig(kafka.bootstrap, f"{name}{uuid.uuid4().hex[:8]}", tmp_path) for name in CARRIERS}
    counts: dict[str, int] = {}
    connectors = []
    for number, (name, (profile, _, text)) in enumerate(CARRIERS.items()):
        able = abilities_of([profile])
        cut = segment(text, concat=able.concat, national=able.national)
        counts[name] = cut.count
        promised = {
            "encoding": cut.encoding.value,
            "segment_count": cut.count,
            "parts": tuple(range(1, cut.count + 1)),
        }
        rig = rigs[name]
        rig.dispatch(rig.a_dispatch(text, phone=a_phone(number), message_id=f"{number:032x}", **promised))
        connectors.append(rig.connector(simulator.smpp_port, system_id=name, profile=profile))
    async with running(*connectors):
        for name, rig in rigs.items():
            await rig.until_events(ReceiptReceived, counts[name])
    for number, (name, (_, _, text)) in enumerate(CARRIERS.items()):
        (message,) = (await asyncio.to_thread(simulator.get, f"/handsets/{a_phone(number)}"))["messages"]
        assert (message["text"], message["faults"]) == (text, []), name
        assert (message["parts"], message["complete"]) == (counts[name], True)
        assert counts[name] > 1
        assert {event.part for event in rigs[name].events(SubmitSucceeded)} == set(range(1, counts[name] + 1))
