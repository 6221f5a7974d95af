"""Preflight and the agents are held together: whatever is submitted, by whatever rules, they say the same."""

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.domain.classes import MessageClass
from pipeline.domain.rules import Drain, Health, Policy, Route, Rules, SenderId
from pipeline.events.records import SubmitMessage
from tests.builders import (
    CN_NUMBER,
    NOW,
    SECOND,
    US_NUMBER,
    a_health,
    a_rules,
    a_submit_message,
    nobody_bound,
    with_account,
    with_carrier,
    with_prices,
)
from tests.unit.infra.preflight.bench import LATER, Agents, a_basis, a_revision, disagreements, preflight_says

HK_NUMBER, FR_NUMBER = "+85251234567", "+33612345678"
STEP = NOW + 30 * SECOND
DATED = with_prices(
    with_prices(a_rules(), "retail-usd", {"US": 10_000, "CN": 40_000}, (STEP, {"US": 12_000, "CN": 1})),
    "west", {"*": 7_000}, (STEP, {"*": 1_000}),
)  # fmt: skip
REGISTERED = msgspec.structs.replace(
    with_account(a_rules(), "acme", only_registered_senders=True),
    senders={"acme/ACME": SenderId(id="acme/ACME", account="acme", sender="ACME", countries=("US",))},
)
OPEN_WORLD = a_rules(routes={"all": Route(id="all", countries=("*",), classes=("*",), carriers=("north", "west"))})
NARROW = with_carrier(a_rules(), "west", classes=("marketing",), max_parts=1)
ONE_PART = a_rules(
    carriers={name: msgspec.structs.replace(each, max_parts=1) for name, each in a_rules().carriers.items()}
)
RULES: dict[str, Rules] = {
    "plain": a_rules(),
    "dated": DATED,
    "registered": REGISTERED,
    "drained": a_rules(drains={"north": Drain(id="north", reason="works")}),
    "all-drained": a_rules(drains={name: Drain(id=name) for name in ("north", "south", "west")}),
    "open": OPEN_WORLD,
    "narrow": NARROW,
    "short": a_rules(policy=Policy(max_parts=2)),
    "no-rate": a_rules(policy=Policy(rates_micros={})),
    "no-routes": a_rules(routes={}),
    "one-part": ONE_PART,
}
HEALTHS: dict[str, Health] = {
    "all": a_health(),
    "south": a_health("south"),
    "west": a_health("west"),
    "nobody": nobody_bound(),
}
ACCOUNTS = ("acme", "teahouse", "corner-shop", "nobody", "No.Name")
SUBMISSIONS = st.builds(
    SubmitMessage,
    to=st.sampled_from([US_NUMBER] * 4 + [CN_NUMBER] * 3 + [HK_NUMBER, FR_NUMBER, "8446040924", "+12", "me", " "]),
    default_region=st.sampled_from([None, None, None, "US", "XX"]),
    sender=st.sampled_from([None, None, None, "ACME", "+8613900139000", "35560", "far too long a name"]),
    text=st.one_of(
        st.text(min_size=1, max_size=40), st.sampled_from(["a" * 161, "码" * 71, "x" * 5000, "€\u001b", ""])
    ),
    message_class=st.sampled_from([each.value for each in MessageClass]),
    idempotency_key=st.sampled_from([None, "key-1", "k" * 300]),
    not_before=st.sampled_from([None, None, None, None, 0, NOW, STEP + SECOND, LATER, LATER + SECOND, NOW * 2]),
    valid_for_s=st.sampled_from([None, None, None, None, 120, 120, 0, 60, 10**6]),
    created_at=st.sampled_from([None, None, None, NOW - SECOND, NOW - 300 * SECOND]),
)
TEMPLATES = st.builds(
    SubmitMessage,
    to=st.sampled_from([US_NUMBER, CN_NUMBER]),
    text=st.none(),
    template_id=st.sampled_from(["code", "code", "code", "other"]),
    template_version=st.sampled_from([None, 1, 2, 3]),
    params=st.sampled_from([{"code": "731904"}, {"code": "€"}, {}, {"code": "1", "more": "2"}]),
    message_class=st.sampled_from(["otp", "marketing"]),
)


@given(
    SUBMISSIONS | SUBMISSIONS | TEMPLATES,
    st.sampled_from(["acme", "acme", *ACCOUNTS]),
    st.sampled_from(list(RULES)),
    st.sampled_from([None, None, *RULES]),
    st.sampled_from(["all", *HEALTHS]),
)
@settings(max_examples=600, deadline=None)
def test_whatever_is_submitted_preflight_says_what_the_agents_decide(
    submitted: SubmitMessage, account: str, rules: str, scheduled: str | None, health: str
) -> None:
    revisions = [a_revision(1, RULES[rules])]
    if scheduled is not None:
        revisions.append(a_revision(2, RULES[scheduled], LATER))
    basis = a_basis(*revisions, health=HEALTHS[health])
    assert preflight_says(basis, submitted, account) == Agents(basis, account).say(submitted)


def a_case(rules: str = "plain", health: str = "all", account: str = "acme", **changes: Any) -> Any:
    return rules, health, account, a_submit_message(**changes)


CASES = {
    "accepted": a_case(),
    "by the cheapest in euros": a_case(account="teahouse", to=CN_NUMBER),
    "in many parts": a_case(text="a" * 400),
    "of a template": a_case(text=None, template_id="code", params={"code": "1"}),
    "behind the gateway": a_case(account="corner-shop"),
    "scheduled": a_case("dated", not_before=LATER),
    "held": a_case(health="nobody"),
    "held by drains": a_case("all-drained"),
    "passed over a drain": a_case("drained"),
    "no-route": a_case("one-part", text="a" * 400),
    "country-not-served": a_case(to=FR_NUMBER, account="teahouse"),
    "sender-not-registered": a_case("registered", sender="OTHER"),
    "text-too-long": a_case(text="x" * 5000),
    "invalid-number": a_case(to="+12"),
    "region-needed": a_case(to="8446040924"),
    "number-type-refused": a_case(to="+861065529988"),
    "unknown-account": a_case(account="nobody"),
    "unknown-template": a_case(text=None, template_id="other"),
    "template-params": a_case(text=None, template_id="code"),
    "unencodable-text": a_case(text="\u001b"),
    "expired-on-arrival": a_case(created_at=NOW - 3600 * SECOND),
    "invalid-field": a_case(sender="far too long a name"),
    "missing-field": a_case(to=" "),
}
NOT_REJECTED = {name for name in CASES if name not in ("no-route",) and "-" not in name}


@pytest.mark.parametrize("name", CASES)
def test_of_each_outcome_there_is_a_case_and_both_say_it(name: str) -> None:
    rules, health, account, submitted = CASES[name]
    basis = a_basis(a_revision(1, RULES[rules]), health=HEALTHS[health])
    said = preflight_says(basis, submitted, account)
    assert said == Agents(basis, account).say(submitted)
    assert (said["outcome"], said.get("reason", name)) == ("accepted" if name in NOT_REJECTED else "rejected", name)


@pytest.mark.parametrize(
    "wrong",
    [
        a_basis(a_revision(1, DATED), at=STEP),
        a_basis(a_revision(1, RULES["drained"])),
        a_basis(a_revision(1, RULES["registered"])),
        a_basis(a_revision(1, RULES["short"])),
        a_basis(a_revision(1, with_prices(a_rules(), "north", {"US": 3_001, "CN": 9_000}))),
        a_basis(health=a_health("west")),
        a_basis(health=nobody_bound()),
    ],
    ids=["another time", "a drain", "registered senders", "fewer parts", "another cost", "a carrier down", "all down"],
)
def test_a_preflight_by_other_rules_health_or_time_is_found_to_disagree(wrong: Any) -> None:
    submissions = [(account, submitted) for _, _, account, submitted in CASES.values()]
    assert disagreements(a_basis(), a_basis(), submissions) == []
    assert disagreements(wrong, a_basis(), submissions)


def test_a_preflight_that_forgets_a_scheduled_revision_is_found_to_disagree() -> None:
    is_coming = a_basis(a_revision(1, a_rules()), a_revision(2, RULES["narrow"], NOW + SECOND), health=a_health("west"))
    submissions = [("acme", a_submit_message(not_before=LATER))]
    assert disagreements(is_coming, is_coming, submissions) == []
    ((foreseen, decided),) = disagreements(a_basis(health=a_health("west")), is_coming, submissions)
    assert (foreseen["carrier"], decided["carrier"]) == ("west", None)
