"""Laws of delivery receipts. Source: SMPP 3.4 appendix B; DOMAIN 3.1 - 3.5, 3.10, 3.11."""

import time
from datetime import UTC, datetime, timedelta, timezone

import pytest

from pipeline.domain.smpp.receipts import Receipt, ReceiptState, is_receipt, parse_receipt

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
        "\ufeff" + TYPICAL.decode(),
        TYPICAL.decode().encode("utf-16-be"),
    ],
)
def test_order_case_blanks_and_nul_do_not_matter(other: bytes | str) -> None:
    assert read(other) == read(TYPICAL)


@pytest.mark.parametrize("written", [b"submit_date", b"submitdate", b"Submit  Date", b"submit\tdate", b"submit\ndate"])
def test_the_labels_of_dates_are_written_in_many_ways(written: bytes) -> None:
    assert read(TYPICAL.replace(b"submit date", written)) == read(TYPICAL)
    assert read(TYPICAL.replace(b"done date", written.lower().replace(b"submit", b"done"))) == read(TYPICAL)


@pytest.mark.parametrize(("written", "text"), [("", None), (" text:", ""), (" Text: a", " a"), (" text:\n", "\n")])
def test_an_empty_text_is_one_and_no_text_is_none(written: str, text: str | None) -> None:
    assert read(f"id:1 stat:DELIVRD{written}").text == text


def test_an_empty_value_is_none_and_does_not_take_the_next_label() -> None:
    receipt = read("id: sub: dlvrd:001 submit date: done date: stat: err: text:")
    assert (receipt.smsc_id, receipt.sub, receipt.dlvrd, receipt.stat, receipt.err) == ("", None, 1, "", "")
    assert (receipt.submit_date, receipt.done_date, receipt.text) == (None, None, "")


def test_commas_belong_to_the_id_for_an_id_may_hold_any_character_that_is_no_blank() -> None:
    assert read("id:a,b;c|d stat:DELIVRD").smsc_id == "a,b;c|d"


def test_a_network_error_written_in_digits_is_the_code_itself() -> None:
    assert (read(TYPICAL, error=b"034").err, read(TYPICAL, error=b"034").network_type) == ("034", None)


@pytest.mark.parametrize(
    ("esm_class", "expected"),
    [
        *((each, True) for each in (0x04, 0x20, 0x44, 0x60, 0xC7)),
        *((each, False) for each in (0x00, 0x03, 0x40, 0x08, 0x0C, 0x10, 0x18, 0x24, 0x3C)),
    ],
)
def test_only_the_type_bits_and_all_of_them_make_a_receipt(esm_class: int, expected: bool) -> None:
    assert is_receipt(esm_class) is expected


@pytest.mark.parametrize("esm_class", [0x20, 0x60, 0x23])
def test_an_intermediate_notification_is_never_final(esm_class: int) -> None:
    receipt = parse_receipt(
        TYPICAL, receipted_message_id=None, message_state=2, network_error_code=None, esm_class=esm_class
    )
    assert (receipt.state, receipt.stat) == (ReceiptState.INTERMEDIATE, "DELIVRD")


@pytest.mark.parametrize("header", [b"\x05\x00\x03\x84\x02\x01", b"\x06\x08\x04\x01\x02\x02\x01", b"\x00", b""])
def test_a_user_data_header_is_passed_over_where_there_is_one(header: bytes) -> None:
    for whole in (header + TYPICAL, (header + TYPICAL).decode("latin-1")):
        receipt = parse_receipt(
            whole, receipted_message_id=None, message_state=None, network_error_code=None, esm_class=0x44
        )
        assert receipt == read(TYPICAL)


@pytest.mark.parametrize(
    "hostile",
    [b"id: " * 250_000, b"submit   " * 110_000, b" " * 1_000_000, b"id:" + b"9" * 1_000_000, b"text:id:" * 120_000],
    ids=["labels", "half labels", "blanks", "an id", "texts"],
)
def test_a_million_octets_are_read_in_one_pass(hostile: bytes) -> None:
    began = time.process_time()
    read(hostile)
    assert time.process_time() - began < 2


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
    ("written", "moment"),
    [
        ("2611221201", datetime(2026, 11, 22, 12, 1)),  # noqa: DTZ001
        ("6812312359", datetime(2068, 12, 31, 23, 59)),  # noqa: DTZ001
        ("690101000000", datetime(1969, 1, 1)),  # noqa: DTZ001
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
        ("26-11-22 10:15", None),
        ("2611221201Z", None),
        ("201506201641", None),
        ("2611221201 seq:5", datetime(2026, 11, 22, 12, 1)),  # noqa: DTZ001
    ],
)
def test_dates_are_read_by_their_length_and_a_wrong_one_does_not_cost_the_receipt(
    written: str, moment: datetime | None
) -> None:
    receipt = read(f"id:1 submit date:2611221200 done date:{written} stat:DELIVRD err:000 text:x")
    assert receipt.done_date == moment
    assert (receipt.smsc_id, receipt.state, receipt.text) == ("1", ReceiptState.DELIVERED, "x")


@pytest.mark.parametrize(
    ("written", "count"),
    [("001", 1), ("000", 0), ("1234567890", 1234567890), ("", None), ("x", None), ("9" * 5000, None), ("²", None)],
)
def test_counts_are_numbers_or_nothing(written: str, count: int | None) -> None:
    assert (read(f"sub:{written} dlvrd:{written} stat:DELIVRD").sub, read(f"dlvrd:{written}").dlvrd) == (count, count)


def test_counts_of_zero_do_not_contradict_the_state() -> None:
    assert read("id:1 sub:000 dlvrd:000 stat:DELIVRD").state is ReceiptState.DELIVERED


def test_a_label_inside_a_longer_word_is_no_label() -> None:
    receipt = read("uuid:9 id:7 substat:DELIVRD stat:EXPIRED context:x err:001")
    assert (receipt.smsc_id, receipt.stat, receipt.err, receipt.text) == ("7", "EXPIRED", "001", None)
