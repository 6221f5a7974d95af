"""Laws of the receipt parser for anything that a carrier or a sender may write."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from infra.inspecting.kinds import kind_of
from infra.inspecting.lines import answerer
from pipeline.domain.profiles import BUILT_IN
from pipeline.domain.smpp.receipt_ids import MODES, canonical_id, is_same_id, keys_of
from pipeline.domain.smpp.receipts import ReceiptState, parse_receipt

LABELS = ["id:", "sub:", "dlvrd:", "submit date:", "done date:", "stat:", "err:", "text:", "Text:", "ID:"]
VALUES = [
    "",
    "1",
    "0059113978",
    "DELIVRD",
    "UNDELIV",
    "MK:0001",
    "2611221200",
    "261122120130032+",
    "9" * 30,
    "id:2",
    "\0",
    "²",
]

words = st.lists(st.sampled_from([*LABELS, *VALUES, " ", "\n", "\t", "\u00a0"]), max_size=40).map("".join)
hostile = st.one_of(st.binary(max_size=300), st.text(max_size=200), words, words.map(str.encode))
tlv_id = st.none() | st.text(max_size=70)
tlv_state = st.none() | st.integers(-5, 300)
tlv_error = st.none() | st.binary(max_size=5)
token = st.text(alphabet=st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=64)


@settings(max_examples=400, deadline=None)
@given(hostile, tlv_id, tlv_state, tlv_error, st.integers(0, 255), st.sampled_from(sorted(BUILT_IN)))
def test_whatever_comes_in_a_receipt_comes_out(
    short_message: bytes | str, message_id: str | None, state: int | None, error: bytes | None, esm: int, profile: str
) -> None:
    receipt = parse_receipt(
        short_message,
        receipted_message_id=message_id,
        message_state=state,
        network_error_code=error,
        esm_class=esm,
        states=BUILT_IN[profile].receipt_states,
    )
    assert receipt.state in ReceiptState
    assert not any(blank in receipt.text_id + receipt.stat + receipt.err for blank in " \t\r\n\0")
    for moment in (receipt.submit_date, receipt.done_date):
        assert moment is None or moment.isoformat()


@settings(max_examples=150, deadline=None)
@given(token, token, token, st.text(max_size=160))
def test_no_text_changes_what_the_carrier_said(smsc_id: str, stat: str, err: str, text: str) -> None:
    head = f"id:{smsc_id} sub:001 dlvrd:001 submit date:2611221200 done date:2611221201 stat:{stat} err:{err} text:"
    receipt = parse_receipt(head + text, receipted_message_id=None, message_state=None, network_error_code=None)
    assert (receipt.smsc_id, receipt.stat, receipt.err) == (smsc_id, stat, err)
    assert receipt.text == text.replace("\0", "")


@settings(max_examples=100, deadline=None)
@given(st.permutations(["id:7", "sub:001", "dlvrd:000", "done date:2611221201", "stat:UNDELIV", "err:00B"]))
def test_labels_may_stand_in_any_order(labels: list[str]) -> None:
    receipt = parse_receipt(" ".join(labels), receipted_message_id=None, message_state=None, network_error_code=None)
    assert (receipt.smsc_id, receipt.state, receipt.err) == ("7", ReceiptState.FAILED, "00B")
    assert (receipt.sub, receipt.dlvrd) == (1, 0)
    assert receipt.done_date is not None


number = st.integers(0, 16**20)
mode = st.sampled_from(sorted(MODES))
some_id = st.one_of(
    st.from_regex(r"\A0{0,3}[0-9]{0,20}\Z"),
    st.from_regex(r"\A0{0,3}[0-9A-Fa-f]{0,20}\Z"),
    st.text(max_size=70),
)


@settings(max_examples=300, deadline=None)
@given(number, st.integers(0, 3), st.integers(0, 5), st.integers(0, 5), st.booleans())
def test_one_number_is_the_same_id_however_its_sides_write_it(
    value: int, numeric: int, pad: int, other_pad: int, is_upper: bool
) -> None:
    written = [f"{value:x}" if numeric & bit else str(value) for bit in (1, 2)]
    response, receipt = "0" * pad + written[0], "0" * other_pad + written[1]
    receipt = receipt.upper() if is_upper else receipt
    assert is_same_id(response, receipt, str(numeric))
    assert is_same_id(response, receipt, "lenient")
    assert canonical_id(response, str(numeric), "response") == value


@settings(max_examples=300, deadline=None)
@given(number, number, st.integers(0, 3))
def test_two_numbers_are_two_ids(one: int, other: int, numeric: int) -> None:
    written = [f"{each:x}" if numeric & bit else str(each) for each, bit in ((one, 1), (other, 2))]
    all_digits = all(each.isdigit() or numeric & bit for each, bit in zip(written, (1, 2), strict=True))
    assert all_digits
    assert is_same_id(*written, str(numeric)) is (one == other)


@settings(max_examples=300, deadline=None)
@given(some_id, some_id, mode)
def test_comparing_any_two_ids_gives_an_answer_and_an_id_that_is_one_is_itself(one: str, other: str, word: str) -> None:
    assert is_same_id(one, other, word) in (True, False)
    if word in ("string", "0", "3", "lenient") and keys_of(one, word, "receipt"):
        assert is_same_id(one, one, word)
    assert is_same_id(one, other, "string") is (one == other != "")


answer = answerer(kind_of("receipt"), BUILT_IN)


@settings(max_examples=300, deadline=None)
@given(hostile, tlv_id, tlv_state, tlv_error, st.integers(0, 255))
def test_every_deliver_sm_has_an_answer_in_one_line(
    short_message: bytes | str, message_id: str | None, state: int | None, error: bytes | None, esm_class: int
) -> None:
    tlv = {
        "receipted_message_id": message_id,
        "message_state": state,
        "network_error_code": None if error is None else error.hex(),
    }
    written = {"hex": short_message.hex()} if isinstance(short_message, bytes) else short_message
    question = {"esm_class": esm_class, "short_message": written, "tlv": tlv}
    line, is_error = answer(json.dumps(question).encode())
    said = json.loads(line)
    assert not is_error
    assert line.count(b"\n") == 1
    assert said["is_receipt"] is (esm_class & 0x3C in (0x04, 0x20))
    if not said["is_receipt"]:
        assert set(said.values()) == {False, None}
