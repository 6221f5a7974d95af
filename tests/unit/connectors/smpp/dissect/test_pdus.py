"""Laws of the decoder: every PDU of SMPP 3.4 field by field, and each fault at its octet. Source: SMPP 3.4 4, 5."""

import struct

import pytest
from smpplib.command import factory
from smpplib.consts import OPTIONAL_PARAMS as SMPPLIB_TAGS

from connectors.simulator import wire
from connectors.smpp import pdu as live
from connectors.smpp.dissect import Pdu, dissect
from connectors.smpp.dissect.commands import COMMANDS

ADDRESS = b"\x01\x01491701234567\0"
SUBMIT = b"CMT\0" + ADDRESS + ADDRESS + b"\0\0\1" + b"\0" + b"000000000500000R\0" + b"\1\0\0\0" + b"\2hi"


class Numbering:
    def next_sequence(self) -> int:
        return 1


def one(command_id: int, body: bytes = b"", *, status: int = 0) -> Pdu:
    (read,) = dissect(live.HEADER.pack(16 + len(body), command_id, status, 7) + body)
    return read


def fault(read: Pdu) -> tuple[str, int]:
    assert read.error is not None
    return read.error.code, read.error.octet


def test_every_command_of_table_5_1_has_its_name() -> None:
    names = {command.name for command in COMMANDS.values()}
    paired = ["bind_receiver", "bind_transmitter", "bind_transceiver", "query_sm", "submit_sm", "deliver_sm", "unbind"]
    paired += ["replace_sm", "cancel_sm", "enquire_link", "submit_multi", "data_sm"]
    assert {*paired, *(f"{name}_resp" for name in paired)} <= names
    assert {"generic_nack", "outbind", "alert_notification"} <= names


@pytest.mark.parametrize(
    "name",
    [
        *("bind_transmitter", "bind_receiver", "bind_transceiver", "data_sm", "submit_sm", "deliver_sm", "query_sm"),
        *("unbind", "enquire_link", "alert_notification"),
    ],
)
def test_the_fields_of_a_command_are_smpplib_s_in_its_order(name: str) -> None:
    theirs = factory(name, client=Numbering())
    optional = {"sm_length", "short_message", *SMPPLIB_TAGS}
    (ours,) = [command for command in COMMANDS.values() if command.name == name]
    names = [field.name for field in ours.fields if field.name not in optional]
    assert names == [field for field in theirs.params_order if field not in optional]


def test_a_submit_sm_reads_whole() -> None:
    read = one(0x04, SUBMIT)
    assert read.error is None
    assert list(read.body) == [
        *("service_type", "source_addr_ton", "source_addr_npi", "source_addr"),
        *("dest_addr_ton", "dest_addr_npi", "destination_addr", "esm_class", "protocol_id", "priority_flag"),
        *("schedule_delivery_time", "validity_period", "registered_delivery", "replace_if_present_flag"),
        *("data_coding", "sm_default_msg_id", "sm_length", "short_message"),
    ]
    assert read.in_words["validity_period"] == "P0Y0M0DT0H5M0S"
    assert read.in_words["source_addr_ton"] == "international"
    assert read.in_words["registered_delivery"] == "receipt on success and failure"
    assert read.message is not None
    assert read.message.text == "hi"


def test_a_submit_multi_says_each_destination() -> None:
    destinations = b"\x02" + b"\x01" + ADDRESS + b"\x02friends\0"
    read = one(0x21, b"\0" + ADDRESS + destinations + b"\0\0\0\0\0\0\0\0\0" + b"\1x")
    assert read.error is None
    assert read.body["number_of_dests"] == 2
    assert read.body["dest_address"] == [
        {"dest_flag": 1, "dest_addr_ton": 1, "dest_addr_npi": 1, "destination_addr": "491701234567"},
        {"dest_flag": 2, "dl_name": "friends"},
    ]
    bad = one(0x21, b"\0" + ADDRESS + b"\x02\x03")
    assert fault(bad) == ("bad-flag", 16 + 1 + len(ADDRESS) + 1)


def test_a_submit_multi_resp_says_who_was_refused_and_why() -> None:
    read = one(0x80000021, b"id\0" + b"\x01" + ADDRESS + struct.pack(">I", 0x0B))
    assert read.error is None
    assert read.body["unsuccess_sme"] == [
        {
            "dest_addr_ton": 1,
            "dest_addr_npi": 1,
            "destination_addr": "491701234567",
            "error_status_code": 0x0B,
            "status_name": "ESME_RINVDSTADR",
        }
    ]


def test_an_outbind_and_every_bind_say_their_password_and_a_fault_does_not() -> None:
    for command_id, rest in ((0x0B, b""), (0x01, b"\0\x34\0\0\0"), (0x02, b"\0\x34\0\0\0"), (0x09, b"\0\x34\0\0\0")):
        read = one(command_id, b"aurora\0hunter2\0" + rest)
        assert read.error is None
        assert read.body["password"] == "hunter2"
    assert one(0x0B, b"aurora\0\0").body["password"] == ""
    too_long = one(0x0B, b"aurora\0hunter2hunter2\0").error
    assert too_long is not None
    assert "hunter2" not in too_long.detail


def test_a_refusal_needs_no_body_and_a_yes_does() -> None:
    for command_id in (0x80000001, 0x80000003, 0x80000004, 0x80000005, 0x80000021, 0x80000103):
        assert one(command_id, status=0x08).error is None
        assert fault(one(command_id)) == ("truncated", 16)


@pytest.mark.parametrize("command_id", [0x06, 0x15, 0x80000000, 0x80000006, 0x80000007, 0x80000008, 0x80000015])
def test_a_header_alone_has_nothing_after_it(command_id: int) -> None:
    assert one(command_id).error is None
    assert fault(one(command_id, b"x")) == ("trailing-octets", 16)


@pytest.mark.parametrize("cut", range(len(SUBMIT)))
def test_a_body_that_ends_early_says_which_field_is_missing_and_keeps_those_before_it(cut: int) -> None:
    read = one(0x04, SUBMIT[:cut])
    code, octet = fault(read)
    assert code in ("truncated", "no-nul")
    assert 16 <= octet <= 16 + cut
    whole = one(0x04, SUBMIT).body
    assert all(whole[name] == value for name, value in read.body.items())


@pytest.mark.parametrize(
    ("body", "code", "octet"),
    [
        (b"toolong\0" + SUBMIT[4:], "too-long", 16),
        (SUBMIT.replace(b"000000000500000R", b"2611221200000000"), "bad-time", 16 + 4 + 2 * len(ADDRESS) + 4),
        (SUBMIT + b"\x02", "trailing-octets", 16 + len(SUBMIT)),
        (SUBMIT + b"\x02\x04\0\x02\1", "tlv-cut-off", 16 + len(SUBMIT)),
        (SUBMIT + b"\x02\x04\0\x01\1", "tlv-length", 16 + len(SUBMIT)),
        (SUBMIT + b"\x14\x00\0\x01A" + b"\x02\x04\0\x09", "tlv-cut-off", 16 + len(SUBMIT) + 5),
    ],
)
def test_a_fault_is_where_the_wrong_thing_begins(body: bytes, code: str, octet: int) -> None:
    read = one(0x04, body)
    assert fault(read) == (code, octet)
    assert read.body["sm_length"] == 2, "what can be read is read"


def test_a_user_data_header_is_taken_apart_and_its_faults_are_found() -> None:
    head, esm_class = SUBMIT[:-3], 4 + 2 * len(ADDRESS)
    head = head[:esm_class] + b"\x40" + head[esm_class + 1 :]
    message_at = 16 + len(head) + 1
    sound = one(0x04, head + b"\x08\x05\x00\x03\xd2\x02\x01hi")
    assert sound.error is None
    assert sound.message is not None
    assert sound.message.udh is not None
    assert sound.message.udh[0].value == {"reference": 0xD2, "total": 2, "sequence": 1}
    assert sound.message.text == "hi"
    assert fault(one(0x04, head + b"\x03\x05hi")) == ("udh-too-long", message_at)
    assert fault(one(0x04, head + b"\x05\x04\x00\x03\xd2\x02")) == ("udh-cut-off", message_at + 1)
    in_payload = one(0x04, head + b"\0" + b"\x04\x24\0\x02\x05h")
    assert fault(in_payload) == ("udh-too-long", message_at + 4)


def test_the_next_pdu_goes_on_after_a_malformed_body_and_not_after_a_broken_length() -> None:
    link = live.write_enquire_link(9)
    bad = live.HEADER.pack(17, 0x80000004, 0, 1) + b"x"
    after_bad = dissect(link + bad + link)
    assert [read.error and (read.error.code, read.error.octet) for read in after_bad] == [None, ("no-nul", 32), None]
    after_broken = dissect(link + live.HEADER.pack(3, 4, 0, 1) + link)
    assert [read.error and (read.error.code, read.error.octet) for read in after_broken] == [
        None,
        ("length-too-short", 16),
    ]
    assert after_broken[1].command_length == 3


def test_a_pdu_that_the_live_session_would_not_take_is_too_long_although_all_of_it_is_there() -> None:
    octets = live.HEADER.pack(live.LONGEST_PDU + 1, 4, 0, 1) + bytes(live.LONGEST_PDU + 1 - 16)
    assert fault(dissect(octets)[0]) == ("length-too-long", 0)


def test_the_simulator_s_bind_and_receipt_are_read() -> None:
    said = dissect(wire.bind_response(0x09, 3, "sim"))[0]
    assert (said.command, said.error, said.body) == ("bind_transceiver_resp", None, {"system_id": "sim"})
    assert [(tlv.name, tlv.in_words) for tlv in said.tlvs] == [("sc_interface_version", "3.4")]


def test_nothing_is_no_pdu() -> None:
    assert dissect(b"") == []
