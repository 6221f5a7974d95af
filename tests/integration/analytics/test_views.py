"""The stable views on the embedded engine: what they say of a message, whatever the order of its events."""

import random
from decimal import Decimal
from typing import Any

import pytest

from analytics.gate import SchemaMismatch, check_gate
from analytics.migrator import Migration, MigrationRefused, load_migrations, migrate
from analytics.sink.records import Partition
from analytics.sink.resume import resume_holdings
from pipeline.events.codec import AnyRecord
from pipeline.events.records import (
    AuditRecorded,
    DispatchMessage,
    MessageAccepted,
    MessageRejected,
    MessageRouted,
    MessageStatusChanged,
    ReceiptReceived,
    ReplyForwarded,
    ReplyReceived,
    SubmitFailed,
    SubmitOutcomeUnknown,
    SubmitSucceeded,
    SuppressionRecorded,
    UsageRecorded,
)
from tests.integration.analytics.engine_rig import TABLES, Journal

pytestmark = pytest.mark.integration

T0 = 1_767_607_200_000_000  # 2026-01-05 10:00:00 UTC
MS = 1_000
MESSAGE = {"message_id": "m1", "account_id": "acme", "recipient_id": "1.ab"}


def a_life() -> list[tuple[str, AnyRecord]]:
    """A message of two parts that is delivered: topic and record of each event, in order."""
    carried = {**MESSAGE, "attempt": 1, "carrier": "north"}
    money = {"charge_micros": 40_000, "currency": "USD", "cost_micros": 9_000, "cost_currency": "EUR"}
    parts = (1, 2)

    def status(seq: int, name: str, at: int, *, final: bool = False) -> tuple[str, AnyRecord]:
        record = MessageStatusChanged(
            **MESSAGE, status=name, status_seq=seq, is_final=final, occurred_at=at, reference="order-7"
        )
        return "sms.status.acme", record

    return [
        ("sms.lifecycle", MessageAccepted(**MESSAGE, occurred_at=T0, message_class="otp", lane="express", country="CN",
                                          encoding="ucs2", segment_count=2, expires_at=T0 + 300_000_000)),
        status(1, "accepted", T0),
        ("sms.routed.express", MessageRouted(**MESSAGE, attempt=1, release=1, carrier="north", price_micros=40_000,
                                             currency="USD", country="CN", parts=parts)),
        ("sms.dispatch.north.express", DispatchMessage(**carried, release=1, parts=parts, country="CN")),
        *(("sms.lifecycle", SubmitSucceeded(**carried, release=1, part=part, smsc_id=f"s{part}", sent_at=T0 + 100 * MS,
                                            occurred_at=T0 + 130 * MS)) for part in parts),
        status(2, "submitted", T0 + 130 * MS),
        *(("sms.usage", UsageRecorded(**carried, release=1, part=part, event="submit", country="CN", **money))
          for part in parts),
        *(("sms.lifecycle", ReceiptReceived(**carried, part=part, state="delivered", stat="DELIVRD",
                                            occurred_at=T0 + part * 1000 * MS)) for part in parts),
        status(3, "delivered", T0 + 2000 * MS, final=True),
    ]  # fmt: skip


MESSAGE_COLUMNS = (
    "message_id, account_id, reference, message_class, country, encoding, segment_count, carrier, carriers, attempts, "
    "status, is_final, parts_submitted, parts_delivered, submit_ms, delivery_ms, total_ms, price, charge, currency, "
    "cost, cost_currency"
)


def test_a_message_is_one_row_whatever_the_order_of_its_events(journal: Journal) -> None:
    expected = [
        ("m1", "acme", "order-7", "otp", "CN", "ucs2", 2, "north", ["north"], 1, "delivered", True, 2, 2, 100, 1900,
         2000, Decimal("0.04"), Decimal("0.08"), "USD", Decimal("0.018"), "EUR")
    ]  # fmt: skip
    for seed in range(4):
        life = a_life()
        random.Random(seed).shuffle(life)
        journal.clear()
        for topic, record in life:
            journal.put(topic, [record])
        assert journal.rows(f"SELECT {MESSAGE_COLUMNS} FROM sluice.messages WHERE message_id = 'm1'") == expected


def test_a_rejected_message_says_why(journal: Journal) -> None:
    journal.put("sms.lifecycle", [MessageRejected(**MESSAGE, reason="invalid-number", occurred_at=T0)])
    row = journal.rows("SELECT status, is_final, reason, charge, submitted_at FROM sluice.messages")
    assert row == [("rejected", True, "invalid-number", Decimal(0), None)]


def test_the_timeline_has_every_event_once_with_its_coordinates(journal: Journal) -> None:
    for topic, record in a_life():
        journal.put(topic, [record])
    rows = journal.rows("SELECT event, topic, partition, offset FROM sluice.timeline WHERE message_id = 'm1'")
    assert len(rows) == len(a_life()) == len(set(rows))
    assert ("ReceiptReceived", "sms.lifecycle", 0, 4) in rows


def test_usage_is_decimal_in_units_of_its_currency(journal: Journal) -> None:
    for topic, record in a_life():
        journal.put(topic, [record])
    rows = journal.rows("SELECT sum(charge), any(currency), sum(cost), any(cost_currency) FROM sluice.usage")
    assert rows == [(Decimal("0.08"), "USD", Decimal("0.018"), "EUR")]


def test_usage_names_the_tariffs(journal: Journal) -> None:
    journal.put("sms.usage", [UsageRecorded(message_id="m1", tariff="acme-2026", cost_tariff="north-2026")])
    assert journal.rows("SELECT tariff, cost_tariff FROM sluice.usage") == [("acme-2026", "north-2026")]


def test_replies_for_a_person_to_read_are_listed_with_whom_they_went_to(journal: Journal) -> None:
    replies = [
        ReplyReceived(recipient_id="1.ab", action="opt_out", keyword="STOP", occurred_at=T0),
        ReplyReceived(recipient_id="1.cd", needs_review=True, country="US", occurred_at=T0),
        ReplyReceived(recipient_id="1.ef", needs_review=True, occurred_at=T0),
    ]
    journal.put("sms.lifecycle", replies)
    forwarded = ReplyForwarded(message_id="m1", account_id="acme", recipient_id="1.cd", caused_by="sms.lifecycle/0/1")
    journal.put("sms.status.acme", [forwarded])
    rows = journal.rows(
        "SELECT recipient_id, country, account_id, message_id, offset FROM sluice.replies "
        "WHERE needs_review ORDER BY offset"
    )
    assert rows == [("1.cd", "US", "acme", "m1", 1), ("1.ef", "", "", "", 2)]
    assert journal.rows("SELECT action, keyword FROM sluice.replies WHERE NOT needs_review") == [("opt_out", "STOP")]


def test_a_suppression_is_current_until_it_is_lifted(journal: Journal) -> None:
    def change(phone: str, second: int, *, is_suppressed: bool = True, **more: Any) -> SuppressionRecorded:
        return SuppressionRecorded(
            recipient_id=phone, is_suppressed=is_suppressed, occurred_at=T0 + second * 1_000_000,
            **{"account_id": "acme", "sender": "*", "reason": "manual", "origin": "command", **more},
        )  # fmt: skip

    changes = [
        change("1.lifted", 0),
        change("1.lifted", 1, is_suppressed=False),
        change("1.again", 0),
        change("1.again", 1, is_suppressed=False),
        change("1.again", 2, reason="opt-out", origin="reply", detail="STOP"),
        change("1.again", 3, reason="legal", author="mia", includes_otp=True),
        change("1.again", 4, account_id="other", is_suppressed=False),
        change("1.again", 5, sender="35560"),
    ]
    journal.put("sms.suppressions", changes)
    rows = journal.rows(
        "SELECT recipient_id, account_id, sender, toString(since), reason, origin, author, detail, includes_otp, "
        "offset FROM sluice.suppressions ORDER BY sender"
    )
    assert rows == [
        ("1.again", "acme", "*", "2026-01-05 10:00:02.000000", "legal", "command", "mia", "", True, 5),
        ("1.again", "acme", "35560", "2026-01-05 10:00:05.000000", "manual", "command", "", "", False, 7),
    ]


def test_the_audit_says_who_did_what(journal: Journal) -> None:
    journal.put("sms.audit", [AuditRecorded(actor="mia", action="message.reveal", subject="m1", reason="ticket 7")])
    rows = journal.rows("SELECT actor, action, subject, is_allowed, reason, topic, offset FROM sluice.audit")
    assert rows == [("mia", "message.reveal", "m1", False, "ticket 7", "sms.audit", 0)]


def test_a_carrier_hour_counts_parts_and_forgets_unknowns_that_were_answered(journal: Journal) -> None:
    for topic, record in a_life():
        journal.put(topic, [record])
    lost = {"message_id": "m2", "attempt": 1, "release": 1, "carrier": "north"}
    journal.put("sms.dispatch.north.express", [DispatchMessage(**lost, parts=(1, 2, 3), country="CN")])
    journal.put("sms.lifecycle", [
        SubmitOutcomeUnknown(**lost, part=1, occurred_at=T0),
        SubmitOutcomeUnknown(**lost, part=2, occurred_at=T0),
        SubmitSucceeded(**lost, part=2, sent_at=T0, occurred_at=T0),
        SubmitFailed(**lost, part=3, sent_at=T0, occurred_at=T0),
        ReceiptReceived(message_id="m2", attempt=1, carrier="north", part=2, state="failed", occurred_at=T0 + 500 * MS),
    ])  # fmt: skip
    rows = journal.rows(
        "SELECT toString(hour), carrier, country, submits, succeeded, failed, unknown, delivered, failed_receipts, "
        "round(delivery_rate, 3), p50_receipt_ms, p95_receipt_ms FROM sluice.carrier_hourly"
    )
    assert rows == [("2026-01-05 10:00:00", "north", "CN", 5, 3, 1, 1, 2, 1, 0.667, 900, 1900)]


def test_a_receipt_that_named_nobody_counts_for_the_part_that_its_usage_names(journal: Journal) -> None:
    taken = {**MESSAGE, "attempt": 1, "release": 1, "part": 1, "carrier": "north"}
    early = {"recipient_id": MESSAGE["recipient_id"], "carrier": "north", "state": "delivered", "stat": "DELIVRD"}
    journal.put("sms.lifecycle", [
        ReceiptReceived(**early, smsc_id="a-1", occurred_at=T0 + 100 * MS),
        ReceiptReceived(**early, smsc_id="of-nobody", occurred_at=T0 + 100 * MS),
        SubmitSucceeded(**taken, smsc_id="a-1", sent_at=T0, occurred_at=T0 + 150 * MS),
    ])  # fmt: skip
    journal.put("sms.usage", [UsageRecorded(**taken, smsc_id="a-1", event="submit", occurred_at=T0 + 150 * MS)])
    receipts = "SELECT offset FROM sluice.timeline WHERE message_id = 'm1' AND event = 'ReceiptReceived'"
    assert journal.rows(receipts) == [(0,)]
    assert journal.rows("SELECT parts_delivered FROM sluice.messages WHERE message_id = 'm1'") == [(1,)]
    assert journal.rows("SELECT succeeded, delivered, p50_receipt_ms FROM sluice.carrier_hourly") == [(1, 1, 100)]


def test_coverage_finds_a_deleted_row_and_names_the_gap(journal: Journal) -> None:
    journal.put("sms.usage", [UsageRecorded(message_id=f"m{n}") for n in range(10)])
    sound = "SELECT is_sound, rows, gaps, gap_ranges, doubles, double_offsets FROM sluice.coverage"
    assert journal.rows(sound) == [(1, 10, 0, [], 0, [])]
    journal.delete("usage_recorded", "_offset IN (4, 5)")
    assert journal.rows(sound) == [(0, 8, 2, [(4, 5)], 0, [])]


def test_coverage_finds_a_missing_beginning(journal: Journal) -> None:
    journal.put("sms.usage", [UsageRecorded(message_id=f"m{n}") for n in range(10)])
    journal.delete("usage_recorded", "_offset = 0")
    assert journal.rows("SELECT is_sound, gap_ranges FROM sluice.coverage") == [(0, [(0, 0)])]


def test_coverage_finds_a_doubled_row_and_a_row_that_was_skipped_too(journal: Journal) -> None:
    journal.put("sms.usage", [UsageRecorded(message_id=f"m{n}") for n in range(10)])
    journal.engine.command("INSERT INTO sluice.usage_recorded SELECT * FROM sluice.usage_recorded WHERE _offset = 7")
    journal.skip("sms.usage", 2)
    rows = journal.rows("SELECT is_sound, rows, doubles, double_offsets, gaps FROM sluice.coverage")
    assert rows == [(0, 11, 2, [2, 7], 0)]


def test_the_last_batch_is_what_a_restart_reads_again(journal: Journal) -> None:
    journal.put("sms.usage", [UsageRecorded(message_id=f"m{n}") for n in range(10)])
    journal.put("sms.usage", [UsageRecorded(message_id=f"m{n}") for n in range(5)])
    journal.delete("usage_recorded", "_offset = 12")
    holding = resume_holdings(journal.engine, TABLES)[Partition("sms.usage", 0)]
    assert (holding.first, holding.last, sorted(holding.offsets)) == (10, 14, [10, 11, 13, 14])


def test_a_second_run_of_the_migrations_changes_nothing_and_an_edited_file_is_refused(journal: Journal) -> None:
    assert migrate(journal.engine) == ()
    first, *rest = load_migrations()
    edited = Migration(version=1, name=first.name, statements=first.statements, checksum="0" * 64)
    with pytest.raises(MigrationRefused, match=r"0001_raw_tables\.sql was edited"):
        migrate(journal.engine, [edited, *rest])
    with pytest.raises(MigrationRefused, match="has no file"):
        migrate(journal.engine, rest)


def test_the_gate_names_the_column_that_does_not_fit(journal: Journal) -> None:
    check_gate(journal.engine, TABLES)
    journal.engine.command("ALTER TABLE sluice.recall_requested MODIFY COLUMN attempt Int64")
    try:
        with pytest.raises(SchemaMismatch, match=r"sluice.recall_requested.attempt: type Int64, expected Int32"):
            check_gate(journal.engine, TABLES)
    finally:
        journal.engine.command("ALTER TABLE sluice.recall_requested MODIFY COLUMN attempt Int32")
