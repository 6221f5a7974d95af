"""Laws of accepting: what goes to the phone, under which key, for how long, and what the answer rests on."""

import io
from typing import Any

import fastavro
import pytest

from pipeline.domain.facts import FACTS_VERSION
from pipeline.domain.ids import message_id, recipient_id
from pipeline.domain.sealing import unseal
from pipeline.domain.senders import parse_sender
from pipeline.events import topics
from pipeline.events.records import MessageAccepted, SealedContent, SubmitMessage
from pipeline.events.schema_store import default_store
from pipeline.stages.validation import decide
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
)
from tests.unit.pipeline.stages.validation_bench import (
    FRAME,
    SECRET,
    accepted,
    content_of,
    rejected,
    validate,
    with_fields,
)


def body(fields: dict[str, Any], schema: Any = None) -> bytes:
    buffer = io.BytesIO()
    fastavro.schemaless_writer(
        buffer, fastavro.parse_schema(schema or default_store().newest("SubmitMessage").json), fields
    )
    return FRAME + buffer.getvalue()


def test_nothing_personal_stands_in_the_clear_when_accepted_either() -> None:
    full = a_submission(text=SECRET, metadata={"note": SECRET}, params={}, consent_ref=SECRET)
    for emit in validate(full).events:
        written = emit.key.encode() + CODEC.encode(emit.record)
        assert not any(word in written for word in (b"Quokka", b"731904", b"6040924"))


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


def test_sealed_content_opens_to_what_goes_to_the_phone() -> None:
    record = accepted(a_submission(to="+1 844 604 0924", text="Grüße €", sender="+18005550199"))
    assert content_of(record) == SealedContent(to=US_NUMBER, sender="18005550199", text="Grüße €")


@pytest.mark.parametrize(
    ("sender", "sealed", "clear"),
    [
        ("+1234567", "+1234567", "1234567"),
        ("+10690001234", "+10690001234", "10690001234"),
        ("10690001234", "10690001234", "10690001234"),
        ("+18005550199", "18005550199", "18005550199"),
        ("+ACME", "+ACME", "+ACME"),
    ],
)
def test_the_connector_reads_a_sender_as_validation_did_and_routing_sees_the_address(
    sender: str, sealed: str, clear: str
) -> None:
    record = accepted(a_submission(sender=sender))
    assert (content_of(record).sender, record.sender) == (sealed, clear)
    assert parse_sender(content_of(record).sender) == parse_sender(sender)


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
