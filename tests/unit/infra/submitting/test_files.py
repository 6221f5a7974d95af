"""A file is checked whole before it is sent, and sent again it sends nothing twice."""

import io
import json

import pytest

from infra.submitting.files import FileInvalid, Source, encoded
from pipeline.events.codec import Codec
from pipeline.events.records import SubmitMessage

GOOD = json.dumps({"to": "+16465550123", "text": "hello", "message_class": "otp"})
KEYED = json.dumps({"to": "+1", "text": "b", "message_class": "otp", "idempotency_key": "mine"})


def keys_of(text: str) -> list[str | None]:
    with Source.spooled(io.StringIO(text), {}, is_csv=False) as source:
        assert source.count == len(list(source.rows()))
        return [row.idempotency_key for _, row in source.rows()]


def test_the_same_file_has_the_same_keys_and_another_file_has_others() -> None:
    first, again, other = keys_of(f"{GOOD}\n{GOOD}\n"), keys_of(f"{GOOD}\n{GOOD}\n"), keys_of(f"{GOOD}\n{GOOD}\n\n")

    assert first == again
    assert len(set(first)) == 2
    assert not set(first) & set(other)


def test_a_key_that_is_given_stays() -> None:
    assert keys_of(f"{GOOD}\n{KEYED}\n")[1] == "mine"


def test_one_bad_row_stops_the_whole_file_and_every_bad_row_is_named() -> None:
    bad = json.dumps({"to": "+1", "text": "a", "message_class": "spam"})

    with (
        pytest.raises(FileInvalid) as refused,
        Source.spooled(io.StringIO(f"{GOOD}\n{bad}\n{GOOD}\nrubbish\n"), {}, is_csv=False),
    ):
        pass

    assert "2 of 4 rows are no messages" in str(refused.value)
    assert "line 2: " in str(refused.value)
    assert "line 4: " in str(refused.value)


def test_what_is_encoded_is_what_a_reader_of_kafka_decodes() -> None:
    one, delimiter, two = encoded(io.StringIO(f"{GOOD}\n{KEYED}\n"), b"=END=")

    assert delimiter == b"=END="
    assert Codec().decode(one, SubmitMessage).text == "hello"
    assert Codec().decode(two, SubmitMessage).idempotency_key == "mine"


def test_a_second_message_needs_a_delimiter_that_stands_in_no_message() -> None:
    with pytest.raises(FileInvalid, match="line 2: a second message"):
        list(encoded(io.StringIO(f"{GOOD}\n{GOOD}\n"), b""))
    with pytest.raises(FileInvalid, match="'hello' stands in the message"):
        list(encoded(io.StringIO(f"{GOOD}\n"), b"hello"))
