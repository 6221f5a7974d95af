"""The connector against a real Kafka and a real SMPP server: what reaches a handset, what is said of it, what never."""

import asyncio
import uuid
from collections import Counter
from pathlib import Path

import pytest

from infra.embedded.kafka import EmbeddedKafka
from pipeline.domain import sealing
from pipeline.domain.profiles import CarrierProfile
from pipeline.events import topics
from pipeline.events.records import (
    CarrierBindChanged,
    DispatchRefused,
    IntentRecorded,
    RecallRequested,
    ReceiptReceived,
    RecordQuarantined,
    ReplyReceived,
    SubmitFailed,
    SubmitOutcomeUnknown,
    SubmitSucceeded,
)
from pipeline.keys import PLATFORM
from tests.integration.connector_rig import Rig, a_process, a_simulator, now, parts_of, running

pytestmark = pytest.mark.integration


@pytest.fixture
def rig(kafka: EmbeddedKafka, tmp_path: Path) -> Rig:
    return Rig(kafka.bootstrap, f"c{uuid.uuid4().hex[:8]}", tmp_path)


def a_recall(message_id: str, reason: str) -> RecallRequested:
    return RecallRequested(message_id=message_id, occurred_at=now(), reason=reason)


async def test_a_dispatch_reaches_the_handset_and_is_answered_for(rig: Rig, tmp_path: Path) -> None:
    long_text = "Zażółć 【Acme】 " * 20
    with a_simulator(tmp_path) as simulator:
        rig.dispatch(rig.a_dispatch("Your code is 123456 @€"), rig.a_dispatch(long_text, lane="bulk"))
        async with running(rig.connector(simulator.smpp_port)):
            parts = 1 + rig.a_dispatch(long_text).segment_count
            succeeded = await rig.until_events(SubmitSucceeded, parts)
            receipts = await rig.until_events(ReceiptReceived, parts)
            await rig.until(lambda: (rig.committed("express"), rig.committed("bulk")) == (1, 1))
        assert sorted(simulator.texts()) == sorted(["Your code is 123456 @€", long_text])
    assert len({event.smsc_id for event in succeeded}) == parts
    assert {event.state for event in receipts} == {"delivered"}
    assert {event.recipient_id for event in receipts} == {rig.recipient()}
    intents = [
        *rig.read(topics.intents(rig.carrier, "express"), IntentRecorded),
        *rig.read(topics.intents(rig.carrier, "bulk"), IntentRecorded),
    ]
    assert sorted(parts_of(intents)) == sorted(parts_of(succeeded))
    facts = rig.read(topics.CARRIER_FACTS, CarrierBindChanged)
    assert facts[-1].detail == "stopped"
    assert any(fact.is_bound and fact.bind_count == 1 for fact in facts)


async def test_what_may_not_be_sent_is_refused_by_name_and_never_reaches_the_carrier(rig: Rig, tmp_path: Path) -> None:
    with a_simulator(tmp_path) as simulator:
        expired = rig.a_dispatch("expired", message_id="a" * 32, send_before=now() - 1)
        outlived = rig.a_dispatch("outlived", message_id="b" * 32, expires_at=now() - 1)
        recalled = rig.a_dispatch("recalled", message_id="c" * 32)
        elsewhere = rig.a_dispatch("elsewhere", message_id="d" * 32, carrier="other")
        altered = rig.a_dispatch("altered", message_id="e" * 32, sealed_content=b"\0" * 40)
        miscounted = rig.a_dispatch("miscounted", message_id="f" * 32, segment_count=2, parts=(1, 2))
        recall = a_recall("c" * 32, "cancelled")
        rig.write(topics.RECALL, rig.recipient(), recall)
        rig.dispatch(expired, outlived, recalled, altered, miscounted, rig.a_dispatch("sound"))
        rig.dispatch(elsewhere)
        async with running(rig.connector(simulator.smpp_port)):
            await rig.until_events(SubmitSucceeded, 1)
            await rig.until_events(DispatchRefused, 5)
            await rig.until(lambda: rig.committed() == 7)
        assert simulator.texts() == ["sound"]
    reasons = {event.message_id[0]: event.reason for event in rig.events(DispatchRefused)}
    assert reasons["a"] == reasons["b"] == "lease-expired"
    assert reasons["c"] == "recalled"
    assert reasons["e"] == "unsealable"
    assert reasons["f"] == "segments-differ"


async def test_a_recall_stops_what_waits_for_a_bind(rig: Rig, tmp_path: Path) -> None:
    with a_simulator(tmp_path) as simulator:
        port = simulator.smpp_port
        simulator.kill()
        async with running(rig.connector(port)):
            rig.dispatch(rig.a_dispatch("waits", message_id="1" * 32))
            rig.dispatch(rig.a_dispatch("short", send_before=now() + 1_000_000))
            await rig.until_events(DispatchRefused, 1)
            rig.write(topics.RECALL, rig.recipient(), a_recall("1" * 32, "drained"))
            await rig.until(lambda: rig.committed() == 2)
    assert [event.reason for event in rig.events(DispatchRefused)] == ["lease-expired", "recalled"]
    assert rig.read(topics.intents(rig.carrier, "express"), IntentRecorded) == []


async def test_repeats_foreign_epochs_and_poison_send_nothing_and_stop_nobody(rig: Rig, tmp_path: Path) -> None:
    topic = topics.dispatch(rig.carrier, "express")
    with a_simulator(tmp_path) as simulator:
        once = rig.a_dispatch("once")
        rig.dispatch(once, source=500)
        rig.dispatch(once, source=500)
        rig.dispatch(rig.a_dispatch("replayed"), epoch="replay-1")
        rig.write(topic, rig.recipient(), rig.a_dispatch("no source"))
        rig.write(topic, rig.recipient(), b"not avro", [("source", b"t/7/1/0"), ("epoch", b"live")])
        rig.write(topic, rig.recipient(), once, [("source", b"nonsense"), ("epoch", b"live")])
        rig.dispatch(rig.a_dispatch("after"), source=501)
        async with running(rig.connector(simulator.smpp_port)):
            await rig.until(lambda: rig.committed() == 7)
        rig.dispatch(once, source=500)  # a repeat that only the watermark in the commit can tell
        rig.dispatch(rig.a_dispatch("last"), source=502)
        async with running(rig.connector(simulator.smpp_port)):
            await rig.until(lambda: rig.committed() == 9)
        assert sorted(simulator.texts()) == ["after", "last", "once"]
    kept = [each for each in rig.read(topics.QUARANTINE, RecordQuarantined) if each.source_topic == topic]
    assert [each.reason for each in kept] == ["foreign-epoch", "no-source", "not-avro", "bad-headers"]
    key = rig.vault.data_key(PLATFORM, kept[2].key_day)
    assert sealing.unseal(key, kept[2].sealed_value, kept[2].caused_by.encode()) == b"not avro"
    assert rig.events(DispatchRefused) == []


async def test_throttled_parts_are_sent_again_and_errors_are_named(rig: Rig, tmp_path: Path) -> None:
    mood = {
        "errors": [{"status": "RTHROTTLED", "first": 2, "per": "message"}],
        "receipt": {"delay_ms": 10},
    }
    with a_simulator(tmp_path, mood) as simulator:
        async with running(rig.connector(simulator.smpp_port)):
            rig.dispatch(rig.a_dispatch("patience"))
            (succeeded,) = await rig.until_events(SubmitSucceeded, 1)
            simulator.set_mood({"errors": [{"status": "RINVDSTADR"}]})
            rig.dispatch(rig.a_dispatch("nobody"))
            (permanent,) = await rig.until_events(SubmitFailed, 1)
            simulator.set_mood({"errors": [{"status": "RSYSERR"}]})
            rig.dispatch(rig.a_dispatch("later"))
            temporary = (await rig.until_events(SubmitFailed, 2))[-1]
            await rig.until(lambda: rig.committed() == 3)
    intents = rig.read(topics.intents(rig.carrier, "express"), IntentRecorded)
    assert [each.wire_try for each in intents if each.message_id == succeeded.message_id] == [1, 2, 3]
    assert (permanent.failure_class, permanent.scope) == ("permanent", "destination")
    assert (permanent.status_name, permanent.command_status) == ("ESME_RINVDSTADR", 0x0B)
    assert (temporary.failure_class, temporary.status_name) == ("temporary", "ESME_RSYSERR")


async def test_a_submit_without_an_answer_is_unknown_and_never_sent_again(rig: Rig, tmp_path: Path) -> None:
    with a_simulator(tmp_path, {"silent": {"first": 1, "per": "mood"}}) as simulator:
        async with running(rig.connector(simulator.smpp_port, response_timeout_s=1)):
            rig.dispatch(rig.a_dispatch("silence"))
            (unknown,) = await rig.until_events(SubmitOutcomeUnknown, 1)
            rig.dispatch(rig.a_dispatch("heard"))
            await rig.until_events(SubmitSucceeded, 1)
            await rig.until(lambda: rig.committed() == 2)
        assert [each["text"] for each in simulator.submits()] == ["silence", "heard"]
    assert unknown.reason == "response-timeout"


async def test_a_carrier_that_comes_back_is_bound_again_and_lost_submits_are_unknown(rig: Rig, tmp_path: Path) -> None:
    with a_simulator(tmp_path, {"latency_ms": 3000}) as simulator:
        async with running(rig.connector(simulator.smpp_port)):
            rig.dispatch(rig.a_dispatch("in flight"))
            await rig.until(lambda: len(rig.read(topics.intents(rig.carrier, "express"), IntentRecorded)) == 1)
            await asyncio.sleep(0.3)
            simulator.kill()
            (unknown,) = await rig.until_events(SubmitOutcomeUnknown, 1)
            await rig.until(lambda: not rig.read(topics.CARRIER_FACTS, CarrierBindChanged)[-1].is_bound)
            simulator.start()
            simulator.set_mood({"latency_ms": 0})
            rig.dispatch(rig.a_dispatch("again there"))
            await rig.until_events(SubmitSucceeded, 1)
    assert unknown.reason == "connection-lost"


async def test_a_reply_is_answered_once_stored_with_only_its_keyword_in_the_clear(rig: Rig, tmp_path: Path) -> None:
    with a_simulator(tmp_path) as simulator:
        async with running(rig.connector(simulator.smpp_port)):
            await rig.until(lambda: bool(simulator.get("/binds")["binds"]))
            simulator.mo(PHONE := "+8613900139000", "10690001", " stop! ")
            await rig.until_events(ReplyReceived, 1)
            simulator.mo(PHONE, "10690001", "我想问一下 🙂 " * 20)
            replies = await rig.until_events(ReplyReceived, 2)
            await rig.until(lambda: simulator.get("/stats")["accounts"]["aurora"]["mo_confirmed"] >= 2)
    stop, question = replies
    assert (stop.action, stop.keyword, stop.country, stop.destination) == ("opt_out", "STOP", "CN", "10690001")
    assert (question.action, question.encoding) == ("", "ucs2")
    assert question.segment_count > 1
    assert stop.recipient_id == question.recipient_id == rig.recipient(PHONE)
    key = rig.vault.data_key(PLATFORM, question.key_day)
    text = sealing.unseal(key, question.sealed_text, question.recipient_id.encode()).decode()
    assert text.strip() == ("我想问一下 🙂 " * 20).strip()


async def test_receipts_name_the_part_even_after_a_restart(rig: Rig, tmp_path: Path) -> None:
    with a_simulator(tmp_path, {"receipt": {"delay_ms": 2500}}) as simulator:
        async with running(rig.connector(simulator.smpp_port)):
            rig.dispatch(rig.a_dispatch("slow receipt", attempt=3))
            (succeeded,) = await rig.until_events(SubmitSucceeded, 1)
            await rig.until(lambda: rig.committed() == 1)
        assert rig.events(ReceiptReceived) == []
        async with running(rig.connector(simulator.smpp_port)):
            (receipt,) = await rig.until_events(ReceiptReceived, 1)
    assert (receipt.message_id, receipt.attempt, receipt.part) == (succeeded.message_id, 3, 1)
    assert (receipt.smsc_id, receipt.stat, receipt.account_id) == (succeeded.smsc_id, "DELIVRD", "acme")


async def test_receipts_in_hex_name_the_part_whose_response_was_decimal_even_in_an_index_of_before_the_profile(
    rig: Rig, tmp_path: Path
) -> None:
    mood = {"receipt": {"delay_ms": 2500}}
    with a_simulator(tmp_path, mood, message_id={"response": "decimal-padded", "receipt": "hex-upper"}) as simulator:
        async with running(rig.connector(simulator.smpp_port)):
            rig.dispatch(rig.a_dispatch("slow receipt"))
            (succeeded,) = await rig.until_events(SubmitSucceeded, 1)
            await rig.until(lambda: rig.committed() == 1)
        assert rig.events(ReceiptReceived) == []
        async with running(rig.connector(simulator.smpp_port, profile=CarrierProfile(receipt_ids="2"))):
            simulator.set_mood({"receipt": {"delay_ms": 0}})
            rig.dispatch(rig.a_dispatch("quick receipt"))
            receipts = {each.message_id: each for each in await rig.until_events(ReceiptReceived, 2)}
            (quick,) = [each for each in rig.events(SubmitSucceeded) if each.message_id != succeeded.message_id]
    assert {name: each.smsc_id for name, each in receipts.items()} == {
        each.message_id: each.smsc_id for each in (succeeded, quick)
    }
    assert {each.state for each in receipts.values()} == {"delivered"}


async def test_a_standby_takes_over_when_the_active_one_leaves(rig: Rig, tmp_path: Path) -> None:
    with a_simulator(tmp_path) as simulator:
        first, second = rig.connector(simulator.smpp_port), rig.connector(simulator.smpp_port)
        async with running(first) as (task,):
            await rig.until(lambda: len(simulator.get("/binds")["binds"]) == 1)
            async with running(second):
                rig.dispatch(rig.a_dispatch("by the first"))
                await rig.until(lambda: rig.committed() == 1)
                assert len(simulator.get("/binds")["binds"]) == 1, "a standby does not bind"
                first.stop()
                await task
                rig.dispatch(rig.a_dispatch("by the second"))
                await rig.until(lambda: rig.committed() == 2)
        assert simulator.texts() == ["by the first", "by the second"]


async def test_a_kill_near_the_wire_is_never_hidden(rig: Rig, tmp_path: Path) -> None:
    count = 400
    with a_simulator(tmp_path, {"latency_ms": [50, 150], "receipt": {"delay_ms": 10}}) as simulator:
        rig.publish(rig.rules(simulator.smpp_port, window=20, binds=2, rate_per_s=150))
        rig.dispatch(*(rig.a_dispatch(f"message {n}", message_id=f"{n:032x}") for n in range(count)))
        for submits_before_the_kill in (40, 120):
            with a_process(rig, tmp_path / "log") as process:
                await rig.until(lambda least=submits_before_the_kill: len(simulator.submits()) >= least, 30)  # type: ignore[misc]
                process.kill()
                process.wait()
        with a_process(rig, tmp_path / "log"):
            await rig.until(lambda: rig.committed() == count, 60)
            on_the_wire = Counter(each["text"] for each in simulator.submits() if each["status"] in (0, "ESME_ROK"))
    unknown = set(parts_of(rig.events(SubmitOutcomeUnknown)))
    succeeded = set(parts_of(rig.events(SubmitSucceeded)))
    intents = set(parts_of(rig.read(topics.intents(rig.carrier, "express"), IntentRecorded)))
    assert unknown, "the kills were too late to show anything"
    for n in range(count):
        part, sent = (f"{n:032x}", 1), on_the_wire[f"message {n}"]
        assert sent <= 1, f"message {n} went out {sent} times"
        assert sent == 1 or part in unknown, f"message {n} was never sent and nobody said so"
        assert sent == 0 or part in intents, f"message {n} went out without an intent"
        assert part in succeeded or part in unknown, f"message {n} has no outcome"


async def test_a_standby_takes_over_from_a_killed_process(rig: Rig, tmp_path: Path) -> None:
    with a_simulator(tmp_path) as simulator:
        rig.publish(rig.rules(simulator.smpp_port))
        with a_process(rig, tmp_path / "log") as process:
            await rig.until(lambda: len(simulator.get("/binds")["binds"]) == 1)
            async with running(rig.connector(simulator.smpp_port)):
                process.kill()
                rig.dispatch(rig.a_dispatch("after the kill"))
                await rig.until_events(SubmitSucceeded, 1, 40)
        assert simulator.texts() == ["after the kill"]


async def test_a_carrier_whose_address_changes_is_bound_at_the_new_one(rig: Rig, tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    (tmp_path / "new").mkdir()
    with a_simulator(tmp_path / "old") as old, a_simulator(tmp_path / "new") as new:
        rig.publish(rig.rules(old.smpp_port))
        with a_process(rig, tmp_path / "log"):
            await rig.until(lambda: len(old.get("/binds")["binds"]) == 1)
            rig.publish(rig.rules(new.smpp_port))
            await rig.until(lambda: len(new.get("/binds")["binds"]) == 1)
            assert old.get("/binds")["binds"] == []
            rig.dispatch(rig.a_dispatch("to the new one"))
            await rig.until_events(SubmitSucceeded, 1)
        assert new.texts() == ["to the new one"]
