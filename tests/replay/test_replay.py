"""Laws of replay: a recorded log comes to its golden ends, by whoever and whenever; a planted fault is found."""

import json
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from pipeline.domain.rules import Rules
from pipeline.events.codec import AnyRecord, Poison
from pipeline.events.records import MessageDeferred, MessageRouted
from tests.builders import with_prices
from tests.replay.log import CODEC, GOLDEN, STAGES, Log, RulesBook, differences, ends, read_log, read_rules, replay
from tests.replay.record import record

LIFECYCLE = "sms.lifecycle"
STRIDE = 3  # every third record, to stay within seconds
SAYS_NOTHING = {  # where nothing follows: a timer that lets a message be forgotten, a snapshot that is used by nobody
    *("TimerFired", "SnapshotAdopted"),
    "SubmitSucceeded",  # the one that the scenario repeats
}


@pytest.fixture(scope="module")
def log() -> Log:
    return read_log()


@pytest.fixture(scope="module")
def book() -> RulesBook:
    return read_rules()


@pytest.fixture(scope="module")
def expected() -> dict[str, Any]:
    ends_as_recorded: dict[str, Any] = json.loads((GOLDEN / "ends.json").read_text())
    return ends_as_recorded


def changed(book: RulesBook, offset: str, rules: Rules) -> RulesBook:
    return replace(book, rules={**book.rules, offset: rules})


def without(log: Log, topic: str, index: int) -> Log:
    records = log[topic]
    return {**log, topic: records[:index] + records[index + 1 :]}


def test_the_recorded_log_comes_to_its_golden_ends(log: Log, book: RulesBook, expected: dict[str, Any]) -> None:
    assert differences(ends(replay(log, book)), expected) == []


def test_replaying_twice_gives_the_same_bytes(log: Log, book: RulesBook) -> None:
    assert ends(replay(log, book)) == ends(replay(log, book))


def test_what_one_stage_wrote_is_what_the_next_one_read(log: Log, book: RulesBook) -> None:
    outputs = replay(log, book)
    for lane in ("express", "bulk"):
        topic = f"sms.routed.{lane}"
        written = [emit.record for _, emit in outputs[LIFECYCLE] if emit.topic == topic]
        read = [CODEC.decode(each.value) for each in log[topic]]
        assert [record for record in read if isinstance(record, MessageRouted)] == written
    deferred = [
        emit.record for topic in STAGES for _, emit in outputs[topic] if isinstance(emit.record, MessageDeferred)
    ]
    read = [CODEC.decode(each.value) for each in log[LIFECYCLE]]
    assert [record for record in read if isinstance(record, MessageDeferred)] == deferred != []


def test_every_kind_of_lifecycle_record_is_in_the_recording_but_a_refusal_by_throttling(log: Log) -> None:
    recorded = {CODEC.record_name(each.value) for each in log[LIFECYCLE]}
    assert {kind.__name__ for kind in STAGES[LIFECYCLE].reads} - recorded == {"MessageRefused"}


def test_every_message_of_the_recording_ended(expected: dict[str, Any]) -> None:
    final = ("delivered", "failed", "expired", "rejected")
    assert all(statuses[-1].startswith(final) for statuses in expected["statuses"].values())


def test_recording_anew_gives_the_same_inputs_but_for_the_versions_of_facts(log: Log) -> None:
    fresh = record().log()
    for topic in log:
        assert [_without_facts(each.value) for each in fresh[topic]] == [
            _without_facts(each.value) for each in log[topic]
        ], topic


def test_one_changed_price_is_found(log: Log, book: RulesBook, expected: dict[str, Any]) -> None:
    rules = book.rules["17"]
    prices = {**rules.tariffs["retail-usd"].steps[0].micros, "US": 10_001}
    found = ends(replay(log, changed(book, "17", with_prices(rules, "retail-usd", prices))))
    said = differences(found, expected)
    assert any(line.startswith("money of charged to acme") for line in said)


def test_one_changed_cost_is_found_though_the_same_carrier_is_chosen(
    log: Log, book: RulesBook, expected: dict[str, Any]
) -> None:
    rules = book.rules["17"]
    found = ends(replay(log, changed(book, "17", with_prices(rules, "north", {"US": 3_001, "CN": 9_000}))))
    assert differences(found, expected)


@pytest.mark.parametrize("topic", STAGES)
def test_a_record_dropped_anywhere_is_found(topic: str, log: Log, book: RulesBook, expected: dict[str, Any]) -> None:
    unseen = []
    for index in range(0, len(log[topic]), STRIDE):
        found = ends(replay({topic: without(log, topic, index)[topic]}, book))
        if not differences(found, _only(topic, expected)):
            unseen.append(CODEC.record_name(log[topic][index].value))
    assert set(unseen) <= SAYS_NOTHING, unseen


def test_one_repeated_record_of_a_submission_is_not_seen_in_the_ends(log: Log, book: RulesBook) -> None:
    records = log[LIFECYCLE]
    again = {LIFECYCLE: (*records[:2], records[1], *records[2:])}
    assert ends(replay(again, book))["statuses"] == ends(replay({LIFECYCLE: records}, book))["statuses"]


def test_a_flipped_octet_is_found(log: Log, book: RulesBook, expected: dict[str, Any]) -> None:
    records = list(log[LIFECYCLE])
    value = bytearray(records[1].value)
    value[60] ^= 1
    records[1] = replace(records[1], value=bytes(value))
    try:
        found = ends(replay({**log, LIFECYCLE: tuple(records)}, book))
    except Poison:
        return
    assert differences(found, expected)


def test_two_records_in_another_order_are_found(log: Log, book: RulesBook, expected: dict[str, Any]) -> None:
    records = list(log["sms.routed.express"])
    records[1], records[2] = records[2], records[1]
    assert differences(ends(replay({**log, "sms.routed.express": tuple(records)}, book)), expected)


def _only(topic: str, expected: dict[str, Any]) -> dict[str, Any]:
    """The ends as far as one input topic leads to them."""
    lines = [line for line in expected["outputs"] if line.startswith(f"{topic}/")]
    is_lifecycle = topic == LIFECYCLE
    empty: dict[str, Any] = {}
    return {
        "outputs": lines,
        "statuses": expected["statuses"] if is_lifecycle else empty,
        "money": expected["money"] if is_lifecycle else empty,
    }


def _without_facts(value: bytes) -> AnyRecord:
    found = CODEC.decode(value)
    return msgspec.structs.replace(found, facts_version="") if hasattr(found, "facts_version") else found
