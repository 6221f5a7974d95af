import json
import os

import msgspec
import pytest

from infra.inspecting import lines
from infra.inspecting.kind import CannotAnswer, Kind, Profiles
from infra.inspecting.lines import answer_lines, answerer


class Question(msgspec.Struct, kw_only=True):
    number: int


class Answer(msgspec.Struct, kw_only=True):
    half: int


def half(question: Question, _: Profiles) -> Answer:
    if question.number % 2:
        raise CannotAnswer("odd", f"number={question.number}, expected an even one")
    return Answer(half=question.number // 2)


KIND = Kind(
    name="half",
    about="Half of it.",
    question=Question,
    answer=half,
    argument="number",
    example_in='{"number":4}',
    example_out='{"half":2}',
)


def ask(octets: bytes) -> tuple[list[dict[str, object]], int]:
    source, sink = os.pipe()
    os.write(sink, octets)
    os.close(sink)
    said: list[bytes] = []
    errors = answer_lines(KIND, {}, source, said.append)
    os.close(source)
    return [json.loads(line) for line in b"".join(said).splitlines()], errors


def test_lines_are_answered_in_order_and_a_bad_one_stops_nobody() -> None:
    said, errors = ask(b'{"number":4}\n{"number":5}\nno\n{"number":"8"}\n\n{"number":10}')
    assert said == [
        {"half": 2},
        {"error": {"code": "odd", "detail": "number=5, expected an even one"}},
        {"error": {"code": "invalid-json", "detail": "Input data was truncated"}},
        {"error": {"code": "invalid-field", "detail": "Expected `int`, got `str` - at `$.number`"}},
        {"half": 5},
    ]
    assert errors == 3


def test_a_line_is_answered_before_the_next_one_is_written() -> None:
    source, sink = os.pipe()
    said: list[bytes] = []

    def heard(octets: bytes) -> None:
        said.append(octets)
        if len(said) == 1:
            os.write(sink, b'{"number":8}\n')
            os.close(sink)

    os.write(sink, b'{"number":6}\n')
    assert answer_lines(KIND, {}, source, heard) == 0
    os.close(source)
    assert said == [b'{"half":3}\n', b'{"half":4}\n']


def test_a_person_may_give_a_number_as_a_text() -> None:
    assert answerer(KIND, {}, strict=False)(b'{"number":"8"}') == (b'{"half":4}\n', False)


def test_a_byte_order_mark_is_no_part_of_the_first_line() -> None:
    assert ask(b'\xef\xbb\xbf{"number":4}\n{"number":6}') == ([{"half": 2}, {"half": 3}], 0)
    assert ask(b'\xef\xbb\xbf{"number":4}') == ([{"half": 2}], 0)
    assert ask(b"\xef\xbb\xbf") == ([], 0)
    said, errors = ask(b'{"number":4}\n\xef\xbb\xbf{"number":6}')
    assert (said[0], errors) == ({"half": 2}, 1)


def test_a_line_without_end_is_told_once_and_the_rest_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "CHUNK", 16)
    monkeypatch.setattr(lines, "LONGEST_LINE", 40)
    too_long = b'{"number":4,"name":"' + b"x" * 200 + b'"}'
    said, errors = ask(b'{"number":4}\n' + too_long + b'\n{"number":6}\n' + too_long)
    told = {"error": {"code": "line-too-long", "detail": "more than 40 octets, expected a JSON object on each line"}}
    assert (said, errors) == ([{"half": 2}, told, {"half": 3}, told], 2)


def test_depth_is_an_error_of_its_line_also_in_a_field_that_nobody_asked_for() -> None:
    deep = b'{"id":' + b"[" * 10_000 + b"]" * 10_000 + b',"number":4}'
    said, errors = ask(deep + b'\n{"number":6}')
    assert said == [{"error": {"code": "invalid-json", "detail": "nested too deeply"}}, {"half": 3}]
    assert errors == 1
