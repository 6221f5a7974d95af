"""Laws of optional parameters. Source: SMPP 3.4 5.3.2; SMPP 5.0 4.8.4."""

import struct
from typing import Any

import pytest
from smpplib.consts import OPTIONAL_PARAMS

from connectors.smpp.dissect.cursor import Cursor
from connectors.smpp.dissect.tags import TAGS, Tlv, name_of, read_tlvs

TAGS_OF_3_4 = {  # SMPP 3.4 table 5-7
    *(0x0005, 0x0006, 0x0007, 0x0008, 0x000D, 0x000E, 0x000F, 0x0010, 0x0017, 0x0019, 0x001D, 0x001E, 0x0030),
    *(0x0201, 0x0202, 0x0203, 0x0204, 0x0205, 0x020A, 0x020B, 0x020C, 0x020D, 0x020E, 0x020F, 0x0210),
    *(0x0302, 0x0303, 0x0304, 0x0381, 0x0420, 0x0421, 0x0422, 0x0423, 0x0424, 0x0425, 0x0426, 0x0427),
    *(0x0501, 0x1201, 0x1203, 0x1204, 0x130C, 0x1380, 0x1383),
}


def one(tag: int, value: bytes) -> tuple[Tlv, str | None]:
    octets = struct.pack(">HH", tag, len(value)) + value
    cursor = Cursor(octets, 0, len(octets))
    ((tlv, at),) = read_tlvs(cursor)
    assert at == 4
    return tlv, None if cursor.fault is None else cursor.fault.code


def test_every_tag_of_the_specification_has_a_name() -> None:
    assert TAGS.keys() >= TAGS_OF_3_4


def test_names_agree_with_smpplib() -> None:
    assert len(OPTIONAL_PARAMS) >= 40
    assert {tag: TAGS[tag][0] for tag in OPTIONAL_PARAMS.values()} == {
        tag: name for name, tag in OPTIONAL_PARAMS.items()
    }


@pytest.mark.parametrize(
    ("tag", "octets", "name", "value", "in_words"),
    [
        (0x0427, b"\x02", "message_state", 2, "DELIVERED"),
        (0x0427, b"\x63", "message_state", 99, "reserved"),
        (0x001E, b"70BA8A69\0", "receipted_message_id", "70BA8A69", None),
        (0x001E, b"70BA8A69", "receipted_message_id", "70BA8A69", None),
        (0x001E, b"", "receipted_message_id", "", None),
        (0x0423, b"\x03\x00\x01", "network_error_code", {"network_type": 3, "error_code": 1}, None),
        (0x0423, b"\x03\x00", "network_error_code", "0300", None),
        (0x0424, b"\x00\xff", "message_payload", "00ff", None),
        (0x020C, b"\x12\x34", "sar_msg_ref_num", 0x1234, None),
        (0x0017, b"\x00\x00\x0e\x10", "qos_time_to_live", 3600, None),
        (0x0381, b"\x01\x01\x01555", "callback_num", {"digit_mode": 1, "ton": 1, "npi": 1, "number": "555"}, None),
        (0x0381, b"\x00\x01\x01\x55", "callback_num", {"digit_mode": 0, "ton": 1, "npi": 1, "number": "55"}, None),
        (0x130C, b"", "alert_on_message_delivery", 0, None),
        (0x0422, b"\x01", "ms_availability_status", 1, "denied"),
        (0x0210, b"\x34", "sc_interface_version", 0x34, "3.4"),
        (0x0210, b"\x50", "sc_interface_version", 0x50, "5.0"),
        (0x1400, b"1101", "vendor_0x1400", "31313031", None),
        (0x3FFF, b"", "vendor_0x3FFF", "", None),
        (0x4000, b"\x01", "unknown_0x4000", "01", None),
        (0x0601, b"\x01\x00\x20", "broadcast_content_type", {"kind": 1, "value": 32}, None),
    ],
)
def test_a_tlv_is_named_and_typed(tag: int, octets: bytes, name: str, value: Any, in_words: str | None) -> None:
    tlv, code = one(tag, octets)
    assert code is None
    assert (tlv.tag, tlv.name, tlv.length, tlv.value, tlv.hex, tlv.in_words) == (
        *(tag, name, len(octets), value, octets.hex(), in_words),
    )


@pytest.mark.parametrize(
    ("tag", "octets"), [(0x0204, b"\x01"), (0x0427, b""), (0x0210, b"\x00\x34"), (0x020C, b"1234567")]
)
def test_a_number_of_the_wrong_length_is_said_and_kept(tag: int, octets: bytes) -> None:
    tlv, code = one(tag, octets)
    assert code == "tlv-length"
    assert tlv.hex == octets.hex()


def test_tags_that_vendors_share_are_not_named() -> None:
    assert all(not 0x1400 <= tag <= 0x3FFF for tag in TAGS)
    assert name_of(0x1401) == "vendor_0x1401"
