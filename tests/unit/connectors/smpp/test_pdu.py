"""Laws of the PDU codec."""

import contextlib
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from smpplib import command

from connectors.smpp import pdu

frames = st.builds(
    pdu.Frame,
    st.integers(0, 0xFFFFFFFF),
    st.integers(0, 0xFFFFFFFF),
    st.integers(0, 0xFFFFFFFF),
    st.binary(max_size=60),
)


class Numbering:
    sequence = 1

    def next_sequence(self) -> int:
        return 1


def octets_of(frame: pdu.Frame) -> bytes:
    return pdu.HEADER.pack(16 + len(frame.body), frame.command_id, frame.status, frame.sequence) + frame.body


def a_deliver(**fields: object) -> bytes:
    """The body of a deliver_sm as smpplib writes it."""
    return bytes(command.factory("deliver_sm", client=Numbering(), **fields).generate()[16:])


@given(st.lists(frames, max_size=6), st.data())
def test_frames_come_out_whole_and_in_order_under_any_chunking(sent: list[pdu.Frame], data: st.DataObject) -> None:
    stream = b"".join(octets_of(frame) for frame in sent)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=10)))
    framer, found = pdu.Framer(), []
    for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        found += list(framer.feed(stream[start:end]))
    assert found == sent


@pytest.mark.parametrize("length", [0, 15, pdu.LONGEST_PDU + 1, 0xFFFFFFFF])
def test_an_impossible_length_breaks_the_stream_after_the_sound_frames_before_it(length: int) -> None:
    sound = pdu.Frame(pdu.ENQUIRE_LINK, 0, 7)
    feeding = pdu.Framer().feed(octets_of(sound) + struct.pack(">IIII", length, 4, 0, 1))
    assert next(feeding) == sound
    with pytest.raises(pdu.BrokenStream, match="command_length"):
        next(feeding)


def test_unknown_repeated_and_cut_off_tlvs_are_no_error() -> None:
    unknown = struct.pack(">HH", 0x1403, 3) + b"abc"
    known = struct.pack(">HH", pdu.TLV_MESSAGE_STATE, 1) + b"\x02"
    again = struct.pack(">HH", pdu.TLV_MESSAGE_STATE, 1) + b"\x05"
    cut = struct.pack(">HH", 0x1404, 9) + b"xy"
    deliver = pdu.read_deliver_sm(a_deliver(source_addr="86", short_message=b"x") + unknown + known + again + cut)
    assert deliver.tlvs == {0x1403: b"abc", pdu.TLV_MESSAGE_STATE: b"\x02"}


def test_a_deliver_sm_reads_as_smpplib_wrote_it() -> None:
    body = a_deliver(
        source_addr_ton=1,
        source_addr_npi=1,
        source_addr="8613800138000",
        destination_addr="10690001",
        esm_class=0x44,
        data_coding=8,
        short_message=b"\x05\x00\x03\x01\x02\x01\x00A",
        user_message_reference=513,
    )
    assert pdu.read_deliver_sm(body) == pdu.DeliverSm(
        source_ton=1,
        source_npi=1,
        source="8613800138000",
        destination="10690001",
        esm_class=0x44,
        data_coding=8,
        short_message=b"\x05\x00\x03\x01\x02\x01\x00A",
        tlvs={pdu.TLV_USER_MESSAGE_REFERENCE: b"\x02\x01"},
    )


@given(st.binary(max_size=80))
def test_any_octets_are_a_deliver_sm_or_malformed_and_nothing_else(body: bytes) -> None:
    with contextlib.suppress(pdu.MalformedBody):
        pdu.read_deliver_sm(body)


@pytest.mark.parametrize(("body", "message_id"), [(b"", ""), (b"\0", ""), (b"abc\0", "abc"), (b"00ff", "00ff")])
def test_a_message_id_is_read_with_and_without_a_body(body: bytes, message_id: str) -> None:
    assert pdu.read_message_id(body) == message_id


def test_credentials_that_do_not_fit_are_refused_and_not_cut() -> None:
    with pytest.raises(ValueError, match="at most 15 and 8"):
        pdu.write_bind(1, system_id="aurora", password="ninechars")


def test_a_response_repeats_the_sequence_and_a_deliver_sm_resp_has_its_empty_id() -> None:
    assert pdu.write_response(pdu.DELIVER_SM, 0x64, 9) == struct.pack(">IIII", 17, 0x80000005, 0x64, 9) + b"\0"
    assert pdu.write_response(pdu.ENQUIRE_LINK, 0, 9) == struct.pack(">IIII", 16, 0x80000015, 0, 9)
