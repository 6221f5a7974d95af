"""Laws of `sluice inspect text`. Source: DOMAIN 1.1 - 1.17."""

import json
from typing import Any

import pytest

from infra.inspecting.kind import Profiles
from infra.inspecting.lines import answerer
from infra.inspecting.text import KIND
from pipeline.domain.profiles import BUILT_IN, CarrierProfile
from pipeline.domain.text.packing import pack

PROFILES: Profiles = {
    **BUILT_IN,
    "turkish": CarrierProfile(national=("TR",), concat="udh16"),
    "packed": CarrierProfile(is_packed=True),
    "sar": CarrierProfile(concat="sar"),
}
ask = answerer(KIND, PROFILES)


def asked(text: str, **more: object) -> Any:
    line, _ = ask(json.dumps({"text": text, **more}).encode())
    return json.loads(line)


def error_of(line: bytes) -> tuple[str, str]:
    said, is_error = ask(line)
    assert is_error
    error = json.loads(said)["error"]
    return error["code"], error["detail"]


@pytest.mark.parametrize(
    ("text", "encoding", "units", "segments"),
    [
        ("", "GSM7", 0, 1),
        ("@£$¥èéùìòÇ", "GSM7", 10, 1),
        ("^{}\\[~]|€\f", "GSM7", 20, 1),
        ("ç", "UCS2", 1, 1),
        ("a\tb", "UCS2", 3, 1),
        ("😀", "UCS2", 2, 1),
        ("👨‍👩‍👧‍👦", "UCS2", 11, 1),
        ("🇨🇳", "UCS2", 4, 1),
        ("👍🏽", "UCS2", 4, 1),
        ("1️⃣", "UCS2", 3, 1),
        ("a\r\n", "GSM7", 3, 1),
        ("Cafe\u0301", "UCS2", 5, 1),
        ("a" * 160, "GSM7", 160, 1),
        ("a" * 161, "GSM7", 161, 2),
        ("中" * 70, "UCS2", 70, 1),
        ("中" * 71, "UCS2", 71, 2),
        ("a" * 152 + "€" + "b" * 152, "GSM7", 306, 3),
        ("中" * 66 + "😀" + "文" * 66, "UCS2", 134, 3),
    ],
)
def test_units_and_parts_are_counted_as_they_are_billed(text: str, encoding: str, units: int, segments: int) -> None:
    said = asked(text)
    assert (said["encoding"], said["units"], said["segments"]) == (encoding, units, segments)
    assert "".join(said["segment_texts"]) == said["text_out"] == text
    assert sum(said["segment_units"]) == units
    assert len(said["segment_units"]) == len(said["segment_texts"]) == segments


def test_every_character_that_forced_ucs2_is_named() -> None:
    assert asked("ça 😀 ç")["forced_by"] == [
        {"char": "ç", "index": 0},
        {"char": "😀", "index": 3},
        {"char": "ç", "index": 5},
    ]


def test_the_payload_of_the_first_part_is_shown_packed_and_unpacked_without_its_header() -> None:
    said = asked("hellohello")
    assert (said["packed_hex"], said["unpacked_hex"]) == ("e8329bfd4697d9ec37", b"hellohello".hex())
    said = asked("a" * 161)
    assert (said["unpacked_hex"], len(said["packed_hex"]), said["udh_hex"]) == ("61" * 153, 2 * 134, "050003000201")
    said = asked("中😀")
    assert said["packed_hex"] == said["unpacked_hex"] == "4e2dd83dde00"


@pytest.mark.parametrize(
    ("concat", "units", "header"),
    [
        ("udh8", [153, 8], "050003000201"),
        ("udh16", [152, 9], "06080400000201"),
        ("sar", [153, 8], ""),
        ("payload", [153, 8], ""),
        (None, [153, 8], "050003000201"),
    ],
)
def test_parts_are_tied_as_asked(concat: str | None, units: list[int], header: str) -> None:
    said = asked("a" * 161, concat=concat)
    assert (said["segment_units"], said["udh_hex"]) == (units, header)


def test_a_country_forces_or_reserves() -> None:
    said = asked("a" * 71, country="CN")
    assert (said["encoding"], said["segment_units"], said["because"], said["forced_by"]) == (
        "UCS2", [67, 4], "country", [],
    )  # fmt: skip
    assert asked("a" * 155, country="TR")["segments"] == 1
    assert asked("a" * 156, country="TR")["segment_units"] == [153, 3]
    assert asked("a" * 146, country="my")["segments"] == 1
    assert asked("a" * 147, country="my")["segment_units"] == [139, 8]


@pytest.mark.parametrize(
    ("national", "single", "concatenated", "header"),
    [
        ([1, 1], 152, 146, "06250101240101"),
        ([1, None], 155, 149, "03250101"),
        ([0, "tr"], 155, 149, "03240101"),
        (["TR", "1"], 152, 146, "06250101240101"),
    ],
)
def test_both_tables_that_were_asked_for_are_used(
    national: list[object], single: int, concatenated: int, header: str
) -> None:
    text = "ş" + "a" * (single - len("ş") * (1 if national[0] else 2))
    said = asked(text, national=national)
    assert (said["encoding"], said["units"], said["segments"]) == ("GSM7-NLI", single, 1)
    assert (said["udh_hex"], said["because"], said["forced_by"]) == (header, "national", [])
    assert asked(text + "a", national=national)["segment_units"][0] == concatenated
    assert asked("abc", national=national)["encoding"] == "GSM7"
    assert asked("ş中", national=national)["forced_by"] == [{"char": "中", "index": 1}]


def test_a_carrier_brings_its_ways() -> None:
    said = asked("ş" * 300, carrier="turkish")
    assert (said["encoding"], said["segment_units"], said["udh_hex"]) == (
        "GSM7-NLI", [148, 148, 4], "09080400000301250101",
    )  # fmt: skip
    assert asked("a" * 161, carrier="turkish", concat="sar")["segment_units"] == [153, 8]
    said = asked("@é", carrier="latin1")
    assert (said["encoding"], said["unpacked_hex"], said["sent_hex"]) == ("GSM7", "0005", "40e9")
    said = asked("5 €", carrier="latin1")
    assert (said["encoding"], said["because"], said["forced_by"]) == ("UCS2", "carrier", [{"char": "€", "index": 2}])
    said = asked("hellohello", carrier="packed")
    assert said["sent_hex"] == said["packed_hex"]
    said = asked("a" * 161, carrier="packed")
    assert said["sent_hex"] == pack(b"a" * 153, 1).hex() != said["packed_hex"]  # one fill bit behind six octets


def test_smart_encoding_is_asked_for_and_never_of_no_use() -> None:
    assert asked("“ok”")["encoding"] == "UCS2"
    said = asked("“ok”…", smart=True)
    assert (said["encoding"], said["text_out"], said["smart_applied"]) == ("GSM7", '"ok"...', True)
    for text, more in (("“你好”", {}), ("“ok”", {"country": "cn"}), ("ok", {}), ("“€”", {"carrier": "latin1"})):
        said = asked(text, smart=True, **more)
        assert (said["text_out"], said["smart_applied"]) == (text, False)
    assert asked("Cafe\u0301", smart=True)["units"] == 4


def test_the_cost_of_what_forced_is_in_parts() -> None:
    assert asked("a" * 150)["extra_segments"] == 0
    assert asked("a" * 150 + "ç")["extra_segments"] == 2


@pytest.mark.parametrize(
    ("line", "code", "detail"),
    [
        (rb'{"text":"a\u001bb"}', "unencodable-text", "raw escape character U+001B at character 1"),
        (rb'{"text":"a\ud83d"}', "unencodable-text", "unpaired surrogate at character 1"),
        (rb'{"text":"\ude00b"}', "unencodable-text", "unpaired surrogate at character 0"),
        (b'{"text":"\xed\xa0\x80"}', "invalid-json", "utf-8"),
        (b'{"text":"' + b"a" * (153 * 255 + 1) + b'"}', "text-too-long", "256 parts, at most 255"),
        (b'{"text":"a","concat":"udh9"}', "invalid-field", "$.concat"),
        (b'{"text":"a","national":[1]}', "invalid-field", "$.national"),
        (b'{"text":"a","national":[2,2]}', "invalid-field", "no locking shift table 2"),
        (b'{"text":"a","national":[0,14]}', "invalid-field", "no single shift table 14"),
        (b'{"text":"a","national":["xx",1]}', "invalid-field", "no national language table for 'xx'"),
        (b'{"text":"a","carrier":"nobody"}', "unknown-carrier", "'nobody'"),
        (b'{"text":17}', "invalid-field", "$.text"),
        (b"{}", "invalid-field", "`text`"),
        (b"{", "invalid-json", "truncated"),
    ],
)
def test_what_cannot_be_answered_says_why(line: bytes, code: str, detail: str) -> None:
    found = error_of(line)
    assert found[0] == code
    assert detail in found[1]
