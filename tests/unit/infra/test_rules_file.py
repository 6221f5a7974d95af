"""Laws of the rules file: what is unsound is refused with its line, what is sound becomes exact rules."""

from pathlib import Path

import pytest

from infra.config.located import RulesInvalid
from infra.config.rules_file import load_rules, parse_document, parse_rules
from pipeline.domain.rules import Price

SANDBOX = Path(__file__).resolve().parents[3] / "infra" / "sandbox" / "rules.yaml"
SMPP = {"{smpp}": "127.0.0.1:2775"}

SMALL = """\
tariffs:
  retail:
    currency: USD
    prices: {US: "0.0075"}
  blue:
    currency: USD
    prices:
      US: "0.0041"
accounts:
  acme:
    tariff: retail
carriers:
  blue:
    tariff: blue
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
            assert any(rules.price(rules.carriers[carrier].tariff, country, 0) for carrier in route.carriers)


def test_a_price_is_exact_micros() -> None:
    rules = parse_rules(SMALL, "rules.yaml")
    assert rules.price(rules.accounts["acme"].tariff, "US", 0) == Price(micros=7500, currency="USD", tariff="retail")
    assert rules.templates["acme/code/1"].text == "Code {code}"
    assert rules.control_offset == -1


@pytest.mark.parametrize(
    ("good", "bad", "line", "says"),
    [
        ('"0.0041"', "0.0041", 8, "decimal in quotes"),
        ('"0.0041"', '"0.00000041"', 8, "finer than a millionth"),
        ('"0.0075"', '"-1"', 4, '"0" or more'),
        ("prices: {US:", "prices: {UK:", 4, "ISO 3166-1"),
        ("countries: [US]", "countries: [NO]", 19, "Norway"),
        ("carriers: [blue]", "carriers: [bleu]", 19, "'bleu' is no carrier of this file, expected one of blue"),
        ("tariff: retail", "tariff: retial", 11, "'retial' is no tariff of this file, expected one of retail, blue"),
        ("tariff: blue", "tariff: bleu", 14, "'bleu' is no tariff of this file"),
        ("account: acme", "account: acne", 21, "'acne' is no account of this file"),
        ("currency: USD\n    prices: {US", "currency: EUR\n    prices: {US", 3, "has no rate"),
        ("Code {code}", "Code {code", 21, "lone '{'"),
        ("  acme:", "  Acme:", 10, "expected a name"),
        ("  acme:", "  gateway:", 10, "kept for all"),
        ("password_ref: file:secrets/blue", "password_ref: hunter2", 17, "never the password"),
        ("    system_id: blue\n", "", 13, "system_id: missing"),
        ("    system_id: blue", "    system_id: blue\n    sytem: x", 17, "typing error"),
        ("version: 1,", 'version: "1",', 21, "valid integer"),
        ("templates:", "version: 0\ntemplates:", 20, "greater than or equal to 1"),
        ("templates:", 'senders: [{account: acme, sender: ""}]\ntemplates:', 20, "at least 1"),
        ("templates:", "senders: [{account: acne, sender: ACME}]\ntemplates:", 20, "'acne' is no account"),
        (
            "templates:",
            "senders:\n  - {account: acme, sender: ACME}\n  - {account: acme, sender: ACME}\ntemplates:",
            22,
            "acme ACME stands twice, first in line 21",
        ),
        (
            "tariff: retail\n",
            "tariff: retail\n    only_registered_senders: true\n    default_sender: ACME\n",
            13,
            "'ACME' is not under senders",
        ),
    ],
)
def test_an_unsound_value_is_refused_with_its_line(good: str, bad: str, line: int, says: str) -> None:
    assert good in SMALL
    found = problems(SMALL.replace(good, bad, 1))
    assert any(each.startswith(f"rules.yaml:{line}: ") and says in each for each in found), found


def test_all_errors_of_a_file_are_told_at_once() -> None:
    found = problems(SMALL.replace('"0.0041"', "0.0041").replace("prices: {US:", "prices: {UK:"))
    assert len(found) == 2


def test_wrong_shapes_do_not_hide_wrong_names() -> None:
    found = problems(SMALL.replace('"0.0041"', "0.0041").replace("carriers: [blue]", "carriers: [bleu]"))
    assert [each.split(":")[1] for each in found] == ["8", "19"]


STEPS = """\
    steps:
      - {since: 2026-01-01T00:00:00Z, prices: {US: "0.0075"}}
      - {since: "2026-12-01T01:00:00+01:00", prices: {US: "0.0080"}}
"""


def stepped(steps: str) -> str:
    return SMALL.replace('    prices: {US: "0.0075"}\n', steps, 1)


def test_a_tariff_may_have_dated_steps() -> None:
    december = 1_796_083_200_000_000
    tariff = parse_rules(stepped(STEPS), "rules.yaml").tariffs["retail"]
    assert [step.since for step in tariff.steps] == [1_767_225_600_000_000, december]
    assert tariff.micros("US", 0) is None
    assert tariff.micros("US", december - 1) == 7500
    assert tariff.micros("US", december) == 8000


def test_the_first_step_may_hold_from_ever() -> None:
    tariff = parse_rules(stepped(STEPS.replace("since: 2026-01-01T00:00:00Z, ", "")), "rules.yaml").tariffs["retail"]
    assert tariff.micros("US", 0) == 7500


@pytest.mark.parametrize(
    ("good", "bad", "line", "says"),
    [
        ("2026-01-01T00:00:00Z", "2026-01-01T00:00:00", 5, "a time with its zone"),
        ("2026-01-01T00:00:00Z", "2026-01-01", 5, "a time with its zone"),
        ("2026-01-01T00:00:00Z", "2026-12-01T00:00:00Z", 6, "is not after the step before it"),
        ('since: "2026-12-01T01:00:00+01:00", ', "", 6, "only the first step may go without"),
        ("    steps:", '    prices: {US: "1"}\n    steps:', 2, "either prices or steps"),
    ],
)
def test_steps_out_of_order_or_without_a_zone_are_refused(good: str, bad: str, line: int, says: str) -> None:
    found = problems(stepped(STEPS.replace(good, bad, 1)))
    assert any(each.startswith(f"rules.yaml:{line}: ") and says in each for each in found), found


def test_two_carriers_of_one_smsc_account_are_refused() -> None:
    twin = SMALL.replace(
        "routes:", "  twin: {tariff: blue, address: 127.0.0.1:2775, system_id: blue, password_ref: env:X}\nroutes:"
    )
    (problem,) = problems(twin)
    assert problem.startswith(
        "rules.yaml:18: carriers.twin.system_id: 'blue' at 127.0.0.1:2775 is carrier blue already"
    )
    assert parse_rules(twin.replace("system_id: blue, p", "system_id: twin, p"), "rules.yaml").carriers["twin"]


def test_the_version_is_kept_beside_the_rules() -> None:
    assert parse_document(SMALL, "r").version is None
    assert parse_document(f"version: 7\n{SMALL}", "r").version == 7


def test_senders_are_registered_as_they_are_shown() -> None:
    text = f"{SMALL}senders:\n  - {{account: acme, sender: '10690001', countries: [US]}}\n"
    rules = parse_rules(text, "r")
    registered = rules.sender("acme", "10690001")
    assert registered is not None
    assert registered.covers("US", "otp")
    assert not registered.covers("CN", "otp")


def test_a_key_given_twice_is_refused() -> None:
    found = problems(SMALL.replace("    system_id: blue\n", "    system_id: blue\n    system_id: green\n"))
    assert found == ["rules.yaml:17: carriers.blue.system_id: given twice, first in line 16"]


def test_broken_yaml_names_its_line() -> None:
    assert problems("accounts:\n  acme: [1\n")[0].startswith("rules.yaml:3: not YAML")


def test_an_empty_file_says_what_is_expected() -> None:
    assert problems("") == ["rules.yaml:1: expected tariffs, accounts, carriers and routes"]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (SMALL.replace("retail", "account:blue"), 2),  # there is no such account
        (SMALL.replace("  retail:", "  account:acme:"), 2),  # acme does not have it
        (SMALL.replace("retail", "carrier:blue"), 2),  # somebody else has it
        (SMALL.replace("tariff: blue", "tariff: account:acme").replace("retail", "account:acme"), 2),  # as well
    ],
)
def test_a_tariff_called_after_its_owner_belongs_to_that_one_alone(text: str, line: int) -> None:
    assert any(each.startswith(f"rules.yaml:{line}:") and "goes with the one" in each for each in problems(text))


@pytest.mark.parametrize("name", ["route:acme", "account:", "account:ACME", "account:a:b", ":acme"])
def test_no_other_name_of_a_tariff_has_a_colon(name: str) -> None:
    assert any("expected a name" in each for each in problems(SMALL.replace("retail", f'"{name}"')))


def test_a_tariff_that_is_no_name_at_all_is_refused_and_breaks_nothing() -> None:
    assert any("accounts.acme.tariff" in each for each in problems(SMALL.replace("tariff: retail", "tariff: [retail]")))
