"""Laws of KIND status: fields, numbers as texts, carriers' own meanings."""

import json
from typing import Any

import pytest

from infra.inspecting.lines import answerer
from infra.inspecting.status import KIND
from pipeline.domain.profiles import BUILT_IN, CarrierProfile

PROFILES = {
    **BUILT_IN,
    "odd": CarrierProfile(statuses={"0x00000045": "permanent/destination", "0x0401": "throttled"}),
    "broken": CarrierProfile(statuses={"0x45": "sometimes"}),
}


def ask(**question: Any) -> dict[str, Any]:
    line, is_error = answerer(KIND, PROFILES)(json.dumps(question).encode())
    said: dict[str, Any] = json.loads(line)
    assert is_error == ("error" in said)
    return said


def test_the_answer_has_the_fields_of_the_table_in_its_order() -> None:
    assert list(ask(command_status=0)) == ["name", "cls", "scope", "retry_same_route", "try_other_route"]


@pytest.mark.parametrize("given", [88, "88", "0x58", "0X00000058", " 0x58 "])
def test_a_status_is_a_number_or_a_text_of_one(given: int | str) -> None:
    assert ask(command_status=given)["name"] == "ESME_RTHROTTLED"


@pytest.mark.parametrize("given", ["", "x", "0x", "-1", "4294967296", "0x100000000", "9" * 5000, "\u0663"])
def test_a_text_that_is_no_status_is_said_so(given: str) -> None:
    assert ask(command_status=given)["error"]["code"] == "invalid-status"


@pytest.mark.parametrize("given", [-1, 2**32, 1.5, None, True, []])
def test_a_value_that_is_no_status_is_said_so(given: object) -> None:
    assert ask(command_status=given)["error"]["code"] == "invalid-field"


def test_scope_is_null_unless_permanent() -> None:
    assert ask(command_status=0x58)["scope"] is None
    assert ask(command_status=0x0A)["scope"] == "sender"


def test_the_pdu_decides_and_is_submit_sm_resp_by_default() -> None:
    assert ask(command_status=8) == ask(command_status=8, pdu="submit_sm_resp")
    assert ask(command_status=8, pdu="bind_transceiver_resp")["cls"] == "bind_retry"
    assert ask(command_status=8, pdu="BIND_TRANSMITTER")["cls"] == "bind_retry"
    assert ask(command_status=8, pdu="bind_transmitters")["error"]["code"] == "unknown-pdu"


def test_a_carrier_may_mean_another_thing() -> None:
    assert ask(command_status=0x45, carrier="odd")["scope"] == "destination"
    assert ask(command_status=0x401, carrier="odd")["cls"] == "throttled"
    assert ask(command_status=0x45, carrier="standard")["scope"] == "ambiguous"
    assert ask(command_status=0x45, carrier="nobody")["error"]["code"] == "unknown-carrier"
    assert ask(command_status=0x45, carrier="broken")["error"]["code"] == "invalid-profile"
