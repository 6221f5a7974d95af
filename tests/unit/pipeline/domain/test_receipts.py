"""Laws of delivery receipts. Source: SMPP 3.4 appendix B; DOMAIN 3.1 - 3.5, 3.10, 3.11."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from pipeline.domain.receipts import Receipt, ReceiptState, parse_receipt

TYPICAL = b"id:0059113978 sub:001 dlvrd:001 submit date:2611221200 done date:2611221201 stat:DELIVRD err:000 text:hello"


def read(
    short_message: bytes | str, *, tlv_id: str | None = None, state: int | None = None, error: bytes | None = None
) -> Receipt:
    return parse_receipt(short_message, receipted_message_id=tlv_id, message_state=state, network_error_code=error)


def test_the_typical_form_is_read_whole() -> None:
    assert read(TYPICAL) == Receipt(
        smsc_id="0059113978",
        text_id="0059113978",
        state=ReceiptState.DELIVERED,
        stat="DELIVRD",
        err="000",
        network_type=None,
        submit_date=datetime(2026, 11, 22, 12, 0),  # noqa: DTZ001
        done_date=datetime(2026, 11, 22, 12, 1),  # noqa: DTZ001
        sub=1,
        dlvrd=1,
        text="hello",
    )


def test_tlvs_win_and_both_ids_are_kept() -> None:
    receipt = read(TYPICAL, tlv_id="38601fa\0", state=5, error=b"\x03\x00\x0b")
    assert (receipt.smsc_id, receipt.text_id) == ("38601fa", "0059113978")
    assert (receipt.state, receipt.stat) == (ReceiptState.FAILED, "DELIVRD")
    assert (receipt.err, receipt.network_type) == ("011", 3)


def test_tlvs_alone_are_a_receipt() -> None:
    receipt = read(b"", tlv_id="abc", state=2)
    assert (receipt.smsc_id, receipt.state, receipt.stat) == ("abc", ReceiptState.DELIVERED, "")


@pytest.mark.parametrize("tlv_id", ["", "\0", "  "])
def test_an_empty_tlv_says_nothing(tlv_id: str) -> None:
    assert read(TYPICAL, tlv_id=tlv_id).smsc_id == "0059113978"


@pytest.mark.parametrize("error", [b"", b"\x03", b"\x03\x00\x00\x01"])
def test_a_network_error_of_another_length_says_nothing(error: bytes) -> None:
    assert (read(TYPICAL, error=error).err, read(TYPICAL, error=error).network_type) == ("000", None)


@pytest.mark.parametrize(
    "hostile",
    [
        b"id:7 stat:DELIVRD err:000 text:stat:UNDELIV id:66",
        b"id:7 stat:DELIVRD text: stat:UNDELIV id:66 text:id:9",
        b"id:7 stat:DELIVRD TEXT:\nid:66\nstat:REJECTD",
    ],
)
def test_the_text_of_a_message_cannot_forge_its_receipt(hostile: bytes) -> None:
    assert (read(hostile).smsc_id, read(hostile).state) == ("7", ReceiptState.DELIVERED)


def test_a_receipt_of_nothing_but_hostile_text_says_nothing() -> None:
    receipt = read(b"text:stat:DELIVRD id:66")
    assert (receipt.smsc_id, receipt.state, receipt.text) == ("", ReceiptState.UNKNOWN, "stat:DELIVRD id:66")


def test_the_first_of_a_repeated_label_counts() -> None:
    assert (read("id:1 id:2 stat:EXPIRED stat:DELIVRD").smsc_id, read("stat:EXPIRED stat:DELIVRD").stat) == (
        "1",
        "EXPIRED",
    )


@pytest.mark.parametrize(
    "other",
    [
        b"STAT:DELIVRD ERR:000 ID:0059113978 Done Date:2611221201 Submit Date:2611221200 DLVRD:001 SUB:001 Text:hello",
        TYPICAL.replace(b":", b": ").replace(b"text: ", b"text:"),
        TYPICAL.replace(b" ", b"\r\n")
        .replace(b"submit\r\ndate", b"submit date")
        .replace(b"done\r\ndate", b"done date"),
        TYPICAL + b"\0",
        TYPICAL.decode(),
        TYPICAL.decode().encode("utf-16-be"),
    ],
)
def test_order_case_blanks_and_nul_do_not_matter(other: bytes | str) -> None:
    assert read(other) == read(TYPICAL)


@pytest.mark.parametrize(
    "smsc_id",
    ["0059113978", "38601FA", "a:b", "id:7", "text:5", "mtext:5", "550e8400-e29b-41d4-a716-446655440000", "9" * 64],
)
def test_an_id_is_opaque(smsc_id: str) -> None:
    assert read(f"id:{smsc_id} stat:DELIVRD").smsc_id == smsc_id


@pytest.mark.parametrize("err", ["00B", "21b", "1042", "EC_ABSENT", "null", "-1"])
def test_an_error_code_is_opaque(err: str) -> None:
    assert read(f"id:1 stat:UNDELIV err:{err} text:").err == err


@pytest.mark.parametrize("stat", ["MK:0001", "MBBLACK", "DB:0141", "NO_ROUTE_TO_SUBSCRIBER", ""])
def test_a_vendor_state_is_kept_whole_and_is_neither_delivered_nor_failed(stat: str) -> None:
    receipt = read(f"id:1 sub:001 stat:{stat} err:000 text:")
    assert (receipt.stat, receipt.state) == (stat, ReceiptState.UNKNOWN)


@pytest.mark.parametrize(
    ("stat", "state"),
    [
        ("DELIVRD", ReceiptState.DELIVERED),
        ("delivrd", ReceiptState.DELIVERED),
        ("UNDELIV", ReceiptState.FAILED),
        ("EXPIRED", ReceiptState.EXPIRED),
        ("REJECTD", ReceiptState.REJECTED),
        ("DELETED", ReceiptState.DELETED),
        ("ACCEPTD", ReceiptState.INTERMEDIATE),
        ("ENROUTE", ReceiptState.INTERMEDIATE),
        ("BUFFRED", ReceiptState.INTERMEDIATE),
        ("BUFFERD", ReceiptState.INTERMEDIATE),
        ("ACKED", ReceiptState.INTERMEDIATE),
        ("UNKNOWN", ReceiptState.UNKNOWN),
    ],
)
def test_states_are_read_by_name(stat: str, state: ReceiptState) -> None:
    assert read(f"id:1 stat:{stat} err:000").state is state


@pytest.mark.parametrize(
    ("number", "state"),
    [
        (0, ReceiptState.INTERMEDIATE),
        (1, ReceiptState.INTERMEDIATE),
        (2, ReceiptState.DELIVERED),
        (3, ReceiptState.EXPIRED),
        (4, ReceiptState.DELETED),
        (5, ReceiptState.FAILED),
        (6, ReceiptState.INTERMEDIATE),
        (7, ReceiptState.UNKNOWN),
        (8, ReceiptState.REJECTED),
        (9, ReceiptState.REJECTED),
        (77, ReceiptState.DELIVERED),
        (-1, ReceiptState.DELIVERED),
    ],
)
def test_states_are_read_by_number_and_an_unnamed_number_leaves_it_to_the_text(
    number: int, state: ReceiptState
) -> None:
    assert read("id:1 stat:DELIVRD", state=number).state is state


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2611221201", datetime(2026, 11, 22, 12, 1)),  # noqa: DTZ001
        ("261122120130", datetime(2026, 11, 22, 12, 1, 30)),  # noqa: DTZ001
        ("20261122120130", datetime(2026, 11, 22, 12, 1, 30)),  # noqa: DTZ001
        ("261122120130500+", datetime(2026, 11, 22, 12, 1, 30, 500_000, tzinfo=UTC)),
        ("261122120130032+", datetime(2026, 11, 22, 12, 1, 30, tzinfo=timezone(timedelta(hours=8)))),
        ("261122120130020-", datetime(2026, 11, 22, 12, 1, 30, tzinfo=timezone(-timedelta(hours=5)))),
        ("0000000000", None),
        ("000000000000000R", None),
        ("261122120130099+", None),
        ("2613221201", None),
        ("2602301200", None),
        ("2026-11-22 12:01", None),
        ("", None),
        ("٢٦١١٢٢١٢٠١", None),
        ("26112212011", None),
    ],
)
def test_dates_are_read_by_their_length_and_a_wrong_one_does_not_cost_the_receipt(
    written: str, moment: datetime | None
) -> None:
    receipt = read(f"id:1 submit date:2611221200 done date:{written} stat:DELIVRD err:000 text:x")
    assert receipt.done_date == moment
    assert (receipt.smsc_id, receipt.state, receipt.text) == ("1", ReceiptState.DELIVERED, "x")


@pytest.mark.parametrize(
    ("written", "count"), [("001", 1), ("000", 0), ("", None), ("x", None), ("9" * 5000, None), ("²", None)]
)
def test_counts_are_numbers_or_nothing(written: str, count: int | None) -> None:
    assert (read(f"sub:{written} dlvrd:{written} stat:DELIVRD").sub, read(f"dlvrd:{written}").dlvrd) == (count, count)


def test_counts_of_zero_do_not_contradict_the_state() -> None:
    assert read("id:1 sub:000 dlvrd:000 stat:DELIVRD").state is ReceiptState.DELIVERED


def test_a_label_inside_a_longer_word_is_no_label() -> None:
    receipt = read("uuid:9 id:7 substat:DELIVRD stat:EXPIRED context:x err:001")
    assert (receipt.smsc_id, receipt.stat, receipt.err, receipt.text) == ("7", "EXPIRED", "001", "")
