"""Laws of choosing a carrier: least cost of those that can, all candidates recorded with their reasons."""

from typing import Any

import msgspec
import pytest

from pipeline.domain.profiles import CarrierProfile
from pipeline.domain.rules import Policy, Route, Rules
from pipeline.events.records import MessageRouted, MessageStatusChanged
from pipeline.stages.routing import Routing
from pipeline.stages.routing.choice import Load, choose
from tests.builders import (
    NOW,
    a_health,
    a_rules,
    a_snapshot,
    an_accepted,
    nobody_bound,
    with_carrier,
    with_prices,
)
from tests.fold import Fold


def a_load(**changes: Any) -> Load:
    fields = {"country": "US", "message_class": "otp", "segment_count": 1, "currency": "USD", "at": NOW}
    return Load(**(fields | changes))


def table(rules: Rules, *, country: str = "US", message_class: str = "otp", parts: int = 1) -> list[tuple[str, str]]:
    choice = choose(a_snapshot(rules), a_load(country=country, message_class=message_class, segment_count=parts))
    return [(candidate.carrier, candidate.reason) for candidate in choice.candidates]


def test_the_cheapest_in_the_accounts_currency_wins_and_the_others_are_recorded() -> None:
    routing = Fold(Routing())
    routing.give(an_accepted())
    routed = routing.last(MessageRouted)
    assert routed.carrier == "north"
    assert [(c.carrier, c.score, c.reason) for c in routed.candidates] == [
        ("north", 3_000, "chosen"),
        ("south", 4_400, "dearer"),  # 4,000 micros of a euro at 1.10
        ("west", 7_000, "dearer"),
    ]


def test_costs_are_compared_in_one_currency() -> None:
    cheap_euro = msgspec.structs.replace(a_rules(), policy=Policy(rates_micros={"EUR": 500_000}))
    assert table(cheap_euro)[0] == ("south", "chosen")


def test_the_score_is_of_all_parts() -> None:
    choice = choose(a_snapshot(), a_load(segment_count=3))
    assert [candidate.score for candidate in choice.candidates] == [9_000, 13_200, 21_000]


def test_equal_costs_are_decided_by_name() -> None:
    rules = with_prices(a_rules(), "west", {"US": 3_000})
    assert table(rules)[:2] == [("north", "chosen"), ("west", "dearer")]


@pytest.mark.parametrize(
    ("carrier", "changes", "reason"),
    [
        ("north", {"tariff": "nowhere"}, "no-price"),
        ("north", {"classes": ("marketing",)}, "class-not-carried"),
        ("north", {"max_parts": 2}, "too-many-parts"),
        ("north", {"tariff": "gold"}, "no-exchange-rate"),
    ],
)
def test_a_carrier_that_cannot_is_recorded_with_its_reason(
    carrier: str, changes: dict[str, object], reason: str
) -> None:
    rules = with_prices(a_rules(), "nowhere", {"FR": 1})
    rules = with_prices(rules, "gold", {"*": 1}, currency="XAU")
    rules = with_carrier(rules, carrier, **changes)
    assert table(rules, parts=3) == [("south", "chosen"), ("west", "dearer"), ("north", reason)]


def test_a_text_in_national_tables_goes_to_carriers_that_have_any() -> None:
    rules = with_carrier(a_rules(), "south", profile=CarrierProfile(national=("TR",)))
    choice = choose(a_snapshot(rules), a_load(encoding="gsm7-nli"))
    assert [(each.carrier, each.reason) for each in choice.candidates] == [
        ("south", "chosen"),
        ("north", "encoding-not-carried"),
        ("west", "encoding-not-carried"),
    ]


def test_routing_asks_with_the_encoding_of_the_message() -> None:
    routing = Fold(Routing())
    routing.give(an_accepted(encoding="gsm7-nli"))
    status = routing.last(MessageStatusChanged)
    assert (status.status, status.reason) == ("rejected", "no-route")
    assert "north: encoding-not-carried" in status.detail


def test_an_unbound_carrier_is_passed_over_and_recorded() -> None:
    routing = Fold(Routing(), a_snapshot(health=a_health("west")))
    routing.give(an_accepted())
    routed = routing.last(MessageRouted)
    assert [(c.carrier, c.is_eligible, c.reason) for c in routed.candidates] == [
        ("west", True, "chosen"),
        ("north", False, "unbound"),
        ("south", False, "unbound"),
    ]
    assert (routed.control_offset, routed.health_offset) == (17, 5)


def test_only_routes_of_the_country_and_class_count() -> None:
    routes = {
        "cn": Route(id="cn", countries=("CN",), classes=("otp",), carriers=("south",)),
        "all": Route(id="all", countries=("*",), classes=("marketing",), carriers=("north",)),
    }
    rules = a_rules(routes=routes)
    assert table(rules, country="CN") == [("south", "chosen")]
    assert table(rules, country="CN", message_class="marketing") == [("north", "chosen")]
    assert table(rules, country="US") == []


def test_a_route_to_a_carrier_that_is_not_in_the_rules_is_ignored() -> None:
    rules = a_rules(routes={"all": Route(id="all", countries=("*",), classes=("*",), carriers=("ghost", "west"))})
    assert table(rules) == [("west", "chosen")]


def test_nobody_who_ever_could_is_a_rejection_in_words() -> None:
    routing = Fold(Routing())
    routing.give(an_accepted(country="HK", message_class="marketing", lane="bulk"))
    status = routing.last(MessageStatusChanged)
    assert (status.status, status.reason) == ("rejected", "no-route")
    assert status.detail == "north: no-price; south: no-price; west: class-not-carried"


def test_unbound_is_worth_waiting_for_and_no_price_is_not() -> None:
    rules = a_rules()
    snapshot = a_snapshot(rules, nobody_bound())
    assert choose(snapshot, a_load()).may_come
    assert not choose(snapshot, a_load(country="FR", message_class="marketing")).may_come


def test_a_cost_that_changes_at_a_date_changes_the_choice_from_that_time_on() -> None:
    rules = with_prices(a_rules(), "west", {"*": 7_000}, (NOW + 1, {"*": 1_000}))
    assert choose(a_snapshot(rules), a_load()).carrier == rules.carriers["north"]
    assert choose(a_snapshot(rules), a_load(at=NOW + 1)).carrier == rules.carriers["west"]
