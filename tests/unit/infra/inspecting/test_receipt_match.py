"""Laws of KIND receipt-match; what matches is the business of `receipt_ids` and its tests."""

import json
from typing import Any

import pytest

from infra.inspecting.kinds import kind_of
from infra.inspecting.lines import answerer
from pipeline.domain.profiles import BUILT_IN

ANSWER = answerer(kind_of("receipt-match"), BUILT_IN)


def ask(**question: Any) -> dict[str, Any]:
    ids = {"submit_sm_resp_id": "0059113978", "receipt_id": "38601fa"}
    said: dict[str, Any] = json.loads(ANSWER(json.dumps({**ids, **question}).encode())[0])
    return said


@pytest.mark.parametrize(
    ("mode", "expected"),
    [(0, True), (1, False), (2, True), (3, False), ("2", True), ("3", False), ("string", False), ("lenient", True)],
)
def test_a_mode_is_a_number_or_a_word(mode: object, expected: bool) -> None:
    assert ask(mode=mode) == {"match": expected}


def test_without_a_mode_ids_are_text() -> None:
    assert ask() == ask(mode=None) == {"match": False}
    assert ask(receipt_id="0059113978") == {"match": True}


@pytest.mark.parametrize("wrong", [{"mode": 4}, {"mode": -1}, {"mode": "hex"}, {"mode": 2.5}, {"mode": True}])
def test_another_mode_is_an_error(wrong: dict[str, Any]) -> None:
    assert ask(**wrong)["error"]["code"] == "invalid-field"


@pytest.mark.parametrize("wrong", [{"receipt_id": 7}, {"submit_sm_resp_id": None}])
def test_an_id_is_text_and_never_a_number(wrong: dict[str, Any]) -> None:
    assert ask(**wrong)["error"]["code"] == "invalid-field"
