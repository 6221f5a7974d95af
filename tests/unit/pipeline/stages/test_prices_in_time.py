"""Laws of tariffs and senders in the stages: a price holds by the log's time, and a registered sender where it may."""

import msgspec
import pytest

from pipeline.domain.rules import Rules, SenderId
from pipeline.events.records import MessageAccepted, MessageRejected, MessageRouted, MessageStatusChanged, UsageRecorded
from pipeline.stages import validation
from pipeline.stages.routing import Routing
from tests.builders import (
    CLUSTER,
    CODEC,
    NOW,
    SECOND,
    FakeKeyRing,
    a_rules,
    a_snapshot,
    a_submission,
    a_succeeded,
    an_accepted,
    with_account,
    with_prices,
)
from tests.fold import Fold

STEP = NOW + 10 * SECOND
DATED = with_prices(
    with_prices(a_rules(), "retail-usd", {"US": 10_000}, (STEP, {"US": 12_000})),
    "north", {"US": 3_000}, (STEP, {"US": 3_500}),
)  # fmt: skip


def sent(routing: Fold, number: int) -> UsageRecorded:
    routing.give(an_accepted(number, expires_at=NOW + 3600 * SECOND))
    routing.give(a_succeeded(routing.last(MessageRouted), f"A{number}"))
    return routing.last(UsageRecorded)


def test_a_price_and_a_cost_change_at_their_time_without_a_new_revision() -> None:
    routing = Fold(Routing(), a_snapshot(DATED))
    usage = [sent(routing, 1)]
    routing.now = STEP - 1
    usage.append(sent(routing, 2))
    routing.now = STEP
    usage.append(sent(routing, 3))
    assert [(each.charge_micros, each.cost_micros) for each in usage] == [
        (10_000, 3_000),
        (10_000, 3_000),
        (12_000, 3_500),
    ]
    assert {(each.tariff, each.cost_tariff, each.control_offset) for each in usage} == {("retail-usd", "north", 17)}


def test_the_price_is_of_the_acceptance_and_the_cost_of_the_release() -> None:
    routing = Fold(Routing(), a_snapshot(DATED))
    routing.give(an_accepted(not_before=STEP + SECOND))
    routing.pass_time(11)
    routing.give(a_succeeded(routing.last(MessageRouted)))
    usage = routing.last(UsageRecorded)
    assert (usage.charge_micros, usage.cost_micros) == (10_000, 3_500)


def test_a_price_that_ended_between_validation_and_routing_is_a_rejection_and_never_a_gift() -> None:
    ended = with_prices(a_rules(), "retail-usd", {"US": 10_000}, (NOW, {"CN": 40_000}))
    routing = Fold(Routing(), a_snapshot(ended))
    routing.give(an_accepted())
    status = routing.last(MessageStatusChanged)
    assert (status.status, status.reason) == ("rejected", "country-not-served")
    assert not routing.all(MessageRouted)


def outcome(rules: Rules, *, now: int = NOW, sender: str = "ACME") -> str:
    decision = validation.decide(
        a_submission(sender=sender), now=now, rules=rules, keys=FakeKeyRing(), cluster_id=CLUSTER, codec=CODEC
    )
    record = decision.events[-1].record
    assert isinstance(record, MessageAccepted | MessageRejected)
    return record.reason if isinstance(record, MessageRejected) else ""


def test_without_a_price_yet_nobody_is_served() -> None:
    empty: dict[str, int] = {}
    opens = with_prices(a_rules(), "retail-usd", empty, (STEP, {"US": 1}))
    assert outcome(opens, now=STEP - 1) == "country-not-served"
    assert outcome(opens, now=STEP) == ""


def registered(**changes: object) -> Rules:
    sender = SenderId(id="acme/ACME", account="acme", sender="ACME", **changes)  # type: ignore[arg-type]
    rules = with_account(a_rules(), "acme", only_registered_senders=True, default_sender="")
    return msgspec.structs.replace(rules, senders={sender.id: sender})


@pytest.mark.parametrize(
    ("rules", "sender", "reason"),
    [
        (registered(), "ACME", ""),
        (registered(countries=("US",), classes=("otp",)), "ACME", ""),
        (registered(countries=("CN",)), "ACME", "sender-not-registered"),
        (registered(classes=("marketing",)), "ACME", "sender-not-registered"),
        (registered(), "OTHER", "sender-not-registered"),
        (registered(), "", "sender-not-registered"),
        (a_rules(), "OTHER", ""),
    ],
)
def test_an_account_may_show_only_registered_senders_if_its_rules_say_so(
    rules: Rules, sender: str, reason: str
) -> None:
    assert outcome(rules, sender=sender) == reason
