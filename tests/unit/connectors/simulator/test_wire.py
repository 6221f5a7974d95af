"""Laws of the simulator's own PDU codec."""

from __future__ import annotations

import contextlib
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.simulator import codes, wire


def a_submit(
    *,
    destination: bytes = b"8613800138000",
    text: bytes = b"hello",
    esm_class: int = 0,
    data_coding: int = 0,
    registered: int = 1,
    tlvs: bytes = b"",
    validity: bytes = b"",
    length: int | None = None,
) -> bytes:
    size = len(text) if length is None else length
    head = b"\0\x05\0Brand\0\x01\x01" + destination + b"\0" + bytes((esm_class, 0, 0))
    return head + b"\0" + validity + b"\0" + bytes((registered, 0, data_coding, 0, size)) + text + tlvs


def a_tlv(tag: int, value: bytes) -> bytes:
    return struct.pack(">HH", tag, len(value)) + value


def test_a_submit_is_read_field_by_field() -> None:
    submit = wire.parse_submit(a_submit(esm_class=0x40, data_coding=8, registered=17, validity=b"000000000500000R"))
    assert submit.source == wire.Address("Brand", 5, 0)
    assert submit.destination == wire.Address("8613800138000", 1, 1)
    assert (submit.esm_class, submit.data_coding, submit.registered_delivery) == (0x40, 8, 17)
    assert submit.payload == b"hello"
    assert not submit.is_payload_tlv


def test_a_nul_in_the_text_is_text() -> None:
    assert wire.parse_submit(a_submit(text=b"a\0b")).payload == b"a\0b"


def test_message_payload_is_the_text_when_short_message_is_empty() -> None:
    submit = wire.parse_submit(a_submit(text=b"", tlvs=a_tlv(codes.TLV_MESSAGE_PAYLOAD, b"x" * 300)))
    assert submit.payload == b"x" * 300
    assert submit.is_payload_tlv


def test_sar_tlvs_give_reference_total_and_sequence() -> None:
    tlvs = a_tlv(0x020C, b"\x12\x34") + a_tlv(0x020E, b"\x03") + a_tlv(0x020F, b"\x02")
    assert wire.parse_submit(a_submit(tlvs=tlvs)).sar == (0x1234, 3, 2)


def test_an_unknown_tlv_is_ignored() -> None:
    assert wire.parse_submit(a_submit(tlvs=a_tlv(0x1400, b"1201159\0"))).payload == b"hello"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (a_submit(destination=b""), codes.RINVDSTADR),
        (a_submit(destination=b"1" * 21), codes.RINVDSTADR),
        (a_submit(length=255, text=b"x" * 255), codes.RINVMSGLEN),
        (a_submit(length=6), codes.RINVCMDLEN),
        (a_submit(validity=b"12345"), codes.RINVEXPIRY),
        (a_submit(tlvs=b"\x04\x24\x00\x09abc"), codes.RINVOPTPARSTREAM),
        (a_submit(tlvs=b"\x04"), codes.RINVOPTPARSTREAM),
        (a_submit(tlvs=a_tlv(codes.TLV_MESSAGE_PAYLOAD, b"x")), codes.ROPTPARNOTALLWD),
        (b"", codes.RINVSERTYP),
        (b"\0\1\1abc", codes.RINVSRCADR),
        (b"\0\1", codes.RINVCMDLEN),
    ],
)
def test_a_wrong_field_is_answered_with_its_own_status(body: bytes, status: int) -> None:
    with pytest.raises(wire.BodyError) as caught:
        wire.parse_submit(body)
    assert caught.value.status == status


@given(st.binary(max_size=80))
def test_any_body_is_read_or_refused(body: bytes) -> None:
    for parse in (wire.parse_submit, wire.parse_bind):
        with contextlib.suppress(wire.BodyError):
            parse(body)


@given(st.binary(max_size=20))
def test_a_cut_submit_is_refused(tail: bytes) -> None:
    whole = a_submit(text=tail)
    for end in range(len(whole)):
        with pytest.raises(wire.BodyError):
            wire.parse_submit(whole[:end])


def test_a_bind_is_read() -> None:
    assert wire.parse_bind(b"aurora\0secret\0vms\0\x34\1\1\0") == wire.Bind("aurora", "secret", "vms", 0x34)


def test_a_password_of_nine_octets_does_not_fit() -> None:
    with pytest.raises(wire.BodyError) as caught:
        wire.parse_bind(b"aurora\x00123456789\0\0\x34\0\0\0")
    assert caught.value.status == codes.RINVPASWD


@given(st.lists(st.binary(max_size=30), max_size=8), st.integers(1, 40))
def test_frames_come_out_whole_however_the_stream_is_cut(bodies: list[bytes], step: int) -> None:
    stream = b"".join(wire.pdu(codes.SUBMIT_SM, index, body) for index, body in enumerate(bodies))
    buffer, found = bytearray(), []
    for start in range(0, len(stream), step):
        buffer += stream[start : start + step]
        while frames := wire.cut_frames(buffer):
            found += frames
    assert [frame.body for frame in found] == bodies
    assert [frame.sequence for frame in found] == list(range(len(bodies)))
    assert not buffer


@pytest.mark.parametrize("length", [0, 15, wire.MAX_PDU_OCTETS + 1, 0xFFFFFFFF])
def test_a_bad_length_breaks_the_stream_after_the_pdus_before_it(length: int) -> None:
    buffer = bytearray(wire.pdu(codes.ENQUIRE_LINK, 7) + struct.pack(">I", length))
    assert [frame.sequence for frame in wire.cut_frames(buffer)] == [7]
    with pytest.raises(wire.FramingError, match="command_length"):
        wire.cut_frames(buffer)


def test_a_response_that_is_not_ok_has_no_body() -> None:
    assert wire.response(codes.SUBMIT_SM, 9, b"id\0", codes.RSYSERR) == struct.pack(">IIII", 16, 0x80000004, 8, 9)


def test_a_deliver_sm_reads_back_as_the_fields_it_was_made_of() -> None:
    body = wire.deliver_body(
        wire.Address("8613800138000", 1, 1),
        wire.Address("12345", 3, 0),
        esm_class=0x04,
        data_coding=8,
        short_message=b"\0a",
        tlvs=[(codes.TLV_MESSAGE_STATE, b"\x02")],
    )
    read = wire.parse_submit(body)  # submit_sm and deliver_sm have the same layout (4.4.1, 4.6.1)
    assert (read.source.number, read.destination.number) == ("8613800138000", "12345")
    assert (read.esm_class, read.data_coding, read.payload) == (4, 8, b"\0a")
    assert wire.parse_tlvs(body, len(body) - 5) == [(codes.TLV_MESSAGE_STATE, b"\x02")]


@pytest.mark.parametrize("given_status", ["RTHROTTLED", "ESME_RTHROTTLED", "rthrottled", 88, "88", "0x58"])
def test_a_status_is_read_by_name_or_number(given_status: object) -> None:
    assert codes.status_number(given_status) == codes.RTHROTTLED


@pytest.mark.parametrize("given_status", ["NOPE", -1, 2**32, None, True, 1.5])
def test_a_wrong_status_says_what_is_expected(given_status: object) -> None:
    with pytest.raises(ValueError, match="expected a name such as"):
        codes.status_number(given_status)
