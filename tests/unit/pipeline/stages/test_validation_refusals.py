"""Laws of refusing: each bad input under its own name, always one answer, nothing personal in the clear."""

import hashlib
import struct
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.domain.sealing import unseal
from pipeline.events import topics
from pipeline.events.records import MessageAccepted, MessageRejected, RecordQuarantined, SealedContent
from pipeline.stages.validation import Submission
from tests.builders import (
    CODEC,
    KEY_DAY,
    NOW,
    SECOND,
    US_NUMBER,
    FakeKeyRing,
    a_submission,
    a_submit_message,
    an_accepted,
)
from tests.unit.pipeline.stages.validation_bench import FRAME, SECRET, rejected, validate, with_fields

UNREADABLE = {
    "tombstone": (None, "not-avro"),
    "empty": (b"", "not-avro"),
    "json": (b'{"to": "%b", "text": "%b"}' % (US_NUMBER.encode(), SECRET.encode()), "not-avro"),
    "frame cut short": (FRAME[:3], "not-avro"),
    "another magic": (b"\x01" + FRAME[1:] + b"xyz", "not-avro"),
    "schema id never given out": (struct.pack(">bI", 0, 4_000_000) + SECRET.encode(), "unknown-schema"),
    "another topic's schema": (CODEC.encode(an_accepted(reference=SECRET)), "wrong-schema"),
    "plaintext of sealed content": (CODEC.encode(SealedContent(to=US_NUMBER, sender="", text=SECRET)), "wrong-schema"),
    "no body": (FRAME, "undecodable"),
    "body cut short": (CODEC.encode(a_submit_message(text=SECRET))[:-9], "undecodable"),
    "octets left over": (CODEC.encode(a_submit_message(text=SECRET)) + SECRET.encode(), "undecodable"),
    "not UTF-8": (CODEC.encode(a_submit_message(text=SECRET)).replace(b"Quokka", b"\xff" * 6), "undecodable"),
    "more than may be copied": (CODEC.encode(a_submit_message(text=SECRET * 20_000)), "value-too-large"),
    "a length beyond the end": (FRAME + b"\xfe\xff\xff\xff\x0f", "undecodable"),
    "a negative length": (FRAME + b"\x09" + SECRET.encode(), "undecodable"),
    "a union branch that is none": (FRAME + b"\x02+\x14", "undecodable"),
}  # fmt: skip


UNSOUND: dict[str, tuple[dict[str, Any], str]] = {
    "no recipient": ({"to": ""}, "missing-field"),
    "blank recipient": ({"to": "  "}, "missing-field"),
    "no class": ({"message_class": ""}, "missing-field"),
    "neither text nor template": ({"text": None}, "missing-field"),
    "empty text": ({"text": ""}, "missing-field"),
    "a class that is none": ({"message_class": "urgent"}, "invalid-field"),
    "the text where the class belongs": ({"message_class": SECRET}, "invalid-field"),
    "the number where the class belongs": ({"message_class": US_NUMBER}, "invalid-field"),
    "text and template": ({"template_id": "code"}, "invalid-field"),
    "params without template": ({"params": {"code": SECRET}}, "invalid-field"),
    "a sender that no handset shows": ({"sender": "A name far too long"}, "invalid-field"),
    "validity of nothing": ({"valid_for_s": 0}, "invalid-field"),
    "validity of a negative time": ({"valid_for_s": -5}, "invalid-field"),
    "validity beyond that of the class": ({"valid_for_s": 3601}, "invalid-field"),
    "a schedule after the end of validity": ({"not_before": NOW + 301 * SECOND}, "invalid-field"),
    "nanoseconds where microseconds belong": ({"created_at": NOW * 1000}, "invalid-field"),
    "a schedule in nanoseconds": ({"not_before": NOW * 1000}, "invalid-field"),
    "a reference without end": ({"reference": SECRET * 20}, "invalid-field"),
    "an idempotency key without end": ({"idempotency_key": SECRET * 20}, "invalid-field"),
    "a campaign without end": ({"campaign_id": SECRET * 20}, "invalid-field"),
    "a number that is too short": ({"to": "+1844604"}, "invalid-number"),
    "a number that nobody has": ({"to": "+15550000924"}, "invalid-number"),
    "the text where the number belongs": ({"to": SECRET}, "number-has-letters"),
    "a region that is none": ({"to": "8446040924", "default_region": "QQ"}, "invalid-region"),
    "a short code": ({"to": "12345"}, "short-code"),
    "a URI": ({"to": "tel:+18446040924"}, "number-is-uri"),
    "an extension": ({"to": "+18446040924 ext. 5"}, "number-has-extension"),
    "a national number of another region": ({"to": "8446040924", "default_region": "CN"}, "invalid-number"),
    "a premium number": ({"to": "8446040924", "default_region": "GB"}, "number-type-refused"),
    "a national number without region": ({"to": "8446040924"}, "region-needed"),
    "a template that is not there": ({"text": None, "template_id": "welcome"}, "unknown-template"),
    "the text where the template's name belongs": ({"text": None, "template_id": SECRET}, "unknown-template"),
    "a version that is not there": ({"text": None, "template_id": "code", "template_version": 9}, "unknown-template"),
    "a parameter missing": ({"text": None, "template_id": "code"}, "template-params"),
    "a parameter too many": (
        {"text": None, "template_id": "code", "params": {"code": "1", SECRET: SECRET}},
        "template-params",
    ),
    "a text of too many parts": ({"text": SECRET * 100}, "text-too-long"),
    "a raw escape": ({"text": SECRET + "\x1b["}, "unencodable-text"),
    "a country without a price": ({"to": "+4915112345678", "account": "teahouse"}, "country-not-served"),
    "a country without a route": ({"to": "+4915112345678"}, "country-not-served"),
    "a class that no carrier takes there": (
        {"to": "+85251234567", "message_class": "marketing", "lane": "bulk"},
        "country-not-served",
    ),
    "late": ({"created_at": NOW - 300 * SECOND}, "expired-on-arrival"),
    "seconds where microseconds belong": ({"created_at": NOW // SECOND}, "expired-on-arrival"),
    "before all time": ({"created_at": -(2**62)}, "expired-on-arrival"),
    "bulk on express": ({"message_class": "marketing"}, "class-not-of-lane"),
    "express on bulk": ({"lane": "bulk"}, "class-not-of-lane"),
    "an account that is none": ({"account": "stranger"}, "unknown-account"),
    "a gateway that does not say whose": ({"account": "gateway"}, "unknown-account"),
    "a gateway's word for nobody": ({"account": "gateway", "account_header": "../etc"}, "unknown-account"),
}


def raw(name: str) -> Submission:
    return with_fields(a_submission(), value=UNREADABLE[name][0])


def unsound(name: str) -> Submission:
    return a_submission(**({"text": SECRET} | UNSOUND[name][0]))


@pytest.mark.parametrize("name", UNREADABLE)
def test_an_unreadable_value_is_quarantined_once_and_rejected_once_under_its_name(name: str) -> None:
    quarantine, lifecycle = validate(raw(name)).events
    reason = UNREADABLE[name][1]
    assert isinstance(quarantine.record, RecordQuarantined)
    assert isinstance(lifecycle.record, MessageRejected)
    assert (quarantine.record.reason, lifecycle.record.reason) == (reason, reason)
    assert (quarantine.topic, lifecycle.topic) == (topics.QUARANTINE, topics.LIFECYCLE)
    assert quarantine.record.detail == lifecycle.record.detail != ""


@pytest.mark.parametrize("name", sorted(set(UNREADABLE) - {"more than may be copied"}))
def test_what_was_quarantined_can_be_opened_again_as_it_was(name: str) -> None:
    value = UNREADABLE[name][0] or b""
    quarantine, lifecycle = (emit.record for emit in validate(raw(name)).events)
    assert isinstance(quarantine, RecordQuarantined)
    assert isinstance(lifecycle, MessageRejected)
    key = FakeKeyRing().data_key("acme", KEY_DAY)
    assert unseal(key, quarantine.sealed_value, quarantine.caused_by.encode()) == value
    assert unseal(key, lifecycle.sealed_submission, lifecycle.message_id.encode()) == value
    assert (quarantine.value_size, quarantine.value_sha256) == (len(value), hashlib.sha256(value).hexdigest())
    assert quarantine.source_timestamp == NOW


def test_what_is_too_large_to_be_copied_stays_where_it_is_and_is_described() -> None:
    value = UNREADABLE["more than may be copied"][0] or b""
    quarantine, lifecycle = (emit.record for emit in validate(raw("more than may be copied")).events)
    assert isinstance(quarantine, RecordQuarantined)
    assert isinstance(lifecycle, MessageRejected)
    assert (quarantine.sealed_value, lifecycle.sealed_submission) == (b"", b"")
    assert (quarantine.value_size, quarantine.value_sha256) == (len(value), hashlib.sha256(value).hexdigest())


@pytest.mark.parametrize("size", [1_000, 100_000, 250_000, 262_000, 263_000, 900_000])
def test_what_is_written_always_fits_a_kafka_record(size: int) -> None:
    for filler in (
        {"metadata": {"a": "x" * size}},
        {"text": "x" * size},
        {"reference": "x" * size},
        {"to": "x" * size},
    ):
        for emit in validate(a_submission(**filler)).events:
            assert len(CODEC.encode(emit.record)) < 1_000_000  # librdkafka's message.max.bytes


@pytest.mark.parametrize("name", UNSOUND)
def test_an_unsound_submission_is_rejected_under_its_name(name: str) -> None:
    decision = validate(unsound(name))
    assert len(decision.events) == 1
    record = rejected(unsound(name))
    assert record.reason == UNSOUND[name][1], record.detail
    assert record.detail


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("a parameter missing", ": missing parameters: code"),
        ("a parameter too many", ": parameters without a place: ("),
    ],
)
def test_what_is_wrong_with_the_parameters_is_said_before_their_names(name: str, says: str) -> None:
    assert says in rejected(unsound(name)).detail


def test_every_reason_of_the_contract_has_a_case() -> None:
    reasons = {reason for _, reason in (*UNREADABLE.values(), *UNSOUND.values())}
    assert reasons == {
        *("not-avro", "unknown-schema", "wrong-schema", "undecodable", "missing-field", "invalid-field"),
        *("invalid-number", "number-type-refused", "region-needed", "unknown-account", "unknown-template"),
        *("invalid-region", "short-code", "number-is-uri", "number-has-extension", "number-has-letters"),
        *("template-params", "text-too-long", "unencodable-text", "country-not-served", "expired-on-arrival"),
        *("class-not-of-lane", "value-too-large"),
    }


@pytest.mark.parametrize("submission", [raw(name) for name in UNREADABLE] + [unsound(name) for name in UNSOUND])
def test_no_number_and_no_text_stands_in_the_clear_in_any_answer(submission: Submission) -> None:
    for emit in validate(submission).events:
        written = emit.key.encode() + CODEC.encode(emit.record)
        for personal in ("Quokka", "731904", "marmalade", "6040924", "51234567", "12345678"):
            assert personal.encode() not in written, emit.record


@pytest.mark.parametrize("submission", [raw(name) for name in UNREADABLE] + [unsound(name) for name in UNSOUND])
def test_deciding_twice_gives_the_same_bytes(submission: Submission) -> None:
    def bytes_of() -> list[tuple[str, str, bytes]]:
        return [(e.topic, e.key, CODEC.encode(e.record)) for e in validate(submission).events]

    assert bytes_of() == bytes_of()


@given(st.one_of(st.binary(max_size=60), st.binary(max_size=80).map(lambda tail: FRAME + tail)))
@settings(max_examples=400, deadline=None)
def test_any_octets_get_exactly_one_answer(value: bytes) -> None:
    records = [emit.record for emit in validate(with_fields(a_submission(), value=value)).events]
    kinds = [type(record) for record in records]
    assert kinds in ([MessageAccepted], [MessageRejected], [RecordQuarantined, MessageRejected])
    if kinds[-1] is MessageRejected:
        assert records[-1].reason in {reason for _, reason in (*UNREADABLE.values(), *UNSOUND.values())}


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_a_changed_octet_never_stops_validation(data: st.DataObject) -> None:
    value = bytearray(CODEC.encode(a_submit_message(text=SECRET, params={}, reference="r")))
    at = data.draw(st.integers(0, len(value) - 1))
    value[at] ^= data.draw(st.integers(1, 255))
    events = validate(with_fields(a_submission(), value=bytes(value))).events
    assert 1 <= len(events) <= 2


def test_what_has_no_number_has_a_recipient_of_its_own() -> None:
    ids = {rejected(raw(name)).recipient_id for name in UNREADABLE}
    assert len(ids) == 1  # the same coordinates in all of them
    assert rejected(with_fields(raw("empty"), offset=8)).recipient_id not in ids
