"""Laws of the journal and of what is rebuilt from it."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from connectors.simulator import wire
from connectors.simulator.account import Account
from connectors.simulator.handsets import Handsets
from connectors.simulator.journal import JournalBroken, open_journal
from connectors.simulator.records import AnyRecord, ConfirmRecord, SubmitRecord, decode_line, encode_line
from connectors.simulator.settings import parse_settings

SETTINGS = parse_settings(
    {
        "accounts": [
            {
                "system_id": "aurora",
                "password": "p",
                "numbers": [{"match": "*02", "mood": {"errors": [{"status": "RSYSERR", "first": 1}]}}],
                "replies": [{"contains": "promo", "reply": "STOP", "once": True}],
            }
        ]
    }
)


def a_submit(text: str = "hello", destination: str = "8613800138000", registered: int = 1) -> wire.Submit:
    source, to = wire.Address("12345", 3, 0), wire.Address(destination, 1, 1)
    return wire.Submit(source, to, 0, 0, registered, text.encode(), False, None)


def an_account() -> tuple[Account, Handsets]:
    handsets, seq = Handsets(), itertools.count(1)
    return Account(SETTINGS.accounts[0], SETTINGS, handsets, lambda: next(seq)), handsets


def read(path: Path) -> list[AnyRecord]:
    found: list[AnyRecord] = []
    open_journal(path, is_synced=False, replay=found.append).close()
    return found


def a_record(seq: int) -> SubmitRecord:
    address = wire.Address("1", 1, 1)
    return SubmitRecord(at_ms=seq, seq=seq, account="aurora", bind=1, source=address, destination=address)


def test_a_record_reads_back_from_its_line() -> None:
    account, _ = an_account()
    record, _ = account.take(a_submit("€ \x00 text"), 1, now_ms=5, is_window_full=False)
    assert decode_line(encode_line(record)) == record


def test_what_is_flushed_is_read_again_in_order(tmp_path: Path) -> None:
    journal = open_journal(tmp_path / "sub" / "j.jsonl", is_synced=True, replay=lambda record: None)
    for seq in (1, 2, 3):
        journal.append(a_record(seq))
    journal.flush()
    journal.close()
    assert [record.at_ms for record in read(tmp_path / "sub" / "j.jsonl")] == [1, 2, 3]


def test_what_is_not_flushed_is_not_promised(tmp_path: Path) -> None:
    journal = open_journal(tmp_path / "j.jsonl", is_synced=False, replay=lambda record: None)
    journal.append(a_record(1))
    assert (tmp_path / "j.jsonl").read_bytes() == b""
    journal.close()


@pytest.mark.parametrize("cut", [1, 2, 20])
def test_a_torn_last_line_is_cut_off_and_said(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "j.jsonl"
    whole = encode_line(a_record(1)) + encode_line(a_record(2))
    path.write_bytes(whole[:-cut])
    with capture_logs() as logs:
        assert [record.at_ms for record in read(path)] == [1]
    assert "journal.torn_tail_cut" in [entry["event"] for entry in logs]
    assert path.read_bytes() == encode_line(a_record(1))


def test_writing_goes_on_after_a_torn_tail(tmp_path: Path) -> None:
    path = tmp_path / "j.jsonl"
    path.write_bytes(encode_line(a_record(1)) + b'{"t":"sub')
    journal = open_journal(path, is_synced=False, replay=lambda record: None)
    journal.append(a_record(2))
    journal.close()
    assert [record.at_ms for record in read(path)] == [1, 2]


def test_damage_before_the_end_stops_loudly(tmp_path: Path) -> None:
    path = tmp_path / "j.jsonl"
    path.write_bytes(encode_line(a_record(1)) + b"garbage\n" + encode_line(a_record(2)))
    with pytest.raises(JournalBroken, match="octet"):
        read(path)


def test_one_journal_has_one_writer(tmp_path: Path) -> None:
    journal = open_journal(tmp_path / "j.jsonl", is_synced=False, replay=lambda record: None)
    with pytest.raises(JournalBroken, match="another simulator"):
        read(tmp_path / "j.jsonl")
    journal.close()


def test_a_failed_write_leaves_whole_records_and_raises(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "j.jsonl"
    journal = open_journal(path, is_synced=True, replay=lambda record: None)
    journal.append(a_record(1))
    journal.flush()

    def full(fd: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr("os.fdatasync", full)
        journal.append(a_record(2))
        with pytest.raises(JournalBroken, match="No space"):
            journal.flush()
    journal.append(a_record(3))
    journal.close()
    assert [record.at_ms for record in read(path)] == [1, 3]


def test_an_account_rebuilt_from_its_records_goes_on_where_it_was() -> None:
    account, _ = an_account()
    journal = open_journal(None, is_synced=False, replay=lambda record: None)
    records: list[AnyRecord] = []
    for submit in (a_submit("one"), a_submit("two"), a_submit("busy", "8602"), a_submit("none", registered=0)):
        record, _ = account.take(submit, 1, now_ms=1000, is_window_full=False)
        records.append(record)
        assert isinstance(record, SubmitRecord)
        account.settle(record, journal)
    confirm = ConfirmRecord(at_ms=2000, account="aurora", key=next(iter(account.outbox.pending)))
    account.confirm(confirm)
    records.append(confirm)

    rebuilt, phones = an_account()
    for record in records:
        rebuilt.replay(decode_line(encode_line(record)))

    assert list(rebuilt.outbox.pending) == list(account.outbox.pending)
    assert len(rebuilt.outbox.pending) == 1
    assert rebuilt.by_status == account.by_status
    texts = [message.reading().text for message in phones.handset("8613800138000").messages]
    assert texts == ["one", "two", "none"]
    again = a_submit("busy", "8602")
    expected, _ = account.take(again, 1, now_ms=3000, is_window_full=False)
    found, verdict = rebuilt.take(again, 1, now_ms=3000, is_window_full=False)
    assert isinstance(found, SubmitRecord)
    assert isinstance(expected, SubmitRecord)
    assert found.number == expected.number
    assert verdict.status == 0  # the first error was used up before the crash


def test_a_scripted_reply_is_sent_once_even_after_a_restart() -> None:
    account, _ = an_account()
    records: list[AnyRecord] = []

    class Remembering:
        def append(self, record: AnyRecord) -> None:
            records.append(record)

        def flush(self) -> None:
            pass

    for text in ("a promo", "more promo"):
        record, _ = account.take(a_submit(text, registered=0), 1, now_ms=1, is_window_full=False)
        assert isinstance(record, SubmitRecord)
        records.append(record)
        account.settle(record, Remembering())
    assert list(account.outbox.pending) == ["mo/1/0"]

    rebuilt, _ = an_account()
    for record in records:
        rebuilt.replay(record)
    record, _ = rebuilt.take(a_submit("promo again", registered=0), 1, now_ms=1, is_window_full=False)
    assert isinstance(record, SubmitRecord)
    rebuilt.settle(record, Remembering())
    assert list(rebuilt.outbox.pending) == ["mo/1/0"]


@pytest.mark.parametrize(
    ("registered", "destination", "receipts"), [(0, "861", 0), (1, "861", 1), (2, "861", 0), (17, "861", 1)]
)
def test_registered_delivery_is_respected(registered: int, destination: str, receipts: int) -> None:
    account, _ = an_account()
    record, _ = account.take(a_submit("x", destination, registered), 1, now_ms=1, is_window_full=False)
    assert isinstance(record, SubmitRecord)
    assert record.copies == receipts


def test_a_full_window_is_throttled_and_takes_no_number() -> None:
    account, _ = an_account()
    record, verdict = account.take(a_submit(), 1, now_ms=1, is_window_full=True)
    assert isinstance(record, SubmitRecord)
    assert (verdict.status, record.number) == (0x58, 0)


def test_a_part_too_long_for_a_short_message_is_refused() -> None:
    account, _ = an_account()
    _, verdict = account.take(a_submit("x" * 161), 1, now_ms=1, is_window_full=False)
    assert verdict.status == 0x01
