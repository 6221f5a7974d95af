"""KIND pdu: every field of SMPP PDUs given in hex, or what is wrong at which octet."""

import re
from typing import Any, Final

import msgspec

from connectors.smpp.dissect import Pdu, dissect
from infra.inspecting.kind import CannotAnswer, Kind, Problem, Profiles

_BETWEEN: Final = re.compile(r"0[xX]|[\s:,-]+")
_FOREIGN: Final = re.compile(r"(?<!0)[xX]|[^0-9A-FXa-fx\s:,-]")
_DIGIT: Final = re.compile(r"[0-9A-Fa-f]")


class Hex(msgspec.Struct, frozen=True, kw_only=True):
    """The octets in hex, as `hex` or `pdu`; what dumps write between (0x, blanks, ':', '-', ',') is ignored."""

    hex: str | None = None
    pdu: str | None = None


class Wrong(Problem, frozen=True, kw_only=True):
    """The first fault of all: `pdu` counts from 0, `octet` from the start of all that was given."""

    pdu: int
    octet: int


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """Each PDU says its own fault; `error` is the first of them, left out where there is none."""

    pdus: list[Pdu]
    error: Wrong | msgspec.UnsetType = msgspec.UNSET


_JSON: Final = msgspec.json.Decoder(str | Hex)


def _decode(line: bytes) -> str | Hex:
    """JSON, or the hex itself. Raises msgspec.DecodeError and UnicodeDecodeError."""
    if line.lstrip()[:1] in (b'"', b"{", b"["):
        asked: str | Hex = _JSON.decode(line)
        return asked
    return line.decode()


def _answer(question: str | Hex, _: Profiles) -> Answer:
    pdus = dissect(_octets(question if isinstance(question, str) else question.hex or question.pdu or ""))
    faults = [(number, pdu.error) for number, pdu in enumerate(pdus) if pdu.error is not None]
    if not faults:
        return Answer(pdus=pdus)
    number, fault = faults[0]
    detail = f"pdu {number}, octet {fault.octet}: {fault.detail}"
    return Answer(pdus=pdus, error=Wrong(code=fault.code, detail=detail, pdu=number, octet=fault.octet))


def _octets(written: str) -> bytes:
    foreign = _FOREIGN.search(written)
    if foreign is not None:
        detail = f"character {foreign.start()} is {foreign[0]!r}, expected hex, with 0x, blanks, ':', '-', ',' between"
        raise CannotAnswer("not-hex", detail)
    digits = _BETWEEN.sub("", written)
    if not digits:
        raise CannotAnswer("empty", "no hex digits, expected one PDU or more")
    if len(digits) % 2:
        last = max(found.start() for found in _DIGIT.finditer(written))
        detail = f"{len(digits)} hex digits, the last is character {last}, expected two for each octet"
        raise CannotAnswer("odd-digits", detail)
    return bytes.fromhex(digits)


def _masked(said: dict[str, Any]) -> dict[str, Any]:
    """Without passwords: what a person reads on a screen is pasted into tickets; a program gets what it gave."""
    for pdu in said.get("pdus", ()):
        if pdu["body"].get("password"):
            pdu["body"]["password"] = "********"
    return said


KIND = Kind(
    name="pdu",
    about="Every field of SMPP PDUs in hex (a JSON text, or a line of hex), or what is wrong at which octet.",
    question=str | Hex,
    answer=_answer,
    argument="hex",
    example_in='{"hex":"00000010800000040000005800000007"}',
    example_out=(
        '{"pdus":[{"command":"submit_sm_resp","command_id":2147483652,"command_length":16,"command_status":88'
        ',"status_name":"ESME_RTHROTTLED","sequence_number":7,"body":{},"tlvs":[],"error":null,"in_words":{},'
        '"message":null}]}'
    ),
    decode=_decode,
    for_people=_masked,
)
