"""Laws of what may be promised: what all carriers can that may carry a message, and no more."""

from typing import Any

import msgspec
import pytest

from pipeline.domain.abilities import Abilities, AbilitiesByRoute, abilities_of, reserve_of, tables_of
from pipeline.domain.profiles import CarrierProfile
from pipeline.domain.rules import Policy, Route, Rules
from pipeline.domain.text.segments import NO_RESERVE, Concat, Reserve, ShiftTables
from tests.builders import NOW, a_rules, with_carrier, with_prices

TURKISH = CarrierProfile(national=("TR",))


def of(rules: Rules, country: str = "US", message_class: str = "otp") -> Abilities:
    return AbilitiesByRoute().of(rules, country, message_class)


def with_profiles(**profiles: CarrierProfile) -> Rules:
    rules = a_rules()
    for name, profile in profiles.items():
        rules = with_carrier(rules, name, profile=profile)
    return rules


def test_the_specification_is_what_all_can() -> None:
    assert abilities_of([]) == abilities_of([CarrierProfile()]) == Abilities()


@pytest.mark.parametrize(
    ("ties", "promised"),
    [
        (("udh8", "udh16"), Concat.UDH16),
        (("udh16", "udh16"), Concat.UDH16),
        (("udh8", "sar"), Concat.UDH8),
        (("sar", "sar"), Concat.UDH8),
        (("udh8", "of a later build"), Concat.UDH8),
    ],
)
def test_the_longest_header_counts(ties: tuple[str, ...], promised: Concat) -> None:
    assert abilities_of(CarrierProfile(concat=each) for each in ties).concat is promised


@pytest.mark.parametrize(
    ("languages", "common"),
    [
        ((("TR",), ("TR",)), True),
        ((("TR",), ("tr", "pt")), True),
        ((("TR",), ()), False),
        ((("TR",), ("PT",)), False),
        ((("TR", "of a later build"), ("TR",)), True),
    ],
)
def test_a_table_is_used_where_all_have_its_language(languages: tuple[tuple[str, ...], ...], common: bool) -> None:
    able = abilities_of(CarrierProfile(national=each) for each in languages)
    assert able.national == ((ShiftTables(0, 1), ShiftTables(1, 0), ShiftTables(1, 1)) if common else ())


def test_spanish_has_no_locking_table() -> None:
    assert tables_of(CarrierProfile(national=("ES",))) == (ShiftTables(0, 2),)


def test_every_charset_has_to_carry_the_text() -> None:
    able = abilities_of([CarrierProfile(default_charset="latin1"), CarrierProfile(default_charset="utf8")])
    assert able.charsets == ("latin1", "utf8")
    assert able.carry("é@$£")
    assert not able.carry("10 €")
    assert not abilities_of([CarrierProfile(default_charset="ascii")]).carry("é")


def test_a_charset_of_a_later_build_is_sure_to_carry_nothing() -> None:
    assert not abilities_of([CarrierProfile(default_charset="koi8")]).carry("abc")


def test_carriers_that_cannot_be_chosen_take_nothing_away() -> None:
    """`west` takes no marketing, `south` never has a price in France, the stranger is on no route."""
    rules = with_profiles(west=CarrierProfile(concat="udh16"), south=CarrierProfile(default_charset="latin1"))
    rules = with_prices(rules, "south", {"US": 1})
    everyone = Route(id="all", countries=("*",), classes=("*",), carriers=("north", "south", "west", "ghost"))
    rules = msgspec.structs.replace(rules, routes={"all": everyone})
    assert of(rules, message_class="marketing").concat is Concat.UDH8
    assert of(rules, message_class="otp").concat is Concat.UDH16
    assert of(rules, country="US").charsets == ("latin1",)
    assert of(rules, country="FR").charsets == ()


def test_a_carrier_with_a_price_to_come_counts_already() -> None:
    rules = with_prices(with_profiles(south=CarrierProfile(concat="udh16")), "south", {"CN": 1}, (NOW * 2, {"US": 1}))
    assert of(rules).concat is Concat.UDH16


def test_other_rules_are_read_anew() -> None:
    able = AbilitiesByRoute()
    rules = with_profiles(north=TURKISH, south=TURKISH, west=TURKISH)
    assert able.of(a_rules(), "US", "otp") == Abilities()
    assert able.of(rules, "US", "otp").national
    assert able.of(rules, "US", "otp") is able.of(rules, "US", "otp")
    assert able.of(a_rules(), "US", "otp") == Abilities()


@pytest.mark.parametrize(
    ("said", "country", "reserve"),
    [
        ({}, "TR", Reserve(0, 5)),
        ({}, "MY", Reserve(14, 0)),
        ({}, "US", NO_RESERVE),
        ({"TR": Reserve(0, 8)}, "TR", Reserve(0, 8)),
        ({"TR": Reserve(0, 0)}, "TR", NO_RESERVE),
        ({"US": Reserve(3, 0)}, "US", Reserve(3, 0)),
    ],
)
def test_the_policy_says_what_operators_add_or_the_usual_holds(
    said: dict[str, Any], country: str, reserve: Reserve
) -> None:
    assert reserve_of(Policy(reserved_units=said), country) == reserve
