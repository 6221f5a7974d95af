"""Laws of masking: planted numbers and texts do not come through, and what only looks alike does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.ids import message_id
from pipeline.masking import masked, masked_event

LEAKS = [
    "+491712345678",
    "491712345678",
    "00491712345678",
    "01712345678",
    "+49 171 234 5678",
    "+49 (171) 234-5678",
    "+1-415-555-2671",
    "0171 2345678",
    "0171/234 5678",
    "12025550123",
    "+8613800138000",
]
HARMLESS = [
    message_id("cluster", "sms.submitted.acme.express", 0, 7),
    "sms.lifecycle/3/123456789",
    "sms.submitted.acme-bank.express/0/123456789/4",
    "1.0123456789abcdef0123456789abcdef",
    "2026-11-22T19:41:18.123456Z",
    "2026-11-22 19:41:18+00:00",
    "127.0.0.1:19092",
    "Connect to ipv4#127.0.0.1:9092 failed: Connection refused (after 0ms in state CONNECT)",
    "offsets to 123456789 are held, but Kafka's log ends before 5",
    "offset=123456789, expected 123456790",
    "took 12345678.25 s",
    "0191f2c4-5b7e-7c3d-9a1b-2f3e4d5c6b7a",
    "worker-1234567",
    "1763840478123456",
    "1,000 unreadable records in a row, limit 1000",
]


@pytest.mark.parametrize("number", LEAKS)
@pytest.mark.parametrize("sentence", ["{}", "to {} failed", "to={}, why", "['{}']", "(from {})", 'msg "{}".'])
def test_a_number_in_a_sentence_is_masked(number: str, sentence: str) -> None:
    said = masked(sentence.format(number))
    digits = "".join(filter(str.isdigit, number))
    assert "****" in said
    assert digits[-4:] not in "".join(filter(str.isdigit, said))[-4:]
    assert digits not in "".join(filter(str.isdigit, said))


@pytest.mark.parametrize("text", HARMLESS)
def test_ids_places_times_and_offsets_are_left_alone(text: str) -> None:
    assert masked(text) == text


@given(
    st.from_regex(r"\+[1-9][0-9]{7,14}", fullmatch=True), st.sampled_from(["{}", "a {} b", "to={}", "x:{};", "/{}/"])
)
def test_no_e164_number_comes_through(number: str, sentence: str) -> None:
    assert number not in masked(sentence.format(number))
    assert number[-4:] + "" not in masked(sentence.format(number)).replace(number[:-4], "")


def test_an_id_keeps_its_digits_beside_a_masked_number() -> None:
    about = message_id("c", "t", 0, 1)
    assert masked(f"{about} to +491712345678") == f"{about} to +49171234****"


def test_keys_that_hold_texts_are_dropped_at_any_depth() -> None:
    event = {
        "event": "message.accepted",
        "text": "Your code is 123456",
        "detail": {"short_message": b"code 123456", "parts": 2},
        "rows": [{"params": {"code": "123456"}, "row": 1}],
    }
    said = masked_event(event)
    assert said == {"event": "message.accepted", "detail": {"parts": 2}, "rows": [{"row": 1}]}


def test_a_number_is_masked_at_any_depth_and_as_an_int_where_the_key_says_so() -> None:
    said = masked_event(
        {
            "to": 491712345678,
            "offset": 491712345678,
            "all": ["+491712345678", {"deep": ("x +491712345678",)}],
            "why": ValueError("no route to +491712345678"),
            "raw": b"+491712345678",
        }
    )
    assert "5678" not in str({key: value for key, value in said.items() if key != "offset"})
    assert said["offset"] == 491712345678
    assert said["why"] == "ValueError: no route to +49171234****"


def test_sender_names_without_digits_stay() -> None:
    assert masked_event({"sender": "ACME", "to": "+491712345678"}) == {"sender": "ACME", "to": "+49171234****"}


@pytest.mark.parametrize("word", ["expected", "now", "offset", "applied to"])
def test_no_word_before_it_lets_a_number_with_a_plus_through(word: str) -> None:
    assert masked(f"{word} +491712345678") == f"{word} +49171234****"
