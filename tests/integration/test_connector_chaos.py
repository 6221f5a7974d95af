"""The connector under the worst: its broker killed in mid-flow, its process frozen while another takes over."""

import asyncio
import signal
import uuid
from collections import Counter
from pathlib import Path

import pytest
from confluent_kafka import Producer

from connectors import facts
from infra.embedded.kafka import EmbeddedKafka
from infra.ports import free_port
from pipeline.events import topics
from pipeline.events.codec import Codec
from pipeline.events.headers import headers_of
from pipeline.events.records import IntentRecorded, SubmitOutcomeUnknown, SubmitSucceeded
from tests.integration.connector_rig import Rig, Simulator, a_process, a_simulator, now, parts_of, read_all

pytestmark = pytest.mark.integration

COUNT = 250
MOOD = {"latency_ms": [50, 150], "receipt": {"delay_ms": 10}}


def a_flow(rig: Rig, simulator: Simulator) -> None:
    rig.publish(rig.rules(simulator.smpp_port, window=20, binds=2, rate_per_s=150))
    rig.dispatch(*(rig.a_dispatch(f"message {n}", message_id=f"{n:032x}") for n in range(COUNT)))


def assert_nothing_is_hidden(rig: Rig, simulator: Simulator) -> None:
    """Each message went out once, or not at all; with an intent; and its outcome is known or said to be unknown."""
    wire = Counter(each["text"] for each in simulator.submits() if each["status"] in (0, "ESME_ROK"))
    unknown = set(parts_of(rig.events(SubmitOutcomeUnknown)))
    succeeded = set(parts_of(rig.events(SubmitSucceeded)))
    intents = set(parts_of(rig.read(topics.intents(rig.carrier, "express"), IntentRecorded)))
    for n in range(COUNT):
        part, sent = (f"{n:032x}", 1), wire[f"message {n}"]
        assert sent <= 1, f"message {n} went out {sent} times"
        assert sent == 1 or part in unknown, f"message {n} was never sent and nobody said so"
        assert sent == 0 or part in intents, f"message {n} went out without an intent"
        assert part in succeeded or part in unknown, f"message {n} has no outcome"


async def test_a_broker_killed_in_mid_flow_loses_and_doubles_nothing(tmp_path: Path) -> None:
    node = EmbeddedKafka(tmp_path / "kafka", port=free_port())
    node.start()
    try:
        rig = Rig(node.bootstrap, f"c{uuid.uuid4().hex[:8]}", tmp_path)
        with a_simulator(tmp_path, MOOD) as simulator:
            a_flow(rig, simulator)
            with a_process(rig, tmp_path / "log") as process:
                await rig.until(lambda: len(simulator.submits()) >= 60, 30)
                node.kill()
                await asyncio.sleep(1)
                node.start()
                await rig.until(lambda: rig.committed() == COUNT, 90)
                assert process.poll() is None
            assert_nothing_is_hidden(rig, simulator)
    finally:
        node.stop()


async def test_a_frozen_process_that_wakes_after_its_successor_began_sends_nothing_more(
    kafka: EmbeddedKafka, tmp_path: Path
) -> None:
    rig = Rig(kafka.bootstrap, f"c{uuid.uuid4().hex[:8]}", tmp_path)
    with a_simulator(tmp_path, MOOD) as simulator:
        a_flow(rig, simulator)
        with a_process(rig, tmp_path / "first") as first:
            await rig.until(lambda: len(simulator.submits()) >= 60, 30)
            first.send_signal(signal.SIGSTOP)
            try:
                with a_process(rig, tmp_path / "second"):
                    await rig.until(lambda: len(simulator.submits()) >= 120, 40)
                    first.send_signal(signal.SIGCONT)
                    await rig.until(lambda: rig.committed() == COUNT, 60)
            finally:
                first.send_signal(signal.SIGCONT)
        assert_nothing_is_hidden(rig, simulator)
        assert rig.events(SubmitOutcomeUnknown), "the freeze came too late to show anything"


async def test_an_intent_that_a_broker_rolled_back_after_acknowledging_it_still_counts(
    kafka: EmbeddedKafka, tmp_path: Path
) -> None:
    rig = Rig(kafka.bootstrap, f"c{uuid.uuid4().hex[:8]}", tmp_path)
    with a_simulator(tmp_path) as simulator:
        rig.publish(rig.rules(simulator.smpp_port))
        doubtful = rig.a_dispatch("in doubt", message_id="9" * 32)
        rig.dispatch(doubtful, rig.a_dispatch("after"))
        place = next(each for each in read_all(rig.bootstrap, topics.dispatch(rig.carrier, "express")))
        intent = facts.intent(doubtful, 1, offset=place.offset(), wire_try=1, caused_by="", now=now())
        transaction_id = f"connector-{rig.carrier}-express-{place.partition()}"
        producer = Producer({"bootstrap.servers": rig.bootstrap, "transactional.id": transaction_id})
        producer.init_transactions(30)
        producer.begin_transaction()
        producer.produce(
            topics.intents(rig.carrier, "express"),
            Codec().encode(intent),
            partition=place.partition(),
            headers=headers_of(None, "live"),
        )
        producer.flush(30)
        producer.abort_transaction(30)
        with a_process(rig, tmp_path / "log"):
            await rig.until(lambda: rig.committed() == 2, 40)
        assert simulator.texts() == ["after"]
    assert [(each.message_id, each.reason) for each in rig.events(SubmitOutcomeUnknown)] == [
        ("9" * 32, "process-ended")
    ]
