"""Laws of writing rules as text: read again it is the same rules, so that applying it changes nothing."""

from pathlib import Path

import msgspec
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from infra.config.changes import changes_between
from infra.config.rules_file import load_rules, parse_rules
from infra.config.rules_text import amount, rules_text
from infra.config.words import sentences
from pipeline.domain.money import to_micros
from pipeline.domain.profiles import CarrierProfile
from pipeline.domain.rules import Drain, Policy, Rules, SenderId, Tariff, TariffStep, apply_control
from pipeline.domain.text.segments import Reserve
from tests.unit.infra.test_rules_file import SANDBOX, SMALL, SMPP

FEW = parse_rules(SMALL, "small.yaml")
BOOK = load_rules(SANDBOX, SMPP)
DECEMBER = 1_796_083_200_000_000


def again(rules: Rules) -> Rules:
    return parse_rules(rules_text(rules), "shown.yaml")


def test_the_sandbox_survives() -> None:
    assert again(BOOK) == BOOK
    assert changes_between(msgspec.structs.replace(BOOK, control_offset=5), again(BOOK)) == ()


def test_drains_are_no_part_of_a_file() -> None:
    drained = msgspec.structs.replace(BOOK, drains={"blue-tel": Drain(id="blue-tel")})
    assert rules_text(drained) == rules_text(BOOK)


def test_what_nobody_said_is_not_written() -> None:
    text = rules_text(BOOK)
    assert "enquire_link_s" not in text
    assert "quota_bytes_per_s" not in text


@pytest.mark.parametrize("field", [each for each in BOOK.accounts["acme-bank"].__struct_fields__ if each != "id"])
def test_every_field_of_an_account_survives(field: str) -> None:
    other = {
        "tariff": "retail-cny", "rate_per_s": 7, "burst": 8, "shards": 3, "is_direct": False, "default_sender": "ACME",
        "on_unknown": {"otp": "hold"}, "only_registered_senders": True, "quota_bytes_per_s": 4096,
        "smart_encoding": True,
    }  # fmt: skip
    account = msgspec.structs.replace(BOOK.accounts["acme-bank"], **({"default_sender": ""} | {field: other[field]}))
    rules = msgspec.structs.replace(BOOK, accounts={**BOOK.accounts, account.id: account})
    assert again(rules) == rules


@pytest.mark.parametrize("field", [each for each in BOOK.carriers["blue-tel"].__struct_fields__ if each != "id"])
def test_every_field_of_a_carrier_survives(field: str) -> None:
    other = {
        "tariff": "premium-one-eur", "classes": ("otp",), "max_parts": 3, "address": "b:1", "system_id": "s",
        "password_ref": "env:X", "binds": 4, "window": 5, "rate_per_s": 6, "response_timeout_s": 7,
        "enquire_link_s": 8, "default_sender": "1069", "profile": CarrierProfile(national=("TR",), concat="udh16"),
    }  # fmt: skip
    carrier = msgspec.structs.replace(BOOK.carriers["blue-tel"], **{field: other[field]})
    rules = msgspec.structs.replace(BOOK, carriers={**BOOK.carriers, carrier.id: carrier})
    assert again(rules) == rules


@pytest.mark.parametrize("field", CarrierProfile.__struct_fields__)
def test_every_field_of_a_profile_survives_and_alone_is_written(field: str) -> None:
    other = {
        "concat": "sar", "default_charset": "latin1", "is_packed": True, "ucs2_data_coding": 24,
        "national": ("TR", "PT"),
        "receipt_ids": "2", "receipt_zone": "Asia/Shanghai", "plain_receipts": True,
        "receipt_states": {"ACKED": "delivered", "REJ*": "rejected"}, "statuses": {"0x0400": "permanent/sender"},
    }  # fmt: skip
    profile = msgspec.structs.replace(CarrierProfile(), **{field: other[field]})
    carrier = msgspec.structs.replace(BOOK.carriers["blue-tel"], profile=profile)
    rules = msgspec.structs.replace(BOOK, carriers={**BOOK.carriers, carrier.id: carrier})
    assert again(rules) == rules
    assert list(yaml.safe_load(rules_text(rules))["carriers"]["blue-tel"]["profile"]) == [field]


@pytest.mark.parametrize("field", [each for each in Policy.__struct_fields__ if each not in ("id", "base_currency")])
def test_every_field_of_the_policy_survives(field: str) -> None:
    other = {
        "rates_micros": {**BOOK.policy.rates_micros, "JPY": 6_700}, "max_parts": 4, "ucs2_countries": ("CN", "NO"),
        "attempt_budget_s": {"express": 1, "bulk": 2}, "receipt_grace_s": 9, "may_reveal": ("ann", "bob"),
        "on_unknown": {"otp": "hold"}, "reserved_units": {"TR": Reserve(0, 8), "NO": Reserve(3, 0)},
        "protected_names": ("ACME", "Teahouse"),
    }  # fmt: skip
    rules = msgspec.structs.replace(BOOK, policy=msgspec.structs.replace(BOOK.policy, **{field: other[field]}))
    assert again(rules) == rules


prices = st.dictionaries(st.sampled_from(["CN", "US", "NO", "*"]), st.integers(0, 10**13), min_size=1)


@given(st.lists(st.tuples(st.integers(0, 4 * 10**15), prices), min_size=1, max_size=4, unique_by=lambda it: it[0]))
def test_every_tariff_survives(steps: list[tuple[int, dict[str, int]]]) -> None:
    tariff = Tariff(
        id="retail",
        currency="USD",
        steps=tuple(TariffStep(since=since, micros=micros) for since, micros in sorted(steps, key=lambda it: it[0])),
    )
    rules = msgspec.structs.replace(FEW, tariffs={**FEW.tariffs, tariff.id: tariff})
    assert again(rules) == rules


@given(
    sender=st.sampled_from(["10690001", "ACME", "on", "4420 shop", "447700900123"]),
    text=st.text("ab{}:#'\"\n 中", min_size=1),
)
def test_senders_and_texts_survive(sender: str, text: str) -> None:
    text = text.replace("{", "{{").replace("}", "}}")
    registered = SenderId(id=f"acme/{sender}", account="acme", sender=sender, countries=("NO",), classes=("otp",))
    template = msgspec.structs.replace(FEW.templates["acme/code/1"], text=text)
    rules = msgspec.structs.replace(FEW, senders={registered.id: registered}, templates={template.id: template})
    assert again(rules) == rules


@given(st.integers(0, 10**15))
def test_an_amount_is_exact(micros: int) -> None:
    assert to_micros(amount(micros)) == micros


def test_the_text_of_a_file_with_comments_is_the_same_rules(tmp_path: Path) -> None:
    file = tmp_path / "rules.yaml"
    file.write_text(f"# revision 3\n{rules_text(BOOK)}")
    assert load_rules(file) == BOOK


def of_an_earlier_build(rules: Rules) -> Rules:
    """As if an account and a carrier had been written before there were tariffs."""
    account = {"id": "acme", "currency": "USD", "prices_micros": {"US": 7500}}
    blue = msgspec.to_builtins(rules.carriers["blue"]) | {"currency": "USD", "costs_micros": {"US": 4100}}
    del blue["tariff"]
    bodies = {("account", "acme"): account, ("carrier", "blue"): blue}
    for (kind, name), body in bodies.items():
        rules = apply_control(rules, kind, name, msgspec.json.encode(body).decode(), is_deleted=False)
    return msgspec.structs.replace(rules, tariffs={name: each for name, each in rules.tariffs.items() if ":" in name})


def test_rules_of_an_earlier_build_survive_too() -> None:
    old = of_an_earlier_build(FEW)
    assert set(old.tariffs) == {"account:acme", "carrier:blue"}
    assert again(old) == old


def test_what_leads_from_rules_of_an_earlier_build_to_others_and_back_leads_there() -> None:
    """The records of each change, folded, are the rules that were wanted: no tariff is lost or left."""
    old = msgspec.structs.replace(of_an_earlier_build(FEW), control_offset=3)
    without = msgspec.structs.replace(old, accounts={}, tariffs={"carrier:blue": old.tariffs["carrier:blue"]})
    steps = [FEW, old, without, old, FEW]
    rules = old
    for wanted in steps:
        for each in changes_between(rules, wanted):
            rules = apply_control(rules, each.kind, each.id, each.body, is_deleted=not each.body)
        assert msgspec.structs.replace(rules, control_offset=wanted.control_offset) == wanted
        assert sentences(old, wanted, 0) or wanted == old
