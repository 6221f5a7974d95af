"""SMPP 3.4 PDUs: octets from a stream to frames, frames to what we read, what we send to octets.

Writing leans on smpplib's PDU classes. Reading is our own: smpplib's reader raises on a TLV that it does not
know and misreads a string without its NUL, and a carrier's odd PDU may stop nobody. Pure: no socket, no clock.
Sources: SMPP 3.4 section 3.2, 4, 5.1; DOMAIN 2.1 - 2.3, 2.13.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from smpplib import command

HEADER: Final = struct.Struct(">IIII")
LONGEST_PDU: Final = 1 << 17  # a message_payload is at most 64 KiB; more is a lost stream, not a message
LONGEST_SHORT_MESSAGE: Final = 254  # octets (SMPP 3.4 5.2.22)
LAST_SEQUENCE: Final = 0x7FFFFFFF

BIND_TRANSCEIVER: Final = 0x00000009
SUBMIT_SM: Final = 0x00000004
DELIVER_SM: Final = 0x00000005
UNBIND: Final = 0x00000006
OUTBIND: Final = 0x0000000B
ENQUIRE_LINK: Final = 0x00000015
ALERT_NOTIFICATION: Final = 0x00000102
GENERIC_NACK: Final = 0x80000000
RESPONSE: Final = 0x80000000

TLV_RECEIPTED_MESSAGE_ID: Final = 0x001E
TLV_USER_MESSAGE_REFERENCE: Final = 0x0204
TLV_SAR_REFERENCE: Final = 0x020C
TLV_SAR_TOTAL: Final = 0x020E
TLV_SAR_SEQUENCE: Final = 0x020F
TLV_NETWORK_ERROR: Final = 0x0423
TLV_MESSAGE_PAYLOAD: Final = 0x0424
TLV_MESSAGE_STATE: Final = 0x0427

STATUS_OK: Final = 0x00
STATUS_INVALID_COMMAND: Final = 0x03
STATUS_TEMPORARY: Final = 0x64  # ESME_RX_T_APPN: cannot be stored now, bring it again


class BrokenStream(Exception):
    """A command_length that no PDU has: where the next PDU begins is unknown, so the session must be closed."""


class MalformedBody(Exception):
    """The mandatory fields of a body end too soon: keep the octets for a person, never guess."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One PDU as it stood in the stream; the body is not read yet."""

    command_id: int
    status: int
    sequence: int
    body: bytes = b""

    @property
    def is_response(self) -> bool:
        return bool(self.command_id & RESPONSE)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverSm:
    """What a deliver_sm says. Addresses are latin-1 text; unknown TLVs are kept by tag, the first of each."""

    source_ton: int = 0
    source_npi: int = 0
    source: str = ""
    destination: str = ""
    esm_class: int = 0
    data_coding: int = 0
    short_message: bytes = b""
    tlvs: dict[int, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitSm:
    """What we put into a submit_sm; all other fields are 0 or empty (DOMAIN 2.15).

    `sar` is (reference, total, sequence) of the sar_ TLVs. A `short_message` past 254 octets goes as message_payload.
    """

    source_ton: int
    source_npi: int
    source: str
    destination: str
    esm_class: int
    data_coding: int
    short_message: bytes
    validity_period: str = ""
    registered_delivery: int = 1
    destination_ton: int = 1
    destination_npi: int = 1
    sar: tuple[int, int, int] | None = None


class Framer:
    """Cuts a byte stream into frames, however the network chunked it."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, chunk: bytes) -> Iterator[Frame]:
        """The frames that are whole now, in order.

        Raises BrokenStream at a length outside 16..LONGEST_PDU, after the sound frames before it.
        """
        self._buffer += chunk
        while len(self._buffer) >= HEADER.size:
            length, command_id, status, sequence = HEADER.unpack_from(self._buffer)
            if not HEADER.size <= length <= LONGEST_PDU:
                raise BrokenStream(f"command_length={length}, expected {HEADER.size}..{LONGEST_PDU}")
            if len(self._buffer) < length:
                return
            body = bytes(self._buffer[HEADER.size : length])
            del self._buffer[:length]
            yield Frame(command_id, status, sequence, body)


def read_deliver_sm(body: bytes) -> DeliverSm:
    """A deliver_sm's body. Unknown and cut-off TLVs are no error; a cut-off mandatory part is MalformedBody."""
    reader = _Reader(body)
    reader.text()  # service_type
    source_ton, source_npi = reader.octet(), reader.octet()
    source = reader.text()
    reader.octet()  # dest_addr_ton
    reader.octet()  # dest_addr_npi
    destination = reader.text()
    esm_class = reader.octet()
    reader.octet()  # protocol_id
    reader.octet()  # priority_flag
    reader.text()  # schedule_delivery_time
    reader.text()  # validity_period
    reader.octet()  # registered_delivery
    reader.octet()  # replace_if_present_flag
    data_coding = reader.octet()
    reader.octet()  # sm_default_msg_id
    short_message = reader.octets(reader.octet())
    return DeliverSm(
        source_ton=source_ton,
        source_npi=source_npi,
        source=source,
        destination=destination,
        esm_class=esm_class,
        data_coding=data_coding,
        short_message=short_message,
        tlvs=read_tlvs(reader.rest()),
    )


def read_tlvs(octets: bytes) -> dict[int, bytes]:
    """Optional parameters by tag, the first of each. Never raises: what is cut off is left out."""
    tlvs: dict[int, bytes] = {}
    at = 0
    while at + 4 <= len(octets):
        tag, length = struct.unpack_from(">HH", octets, at)
        if at + 4 + length > len(octets):
            break
        tlvs.setdefault(tag, octets[at + 4 : at + 4 + length])
        at += 4 + length
    return tlvs


def read_message_id(body: bytes) -> str:
    """The message_id of a submit_sm_resp; '' if there is no body. Never raises: ids are opaque octets."""
    return body.split(b"\0", 1)[0].decode("latin-1")


def write_bind(sequence: int, *, system_id: str, password: str) -> bytes:
    """A bind_transceiver. Raises ValueError if a credential does not fit its field (DOMAIN 2.2)."""
    if len(system_id) > 15 or len(password) > 8:
        raise ValueError(
            f"system_id of {len(system_id)} and password of {len(password)} octets, expected at most 15 and 8"
        )
    return _write("bind_transceiver", sequence, system_id=system_id, password=password)


def write_submit_sm(sequence: int, submit: SubmitSm) -> bytes:
    """A submit_sm. Raises UnicodeEncodeError where an address is not latin-1."""
    tlvs: dict[str, Any] = {}
    if submit.sar is not None:
        names = ("sar_msg_ref_num", "sar_total_segments", "sar_segment_seqnum")
        tlvs = dict(zip(names, submit.sar, strict=True))
    is_long = len(submit.short_message) > LONGEST_SHORT_MESSAGE
    return _write(
        "submit_sm",
        sequence,
        source_addr_ton=submit.source_ton,
        source_addr_npi=submit.source_npi,
        source_addr=submit.source,
        dest_addr_ton=submit.destination_ton,
        dest_addr_npi=submit.destination_npi,
        destination_addr=submit.destination,
        esm_class=submit.esm_class,
        data_coding=submit.data_coding,
        validity_period=submit.validity_period,
        registered_delivery=submit.registered_delivery,
        **{"message_payload" if is_long else "short_message": submit.short_message},
        **tlvs,
    )


def write_enquire_link(sequence: int) -> bytes:
    return _write("enquire_link", sequence)


def write_unbind(sequence: int) -> bytes:
    return _write("unbind", sequence)


def write_response(command_id: int, status: int, sequence: int) -> bytes:
    """The response to a request of the SMSC; a deliver_sm_resp carries its (empty) message_id."""
    body = b"\0" if command_id == DELIVER_SM else b""
    return HEADER.pack(HEADER.size + len(body), command_id | RESPONSE, status, sequence) + body


def write_generic_nack(status: int, sequence: int) -> bytes:
    return HEADER.pack(HEADER.size, GENERIC_NACK, status, sequence)


@dataclass(slots=True)
class _Numbering:
    """What smpplib's PDU classes ask of their client: a number for the next request."""

    sequence: int

    def next_sequence(self) -> int:
        return self.sequence


def _write(name: str, sequence: int, **fields: Any) -> bytes:
    octets: bytes = command.factory(name, client=_Numbering(sequence), **fields).generate()
    return octets


class _Reader:
    def __init__(self, body: bytes) -> None:
        self._body = body
        self._at = 0

    def octet(self) -> int:
        return self.octets(1)[0]

    def octets(self, count: int) -> bytes:
        if self._at + count > len(self._body):
            raise MalformedBody(f"{len(self._body)} octets, expected at least {self._at + count}")
        taken = self._body[self._at : self._at + count]
        self._at += count
        return taken

    def text(self) -> str:
        end = self._body.find(b"\0", self._at)
        if end < 0:
            raise MalformedBody(f"no NUL after octet {self._at} of {len(self._body)}")
        taken = self._body[self._at : end]
        self._at = end + 1
        return taken.decode("latin-1")

    def rest(self) -> bytes:
        return self._body[self._at :]
