"""PDU after PDU out of octets, each walked field by field. Never raises: what is wrong is said with its octet.

Source: SMPP 3.4 3.2, 4, 5.1; DOMAIN 2.1 - 2.3, 2.13.
"""

from collections.abc import Iterator
from typing import Any, Final

import msgspec

from connectors.smpp.dissect import words
from connectors.smpp.dissect.commands import COMMANDS, RESPONSE, Command, Field
from connectors.smpp.dissect.cursor import Cursor, Fault, Unreadable
from connectors.smpp.dissect.message import Message, read_message
from connectors.smpp.dissect.tags import MESSAGE_PAYLOAD, Tlv, read_tlvs
from connectors.smpp.dissect.times import in_iso
from pipeline.domain.smpp.statuses import name_of

HEADER: Final = 16
LONGEST_PDU: Final = 1 << 17  # as the live session takes: more is a lost stream, not a message
_SME: Final = 1
_LIST: Final = 2


class Pdu(msgspec.Struct, frozen=True, kw_only=True):
    """One PDU. Of a header that is cut off the rest is null; of a body, what comes after its fault is left out.

    `body` has the mandatory fields by the specification's names, numbers as numbers and octets in hex; `in_words`
    says what some of them (and the times) mean; `message` is short_message or message_payload taken apart.
    """

    command: str | None
    command_id: int | None
    command_length: int | None
    command_status: int | None
    status_name: str | None
    sequence_number: int | None
    body: dict[str, Any]
    tlvs: list[Tlv]
    error: Fault | None
    in_words: dict[str, str]
    message: Message | None


def dissect(octets: bytes) -> list[Pdu]:
    """All PDUs of octets as captured, in order. Never raises.

    After a malformed body the next PDU begins where command_length says; after a broken command_length nothing is
    read, since where the next one begins is unknown.
    """
    return list(_walk(octets))


def _walk(octets: bytes) -> Iterator[Pdu]:
    at = 0
    while at < len(octets):
        left = len(octets) - at
        length = int.from_bytes(octets[at : at + 4], "big")
        fault = _length_fault(length, left, at)
        yield _pdu(octets, at, at + max(HEADER, min(length, left)), fault)
        if fault is not None:
            return
        at += length


def _length_fault(length: int, left: int, at: int) -> Fault | None:
    if left >= 4 and length < HEADER:
        return Fault(code="length-too-short", detail=f"command_length={length}, expected at least {HEADER}", octet=at)
    if left < HEADER:
        return Fault(code="header-cut-off", detail=f"{left} octets left, expected a header of {HEADER}", octet=at)
    if length > left:
        detail = f"command_length={length}, but {left} octets are left"
        return Fault(code="length-too-long", detail=detail, octet=at)
    if length > LONGEST_PDU:
        detail = f"command_length={length}, expected at most {LONGEST_PDU}"
        return Fault(code="length-too-long", detail=detail, octet=at)
    return None


def _pdu(octets: bytes, at: int, end: int, fault: Fault | None) -> Pdu:
    numbers = [_word(octets, at + offset) for offset in (0, 4, 8, 12)]
    length, command_id, status, sequence = numbers
    walk = _Walk(Cursor(octets, at + HEADER, min(end, len(octets))))
    command = None if command_id is None else COMMANDS.get(command_id) or Command(f"unknown_0x{command_id:08X}")
    if command is not None and command_id is not None and status is not None and not _is_lost(fault):
        walk.read(command, command_id, status)
    return Pdu(
        command=None if command is None else command.name,
        command_id=command_id,
        command_length=length,
        command_status=status,
        status_name=None if status is None else name_of(status),
        sequence_number=sequence,
        body=walk.body,
        tlvs=[tlv for tlv, _ in walk.tlvs],
        error=fault or walk.cursor.fault,
        in_words=walk.in_words,
        message=walk.message,
    )


def _is_lost(fault: Fault | None) -> bool:
    """Whether nothing says where the body ends, not even the end of what was given."""
    return fault is not None and fault.code != "length-too-long"


def _word(octets: bytes, at: int) -> int | None:
    word = octets[at : at + 4]
    return int.from_bytes(word, "big") if len(word) == 4 else None


class _Walk:
    """What has been read of one PDU's body."""

    def __init__(self, cursor: Cursor) -> None:
        self.cursor = cursor
        self.body: dict[str, Any] = {}
        self.in_words: dict[str, str] = {}
        self.tlvs: list[tuple[Tlv, int]] = []
        self.message: Message | None = None
        self._message_at = cursor.at

    def read(self, command: Command, command_id: int, status: int) -> None:
        """Read the body to its end or to the first fault that nothing can be read after."""
        cursor = self.cursor
        if command_id not in COMMANDS:
            self.body["octets"] = cursor.octets[cursor.at : cursor.end].hex()
            cursor.note("unknown-command", f"command_id=0x{command_id:08X}", cursor.at - HEADER + 4)
            return
        if not cursor.left and command_id & RESPONSE and status:
            return  # a refusal needs no body (4.4.2)
        try:
            for field in command.fields:
                self._field(field)
        except Unreadable as stop:
            cursor.note(stop.fault.code, stop.fault.detail, stop.fault.octet)
        else:
            self._rest(command)
        self._read_message()

    def _rest(self, command: Command) -> None:
        cursor = self.cursor
        if command.fields:
            self.tlvs = read_tlvs(cursor)
        elif cursor.left:
            cursor.note("trailing-octets", f"{cursor.left} octets after the header of {command.name}", cursor.at)

    def _field(self, field: Field) -> None:
        cursor, name = self.cursor, field.name
        match field.shape:
            case "number":
                self._say(name, cursor.number(field.size, name))
            case "text":
                self.body[name] = cursor.text(field.size, name)
            case "time":
                self._time(name, field.size)
            case "message":
                length = cursor.number(1, "sm_length")
                self.body["sm_length"] = length
                self._message_at = cursor.at
                self.body[name] = cursor.take(length, name).hex()
            case "destinations":
                self._list("number_of_dests", name, self._destination)
            case "unsuccessful":
                self._list("no_unsuccess", name, self._unsuccessful)

    def _say(self, name: str, value: int) -> None:
        self.body[name] = value
        said = words.of(name, value)
        if said is not None:
            self.in_words[name] = said

    def _time(self, name: str, size: int) -> None:
        start = self.cursor.at
        written = self.body[name] = self.cursor.text(size, name)
        if not written:
            return
        said = in_iso(written)
        if said is not None:
            self.in_words[name] = said
            return
        self.cursor.note("bad-time", f"{name}={written[:20]!r}, expected '' or YYMMDDhhmmsstnnp", start)

    def _list(self, counter: str, name: str, read: Any) -> None:
        count = self.body[counter] = self.cursor.number(1, counter)
        found: list[dict[str, Any]] = []
        self.body[name] = found
        for _ in range(count):
            found.append(read())

    def _destination(self) -> dict[str, Any]:
        cursor = self.cursor
        flag = cursor.number(1, "dest_flag")
        if flag == _LIST:
            return {"dest_flag": flag, "dl_name": cursor.text(21, "dl_name")}
        if flag != _SME:
            raise Unreadable("bad-flag", f"dest_flag={flag}, expected 1 (SME) or 2 (list)", cursor.at - 1)
        return {"dest_flag": flag, **self._address()}

    def _unsuccessful(self) -> dict[str, Any]:
        address = self._address()
        status = self.cursor.number(4, "error_status_code")
        return {**address, "error_status_code": status, "status_name": name_of(status)}

    def _address(self) -> dict[str, Any]:
        cursor = self.cursor
        return {
            "dest_addr_ton": cursor.number(1, "dest_addr_ton"),
            "dest_addr_npi": cursor.number(1, "dest_addr_npi"),
            "destination_addr": cursor.text(21, "destination_addr"),
        }

    def _read_message(self) -> None:
        """The message, of short_message or (where that is empty) of message_payload."""
        found, start = self.body.get("short_message", ""), self._message_at
        if not found:
            payload = next(((tlv.hex, at) for tlv, at in self.tlvs if tlv.tag == MESSAGE_PAYLOAD), None)
            if payload is None:
                return
            found, start = payload
        self.message = read_message(
            self.cursor,
            bytes.fromhex(found),
            start,
            esm_class=self.body.get("esm_class", 0),
            data_coding=self.body.get("data_coding", 0),
        )
