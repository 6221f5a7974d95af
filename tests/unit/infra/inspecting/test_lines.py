import json
import os

import msgspec

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
