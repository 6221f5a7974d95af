"""Laws of validation: always one answer, each bad input under its own name, nothing personal in the clear."""

import hashlib
import io
import struct
from typing import Any

import fastavro
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.domain.facts import FACTS_VERSION
from pipeline.domain.ids import message_id, recipient_id
from pipeline.domain.rules import Rules
from pipeline.domain.sealing import unseal
from pipeline.events import topics
from pipeline.events.records import MessageAccepted, MessageRejected, RecordQuarantined, SealedContent, SubmitMessage
from pipeline.events.schema_store import default_store
from pipeline.stages.decision import Decision
from pipeline.stages.validation import Submission, decide
from tests.builders import (
    CLUSTER,
    CN_NUMBER,
    CODEC,
    HOUR,
    KEY_DAY,
    NOW,
    SECOND,
    US_NUMBER,
    FakeKeyRing,
    a_rules,
    a_submission,
    a_submit_message,
    an_accepted,
)

SECRET = "Quokka 731904 marmalade"
SUBMIT_ID = default_store().newest("SubmitMessage").id
FRAME = struct.pack(">bI", 0, SUBMIT_ID)


def validate(submission: Submission, rules: Rules | None = None) -> Decision:
    return decide(submission, now=NOW, rules=rules or a_rules(), keys=FakeKeyRing(), cluster_id=CLUSTER, codec=CODEC)


def accepted(submission: Submission, rules: Rules | None = None) -> MessageAccepted:
    (emit,) = validate(submission, rules).events
    assert isinstance(emit.record, MessageAccepted), emit.record
    return emit.record


def rejected(submission: Submission, rules: Rules | None = None) -> MessageRejected:
    emit = validate(submission, rules).events[-1]
    assert isinstance(emit.record, MessageRejected), emit.record
    return emit.record


def content_of(record: MessageAccepted, owner: str = "acme") -> SealedContent:
    key = FakeKeyRing().data_key(owner, record.key_day)
    return CODEC.decode(unseal(key, record.sealed_content, record.message_id.encode()), SealedContent)


def body(fields: dict[str, Any], schema: Any = None) -> bytes:
    buffer = io.BytesIO()
    fastavro.schemaless_writer(
        buffer, fastavro.parse_schema(schema or default_store().newest("SubmitMessage").json), fields
    )
    return FRAME + buffer.getvalue()


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
    "the text where the number belongs": ({"to": SECRET}, "invalid-number"),
    "a region that is none": ({"to": "8446040924", "default_region": "QQ"}, "invalid-number"),
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


def with_fields(submission: Submission, **changes: Any) -> Submission:
    """A submission with fields replaced."""
    fields = {name: getattr(submission, name) for name in Submission.__slots__}
    return Submission(**(fields | changes))


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


def test_every_reason_of_the_contract_has_a_case() -> None:
    reasons = {reason for _, reason in (*UNREADABLE.values(), *UNSOUND.values())}
    assert reasons == {
        *("not-avro", "unknown-schema", "wrong-schema", "undecodable", "missing-field", "invalid-field"),
        *("invalid-number", "number-type-refused", "region-needed", "unknown-account", "unknown-template"),
        *("template-params", "text-too-long", "unencodable-text", "country-not-served", "expired-on-arrival"),
        *("class-not-of-lane", "value-too-large"),
    }


@pytest.mark.parametrize("submission", [raw(name) for name in UNREADABLE] + [unsound(name) for name in UNSOUND])
def test_no_number_and_no_text_stands_in_the_clear_in_any_answer(submission: Submission) -> None:
    for emit in validate(submission).events:
        written = emit.key.encode() + CODEC.encode(emit.record)
        for personal in ("Quokka", "731904", "marmalade", "6040924", "51234567", "12345678"):
            assert personal.encode() not in written, emit.record


def test_nothing_personal_stands_in_the_clear_when_accepted_either() -> None:
    full = a_submission(text=SECRET, metadata={"note": SECRET}, params={}, consent_ref=SECRET)
    for emit in validate(full).events:
        written = emit.key.encode() + CODEC.encode(emit.record)
        assert not any(word in written for word in (b"Quokka", b"731904", b"6040924"))


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


def test_an_accepted_message_says_what_it_rests_on_and_where_it_came_from() -> None:
    submission = a_submission(offset=12, reference="order-9", campaign_id="spring", idempotency_key="k")
    (emit,) = validate(submission).events
    record = emit.record
    assert isinstance(record, MessageAccepted)
    assert record.message_id == message_id(CLUSTER, submission.topic, 0, 12)
    assert record.caused_by == "sms.submitted.acme.express/0/12"
    assert (record.submitted_topic, record.submitted_partition, record.submitted_offset) == (submission.topic, 0, 12)
    assert (record.control_offset, record.facts_version, record.occurred_at) == (17, FACTS_VERSION, NOW)
    assert (record.reference, record.campaign_id, record.idempotency_key) == ("order-9", "spring", "k")
    assert (emit.topic, emit.key) == (topics.LIFECYCLE, record.recipient_id)


def test_a_recipient_is_known_by_a_keyed_hash_however_the_number_was_written() -> None:
    generation, key = FakeKeyRing().recipient_key()
    expected = recipient_id(key, generation, US_NUMBER)
    for written in (US_NUMBER, "+1 (844) 604-0924", "＋１８４４６０４０９２４"):
        assert accepted(a_submission(to=written)).recipient_id == expected
    assert accepted(a_submission(to="844-604-0924", default_region="US")).recipient_id == expected
    assert rejected(a_submission(text="x" * 5000)).recipient_id == expected


def test_what_has_no_number_has_a_recipient_of_its_own() -> None:
    ids = {rejected(raw(name)).recipient_id for name in UNREADABLE}
    assert len(ids) == 1  # the same coordinates in all of them
    assert rejected(with_fields(raw("empty"), offset=8)).recipient_id not in ids


def test_sealed_content_opens_to_what_goes_to_the_phone() -> None:
    record = accepted(a_submission(to="+1 844 604 0924", text="Grüße €", sender="+18005550199"))
    assert content_of(record) == SealedContent(to=US_NUMBER, sender="18005550199", text="Grüße €")


def test_the_whole_submission_is_kept_sealed_and_validates_again_to_the_same() -> None:
    submission = a_submission(metadata={"basket": "7"}, consent_ref="c")
    record = accepted(submission)
    key = FakeKeyRing().data_key("acme", KEY_DAY)
    value = unseal(key, record.sealed_submission, record.message_id.encode())
    assert value == submission.value
    assert accepted(with_fields(submission, value=value)) == record


def test_the_key_is_that_of_the_account_and_the_utc_day_of_the_log() -> None:
    keys = FakeKeyRing()
    late = with_fields(a_submission(), timestamp_us=NOW + 14 * HOUR)
    decide(late, now=NOW, rules=a_rules(), keys=keys, cluster_id=CLUSTER, codec=CODEC)
    assert set(keys.asked) == {("acme", "2026-01-06")}


def test_what_belongs_to_no_account_is_sealed_for_the_platform() -> None:
    keys = FakeKeyRing()
    stranger = a_submission(account="gateway", account_header="../etc")
    decide(stranger, now=NOW, rules=a_rules(), keys=keys, cluster_id=CLUSTER, codec=CODEC)
    assert {owner for owner, _ in keys.asked} == {"platform"}


def test_the_gateways_header_says_whose_it_is() -> None:
    record = accepted(a_submission(account="gateway", account_header="corner-shop"))
    assert record.account_id == "corner-shop"
    assert content_of(record, "corner-shop").to == US_NUMBER


def test_elsewhere_the_topic_says_whose_it_is_whatever_a_header_claims() -> None:
    assert accepted(a_submission(account_header="corner-shop")).account_id == "acme"


def test_the_sender_is_the_accounts_where_none_is_given() -> None:
    assert accepted(a_submission()).sender == "ACME"
    assert accepted(a_submission(account="gateway", account_header="corner-shop")).sender == ""


def test_a_template_is_rendered_in_its_newest_or_named_version() -> None:
    newest = accepted(a_submission(text=None, template_id="code", params={"code": "5246"}, to=CN_NUMBER))
    assert (newest.template_id, newest.template_version) == ("code", 2)
    assert content_of(newest).text == "【蓝鲸科技】您的验证码是5246，5分钟内有效。"
    first = accepted(a_submission(text=None, template_id="code", template_version=1, params={"code": "{x}"}))
    assert (content_of(first).text, first.template_version) == ("Code {x}", 1)


def test_a_template_of_another_account_is_unknown() -> None:
    theirs = a_submission(account="teahouse", to=CN_NUMBER, text=None, template_id="code", params={"code": "1"})
    assert rejected(theirs).reason == "unknown-template"


@pytest.mark.parametrize(
    "text",
    [
        "【蓝鲸科技】您的登录验证码是159104，有效期为5分钟，请立即验证。",
        "【Qomolo】277425短信登录验证码,5分钟内有效,请勿泄露。",
        "【青橙租车】验证码5246,感谢您询价,如非本人操作请忽略。",
        "【智慧云村】您的验证码是 422325。如非本人操作,请忽略本短信。",
    ],
)
def test_a_chinese_code_is_one_part_of_ucs2_and_unchanged(text: str) -> None:
    record = accepted(a_submission(to=CN_NUMBER, text=text))
    assert (record.encoding, record.segment_count, record.country) == ("ucs2", 1, "CN")
    assert content_of(record).text == text


@pytest.mark.parametrize(("length", "parts"), [(70, 1), (71, 2), (134, 2), (135, 3)])
def test_china_takes_plain_letters_as_ucs2_too(length: int, parts: int) -> None:
    record = accepted(a_submission(to=CN_NUMBER, text="a" * length))
    assert (record.encoding, record.segment_count) == ("ucs2", parts)


@pytest.mark.parametrize(
    ("text", "parts"),
    [("€" * 80, 1), ("€" * 80 + "a", 2), ("a" * 160, 1), ("a" * 161, 2), ("a" * 152 + "€" + "b" * 152, 3)],
)
def test_a_long_text_with_euro_signs_counts_two_septets_each(text: str, parts: int) -> None:
    record = accepted(a_submission(text=text))
    assert (record.encoding, record.segment_count) == ("gsm7", parts)


def test_one_emoji_moves_the_whole_text_to_ucs2() -> None:
    record = accepted(a_submission(text="a" * 100 + "😀"))
    assert (record.encoding, record.segment_count) == ("ucs2", 2)


@pytest.mark.parametrize(
    ("changes", "expires_at"),
    [
        ({}, NOW + 300 * SECOND),
        ({"valid_for_s": 60}, NOW + 60 * SECOND),
        ({"created_at": NOW - 100 * SECOND}, NOW + 200 * SECOND),
        ({"created_at": NOW - 59 * SECOND, "valid_for_s": 60}, NOW + SECOND),
        ({"message_class": "service"}, NOW + 6 * HOUR),
        ({"message_class": "service", "valid_for_s": 72 * 3600}, NOW + 72 * HOUR),
    ],
)
def test_validity_counts_from_when_the_producer_made_it(changes: dict[str, Any], expires_at: int) -> None:
    assert accepted(a_submission(**changes)).expires_at == expires_at


def test_a_producers_clock_that_runs_ahead_does_not_lengthen_validity() -> None:
    assert accepted(a_submission(created_at=NOW + 2 * HOUR)).expires_at == NOW + 300 * SECOND


def test_a_schedule_in_the_past_is_no_schedule() -> None:
    assert accepted(a_submission(not_before=-5)).not_before == 0


def test_the_payload_hash_is_of_all_that_was_submitted_but_the_time_and_the_key() -> None:
    def hash_of(**changes: Any) -> str:
        fields = {"text": "hello", "message_class": "service"} | changes
        return accepted(a_submission(**fields)).payload_hash

    same = hash_of()
    assert hash_of(created_at=NOW - 5) == hash_of(idempotency_key="k") == same
    others = [
        {"text": "hallo"},
        {"reference": "r"},
        {"valid_for_s": 9},
        {"metadata": {"a": "b"}},
        {"sender": "OTHER"},
        {"campaign_id": "c"},
        {"consent_ref": "c"},
        {"message_class": "otp"},
        {"to": "+1 844 604 0924"},
    ]
    assert len({same, *(hash_of(**other) for other in others)}) == len(others) + 1


def test_the_order_of_a_map_makes_no_other_payload() -> None:
    one = a_submission(metadata={"a": "1", "b": "2"})
    two = a_submission(metadata={"b": "2", "a": "1"})
    assert accepted(one).payload_hash == accepted(two).payload_hash


def test_a_standard_writer_that_leaves_out_what_is_absent_is_read_like_ours() -> None:
    fields = {"to": US_NUMBER, "text": "Your code is 159104", "message_class": "otp"}
    assert with_fields(a_submission(), value=body(fields)) == a_submission()


def test_the_class_decides_the_lane_for_every_class() -> None:
    for name in ("otp", "transactional", "service", "conversational"):
        assert accepted(a_submission(message_class=name)).lane == "express"
    assert accepted(a_submission(message_class="marketing", lane="bulk")).lane == "bulk"


def test_every_field_of_a_submission_is_part_of_the_hash_or_named_as_not() -> None:
    not_hashed = {"created_at", "idempotency_key"}
    assert set(SubmitMessage.__struct_fields__) - not_hashed == {
        *("to", "default_region", "sender", "text", "template_id", "template_version", "params", "message_class"),
        *("reference", "campaign_id", "not_before", "valid_for_s", "consent_ref", "metadata"),
    }
