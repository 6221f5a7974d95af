"""Laws of a life: it begins with its submission, is in log order, and its head says what its records say."""

import itertools
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from infra.reading.life import SUBMITTED, Life, Step, joins, life_of
from infra.reading.question import Question, QuestionInvalid
from infra.reading.shown import lines_of, object_of
from pipeline.events.records import (
    Event,
    MessageAccepted,
    MessageRouted,
    MessageStatusChanged,
    ReceiptReceived,
    RouteCandidate,
    UsageRecorded,
)
from tests.builders import NOW, PHONE

MESSAGE = "ab" * 16


def a_step(record: Event, ms: int, offset: int) -> Step:
    named = msgspec.structs.replace(record, message_id=MESSAGE, account_id="acme", recipient_id=PHONE)
    event = type(record).__name__
    return Step(at=NOW + ms * 1000, event=event, topic="sms.lifecycle", partition=1, offset=offset, record=named)


def a_usage(part: int, **changes: Any) -> UsageRecorded:
    billed = {"charge_micros": 7_000, "currency": "USD", "cost_micros": 3_000, "cost_currency": "EUR"}
    return UsageRecorded(carrier="north", smsc_id=f"7{part + 6}", part=part, **billed | changes)


def steps() -> list[Step]:
    submitted: dict[str, Any] = {"submitted_topic": "sms.submitted.acme.express", "submitted_offset": 41}
    candidates = (
        RouteCandidate(carrier="north", is_eligible=True, score=900, reason="chosen"),
        RouteCandidate(carrier="south", is_eligible=False, score=-1, reason="not-bound"),
    )
    price: dict[str, Any] = {"price_micros": 7_000, "currency": "USD"}
    records: Sequence[Event] = (
        MessageAccepted(**submitted, occurred_at=NOW, reference="r-1", country="US", segment_count=2),
        MessageRouted(attempt=1, release=1, carrier="north", candidates=candidates, **price),
        MessageStatusChanged(status="submitted", status_seq=1),
        a_usage(1, tariff="us-2026"),
        a_usage(2),
        MessageStatusChanged(status="delivered", status_seq=2, is_final=True),
    )
    return [a_step(record, 10 * at + 10, at) for at, record in enumerate(records)]


def test_a_life_is_the_same_in_whatever_order_its_records_were_found() -> None:
    lives = {life_of(MESSAGE, order) for order in itertools.islice(itertools.permutations(steps()), 0, 720, 7)}
    assert len(lives) == 1


def test_a_life_begins_with_its_submission_at_its_own_coordinates_and_time() -> None:
    first = life_of(MESSAGE, steps()).steps[0]
    assert (first.event, first.coordinates, first.at) == (SUBMITTED, "sms.submitted.acme.express/0/41", NOW)


def test_the_head_takes_the_newest_status_by_sequence_and_adds_up_money_by_currency() -> None:
    head = life_of(MESSAGE, steps()).head
    wanted = {
        "status": "delivered", "is_final": True, "account_id": "acme", "reference": "r-1", "carrier": "north",
        "price": "0.007 USD", "charge": "0.014 USD", "cost": "0.006 EUR", "tariff": "us-2026",
    }  # fmt: skip
    assert {name: head.get(name) for name in wanted} == wanted


def test_a_life_that_only_its_answer_is_kept_of_still_has_a_head() -> None:
    assert life_of(MESSAGE, steps()[:1]).head["status"] == "accepted"
    assert life_of(MESSAGE, []).head == {"message_id": MESSAGE}


def test_a_person_sees_every_record_every_candidate_with_its_reason_and_the_delays() -> None:
    life = life_of(MESSAGE, steps())
    text = "\n".join(lines_of(life))
    for step in life.steps:
        assert step.coordinates in text
    assert "north: chosen, score 900" in text
    assert "south: not-bound" in text
    assert [each["ms"] for each in object_of(life)["steps"]] == [0, 10, 20, 30, 40, 50, 60]


def test_a_receipt_without_a_name_joins_by_recipient_carrier_and_smsc_id_all_three() -> None:
    life: Life = life_of(MESSAGE, steps())
    assert joins(ReceiptReceived(recipient_id=PHONE, carrier="north", smsc_id="78"), life)
    assert not joins(ReceiptReceived(recipient_id=PHONE, carrier="north", smsc_id="79"), life)
    assert not joins(ReceiptReceived(recipient_id=PHONE, carrier="south", smsc_id="78"), life)
    assert not joins(ReceiptReceived(recipient_id="1.00", carrier="north", smsc_id="78"), life)


@pytest.mark.parametrize(
    "wrong", [{}, {"message_id": "x"}, {"message_id": MESSAGE.upper()}, {"message_id": MESSAGE, "reference": "r"}]
)
def test_a_question_names_messages_in_exactly_one_way(wrong: dict[str, str]) -> None:
    with pytest.raises(QuestionInvalid, match="--reference"):
        Question(**wrong)  # type: ignore[arg-type]


def test_an_empty_reference_fits_no_message() -> None:
    assert not Question(message_id=MESSAGE).fits("cd" * 16, "", PHONE)
    assert not Question(reference="r-1").fits(MESSAGE, "", PHONE)
    assert Question(reference="r-1").fits(MESSAGE, "r-1", PHONE)
