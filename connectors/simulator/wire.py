"""SMPP 3.4 PDUs as octets: a second, independent reading of the specification.

Pure functions over bytes. Only what an SMSC needs: it reads binds, submit_sm and responses, and writes
responses, deliver_sm, enquire_link and unbind. Called by `session`. Nothing is shared with the connector's codec.
Source: SMPP 3.4 Issue 1.2, sections 3.2, 4.1, 4.4, 4.6, 5.2, 5.3.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from connectors.simulator import codes

HEADER = struct.Struct(">IIII")  # command_length (includes itself), command_id, command_status, sequence
HEADER_OCTETS = 16
MAX_PDU_OCTETS = 70_000  # a message_payload may hold 65,535 octets; anything longer is a broken stream
MAX_SEQUENCE = 0x7FFFFFFF
_TLV = struct.Struct(">HH")
Tlv = tuple[int, bytes]


class FramingError(Exception):
    """The stream cannot be cut into PDUs any more; the connection must be closed."""


class BodyError(Exception):
    """One PDU's body is wrong; answer it with `status` and go on.

    Remedy for the client: correct the field that the message names.
    """

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Frame(NamedTuple):
    """One PDU, its body not yet read."""

    command: int
    status: int
    sequence: int
    body: bytes


class Bind(NamedTuple):
    """The body of bind_transmitter, bind_receiver or bind_transceiver (4.1)."""

    system_id: str
    password: str
    system_type: str
    interface_version: int


class Address(NamedTuple):
    """An address with its type of number and numbering plan."""

    number: str
    ton: int
    npi: int


class Submit(NamedTuple):
    """The body of submit_sm (4.4.1), with the text from short_message or message_payload."""

    source: Address
    destination: Address
    esm_class: int
    data_coding: int
    registered_delivery: int
    payload: bytes
    is_payload_tlv: bool
    sar: tuple[int, int, int] | None  # reference, total, sequence from the sar_ TLVs


def cut_frames(buffer: bytearray) -> list[Frame]:
    """Take whole PDUs off the front of `buffer`, in order; an empty list means that more octets are needed.

    Call it until it answers an empty list: the PDUs before a broken length are handed over first, and only
    the next call raises FramingError (command_length below 16 or above MAX_PDU_OCTETS).
    """
    frames: list[Frame] = []
    start, end = 0, len(buffer)
    while end - start >= 4:
        length = int.from_bytes(buffer[start : start + 4], "big")
        if not HEADER_OCTETS <= length <= MAX_PDU_OCTETS:
            if frames:
                break
            raise FramingError(f"command_length={length}, expected {HEADER_OCTETS}..{MAX_PDU_OCTETS}")
        if end - start < length:
            break
        _, command, status, sequence = HEADER.unpack_from(buffer, start)
        frames.append(Frame(command, status, sequence, bytes(buffer[start + HEADER_OCTETS : start + length])))
        start += length
    if start:
        del buffer[:start]
    return frames


def pdu(command: int, sequence: int, body: bytes = b"", status: int = codes.OK) -> bytes:
    """One PDU with its header."""
    return HEADER.pack(HEADER_OCTETS + len(body), command, status, sequence) + body


def response(frame_command: int, sequence: int, body: bytes = b"", status: int = codes.OK) -> bytes:
    """The response to a request; a response that is not OK has no body (4.4.2)."""
    return pdu(frame_command | codes.RESPONSE, sequence, body if status == codes.OK else b"", status)


def bind_response(command: int, sequence: int, smsc_id: str) -> bytes:
    """A successful bind answer with system_id and sc_interface_version 3.4."""
    return response(command, sequence, _c(smsc_id) + _tlv(codes.TLV_INTERFACE_VERSION, b"\x34"))


def parse_bind(body: bytes) -> Bind:
    """Read a bind request. Raises BodyError."""
    system_id, at = _cstring(body, 0, 16, "system_id", codes.RINVSYSID)
    password, at = _cstring(body, at, 9, "password", codes.RINVPASWD)
    system_type, at = _cstring(body, at, 13, "system_type", codes.RINVSYSTYP)
    if len(body) < at + 3:
        raise BodyError(codes.RINVCMDLEN, "bind body ends before interface_version, addr_ton, addr_npi")
    _cstring(body, at + 3, 41, "address_range", codes.RINVCMDLEN)
    return Bind(system_id, password, system_type, body[at])


def parse_submit(body: bytes) -> Submit:
    """Read a submit_sm request. Raises BodyError with the status that names the wrong field."""
    service_end = body.find(b"\0", 0, 6)
    if service_end < 0:
        raise BodyError(codes.RINVSERTYP, "service_type: expected at most 5 octets and a NUL")
    at = service_end + 1
    source, at = _address(body, at, "source_addr", codes.RINVSRCADR)
    destination, at = _address(body, at, "destination_addr", codes.RINVDSTADR)
    if not destination.number:
        raise BodyError(codes.RINVDSTADR, "destination_addr: empty, expected 1..20 octets")
    if len(body) < at + 3:
        raise BodyError(codes.RINVCMDLEN, "submit_sm body ends before esm_class, protocol_id, priority_flag")
    esm_class = body[at]
    at = _time(body, at + 3, "schedule_delivery_time", codes.RINVSCHED)
    at = _time(body, at, "validity_period", codes.RINVEXPIRY)
    if len(body) < at + 5:
        raise BodyError(codes.RINVCMDLEN, "submit_sm body ends before sm_length")
    registered_delivery, _, data_coding, _, length = body[at : at + 5]
    at += 5
    if length > 254:
        raise BodyError(codes.RINVMSGLEN, f"sm_length={length}, expected 0..254")
    if len(body) < at + length:
        raise BodyError(codes.RINVCMDLEN, f"sm_length={length}, but {len(body) - at} octets follow")
    payload, sar, is_tlv = body[at : at + length], None, False
    if len(body) > at + length:
        payload, sar, is_tlv = _submit_tlvs(payload, dict(parse_tlvs(body, at + length)))
    return Submit(source, destination, esm_class, data_coding, registered_delivery, payload, is_tlv, sar)


def parse_tlvs(body: bytes, at: int) -> list[Tlv]:
    """Read the optional parameters from octet `at` to the end. Unknown tags are kept. Raises BodyError."""
    found: list[Tlv] = []
    while at < len(body):
        if len(body) < at + 4:
            raise BodyError(codes.RINVOPTPARSTREAM, f"{len(body) - at} octets after the last TLV")
        tag, length = _TLV.unpack_from(body, at)
        at += 4
        if len(body) < at + length:
            raise BodyError(codes.RINVOPTPARSTREAM, f"TLV 0x{tag:04X} length={length} is past the end")
        found.append((tag, body[at : at + length]))
        at += length
    return found


def deliver_body(
    source: Address,
    destination: Address,
    *,
    esm_class: int,
    data_coding: int,
    short_message: bytes,
    tlvs: Iterable[Tlv] = (),
) -> bytes:
    """The body of a deliver_sm (4.6.1). `short_message` holds at most 254 octets."""
    if len(short_message) > 254:
        raise ValueError(f"short_message: {len(short_message)} octets, expected 0..254")
    return b"".join(
        (
            b"\0",
            bytes((source.ton, source.npi)),
            _c(source.number),
            bytes((destination.ton, destination.npi)),
            _c(destination.number),
            bytes((esm_class, 0, 0)),
            b"\0\0",  # schedule_delivery_time and validity_period are empty in deliver_sm
            bytes((0, 0, data_coding, 0, len(short_message))),
            short_message,
            *(_tlv(tag, value) for tag, value in tlvs),
        )
    )


def _submit_tlvs(payload: bytes, tlvs: dict[int, bytes]) -> tuple[bytes, tuple[int, int, int] | None, bool]:
    """Take the text and the concatenation out of a submit's TLVs; all others are ignored."""
    long_text = tlvs.get(codes.TLV_MESSAGE_PAYLOAD)
    if long_text is not None and payload:
        raise BodyError(codes.ROPTPARNOTALLWD, "message_payload beside a short_message, expected one of them")
    sar_keys = (codes.TLV_SAR_REFERENCE, codes.TLV_SAR_TOTAL, codes.TLV_SAR_SEQUENCE)
    values = [tlvs[key] for key in sar_keys if key in tlvs]
    sar = _sar(values) if len(values) == 3 else None
    return (payload if long_text is None else long_text), sar, long_text is not None


def _sar(values: Sequence[bytes]) -> tuple[int, int, int]:
    reference, total, sequence = values
    if len(reference) != 2 or len(total) != 1 or len(sequence) != 1:
        raise BodyError(codes.RINVPARLEN, "sar_ TLVs: expected lengths 2, 1 and 1")
    return int.from_bytes(reference, "big"), total[0], sequence[0]


def _address(body: bytes, at: int, name: str, status: int) -> tuple[Address, int]:
    if len(body) < at + 3:
        raise BodyError(codes.RINVCMDLEN, f"submit_sm body ends before {name}")
    number, end = _cstring(body, at + 2, 21, name, status)
    return Address(number, body[at], body[at + 1]), end


def _time(body: bytes, at: int, name: str, status: int) -> int:
    """Skip a time field, which is empty or 16 characters and a NUL (7.1.1)."""
    end = body.find(b"\0", at, at + 17)
    if end < 0 or end - at not in (0, 16):
        raise BodyError(status, f"{name}: expected 0 or 16 characters and a NUL")
    return end + 1


def _cstring(body: bytes, at: int, limit: int, name: str, status: int) -> tuple[str, int]:
    """A C-octet string of at most `limit` octets with its NUL, and the offset after it."""
    end = body.find(b"\0", at, at + limit)
    if end < 0:
        raise BodyError(status, f"{name}: expected at most {limit - 1} octets and a NUL")
    return body[at:end].decode("latin-1"), end + 1


def _c(text: str) -> bytes:
    return text.encode("latin-1", "replace") + b"\0"


def _tlv(tag: int, value: bytes) -> bytes:
    return _TLV.pack(tag, len(value)) + value
