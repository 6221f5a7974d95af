"""Laws of PDUs for any octets: four readings and writings of one specification agree, and no octets break any of them.

The readings are the decoder of `connectors.smpp.dissect`, the live session's `connectors.smpp.pdu` and the simulator's
`connectors.simulator.wire`; the writers are smpplib, ours, the simulator's, and the tables of the decoder turned round.
"""

import contextlib
import json
import struct
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from smpplib.command import factory

from connectors.simulator import wire
from connectors.smpp import pdu as live
from connectors.smpp.dissect import Pdu, dissect
from connectors.smpp.dissect.commands import COMMANDS, RESPONSE, Command, Field
from infra.inspecting.lines import answerer
from infra.inspecting.pdus import KIND

ONCE = settings(max_examples=200, deadline=None)
MANY = settings(max_examples=400, deadline=None)

octet = st.integers(0, 0xFF)
sequence = st.integers(1, live.LAST_SEQUENCE)
stranger = st.integers(0x1400, 0x3FFF)  # a vendor's tag: any length is right
times = st.sampled_from(["", "000000000500000R", "261122120000032+", "000101000000000-"])


def texts(size: int) -> st.SearchStrategy[str]:
    return st.text(st.characters(min_codepoint=1, max_codepoint=0xFF), max_size=size - 1)


def tlvs_of(*tags: st.SearchStrategy[int]) -> st.SearchStrategy[list[tuple[int, bytes]]]:
    return st.lists(st.tuples(st.one_of(*tags), st.binary(max_size=12)), max_size=4)


@st.composite
def sounds(draw: st.DrawFn) -> tuple[bytes, Command, dict[str, Any]]:
    """A sound PDU of any kind, written from the table, with the fields that went into it."""
    command_id, command = draw(st.sampled_from(sorted(COMMANDS.items(), key=lambda each: each[0])))
    fields: dict[str, Any] = {}
    body = b"".join(draw(written(field, fields)) for field in command.fields)
    if command.fields:
        for tag, value in draw(tlvs_of(stranger)):
            body += struct.pack(">HH", tag, len(value)) + value
    status = draw(st.integers(0, 0xFFFFFFFF)) if command_id & RESPONSE else 0
    return live.HEADER.pack(16 + len(body), command_id, status, draw(sequence)) + body, command, fields


@st.composite
def written(draw: st.DrawFn, field: Field, fields: dict[str, Any]) -> bytes:
    if field.shape == "number":
        # esm_class without UDHI: then any short_message is sound
        fields[field.name] = value = draw(octet) & (0xBF if field.name == "esm_class" else 0xFF)
        return bytes([value])
    if field.shape == "message":
        octets = draw(st.binary(max_size=255))
        fields["sm_length"], fields[field.name] = len(octets), octets.hex()
        return bytes([len(octets)]) + octets
    if field.shape == "text" or field.shape == "time":
        text = draw(times if field.shape == "time" else texts(field.size))
        fields[field.name] = text
        return text.encode("latin-1") + b"\0"
    addresses = draw(st.lists(st.tuples(octet, octet, texts(21), st.integers(0, 0xFFFFFFFF)), max_size=3))
    octets = bytes([len(addresses)])
    for ton, npi, number, status in addresses:
        address = bytes([ton, npi]) + number.encode("latin-1") + b"\0"
        octets += b"\x01" + address if field.shape == "destinations" else address + struct.pack(">I", status)
    return octets


@st.composite
def mutants(draw: st.DrawFn) -> bytes:
    """Sound PDUs, then octets flipped, put in, taken out or cut off."""
    octets = bytearray(b"".join(octets for octets, _, _ in draw(st.lists(sounds(), min_size=1, max_size=3))))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, max(0, len(octets) - 1)))
        match draw(st.sampled_from(["flip", "insert", "remove", "cut"])):
            case "flip" if octets:
                octets[at] ^= 1 << draw(st.integers(0, 7))
            case "insert":
                octets[at:at] = draw(st.binary(min_size=1, max_size=5))
            case "remove":
                del octets[at : at + draw(st.integers(1, 5))]
            case _:
                del octets[at:]
    return bytes(octets)


def faults_lie_inside(octets: bytes, pdus: list[Pdu]) -> None:
    for read in pdus:
        if read.error is not None:
            assert 0 <= read.error.octet <= len(octets)
            assert read.error.code
            assert read.error.detail
    msgspec.json.encode(pdus)


@MANY
@given(sounds())
def test_what_was_written_from_the_table_is_read_back(sound: tuple[bytes, Command, dict[str, Any]]) -> None:
    octets, command, fields = sound
    (read,) = dissect(octets)
    assert read.error is None
    assert (read.command, read.command_length) == (command.name, len(octets))
    assert {name: read.body[name] for name in fields} == fields


@ONCE
@given(st.lists(sounds(), max_size=4), st.data())
def test_the_framer_finds_the_same_pdus_however_the_stream_is_cut(
    sent: list[tuple[bytes, Command, dict[str, Any]]], data: st.DataObject
) -> None:
    stream = b"".join(octets for octets, _, _ in sent)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    framer, frames = live.Framer(), []
    for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        frames += list(framer.feed(stream[start:end]))
    assert [(frame.command_id, frame.status, frame.sequence) for frame in frames] == [
        (read.command_id, read.command_status, read.sequence_number) for read in dissect(stream)
    ]


@MANY
@given(st.one_of(st.binary(max_size=200), mutants()))
def test_no_octets_break_the_decoder_and_every_fault_lies_inside(octets: bytes) -> None:
    faults_lie_inside(octets, dissect(octets))


@MANY
@given(mutants())
def test_the_framer_breaks_where_the_decoder_says_that_a_length_is_broken(octets: bytes) -> None:
    frames = []
    broken = False
    try:
        frames += list(live.Framer().feed(octets))
    except live.BrokenStream:
        broken = True
    pdus = dissect(octets)
    whole = [read for read in pdus if read.error is None or read.error.code not in LENGTHS]
    if not broken:
        assert [frame.sequence for frame in frames] == [read.sequence_number for read in whole]
    else:
        assert pdus[-1].error is not None
        assert pdus[-1].error.code in LENGTHS


LENGTHS = ("length-too-short", "length-too-long", "header-cut-off")


def agree(body: bytes) -> None:
    """The live reader and the decoder say the same of a deliver_sm's body."""
    (read,) = dissect(live.HEADER.pack(16 + len(body), live.DELIVER_SM, 0, 1) + body)
    try:
        deliver = live.read_deliver_sm(body)
    except live.MalformedBody:
        assert read.error is not None
        assert "short_message" not in read.body
        return
    assert deliver == live.DeliverSm(
        source_ton=read.body["source_addr_ton"],
        source_npi=read.body["source_addr_npi"],
        source=read.body["source_addr"],
        destination=read.body["destination_addr"],
        esm_class=read.body["esm_class"],
        data_coding=read.body["data_coding"],
        short_message=bytes.fromhex(read.body["short_message"]),
        tlvs={tlv.tag: bytes.fromhex(tlv.hex) for tlv in reversed(read.tlvs)},
    )


@MANY
@given(st.binary(max_size=120))
def test_the_live_reader_agrees_about_any_octets(body: bytes) -> None:
    agree(body)


class Numbering:
    def next_sequence(self) -> int:
        return 1


latin = texts(21).filter(lambda text: "\0" not in text)
delivers = st.fixed_dictionaries(
    {
        "service_type": texts(6),
        "source_addr_ton": octet,
        "source_addr_npi": octet,
        "source_addr": st.text("0123456789abc", max_size=20),
        "destination_addr": st.text("0123456789abc", max_size=20),
        "esm_class": octet,
        "data_coding": octet,
        "short_message": st.binary(max_size=254),
        "user_message_reference": st.integers(0, 0xFFFF),
    }
)


@MANY
@given(delivers, tlvs_of(stranger, st.just(live.TLV_MESSAGE_STATE)), st.integers(0, 400), st.binary(max_size=3))
def test_smpplib_s_deliver_sm_reads_the_same_in_both_whole_or_cut(
    fields: dict[str, Any], tlvs: list[tuple[int, bytes]], cut: int, junk: bytes
) -> None:
    fields["service_type"] = ""  # smpplib writes texts as UTF-8
    body = bytes(factory("deliver_sm", client=Numbering(), **fields).generate()[16:])
    body += b"".join(struct.pack(">HH", tag, len(value)) + value for tag, value in tlvs)
    agree(body)
    agree(body[:cut])
    agree(body[:cut] + junk + body[cut:])


@MANY
@given(latin, latin, octet, octet, st.binary(max_size=254), tlvs_of(stranger, st.just(live.TLV_RECEIPTED_MESSAGE_ID)))
def test_the_simulator_s_deliver_sm_reads_the_same_in_both(
    source: str, destination: str, esm_class: int, data_coding: int, text: bytes, tlvs: list[tuple[int, bytes]]
) -> None:
    body = wire.deliver_body(
        wire.Address(source, 1, 1),
        wire.Address(destination, 5, 0),
        esm_class=esm_class,
        data_coding=data_coding,
        short_message=text,
        tlvs=tlvs,
    )
    agree(body)
    deliver = live.read_deliver_sm(body)
    assert (deliver.source, deliver.destination, deliver.short_message) == (source, destination, text)


@MANY
@given(
    st.text("0123456789", max_size=20),
    st.text("0123456789", min_size=1, max_size=20),
    octet,
    st.sampled_from([0, 1, 3, 8, 0x10, 0xF5]),
    st.binary(max_size=254),
    times,
)
def test_our_submit_sm_reads_the_same_in_the_decoder_and_the_simulator(
    source: str, destination: str, esm_class: int, data_coding: int, text: bytes, validity: str
) -> None:
    submit = live.SubmitSm(
        source_ton=5,
        source_npi=0,
        source=source,
        destination=destination,
        esm_class=esm_class,
        data_coding=data_coding,
        short_message=text,
        validity_period=validity,
    )
    octets = live.write_submit_sm(7, submit)
    (read,) = dissect(octets)
    assert read.error is None or read.error.code.startswith("udh-")
    theirs = wire.parse_submit(octets[16:])
    assert theirs.source == wire.Address(
        read.body["source_addr"], read.body["source_addr_ton"], read.body["source_addr_npi"]
    )
    assert theirs.destination == wire.Address(
        read.body["destination_addr"], read.body["dest_addr_ton"], read.body["dest_addr_npi"]
    )
    assert (theirs.esm_class, theirs.data_coding, theirs.registered_delivery) == tuple(
        read.body[name] for name in ("esm_class", "data_coding", "registered_delivery")
    )
    assert theirs.payload == text == bytes.fromhex(read.body["short_message"])
    assert read.body["validity_period"] == validity


@ONCE
@given(st.text("JKQWZ", min_size=4, max_size=8), st.sampled_from([0x01, 0x02, 0x09, 0x0B]), st.integers(0, 60))
def test_a_password_is_in_nothing_that_a_person_is_shown(password: str, command_id: int, cut: int) -> None:
    body = b"aurora\0" + password.encode() + b"\0" + (b"" if command_id == 0x0B else b"\0\x34\0\0\0")
    octets = live.HEADER.pack(16 + len(body), command_id, 0, 1) + body
    for given_octets in (octets, octets[: 16 + cut]):
        assert KIND.for_people is not None
        line, _ = answerer(KIND, {})(given_octets.hex().encode())
        said = json.dumps(KIND.for_people(json.loads(line)))
        assert password not in said
        assert password.encode().hex() not in said


@MANY
@given(mutants())
def test_no_octets_break_the_simulator_s_reader(octets: bytes) -> None:
    with contextlib.suppress(wire.FramingError):
        for frame in wire.cut_frames(bytearray(octets)):
            with contextlib.suppress(wire.BodyError):
                wire.parse_submit(frame.body)
            with contextlib.suppress(wire.BodyError):
                wire.parse_bind(frame.body)
