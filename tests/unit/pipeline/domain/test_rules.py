"""Laws of the fold of rules: what builds without tariffs wrote is read as if they had had some."""

import json
from typing import Any

import pytest

from pipeline.domain.rules import Price, Rules, apply_control

OLD_ACCOUNT = {"id": "acme", "currency": "USD", "prices_micros": {"US": 7500, "*": 9000}, "rate_per_s": 7}
OLD_CARRIER = {"id": "acme", "currency": "EUR", "costs_micros": {"*": 4100}, "address": "h:1", "classes": ["otp"]}


def fold(*records: tuple[str, dict[str, Any] | None], rules: Rules | None = None) -> Rules:
    """Rules after records of objects called acme; None: removed."""
    rules = rules or Rules()
    for kind, body in records:
        rules = apply_control(rules, kind, "acme", json.dumps(body), is_deleted=body is None)
    return rules


def test_prices_of_an_old_account_hold_from_ever_under_a_tariff_of_its_own() -> None:
    rules = fold(("account", OLD_ACCOUNT))
    assert (rules.accounts["acme"].tariff, rules.accounts["acme"].rate_per_s) == ("account:acme", 7)
    assert rules.price("account:acme", "US", 0) == Price(micros=7500, currency="USD", tariff="account:acme")
    assert rules.price("account:acme", "CN", 10**16) == Price(micros=9000, currency="USD", tariff="account:acme")


def test_an_old_carrier_of_the_same_name_has_costs_of_its_own() -> None:
    rules = fold(("account", OLD_ACCOUNT), ("carrier", OLD_CARRIER))
    assert (rules.carriers["acme"].tariff, rules.carriers["acme"].classes) == ("carrier:acme", ("otp",))
    assert rules.price("carrier:acme", "US", 0) == Price(micros=4100, currency="EUR", tariff="carrier:acme")
    assert set(rules.tariffs) == {"account:acme", "carrier:acme"}


def test_an_old_record_takes_the_place_of_the_one_before() -> None:
    rules = fold(("account", OLD_ACCOUNT), ("account", OLD_ACCOUNT | {"prices_micros": {"US": 1}}))
    assert rules.tariffs["account:acme"].micros("US", 0) == 1
    assert rules.tariffs["account:acme"].micros("CN", 0) is None


@pytest.mark.parametrize("after", [None, {"id": "acme", "tariff": "retail"}])
def test_such_a_tariff_goes_with_its_object(after: dict[str, Any] | None) -> None:
    rules = fold(("account", OLD_ACCOUNT), ("carrier", OLD_CARRIER), ("account", after))
    assert set(rules.tariffs) == {"carrier:acme"}


def test_such_a_tariff_stays_while_its_object_has_it() -> None:
    old = fold(("account", OLD_ACCOUNT))
    rules = fold(("account", {"id": "acme", "tariff": "account:acme", "rate_per_s": 9}), rules=old)
    assert (rules.tariffs, rules.accounts["acme"].rate_per_s) == (old.tariffs, 9)


@pytest.mark.parametrize(
    "body", [{"prices_micros": {}}, OLD_ACCOUNT | {"prices_micros": {"US": "x"}}, {"id": "acme", "currency": "USD"}, []]
)
def test_what_is_of_neither_form_is_unsound(body: Any) -> None:
    with pytest.raises(ValueError, match="control record account/acme"):
        fold(("account", body))
