"""Laws of how one carrier's SMSC wants its parts; the octets are read back by smpplib, not by our codec."""

from typing import Any

import pytest
from smpplib import command

from connectors.smpp.pdu import write_submit_sm
from connectors.smpp.submit import PreparedMessage, Unsendable, prepare, wide_reference
from pipeline.domain.profiles import CarrierProfile
from pipeline.domain.text.segments import NO_RESERVE, Concat, Reserve, ShiftTables, segment
from pipeline.events.records import DispatchMessage, SealedContent

NOW = 1_700_000_000_000_000
TURKISH = CarrierProfile(national=("TR",))
TURKISH_TABLES = (ShiftTables(0, 1), ShiftTables(1, 0), ShiftTables(1, 1))


class Numbering:
    sequence = 1

    def next_sequence(self) -> int:
        return 1


def a_dispatch(encoding: str, count: int, **more: Any) -> DispatchMessage:
    fields: dict[str, Any] = {
        "message_id": "0123456789abcdef",
        "encoding": encoding,
        "segment_count": count,
        "parts": tuple(range(1, count + 1)),
        "concat_reference": 200,
        "expires_at": NOW + 300_000_000,
    }
    return DispatchMessage(**{**fields, **more})


def prepared(
    text: str, encoding: str, count: int, profile: CarrierProfile, reserve: Reserve = NO_RESERVE
) -> PreparedMessage:
    content = SealedContent(to="+905321234567", sender="ACME", text=text)
    return prepare(a_dispatch(encoding, count), content, default_sender="", profile=profile, reserve=reserve)


def on_the_wire(text: str, encoding: str, count: int, profile: CarrierProfile) -> list[Any]:
    """The submit_sm of each part as smpplib reads them."""
    message = prepared(text, encoding, count, profile)
    read = []
    for part in range(1, count + 1):
        submit = command.factory("submit_sm", client=Numbering())
        submit.parse(write_submit_sm(5, message.submit_sm(part, now=NOW)))
        assert len(submit.short_message or b"") <= 254
        read.append(submit)
    return read


def test_a_16_bit_reference_stands_in_a_longer_header() -> None:
    first, second = on_the_wire("x" * 200, "gsm7", 2, CarrierProfile(concat="udh16"))
    above = wide_reference(a_dispatch("gsm7", 2)) >> 8
    assert [first.esm_class, second.esm_class] == [0x40, 0x40]
    assert first.short_message == bytes((6, 8, 4, above, 200, 2, 1)) + b"x" * 152
    assert second.short_message == bytes((6, 8, 4, above, 200, 2, 2)) + b"x" * 48


def test_a_16_bit_reference_is_of_the_message_and_the_attempt() -> None:
    first = a_dispatch("gsm7", 2)
    assert wide_reference(first) == wide_reference(a_dispatch("gsm7", 2, release=7))
    assert wide_reference(first) != wide_reference(a_dispatch("gsm7", 2, concat_reference=201))
    assert wide_reference(first) != wide_reference(a_dispatch("gsm7", 2, message_id="another"))
    assert 0 <= wide_reference(first) <= 0xFFFF


def test_sar_parts_are_tied_by_their_tlvs_and_have_no_header() -> None:
    first, second = on_the_wire("x" * 200, "gsm7", 2, CarrierProfile(concat="sar"))
    assert [first.esm_class, second.esm_class] == [0, 0]
    assert [first.short_message, second.short_message] == [b"x" * 153, b"x" * 47]
    assert first.sar_msg_ref_num == second.sar_msg_ref_num == wide_reference(a_dispatch("gsm7", 2))
    assert [first.sar_total_segments, second.sar_total_segments] == [2, 2]
    assert [first.sar_segment_seqnum, second.sar_segment_seqnum] == [1, 2]


@pytest.mark.parametrize("concat", ["udh8", "udh16", "sar"])
def test_one_part_alone_is_tied_to_nothing(concat: str) -> None:
    (submit,) = on_the_wire("hello", "gsm7", 1, CarrierProfile(concat=concat))
    assert (submit.esm_class, submit.short_message, submit.sar_msg_ref_num) == (0, b"hello", None)


@pytest.mark.parametrize(
    ("text", "octets"),
    [
        ("hello", "e8329bfd06"),
        ("12345678", "31d98c56b3dd70"),
        ("1234567", "31d98c56b3dd1a"),  # seven bits over: a carriage return, not an '@'
        ("", ""),
    ],
)
def test_septets_are_packed_where_the_carrier_says_so(text: str, octets: str) -> None:
    (submit,) = on_the_wire(text, "gsm7", 1, CarrierProfile(is_packed=True))
    assert (submit.short_message or b"").hex() == octets
    assert submit.data_coding == 0


def test_packed_parts_begin_on_a_septet_and_fill_140_octets() -> None:
    first, second = on_the_wire("x" * 200, "gsm7", 2, CarrierProfile(is_packed=True))
    assert len(first.short_message) == 140
    assert first.short_message[:6] == bytes((5, 0, 3, 200, 2, 1))
    bits = int.from_bytes(first.short_message[6:], "little")
    assert (bits & 1, bits >> 1 & 0x7F) == (0, ord("x"))
    assert second.short_message[:6] == bytes((5, 0, 3, 200, 2, 2))


@pytest.mark.parametrize(
    ("charset", "octets"),
    [("latin1", b"caf\xe9 @ \xa3["), ("utf8", "café @ £[".encode())],
)
def test_data_coding_0_is_written_as_the_carrier_reads_it(charset: str, octets: bytes) -> None:
    (submit,) = on_the_wire("café @ £[", "gsm7", 1, CarrierProfile(default_charset=charset))
    assert (submit.data_coding, submit.short_message) == (0, octets)


def test_a_long_text_in_latin1_is_cut_where_its_septets_are() -> None:
    text = "é[" * 100  # three septets a pair
    first, second = on_the_wire(text, "gsm7", 2, CarrierProfile(default_charset="latin1"))
    assert [len(submit.short_message) for submit in (first, second)] == [6 + 102, 6 + 98]


def test_what_no_short_message_holds_goes_as_its_payload() -> None:
    (submit,) = on_the_wire("é" * 160, "gsm7", 1, CarrierProfile(default_charset="utf8"))
    assert (submit.sm_length, submit.message_payload) == (0, "é".encode() * 160)


def test_ucs2_goes_under_the_carriers_data_coding() -> None:
    (submit,) = on_the_wire("登录", "ucs2", 1, CarrierProfile(ucs2_data_coding=0x18, default_charset="latin1"))
    assert (submit.data_coding, submit.short_message) == (0x18, "登录".encode("utf-16-be"))


def test_national_tables_are_named_in_every_part() -> None:
    (submit,) = on_the_wire("Ali Şeker", "gsm7-nli", 1, TURKISH)
    assert (submit.esm_class, submit.data_coding) == (0x40, 0)
    assert submit.short_message[:4] == bytes((3, 0x25, 1, 1))
    text = "şğı" * 100
    count = segment(text, national=TURKISH_TABLES).count
    for number, each in enumerate(on_the_wire(text, "gsm7-nli", count, TURKISH), 1):
        assert each.short_message[:9] == bytes((8, 0, 3, 200, count, number, 0x25, 1, 1))


def test_a_promise_made_for_a_longer_header_is_kept_with_the_own_one() -> None:
    """306 characters are two parts here and three where references have 16 bits, for which three were promised."""
    submits = on_the_wire("x" * 306, "gsm7", 3, CarrierProfile())
    assert [len(submit.short_message) for submit in submits] == [6 + 152, 6 + 152, 6 + 2]


def test_a_promise_in_one_language_is_kept_by_a_carrier_of_more() -> None:
    text = "ç\\" * 75  # a backslash is one septet in Portuguese and two in Turkish
    assert segment(text, national=TURKISH_TABLES).count == 2
    message = prepared(text, "gsm7-nli", 2, CarrierProfile(national=("PT", "TR")))
    assert message.segmentation == segment(text, national=TURKISH_TABLES)
    assert prepared(text, "gsm7-nli", 1, CarrierProfile(national=("PT", "TR"))).segmentation.tables.locking == 3


def test_room_is_left_for_what_operators_add() -> None:
    cut = prepared("x" * 290, "gsm7", 2, CarrierProfile(), Reserve(14, 0)).segmentation
    assert cut == segment("x" * 290, reserve=Reserve(14, 0))
    assert cut.part_units[0] == 153 - 14


def test_a_promise_made_before_operators_added_anything_is_kept() -> None:
    assert prepared("x" * 160, "gsm7", 1, CarrierProfile(), Reserve(0, 5)).segmentation.part_units == (160,)


@pytest.mark.parametrize(
    ("text", "encoding", "count", "profile", "reason"),
    [
        ("x" * 306, "gsm7", 2, CarrierProfile(concat="udh16"), "segments-differ"),
        ("x", "gsm7-nli", 1, TURKISH, "segments-differ"),
        ("ş", "gsm7-nli", 1, CarrierProfile(), "segments-differ"),
        ("ş", "gsm7-nli", 1, CarrierProfile(national=("TR",), default_charset="latin1"), "encoding-not-carried"),
        ("10 €", "gsm7", 1, CarrierProfile(default_charset="latin1"), "encoding-not-carried"),
        ("é", "gsm7", 1, CarrierProfile(default_charset="ascii"), "encoding-not-carried"),
        ("e", "gsm7", 1, CarrierProfile(default_charset="runes"), "encoding-not-carried"),
        ("e", "gsm7", 1, CarrierProfile(concat="payload"), "encoding-not-carried"),
        ("e", "gsm7", 1, CarrierProfile(concat="pigeon"), "encoding-not-carried"),
    ],
)
def test_what_a_carrier_cannot_send_as_promised_is_refused_by_name(
    text: str, encoding: str, count: int, profile: CarrierProfile, reason: str
) -> None:
    with pytest.raises(Unsendable) as refused:
        prepared(text, encoding, count, profile)
    assert refused.value.reason == reason
    assert text not in refused.value.detail.split()


def test_a_tie_that_is_not_ours_is_named() -> None:
    with pytest.raises(Unsendable, match="concat='payload', expected one of udh8, udh16, sar"):
        prepared("x", "gsm7", 1, CarrierProfile(concat=Concat.PAYLOAD.value))
