"""Laws of `sluice inspect`: a line in, a line out, in order; a bad one stops nobody and is exit code 1."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from infra.inspecting.kinds import NAMES, kind_of
from infra.sandbox import RULES

ROOT = Path(__file__).resolve().parents[3]


def sluice(*arguments: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "infra.cli", "inspect", *arguments],
        capture_output=True, text=True, input=stdin, cwd=ROOT, check=False, timeout=60,
        env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "100"},
    )  # fmt: skip


def words_of(text: str) -> str:
    """Without the line ends that the width of a terminal makes."""
    return "".join(text.split())


def test_lines_are_answered_in_order_and_one_without_an_answer_in_its_place() -> None:
    questions = ['{"text":"hi"}', "rubbish", "", '{"text":7}', '{"text":"[hi]","my_id":7}']
    done = sluice("text", stdin="".join(f"{line}\n" for line in questions))
    said = [json.loads(line) for line in done.stdout.splitlines()]
    assert [each.get("units") or each["error"]["code"] for each in said] == [2, "invalid-json", "invalid-field", 6]
    assert (done.returncode, done.stderr) == (1, "")


def test_all_answered_is_exit_code_0_and_no_line_is_no_answer() -> None:
    done = sluice("text", stdin='{"text":"hi"}\n{"text":"€"}')
    assert [json.loads(line)["units"] for line in done.stdout.splitlines()] == [2, 2]
    assert done.returncode == 0
    empty = sluice("text", stdin="")
    assert (empty.returncode, empty.stdout) == (0, "")


def test_one_text_is_answered_for_people_a_field_a_line() -> None:
    done = sluice("text", "[hi]")
    fields = dict(line.split(None, 1) for line in done.stdout.splitlines() if " " in line.strip())
    assert (fields["encoding"], fields["units"], fields["segments"]) == ("GSM7", "6", "1")
    assert done.returncode == 0


def test_other_fields_of_the_one_question_are_set_by_name() -> None:
    done = sluice("text", "x" * 161, "--set", "concat=udh16", "--set", "country=US")
    assert "[152, 9]" in done.stdout
    number = sluice("number", "6465550123", "--set", "default_region=US")
    assert "+16465550123" in number.stdout
    assert (done.returncode, number.returncode) == (0, 0)


def test_one_text_without_an_answer_is_told_and_is_exit_code_1() -> None:
    done = sluice("text", "hi", "--set", "concat=morse")
    assert done.returncode == 1
    assert "invalid-field" in done.stdout


def test_a_field_beside_lines_and_a_pair_that_is_none_are_refused() -> None:
    beside = sluice("text", "--set", "concat=sar", stdin="")
    assert beside.returncode == 2
    assert "--set goes with TEXT" in beside.stderr
    assert "expected name=value" in sluice("text", "hi", "--set", "concat").stderr
    twice = sluice("text", "hi", "--set", "text=ho")
    assert (twice.returncode, "TEXT" in twice.stderr) == (2, True)


def test_what_a_person_sets_is_a_number_only_where_the_field_is_one() -> None:
    done = sluice("receipt-match", "bc614e", "--set", "submit_sm_resp_id=12345678", "--set", "mode=2")
    assert (done.stdout.split(), done.returncode) == (["match", "true"], 0)
    receipt = sluice("receipt", "id:7 stat:UNDELIV", "--set", "esm_class=4", "--set", 'tlv={"message_state":2}')
    assert "delivered" in receipt.stdout


@pytest.mark.parametrize("redirection", ["<&-", ">&-", ">/dev/full"])
def test_who_neither_asks_nor_hears_gets_one_line_on_stderr(redirection: str) -> None:
    command = f"{sys.executable} -m infra.cli inspect text {redirection}"
    done = subprocess.run(
        ["sh", "-c", command if redirection == "<&-" else f"echo '{{\"text\":\"a\"}}' | {command}"],
        stderr=subprocess.PIPE, text=True, cwd=ROOT, check=False, timeout=60,
    )  # fmt: skip
    assert (done.returncode, done.stderr.count("\n")) == (1, 1), done.stderr


def test_who_hears_enough_may_go(tmp_path: Path) -> None:
    questions = tmp_path / "questions.jsonl"
    questions.write_text('{"text":"a"}\n' * 50_000)
    command = f"{sys.executable} -m infra.cli inspect text < {questions} | head -n 1"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, cwd=ROOT, check=False, timeout=60)
    assert (done.stdout.count("\n"), done.stderr) == (1, "")


def test_a_carrier_of_a_rules_file_may_be_named_and_another_may_not(tmp_path: Path) -> None:
    file = tmp_path / "rules.yaml"
    file.write_text(RULES.read_text("utf-8").replace("{smpp}", "127.0.0.1:2775"))
    question = '{"text":"hi","carrier":"blue-tel"}\n'
    assert sluice("text", "--rules", str(file), stdin=question).returncode == 0
    unknown = sluice("text", stdin=question)
    assert json.loads(unknown.stdout)["error"]["code"] == "unknown-carrier"
    assert unknown.returncode == 1


def test_an_unknown_kind_is_wrong_usage_and_names_those_there_are() -> None:
    done = sluice("weather", stdin="")
    assert done.returncode == 2
    assert "receipt-match" in words_of(done.stderr)


def test_the_help_shows_the_example_of_every_kind() -> None:
    help_text = words_of(sluice("--help").stdout)
    for name in NAMES:
        kind = kind_of(name)
        assert words_of(kind.example_in) in help_text, name
        assert words_of(kind.example_out) in help_text, name


@pytest.mark.parametrize("name", NAMES)
def test_the_example_of_each_kind_goes_through_the_command(name: str) -> None:
    kind = kind_of(name)
    done = sluice(name, stdin=f"{kind.example_in}\n")
    assert json.loads(done.stdout) == json.loads(kind.example_out)
