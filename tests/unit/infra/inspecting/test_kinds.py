import json
from pathlib import Path

import pytest

from infra.inspecting.kind import Profiles
from infra.inspecting.kinds import NAMES, kind_of
from infra.inspecting.lines import answerer
from pipeline.domain.profiles import BUILT_IN

PROFILES: Profiles = BUILT_IN


@pytest.mark.parametrize("name", NAMES)
def test_the_example_of_each_kind_is_what_it_answers(name: str) -> None:
    kind = kind_of(name)
    line, _ = answerer(kind, PROFILES)(kind.example_in.encode())
    assert json.loads(line) == json.loads(kind.example_out)
    assert line.decode() == f"{kind.example_out}\n"


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("line", "code"),
    [(b"{", "invalid-json"), (b"\xff", "invalid-json"), (b"[]", "invalid-field"), (b'"\\ud800"', "invalid")],
)
def test_what_is_no_question_is_answered_with_an_error(name: str, line: bytes, code: str) -> None:
    kind = kind_of(name)
    said, is_error = answerer(kind, PROFILES)(line)
    assert is_error
    assert name == "pdu" or json.loads(said)["error"]["code"].startswith(code)


@pytest.mark.parametrize("name", NAMES)
def test_fields_that_a_kind_does_not_know_are_ignored(name: str) -> None:
    kind = kind_of(name)
    more = {**json.loads(kind.example_in), "my_own_id": 17}
    line, _ = answerer(kind, PROFILES)(json.dumps(more).encode())
    assert json.loads(line) == json.loads(kind.example_out)


@pytest.mark.parametrize("name", NAMES)
def test_the_readme_shows_each_example(name: str) -> None:
    kind = kind_of(name)
    readme = (Path(__file__).parents[4] / "README.md").read_text("utf-8")
    assert f"    $ echo '{kind.example_in}' | sluice inspect {name}\n    {kind.example_out}\n" in readme
