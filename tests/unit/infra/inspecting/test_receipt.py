"""Laws of KIND receipt."""

import json
import time
from typing import Any

import pytest

from infra.inspecting.kinds import kind_of
from infra.inspecting.lines import answerer
from pipeline.domain.profiles import BUILT_IN, CarrierProfile

KIND = kind_of("receipt")
PROFILES = {
    **BUILT_IN,
    "plain": CarrierProfile(plain_receipts=True),
    "vumi": CarrierProfile(receipt_states={"ACCEPTD": "delivered"}, receipt_zone="Asia/Shanghai"),
}
ANSWER = answerer(KIND, PROFILES)
FIELDS = ["is_receipt", "id", "sub", "dlvrd", "submit_date", "done_date", "stat", "err", "text", "state_class"]
TEXT = "id:7 sub:001 dlvrd:001 submit date:2611221200 done date:2611221201 stat:DELIVRD err:000 text:hi"


def ask(**question: Any) -> dict[str, Any]:
    line, is_error = ANSWER(json.dumps({"esm_class": 4, **question}).encode())
    said: dict[str, Any] = json.loads(line)
    assert is_error is ("error" in said)
    return said


def test_the_fields_stand_in_the_order_that_was_promised_and_ours_follow() -> None:
    assert list(ask(short_message=TEXT)) == [*FIELDS, "text_id", "network_type"]


def test_what_is_absent_is_null_and_an_empty_text_is_a_text() -> None:
    said = ask(short_message="id:1")
    assert said["state_class"] == "unknown"
    assert [name for name, value in said.items() if value is None] == [*FIELDS[2:9], "network_type"]
    assert ask(short_message="id:1 text:")["text"] == ""
    assert ask()["is_receipt"] is True


@pytest.mark.parametrize("esm_class", [0, 3, 8, 0x10, 0x24, 0x40])
def test_what_is_no_receipt_says_nothing_however_it_looks(esm_class: int) -> None:
    said = ask(esm_class=esm_class, short_message=TEXT, tlv={"receipted_message_id": "7", "message_state": 2})
    assert said == {**dict.fromkeys([*FIELDS, "text_id", "network_type"]), "is_receipt": False}


def test_a_plain_receipt_is_one_of_a_carrier_that_writes_them_and_only_if_it_looks_like_one() -> None:
    assert ask(esm_class=0, short_message=TEXT, carrier="plain")["id"] == "7"
    assert ask(esm_class=0, short_message="stop", carrier="plain")["is_receipt"] is False
    assert ask(esm_class=8, short_message=TEXT, carrier="plain")["is_receipt"] is False


def test_a_profile_says_what_states_mean_in_text_and_tlv_and_its_zone_does_not_change_dates() -> None:
    said = ask(short_message=TEXT.replace("DELIVRD", "ACCEPTD"), carrier="vumi")
    assert (said["state_class"], said["done_date"]) == ("delivered", "2026-11-22T12:01:00")
    assert ask(tlv={"message_state": 6}, carrier="vumi")["state_class"] == "delivered"
    assert ask(tlv={"message_state": 6})["state_class"] == "intermediate"
    assert ask(short_message="id:1 stat:DB:0141", carrier="china-gateway")["state_class"] == "rejected"


def test_a_date_with_an_offset_keeps_it() -> None:
    assert ask(short_message="done date:261122120130532+")["done_date"] == "2026-11-22T12:01:30.500000+08:00"


def test_octets_may_stand_in_hex() -> None:
    octets = TEXT.encode("utf-16-be").hex()
    assert ask(short_message={"hex": octets}) == ask(short_message_hex=octets) == ask(short_message=TEXT)


@pytest.mark.parametrize("written", ["03000b", "0x03000B", " 03 00 0b "])
def test_a_network_error_code_is_hex_as_dumps_write_it(written: str) -> None:
    said = ask(short_message=TEXT, tlv={"network_error_code": written})
    assert (said["err"], said["network_type"]) == ("011", 3)


@pytest.mark.parametrize(
    "question",
    [
        {"tlv": {"network_error_code": "zz"}},
        {"tlv": {"network_error_code": "030"}},
        {"short_message": {"hex": "x"}},
        {"short_message_hex": "6"},
        {"esm_class": "4"},
        {"esm_class": 256},
        {"esm_class": -1},
        {"short_message": 7},
        {"tlv": {"message_state": "2"}},
        {"tlv": {"receipted_message_id": 7}},
    ],
)
def test_a_field_of_a_wrong_type_is_an_error_that_names_it(question: dict[str, Any]) -> None:
    assert ask(**question)["error"]["code"] == "invalid-field"


@pytest.mark.parametrize("value", ["", "03", "0300", "03000b00"])
def test_a_malformed_tlv_does_not_win(value: str) -> None:
    said = ask(short_message=TEXT, tlv={"network_error_code": value, "message_state": 99, "receipted_message_id": ""})
    assert (said["err"], said["network_type"], said["state_class"], said["id"]) == ("000", None, "delivered", "7")


def test_an_unknown_carrier_is_told_with_those_that_are_known() -> None:
    error = ask(carrier="x")["error"]
    assert error["code"] == "unknown-carrier"
    assert "china-gateway" in error["detail"]


def test_twenty_thousand_receipts_a_second_are_read_on_one_core() -> None:
    lines = [KIND.example_in.replace("38601fa", f"{number:x}").encode() for number in range(5_000)]
    began = time.process_time()
    for line in lines:
        ANSWER(line)
    assert len(lines) / (time.process_time() - began) > 20_000
