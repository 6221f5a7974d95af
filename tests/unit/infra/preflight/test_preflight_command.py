"""Laws of `sluice preflight`: rows in order, a bad one stops nobody, the sum is of the rows, nothing is written."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from infra.cli import app
from infra.sandbox import RULES

ROOT = Path(__file__).resolve().parents[4]
ONE = ("--to", "+16465550123", "--class", "otp", "--text", "118833 is your code.")
ROWS = [
    {"to": "+16465550123", "text": "a" * 200, "message_class": "service"},
    {"to": "+8613800138000", "text": "hi", "message_class": "otp"},
    {"to": "+8613800138001", "text": "hi", "message_class": "marketing"},
    {"to": "+12", "text": "hi", "message_class": "otp"},
    {"to": "+16465550123", "text": "hi", "message_class": "spam"},
    {"to": "+819012345678", "text": "hi", "message_class": "otp"},
]
LINES = "".join(f"{json.dumps(row)}\n" for row in ROWS)


def run(
    home: Path, *words: str, stdin: str | bytes = "", account: str = "acme-bank", rules: Path = RULES
) -> tuple[int, str]:
    arguments = ["preflight", "-a", account, "--rules", str(rules), "--home", str(home), *words]
    done = CliRunner().invoke(app, arguments, input=stdin)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.output


def answers(home: Path, *words: str, code: int = 0, **more: Any) -> list[dict[str, Any]]:
    exit_code, said = run(home, *words, "--json", **more)
    assert exit_code == code, said
    return [json.loads(line) for line in said.splitlines()]


def test_rows_are_answered_in_order_and_one_that_is_no_message_in_its_place(tmp_path: Path) -> None:
    *rows, summary = answers(tmp_path, "--json-lines", "-", stdin=LINES + "\nrubbish\n", code=1)
    assert [(row["line"], row["outcome"], row["reason"]) for row in rows] == [
        (1, "accepted", ""),
        (2, "accepted", ""),
        (3, "accepted", ""),
        (4, "rejected", "invalid-number"),
        (5, "no-message", "invalid-row"),
        (6, "rejected", "country-not-served"),
        (8, "no-message", "invalid-row"),
    ]
    assert rows[4]["detail"].startswith("message_class='spam': expected one of otp")
    assert summary["summary"]["rows"] == len(rows)


def test_a_row_that_is_not_utf_8_or_too_deep_stops_nobody_and_a_mark_is_none(tmp_path: Path) -> None:
    good = json.dumps(ROWS[0]).encode()
    octets = b"\xef\xbb\xbf" + good + b'\r\n{"to":"+16465550123","text":"\xff"}\n' + b"[" * 100_000 + b"\n" + good
    file = tmp_path / "rows.jsonl"
    file.write_bytes(octets)
    arguments = ("--json-lines", str(file)), ("--json-lines", "-")
    for words, stdin in zip(arguments, (b"", octets), strict=True):
        *rows, _ = answers(tmp_path, *words, stdin=stdin, code=1)
        assert [(row["line"], row["outcome"]) for row in rows] == [
            (1, "accepted"), (2, "no-message"), (3, "no-message"), (4, "accepted")
        ]  # fmt: skip
        assert rows[1]["detail"].startswith("text: character 0 is half a surrogate pair, or not UTF-8")
        assert rows[2]["detail"] == "nested too deeply"


def test_no_row_is_told_so(tmp_path: Path) -> None:
    assert "no row to read" in run(tmp_path, "--json-lines", "-")[1]


def test_the_summary_is_the_sum_of_the_rows(tmp_path: Path) -> None:
    *rows, last = answers(tmp_path, "--json-lines", "-", stdin=LINES, code=1)
    summary = last["summary"]
    assert sum(each["rows"] for each in summary["outcomes"]) == summary["rows"] == len(rows)
    accepted = [row for row in rows if row["outcome"] == "accepted"]
    for total in summary["totals"]:
        mine = [row for row in accepted if (row["country"], row["currency"]) == (total["country"], total["currency"])]
        assert total["messages"] == len(mine)
        assert total["segments"] == sum(row["segment_count"] for row in mine)
        assert total["price_micros"] == sum(row["total_price_micros"] for row in mine)
        for currency, micros in total["costs_micros"].items():
            assert micros == sum(row["total_cost_micros"] for row in mine if row["cost_currency"] == currency)
    assert sum(total["messages"] for total in summary["totals"]) == len(accepted)
    assert {(each["country"], each["price_micros"]) for each in summary["totals"]} == {("US", 19_000), ("CN", 64_000)}


def test_a_csv_says_the_same_as_json_lines_and_options_hold_for_rows_that_do_not_say_it(tmp_path: Path) -> None:
    csv = "to,param.code\n+16465550123,118833\n+16465550124,\n"
    words = ("--template", "login-code", "--class", "otp", "--param", "brand=Acme", "--param", "minutes=5")
    *by_csv, _ = answers(tmp_path, "--csv", "-", *words, stdin=csv)
    assert [(row["line"], row["outcome"], row["reason"]) for row in by_csv] == [
        (2, "accepted", ""), (3, "rejected", "template-params"),
    ]  # fmt: skip
    lines = '{"to": "+16465550123", "params": {"brand": "Acme", "minutes": "5", "code": "118833"}}\n'
    by_json, _ = answers(tmp_path, "--json-lines", "-", "--template", "login-code", "--class", "otp", stdin=lines)
    same = ("to", "text", "encoding", "segment_count", "carrier", "total_price_micros")
    assert [by_json[name] for name in same] == [by_csv[0][name] for name in same]


def test_a_csv_without_a_header_is_refused(tmp_path: Path) -> None:
    arguments = ["preflight", "-a", "acme-bank", "--rules", str(RULES), "--csv", "-"]
    done = CliRunner().invoke(app, arguments, input="+16465550123,hi\n")
    assert "no column 'to'" in str(done.exception)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ((), 0),
        (("--strict",), 0),
        (("--sender", "far too long a name"), 0),
        (("--sender", "far too long a name", "--strict"), 1),
    ],
)
def test_a_rejection_is_an_answer_and_fails_the_command_only_if_that_is_asked(
    tmp_path: Path, words: tuple[str, ...], code: int
) -> None:
    assert run(tmp_path, *ONE, *words)[0] == code


@pytest.mark.parametrize(
    "words",
    [(), (*ONE, "--csv", "-"), (*ONE, "--at", "tomorrow"), (*ONE, "--param", "x"), (*ONE, "--at", "2026-12-01")],
)
def test_wrong_usage_is_exit_code_2(tmp_path: Path, words: tuple[str, ...]) -> None:
    assert run(tmp_path, *words)[0] == 2


def test_for_people_one_message_is_told_in_full_with_money_in_its_currency(tmp_path: Path) -> None:
    code, said = run(tmp_path, *ONE)
    assert code == 0
    for words in (
        "+16465550123 US", "1 x gsm7 (20 septets)", "-> blue-tel: chosen, 0.0041 USD a part",
        "premium-one: dearer, 0.008 EUR", "0.0095 USD, tariff retail-usd", "every carrier is taken as bound",
        "Not known: whether the recipient has opted out",
    ):  # fmt: skip
        assert words in said, words


def test_for_people_a_file_is_a_line_a_row_and_a_table_of_costs(tmp_path: Path) -> None:
    code, said = run(tmp_path, "--json-lines", "-", stdin=LINES)
    assert code == 1
    assert "line 5:  no-message" in said
    assert "1 rejected: country-not-served" in said
    (china,) = [line.split() for line in said.splitlines() if line.startswith("CN ")]
    assert china == ["CN", "2", "2", "0.064", "USD", "0.21", "CNY"]


def test_codes_are_shown_only_if_they_are_asked_for(tmp_path: Path) -> None:
    assert "118833" not in run(tmp_path, *ONE)[1] + run(tmp_path, *ONE, "--json")[1]
    assert "118833 is your code." in run(tmp_path, *ONE, "--codes")[1]


def test_another_time_has_its_own_prices(tmp_path: Path) -> None:
    rules = yaml.safe_load(RULES.read_text("utf-8"))
    prices = rules["tariffs"]["retail-usd"].pop("prices")
    rules["tariffs"]["retail-usd"]["steps"] = [
        {"prices": prices}, {"since": "2030-01-01T00:00:00Z", "prices": {**prices, "US": "0.5"}},
    ]  # fmt: skip
    file = tmp_path / "dated.yaml"
    file.write_text(yaml.safe_dump(rules, allow_unicode=True))
    before, _ = answers(tmp_path, *ONE, "--at", "2029-12-31T23:58:00Z", rules=file)
    after, last = answers(tmp_path, *ONE, "--at", "2030-01-01T00:00:00Z", rules=file)
    assert (before["price_micros"], after["price_micros"]) == (9_500, 500_000)
    assert [(each["at"], each["kind"]) for each in before["changes"]] == [("2030-01-01T00:00:00Z", "price")]
    assert (last["summary"]["at"], last["summary"]["source"]) == ("2030-01-01T00:00:00Z", str(file))


def test_nothing_is_written_and_no_key_is_made(tmp_path: Path) -> None:
    run(tmp_path / "home", *ONE)
    assert not list(tmp_path.iterdir())


def test_without_kafka_and_without_rules_it_says_what_is_missing(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["preflight", "-a", "acme-bank", *ONE, "--home", str(tmp_path)])
    assert "kafka was never started" in str(done.exception)


def test_a_row_is_answered_before_the_next_one_is_read(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "infra.cli", "preflight", "-a", "acme-bank", "--rules", str(RULES), "--json"]
    with subprocess.Popen(
        [*command, "--json-lines", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT,
        env={**os.environ, "SLUICE_HOME": str(tmp_path), "PYTHONPATH": str(ROOT)},
    ) as asked:  # fmt: skip
        assert asked.stdin is not None
        assert asked.stdout is not None
        for number in (1, 2):
            asked.stdin.write(LINES.splitlines(keepends=True)[0])
            asked.stdin.flush()
            assert json.loads(asked.stdout.readline())["line"] == number
        asked.stdin.close()
        assert json.loads(asked.stdout.readline())["summary"]["rows"] == 2
    assert asked.returncode == 0
