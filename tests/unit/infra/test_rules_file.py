"""Laws of the rules file: what is unsound is refused with its line, what is sound becomes exact rules."""

from pathlib import Path

import pytest

from infra.config.located import RulesInvalid
from infra.config.rules_file import load_rules, parse_rules

SANDBOX = Path(__file__).resolve().parents[3] / "infra" / "sandbox" / "rules.yaml"
SMPP = {"{smpp}": "127.0.0.1:2775"}

SMALL = """\
accounts:
  acme:
    currency: USD
    prices: {US: "0.0075"}
carriers:
  blue:
    currency: USD
    costs:
      US: "0.0041"
    address: 127.0.0.1:2775
    system_id: blue
    password_ref: file:secrets/blue
routes:
  all: {countries: [US], carriers: [blue]}
templates:
  - {account: acme, name: code, version: 1, text: "Code {code}"}
"""


def problems(text: str) -> list[str]:
    with pytest.raises(RulesInvalid) as caught:
        parse_rules(text, "rules.yaml")
    return caught.value.problems


def test_a_file_that_is_not_text_is_refused_by_name(tmp_path: Path) -> None:
    file = tmp_path / "rules.yaml"
    file.write_bytes(b"accounts: \xa8")
    with pytest.raises(RulesInvalid, match=r"rules\.yaml: octet 10 is not UTF-8"):
        load_rules(file)


def test_the_sandbox_is_sound() -> None:
    rules = load_rules(SANDBOX, SMPP)
    assert len(rules.accounts) == 3
    assert len(rules.carriers) == 3
    assert {"CN", "US"} <= {country for route in rules.routes.values() for country in route.countries}


def test_every_route_of_the_sandbox_has_a_carrier_with_a_cost_for_every_country() -> None:
    rules = load_rules(SANDBOX, SMPP)
    for route in rules.routes.values():
        for country in route.countries:
            assert any(rules.carriers[carrier].cost_micros(country) is not None for carrier in route.carriers)


def test_a_price_is_exact_micros() -> None:
    rules = parse_rules(SMALL, "rules.yaml")
    assert rules.accounts["acme"].prices_micros == {"US": 7500}
    assert rules.templates["acme/code/1"].text == "Code {code}"
    assert rules.control_offset == -1


@pytest.mark.parametrize(
    ("good", "bad", "line", "says"),
    [
        ('"0.0041"', "0.0041", 9, "decimal in quotes"),
        ('"0.0041"', '"0.00000041"', 9, "finer than a millionth"),
        ('"0.0075"', '"-1"', 4, '"0" or more'),
        ("prices: {US:", "prices: {UK:", 4, "ISO 3166-1"),
        ("countries: [US]", "countries: [NO]", 14, "Norway"),
        ("carriers: [blue]", "carriers: [bleu]", 14, "'bleu' is no carrier of this file, expected one of blue"),
        ("account: acme", "account: acne", 16, "'acne' is no account of this file"),
        ("currency: USD\n    prices", "currency: EUR\n    prices", 3, "has no rate"),
        ("Code {code}", "Code {code", 16, "lone '{'"),
        ("  acme:", "  Acme:", 2, "expected a name"),
        ("  acme:", "  gateway:", 2, "kept for all"),
        ("password_ref: file:secrets/blue", "password_ref: hunter2", 12, "never the password"),
        ("    system_id: blue\n", "", 6, "system_id: missing"),
        ("    system_id: blue", "    system_id: blue\n    sytem: x", 12, "typing error"),
        ("version: 1,", 'version: "1",', 16, "valid integer"),
    ],
)
def test_an_unsound_value_is_refused_with_its_line(good: str, bad: str, line: int, says: str) -> None:
    assert good in SMALL
    found = problems(SMALL.replace(good, bad, 1))
    assert any(each.startswith(f"rules.yaml:{line}: ") and says in each for each in found), found


def test_all_errors_of_a_file_are_told_at_once() -> None:
    found = problems(SMALL.replace('"0.0041"', "0.0041").replace("prices: {US:", "prices: {UK:"))
    assert len(found) == 2


def test_a_key_given_twice_is_refused() -> None:
    found = problems(SMALL.replace("    system_id: blue\n", "    system_id: blue\n    system_id: green\n"))
    assert found == ["rules.yaml:12: carriers.blue.system_id: given twice, first in line 11"]


def test_broken_yaml_names_its_line() -> None:
    assert problems("accounts:\n  acme: [1\n")[0].startswith("rules.yaml:3: not YAML")


def test_an_empty_file_says_what_is_expected() -> None:
    assert problems("") == ["rules.yaml:1: expected accounts, carriers and routes"]
