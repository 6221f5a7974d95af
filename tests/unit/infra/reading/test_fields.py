"""Laws of what may be seen: no text, no whole number, nothing that was sealed, in any way of showing a record."""

import json
from typing import Any

import pytest

from infra.reading import tailing
from infra.reading.fields import fields_of, time_fields
from infra.reading.tailing import expected_of
from infra.reading.words import words_of
from infra.times import iso_us
from infra.topic_log import Logged
from pipeline.events.codec import AnyRecord, Poison
from pipeline.events.records import MessageAccepted, SubmitMessage
from tests.builders import NOW
from tests.examples import example, names

SECRET = "118833"
NUMBER = "+16465550123"
SUBMITTED = SubmitMessage(
    to=NUMBER, text=f"Your code is {SECRET}", message_class="otp", params={"code": SECRET}, metadata={"phone": NUMBER}
)


def a_logged(record: AnyRecord | Poison | None, topic: str = "sms.lifecycle", **changes: Any) -> Logged:
    facts: dict[str, Any] = {
        "topic": topic, "partition": 0, "offset": 7, "timestamp_ms": NOW // 1000, "key": b"a key", "value": b"octets",
        "headers": (), "record": record,
    }  # fmt: skip
    return Logged(**facts | changes)


def shown(logged: Logged) -> str:
    return tailing.line_of(logged) + json.dumps(tailing.object_of(logged))


def test_a_submission_shows_neither_number_nor_text_nor_parameters_nor_what_the_producer_put_beside_it() -> None:
    topic = "sms.submitted.acme.express"
    headers = (("trace", NUMBER.encode()),)
    said = shown(a_logged(SUBMITTED, topic, key=NUMBER.encode(), headers=headers))
    assert SECRET not in said
    assert NUMBER[1:] not in said
    assert "+1646555****" in said
    assert "<key of 12 octets>" in said


@pytest.mark.parametrize("name", names())
def test_every_record_can_be_shown_and_none_shows_sealed_octets(name: str) -> None:
    record = example(name)
    fields = fields_of(record)
    assert list(fields) == list(record.__struct_fields__)
    assert not any(isinstance(value, bytes) for value in fields.values())
    for value in (getattr(record, field) for field in record.__struct_fields__):
        if isinstance(value, bytes) and value:
            assert f"<sealed {len(value)} octets>" in fields.values()
            assert value.hex() not in words_of(record)
    if name != "SealedContent":
        json.dumps(tailing.object_of(a_logged(record)))


def test_times_are_words_and_absent_ones_are_empty() -> None:
    fields = fields_of(MessageAccepted(occurred_at=NOW, segment_count=1))
    assert (fields["occurred_at"], fields["not_before"], fields["segment_count"]) == (
        "2026-01-05T10:00:00.000000Z", "", 1,
    )  # fmt: skip
    assert iso_us(NOW + 7) == "2026-01-05T10:00:00.000007Z"
    assert "created_at" in time_fields("SubmitMessage"), "a union with null is a time too"


def test_poison_is_shown_with_its_reason_and_a_tombstone_as_what_it_is() -> None:
    assert "POISON not-avro: no frame" in shown(a_logged(Poison("not-avro", "no frame")))
    assert '"is_tombstone": true' in shown(a_logged(None, value=None))


def test_state_is_not_avro_and_not_called_poison() -> None:
    said = shown(a_logged(Poison("not-avro", "state begins with 0x7b"), "sms.state.routing"))
    assert "POISON" not in said
    assert "state of 6 octets" in said


def test_what_may_stand_in_a_topic_follows_from_the_catalogue() -> None:
    assert expected_of("sms.submitted.acme.express") == (SubmitMessage,)
    assert expected_of("invoices") == ()
