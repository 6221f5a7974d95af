"""DESIGN section 1 on a real log: decided again from the log alone, all comes out the same, after kill -9s too.

The log is the one that the demo's runs left; a fault planted in it, on any side, must be found.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import msgspec
import pytest

from connectors.simulator.records import SubmitRecord
from infra.embedded.kafka import EmbeddedKafka
from pipeline.events import topics
from pipeline.events.codec import AnyRecord
from pipeline.events.headers import Source, headers_of, read_headers
from pipeline.events.records import (
    ControlRecorded,
    IntentRecorded,
    MessageAccepted,
    MessageRouted,
    MessageStatusChanged,
    SubmitSucceeded,
    UsageRecorded,
)
from pipeline.kafka.ports import InputRecord
from pipeline.keys import KeyVault
from tests.e2e import live_laws
from tests.e2e.demo_run import DemoRun
from tests.e2e.live_differences import Difference, differences
from tests.e2e.live_log import CODEC, LiveLog, place_of, read_log

R = TypeVar("R", bound=AnyRecord)
pytestmark = pytest.mark.integration

KILLED = ("routing", "throttling", "connector", "validation")
"""Killed if this module runs alone and has to make its log first."""


@pytest.fixture(scope="module")
def log(home: Path) -> LiveLog:
    """All that the demo's runs wrote, in a home whose processes have ended."""
    if not (home / "kafka").exists():
        with DemoRun(home) as demo:
            demo.wait_for(" submitted ")
            for name in KILLED:
                demo.kill(name)
            for name in KILLED:
                demo.start_by_hand(name)
            demo.end()
    with EmbeddedKafka(home / "kafka") as kafka:
        return read_log(kafka.bootstrap)


@pytest.fixture(scope="module")
def keys(home: Path) -> KeyVault:
    return KeyVault(home / "keys")


@pytest.fixture(scope="module")
def submits(home: Path) -> list[SubmitRecord]:
    return live_laws.read_journal(home / "simulator" / "journal.jsonl")


def first_of(log: LiveLog, prefix: str, kind: type[R]) -> tuple[InputRecord, R]:
    return log.first_ones(prefix, kind)[0]


def named(found: list[Difference], source: Source | str, field: str) -> bool:
    """Whether a difference names this field of an output (or, given an input's place, of any of its outputs)."""
    where = source if isinstance(source, str) else source.encode().decode()
    return any(each.field == field and where in (each.source, each.source.rpartition("/")[0]) for each in found)


def source_of(record: InputRecord) -> Source:
    source, _ = read_headers(record.headers)
    assert source is not None
    return source


def as_a_new_one(record: InputRecord) -> InputRecord:
    """The same record, as if another input had led to it: no watermark drops it."""
    source = source_of(record)._replace(offset=source_of(record).offset + 1_000_000)
    return record._replace(headers=headers_of(source, "live"))


async def test_deciding_again_gives_every_output_and_every_state_to_the_octet(log: LiveLog, keys: KeyVault) -> None:
    assert [str(each) for each in await differences(log, keys)] == []


def test_every_message_has_one_chain_of_statuses(log: LiveLog) -> None:
    assert list(live_laws.broken_chains(log)) == []


def test_no_part_is_charged_twice(log: LiveLog) -> None:
    assert list(live_laws.overcharges(log)) == []


def test_no_part_was_sent_without_an_intent_before(log: LiveLog) -> None:
    assert list(live_laws.successes_without_intent(log)) == []


def test_what_a_phone_shows_twice_was_reported_as_unknown(
    log: LiveLog, submits: list[SubmitRecord], keys: KeyVault
) -> None:
    assert list(live_laws.hidden_duplicates(log, submits, keys)) == []


# --- planted faults: each of the above can fail ---------------------------------------------------------------


async def test_one_changed_price_in_the_rules_is_found(log: LiveLog, keys: KeyVault) -> None:
    _, routed = first_of(log, topics.routed(""), MessageRouted)
    controls = log.first_ones(topics.CONTROL, ControlRecorded)
    account = next(each for _, each in controls if (each.kind, each.id) == ("account", routed.account_id))
    tariff = json.loads(account.body)["tariff"]
    for record, control in controls:
        if (control.kind, control.id) == ("tariff", tariff):
            body = json.loads(control.body)
            for step in body["steps"]:
                step["micros"] = {name: micros + 1 for name, micros in step["micros"].items()}
            log = log.changed(record, CODEC.encode(msgspec.structs.replace(control, body=json.dumps(body))))
    found = await differences(log, keys)
    assert named(found, routed.caused_by, "price_micros")
    assert {each.field for each in found if each.source.startswith(topics.LIFECYCLE)} == {
        "price_micros",
        "charge_micros",
    }


@pytest.mark.parametrize(
    ("prefix", "kind"),
    [(topics.LIFECYCLE, MessageAccepted), (topics.LIFECYCLE, SubmitSucceeded), ("sms.routed.", MessageRouted)],
)
async def test_one_input_that_is_missing_is_found(
    log: LiveLog, keys: KeyVault, prefix: str, kind: type[AnyRecord]
) -> None:
    record, _ = first_of(log, prefix, kind)
    found = await differences(log.without(record), keys)
    assert named(found, place_of(record), "output")


@pytest.mark.parametrize(
    ("prefix", "kind"),
    [
        (topics.LIFECYCLE, MessageAccepted),
        ("sms.routed.", MessageRouted),
        ("sms.status.", MessageStatusChanged),
        (topics.USAGE, UsageRecorded),
    ],
)
async def test_one_flipped_octet_of_an_output_is_found(
    log: LiveLog, keys: KeyVault, prefix: str, kind: type[AnyRecord]
) -> None:
    record, decided = first_of(log, prefix, kind)
    value = bytearray(CODEC.encode(decided))
    at = value.index(b"/", 5)  # in `caused_by`, and still text
    value[at] ^= 1
    found = await differences(log.changed(record, bytes(value)), keys)
    assert named(found, source_of(record), "caused_by")


@pytest.mark.parametrize("prefix", ["sms.status.", topics.USAGE, "sms.dispatch.", topics.LIFECYCLE])
async def test_one_output_that_is_missing_is_found(log: LiveLog, keys: KeyVault, prefix: str) -> None:
    times = Counter(source for source, _ in _outputs(log, prefix))
    source, record = next((source, record) for source, record in _outputs(log, prefix) if times[source] == 1)
    assert named(await differences(log.without(record), keys), source, "output")


async def test_a_redo_that_says_something_else_is_found(log: LiveLog, keys: KeyVault) -> None:
    record, usage = first_of(log, topics.USAGE, UsageRecorded)
    other = msgspec.structs.replace(usage, charge_micros=usage.charge_micros + 1)
    found = await differences(log.with_last(record._replace(value=CODEC.encode(other))), keys)
    assert [(each.source, each.field) for each in found] == [(source_of(record).encode().decode(), "charge_micros")]


async def test_an_output_that_nothing_led_to_is_found(log: LiveLog, keys: KeyVault) -> None:
    record, _ = first_of(log, topics.USAGE, UsageRecorded)
    surplus = as_a_new_one(record)
    assert named(await differences(log.with_last(surplus), keys), source_of(surplus), "output")
    unsourced = record._replace(headers=headers_of(None, "live"))
    assert "source" in {each.field for each in await differences(log.with_last(unsourced), keys)}


async def test_an_output_out_of_order_is_found(log: LiveLog, keys: KeyVault) -> None:
    """A watermark would drop it for a repeat, and it would be lost."""
    outputs = list(_outputs(log, topics.USAGE))
    times = Counter(source for source, _ in outputs)
    newest = {(source.topic, source.partition): source for source, _ in sorted(outputs)}
    source, record = next(each for each in outputs if times[each[0]] == 1 and each[0] not in newest.values())
    assert named(await differences(log.without(record).with_last(record), keys), source, "order")


async def test_a_state_that_is_not_what_the_log_comes_to_is_found(log: LiveLog, keys: KeyVault) -> None:
    key = next(key for key in log.stored["routing", 0] if key.startswith("m/"))
    lacking = log
    for each in log.of(topics.state("routing")):
        if each.partition == 0 and each.key == key.encode():
            lacking = lacking.without(each)
    found = await differences(lacking, keys)
    assert ("sms.state.routing/0", key) in {(each.source, each.field) for each in found}


def test_a_status_that_is_missing_or_there_twice_is_found(log: LiveLog) -> None:
    record, status = next(
        each
        for each in log.first_ones("sms.status.", MessageStatusChanged)
        if each[1].status_seq == 2 and not each[1].is_final  # a last one leaves no gap behind
    )
    again = list(live_laws.broken_chains(log.with_last(as_a_new_one(record))))
    assert [status.message_id in each for each in again] == [True]
    repeats = [each for each in log.of(record.topic) if each.headers == record.headers]
    for each in repeats:
        log = log.without(each)
    assert status.message_id in next(live_laws.broken_chains(log))


def test_a_part_charged_again_is_found(log: LiveLog) -> None:
    record, usage = next(each for each in log.first_ones(topics.USAGE, UsageRecorded) if each[1].charge_micros)
    said = list(live_laws.overcharges(log.with_last(as_a_new_one(record))))
    assert any("charged again" in each and usage.message_id in each for each in said)
    dearer = msgspec.structs.replace(usage, charge_micros=usage.charge_micros + 1)
    assert any(
        each.startswith(f"{usage.message_id}: charged")
        for each in live_laws.overcharges(log.changed(record, CODEC.encode(dearer)))
    )


def test_a_success_without_its_intent_is_found(log: LiveLog) -> None:
    record, success = first_of(log, topics.LIFECYCLE, SubmitSucceeded)
    for intended, intent in log.first_ones("sms.intents.", IntentRecorded):
        if (intent.message_id, intent.part) == (success.message_id, success.part):
            log = log.without(intended)
    assert any(each.startswith(place_of(record)) for each in live_laws.successes_without_intent(log))


def test_a_second_showing_that_nobody_reported_is_found(
    log: LiveLog, submits: list[SubmitRecord], keys: KeyVault
) -> None:
    shown = next(each for each in submits if each.status == 0 and each.state == "DELIVRD")
    said = list(live_laws.hidden_duplicates(log, [*submits, *[shown] * 5], keys))
    assert len(said) == 1


def _outputs(log: LiveLog, prefix: str) -> Iterator[tuple[Source, InputRecord]]:
    for name in log.names(prefix):
        for record in log.of(name):
            source, _ = read_headers(record.headers)
            if source is not None:
                yield source, record
