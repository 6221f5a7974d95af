"""Laws of KIND pdu: hex in each of its forms, and one error that names PDU and octet."""

import json
from typing import Any

import pytest

from infra.inspecting.lines import answerer
from infra.inspecting.pdus import KIND

LINK = "00000010000000150000000000000007"


def ask(line: bytes, *, strict: bool = True) -> dict[str, Any]:
    answer, is_error = answerer(KIND, {}, strict=strict)(line)
    said: dict[str, Any] = json.loads(answer)
    assert is_error == (said.get("error") is not None)
    return said


@pytest.mark.parametrize(
    "line",
    [
        LINK,
        f'"{LINK}"',
        f'  "{LINK}"  ',
        json.dumps({"hex": LINK}),
        json.dumps({"pdu": LINK, "id": 3}),
        LINK.upper(),
        f" {LINK}\r",
        json.dumps("00 00 00 10\n00:00:00:15\t0000000000000007"),
        "00000010 00000015 00000000 00000007",
        f"0x{LINK}",
        ", ".join(f"0x{octet:02X}" for octet in bytes.fromhex(LINK)),
        bytes.fromhex(LINK).hex("-"),
    ],
)
def test_hex_is_taken_bare_or_in_json_with_what_dumps_write_between(line: str) -> None:
    said = ask(line.encode())
    assert [pdu["command"] for pdu in said["pdus"]] == ["enquire_link"]
    assert "error" not in said


def test_a_pdu_has_these_fields_in_this_order() -> None:
    (pdu,) = ask(LINK.encode())["pdus"]
    assert list(pdu)[:9] == [
        *("command", "command_id", "command_length", "command_status", "status_name", "sequence_number"),
        *("body", "tlvs", "error"),
    ]


@pytest.mark.parametrize(
    ("line", "code", "where"),
    [
        (b"zz", "not-hex", "character 0"),
        (b"00 0g", "not-hex", "character 4"),
        (b"x00000010", "not-hex", "character 0"),
        (b"00 1x00", "not-hex", "character 4"),
        ("00\u0663".encode(), "not-hex", "character 2"),
        (b"123", "odd-digits", "character 2"),
        (b"12 3 ", "odd-digits", "character 3"),
        (b'""', "empty", ""),
        (b"{}", "empty", ""),
        (b'{"hex":7}', "invalid-field", "$.hex"),
        (b"[]", "invalid-field", ""),
        (b'{"hex":', "invalid-json", ""),
        (b"\xff", "invalid-json", ""),
    ],
)
def test_what_is_no_hex_is_said_with_its_place(line: bytes, code: str, where: str) -> None:
    error = ask(line)["error"]
    assert error["code"] == code
    assert where in error["detail"]


def test_the_first_fault_of_all_is_the_line_s_and_each_pdu_keeps_its_own() -> None:
    said = ask((LINK + "0000001180000004000000000000000139" + LINK + "0000000f").encode())
    assert [pdu["error"] and pdu["error"]["code"] for pdu in said["pdus"]] == [None, "no-nul", None, "length-too-short"]
    assert (said["error"]["code"], said["error"]["pdu"], said["error"]["octet"]) == ("no-nul", 1, 32)


def test_a_password_is_decoded_for_programs_and_not_shown_to_people() -> None:
    bind = "0000002F000000020000000000000001534D50503354455354007365637265743038005355424D4954310000010100"
    said = ask(bind.encode())
    assert said["pdus"][0]["body"]["password"] == "secret08"
    assert KIND.for_people is not None
    shown = json.dumps(KIND.for_people(said))
    assert "********" in shown
    assert "secret08" not in shown
    assert b"secret08".hex() not in shown
