"""Optional parameters (TLVs): the tags of SMPP 3.4 and 5.0 with their types, and one TLV read.

Tags 0x1400-0x3FFF belong to vendors and clash between them (DOMAIN 2.13): they are kept by number. Sources: SMPP 3.4
3.2.4, 5.3; SMPP 5.0 4.8.4.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, Literal

import msgspec

from connectors.smpp.dissect import words
from connectors.smpp.dissect.cursor import Cursor

MESSAGE_PAYLOAD: Final = 0x0424

Kind = Literal["number", "text", "octets", "error", "callback", "subaddress", "tagged", "pair"]

TAGS: Final[Mapping[int, tuple[str, Kind, tuple[int, ...]]]] = MappingProxyType(
    {  # tag: name, kind, lengths that a number may have
        0x0005: ("dest_addr_subunit", "number", (1,)),
        0x0006: ("dest_network_type", "number", (1,)),
        0x0007: ("dest_bearer_type", "number", (1,)),
        0x0008: ("dest_telematics_id", "number", (2,)),
        0x000D: ("source_addr_subunit", "number", (1,)),
        0x000E: ("source_network_type", "number", (1,)),
        0x000F: ("source_bearer_type", "number", (1,)),
        0x0010: ("source_telematics_id", "number", (1, 2)),  # 5.3.2.8 says 1, SMPP 5.0 says 2
        0x0017: ("qos_time_to_live", "number", (4,)),
        0x0019: ("payload_type", "number", (1,)),
        0x001D: ("additional_status_info_text", "text", ()),
        0x001E: ("receipted_message_id", "text", ()),
        0x0030: ("ms_msg_wait_facilities", "number", (1,)),
        0x0201: ("privacy_indicator", "number", (1,)),
        0x0202: ("source_subaddress", "subaddress", ()),
        0x0203: ("dest_subaddress", "subaddress", ()),
        0x0204: ("user_message_reference", "number", (2,)),
        0x0205: ("user_response_code", "number", (1,)),
        0x020A: ("source_port", "number", (2,)),
        0x020B: ("destination_port", "number", (2,)),
        0x020C: ("sar_msg_ref_num", "number", (2,)),
        0x020D: ("language_indicator", "number", (1,)),
        0x020E: ("sar_total_segments", "number", (1,)),
        0x020F: ("sar_segment_seqnum", "number", (1,)),
        0x0210: ("sc_interface_version", "number", (1,)),
        0x0302: ("callback_num_pres_ind", "number", (1,)),
        0x0303: ("callback_num_atag", "tagged", ()),
        0x0304: ("number_of_messages", "number", (1,)),
        0x0381: ("callback_num", "callback", ()),
        0x0420: ("dpf_result", "number", (1,)),
        0x0421: ("set_dpf", "number", (1,)),
        0x0422: ("ms_availability_status", "number", (1,)),
        0x0423: ("network_error_code", "error", ()),
        MESSAGE_PAYLOAD: ("message_payload", "octets", ()),
        0x0425: ("delivery_failure_reason", "number", (1,)),
        0x0426: ("more_messages_to_send", "number", (1,)),
        0x0427: ("message_state", "number", (1,)),
        0x0428: ("congestion_state", "number", (1,)),
        0x0501: ("ussd_service_op", "number", (1,)),
        0x0600: ("broadcast_channel_indicator", "number", (1,)),
        0x0601: ("broadcast_content_type", "pair", ()),
        0x0602: ("broadcast_content_type_info", "octets", ()),
        0x0603: ("broadcast_message_class", "number", (1,)),
        0x0604: ("broadcast_rep_num", "number", (2,)),
        0x0605: ("broadcast_frequency_interval", "pair", ()),
        0x0606: ("broadcast_area_identifier", "tagged", ()),
        0x0607: ("broadcast_error_status", "number", (4,)),
        0x0608: ("broadcast_area_success", "number", (1,)),
        0x0609: ("broadcast_end_time", "text", ()),
        0x060A: ("broadcast_service_group", "octets", ()),
        0x060B: ("billing_identification", "tagged", ()),
        0x060D: ("source_network_id", "text", ()),
        0x060E: ("dest_network_id", "text", ()),
        0x060F: ("source_node_id", "text", ()),
        0x0610: ("dest_node_id", "text", ()),
        0x0611: ("dest_addr_np_resolution", "number", (1,)),
        0x0612: ("dest_addr_np_information", "text", ()),
        0x0613: ("dest_addr_np_country", "number", (1, 2, 3, 4, 5)),
        0x1201: ("display_time", "number", (1,)),
        0x1203: ("sms_signal", "number", (2,)),
        0x1204: ("ms_validity", "number", (1, 4)),  # 5.0 adds a unit and a count
        0x130C: ("alert_on_message_delivery", "number", (0, 1)),
        0x1380: ("its_reply_type", "number", (1,)),
        0x1383: ("its_session_info", "number", (2,)),
    }
)


class Tlv(msgspec.Struct, frozen=True, kw_only=True):
    """One optional parameter. `value` is a number, a text or an object; the octets in hex where no type is known."""

    tag: int
    name: str
    length: int
    value: Any
    hex: str
    in_words: str | None = None


def name_of(tag: int) -> str:
    """The specification's name, or vendor_0x.... (0x1400-0x3FFF) or unknown_0x...."""
    known = TAGS.get(tag)
    if known is not None:
        return known[0]
    return f"vendor_0x{tag:04X}" if 0x1400 <= tag <= 0x3FFF else f"unknown_0x{tag:04X}"


def read_tlvs(cursor: Cursor) -> list[tuple[Tlv, int]]:
    """The TLVs up to the end, each with where its value begins. What is cut off, or left after the last, is noted."""
    found: list[tuple[Tlv, int]] = []
    while cursor.left >= 4:
        start = cursor.at
        tag, length = cursor.number(2, "tag"), cursor.number(2, "length")
        if length > cursor.left:
            detail = f"{name_of(tag)}: length={length}, but {cursor.left} octets are left"
            cursor.note("tlv-cut-off", detail, start)
            return found
        found.append((_tlv(tag, cursor.take(length, "value")), start + 4))
        sizes = TAGS[tag][2] if tag in TAGS else ()
        if sizes and length not in sizes:
            expected = " or ".join(map(str, sizes))
            cursor.note("tlv-length", f"{name_of(tag)}: length={length}, expected {expected}", start)
    if cursor.left:
        cursor.note("trailing-octets", f"{cursor.left} octets left, expected none or a whole TLV", cursor.at)
    return found


def _tlv(tag: int, octets: bytes) -> Tlv:
    kind: Kind = TAGS[tag][1] if tag in TAGS else "octets"
    value = _value(kind, octets)
    name = name_of(tag)
    said = words.of(name, value) if isinstance(value, int) else None
    return Tlv(tag=tag, name=name, length=len(octets), value=value, hex=octets.hex(), in_words=said)


def _value(kind: Kind, octets: bytes) -> Any:
    match kind:
        case "number" if len(octets) <= 5:
            return int.from_bytes(octets, "big")
        case "text":
            return octets.removesuffix(b"\0").decode("latin-1")
        case "error" if len(octets) == 3:  # 5.3.2.31
            return {"network_type": octets[0], "error_code": int.from_bytes(octets[1:], "big")}
        case "callback" if len(octets) >= 3:  # 5.3.2.36; digit mode 0 is TBCD, 1 ASCII
            number = octets[3:].decode("latin-1") if octets[0] == 1 else octets[3:].hex()
            return {"digit_mode": octets[0], "ton": octets[1], "npi": octets[2], "number": number}
        case "subaddress" if octets:  # 5.3.2.15
            return {"type": octets[0], "address": octets[1:].hex()}
        case "tagged" if octets:
            return {"format": octets[0], "octets": octets[1:].hex()}
        case "pair" if len(octets) == 3:
            return {"kind": octets[0], "value": int.from_bytes(octets[1:], "big")}
    return octets.hex()
