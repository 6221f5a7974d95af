"""Laws of the receipt parser for anything that a carrier or a sender may write."""

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.domain.receipts import ReceiptState, parse_receipt

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
@given(hostile, tlv_id, tlv_state, tlv_error)
def test_whatever_comes_in_a_receipt_comes_out(
    short_message: bytes | str, message_id: str | None, state: int | None, error: bytes | None
) -> None:
    receipt = parse_receipt(
        short_message, receipted_message_id=message_id, message_state=state, network_error_code=error
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
