"""Laws of waiting: holds, deferrals, leases, expiry and forgetting; a timer counts only if it is the current one."""

from itertools import pairwise

import msgspec
import pytest

from pipeline.events.records import MessageRouted, MessageStatusChanged, TimerFired
from pipeline.stages.routing import Routing
from tests.builders import (
    NOW,
    SECOND,
    a_deferred,
    a_dispatch_refused,
    a_health,
    a_receipt,
    a_refused,
    a_rules,
    a_snapshot,
    a_succeeded,
    an_accepted,
    nobody_bound,
)
from tests.fold import Fold

DAY_S = 86_400


@pytest.fixture
def routing() -> Fold:
    return Fold(Routing())


def told(fold: Fold) -> list[str]:
    return [status.status for status in fold.all(MessageStatusChanged)]


def sent(fold: Fold) -> MessageRouted:
    """The first release of one message."""
    fold.give(an_accepted())
    return fold.last(MessageRouted)


def test_a_message_is_held_while_no_carrier_is_bound_and_says_so_once(routing: Fold) -> None:
    routing.snapshot = a_snapshot(health=nobody_bound())
    routing.give(an_accepted())
    routing.pass_time(30)
    assert told(routing) == ["accepted", "held"]
    assert routing.last(MessageStatusChanged).reason == "no-carrier-bound"


def test_a_held_message_goes_within_seconds_of_a_carriers_bind(routing: Fold) -> None:
    routing.snapshot = a_snapshot(health=nobody_bound())
    routing.give(an_accepted())
    routing.pass_time(10)
    routing.snapshot = a_snapshot(health=a_health("south"))
    routing.pass_time(4)
    routed = routing.last(MessageRouted)
    assert (routed.carrier, routed.reason, routed.attempt, routed.release) == ("south", "released", 1, 1)


@pytest.mark.parametrize(("message_class", "lane", "longest_s"), [("otp", "express", 4), ("marketing", "bulk", 30)])
def test_the_longer_a_message_is_held_the_rarer_it_is_looked_at(
    routing: Fold, message_class: str, lane: str, longest_s: int
) -> None:
    routing.snapshot = a_snapshot(health=nobody_bound())
    routing.give(an_accepted(message_class=message_class, lane=lane, expires_at=NOW + 200 * SECOND))
    routing.pass_time(150)
    fired = [(at - NOW) // SECOND for _, at, record in routing.log if isinstance(record, TimerFired)]
    pauses = [later - earlier for earlier, later in pairwise(fired)]
    assert fired[:3] == [1, 2, 4]
    assert pauses[-1] == max(pauses) == longest_s


def test_a_held_message_expires_with_the_reason_of_its_hold(routing: Fold) -> None:
    routing.snapshot = a_snapshot(health=nobody_bound())
    routing.give(an_accepted(expires_at=NOW + 7 * SECOND + 1))
    routing.pass_time(8)
    status = routing.last(MessageStatusChanged)
    assert (status.status, status.reason, status.is_final) == ("expired", "no-carrier-bound", True)
    assert status.occurred_at == NOW + 7 * SECOND + 1
    assert not routing.all(MessageRouted)


def test_an_accepted_message_whose_validity_is_over_expires_at_once(routing: Fold) -> None:
    routing.give(an_accepted(expires_at=NOW))
    assert told(routing) == ["accepted", "expired"]
    assert routing.last(MessageStatusChanged).reason == "validity-over"


def test_a_deferral_waits_for_its_time_and_comes_back_as_deferred(routing: Fold) -> None:
    first = sent(routing)
    routing.give(a_deferred(first, NOW + 3 * SECOND))
    assert told(routing) == ["accepted", "held"]
    assert routing.pass_time(2.9) == []
    (second,) = routing.pass_time(0.1)
    assert isinstance(second, MessageRouted)
    assert (second.release, second.attempt, second.reason) == (2, 1, "deferred")


def test_held_is_told_once_however_often_it_is_deferred(routing: Fold) -> None:
    sent(routing)
    for _ in range(5):
        routing.give(a_deferred(routing.last(MessageRouted), routing.now + SECOND))
        routing.pass_time(1)
    assert told(routing) == ["accepted", "held"]
    assert routing.last(MessageRouted).release == 6


def test_a_deferral_past_the_validity_expires_with_its_reason(routing: Fold) -> None:
    routing.give(an_accepted(expires_at=NOW + 5 * SECOND))
    routing.give(a_deferred(routing.last(MessageRouted), NOW + 60 * SECOND))
    routing.pass_time(5)
    status = routing.last(MessageStatusChanged)
    assert (status.status, status.reason) == ("expired", "account-rate")


def test_an_answer_to_an_older_release_changes_nothing(routing: Fold) -> None:
    first = sent(routing)
    routing.give(a_deferred(first, NOW + SECOND))
    routing.pass_time(1)
    before = dict(routing.state)
    assert routing.give(a_deferred(first, NOW + 9 * SECOND), a_refused(first), a_dispatch_refused(first)) == []
    assert dict(routing.state) == before


def test_a_refusal_by_throttling_is_the_end(routing: Fold) -> None:
    first = sent(routing)
    routing.give(a_refused(first))
    status = routing.last(MessageStatusChanged)
    assert (status.status, status.reason, status.is_final) == ("rejected", "unknown-account", True)


def test_everything_is_checked_again_on_release(routing: Fold) -> None:
    first = sent(routing)
    routing.give(a_deferred(first, NOW + SECOND))
    rules = a_rules()
    routing.snapshot = a_snapshot(msgspec.structs.replace(rules, accounts={}))
    routing.pass_time(1)
    assert routing.last(MessageStatusChanged).reason == "unknown-account"


def test_a_lease_ends_with_the_attempt_budget_of_its_lane(routing: Fold) -> None:
    assert sent(routing).send_before == NOW + 60 * SECOND
    routing.give(an_accepted(2, message_class="marketing", lane="bulk"))
    assert routing.last(MessageRouted).send_before == NOW + 600 * SECOND


def test_a_lease_never_outlives_the_validity(routing: Fold) -> None:
    routing.give(an_accepted(expires_at=NOW + 9 * SECOND))
    assert routing.last(MessageRouted).send_before == NOW + 9 * SECOND


def test_no_next_attempt_begins_while_an_answer_to_this_lease_may_still_come(routing: Fold) -> None:
    first = sent(routing)
    response_timeout_s = routing.snapshot.rules.carriers[first.carrier].response_timeout_s
    assert routing.pass_time(60 + response_timeout_s) == []


def test_a_lease_over_without_an_outcome_is_followed_by_the_next_release(routing: Fold) -> None:
    first = sent(routing)
    routing.pass_time(300)
    second = routing.all(MessageRouted)[1]
    assert (second.release, second.parts, second.reason) == (2, (1,), "resend")
    assert second.occurred_at > first.send_before


def test_a_lease_over_at_the_end_of_validity_expires(routing: Fold) -> None:
    routing.give(an_accepted(expires_at=NOW + 10 * SECOND))
    routing.pass_time(120)
    assert told(routing) == ["accepted", "expired"]


def test_a_refused_lease_is_routed_again_by_whoever_is_best_now(routing: Fold) -> None:
    first = sent(routing)
    routing.snapshot = a_snapshot(health=a_health("south"))
    routing.give(a_dispatch_refused(first))
    second = routing.last(MessageRouted)
    assert (second.carrier, second.attempt, second.release) == ("south", 2, 2)


@pytest.mark.parametrize("reason", ["foreign-epoch", "unsealable", "carrier-mismatch"])
def test_a_dispatch_that_nobody_may_send_is_a_failure_with_its_reason(routing: Fold, reason: str) -> None:
    routing.give(a_dispatch_refused(sent(routing), reason))
    status = routing.last(MessageStatusChanged)
    assert (status.status, status.reason) == ("failed", reason)


def test_only_the_refused_parts_go_again_and_those_on_the_wire_are_waited_for(routing: Fold) -> None:
    routing.give(an_accepted(segment_count=3))
    first = routing.last(MessageRouted)
    assert routing.give(a_dispatch_refused(first, parts=(2, 3))) == []
    routing.give(a_succeeded(first, "A1", part=1))
    second = routing.last(MessageRouted)
    assert (second.release, second.parts) == (2, (2, 3))


def test_a_timer_of_an_older_sequence_is_ignored(routing: Fold) -> None:
    first = sent(routing)
    (old,) = routing.timers.values()
    routing.give(a_succeeded(first))
    before = dict(routing.state)
    routing.now = NOW + 300 * DAY_S * SECOND
    assert routing.fire(old) == []
    assert dict(routing.state) == before


def test_a_timer_of_an_unknown_message_is_ignored(routing: Fold) -> None:
    sent(routing)
    (timer,) = routing.timers.values()
    other = Fold(Routing())
    assert other.fire(timer) == []
    assert not other.state


def test_a_timer_that_fired_early_is_set_again_for_its_time(routing: Fold) -> None:
    routing.give(an_accepted(not_before=NOW + 600 * SECOND))
    (early,) = routing.timers.values()
    assert routing.fire(early) == []
    (again,) = routing.timers.values()
    assert (again.due, again.timer_seq) == (early.due, early.timer_seq + 1)
    assert len(routing.pass_time(600)) == 1


def test_a_timer_that_fired_twice_acts_once(routing: Fold) -> None:
    routing.give(an_accepted(not_before=NOW + 600 * SECOND))
    (timer,) = routing.timers.values()
    routing.now = timer.due
    routing.fire(timer)
    assert routing.fire(timer) == []
    assert len(routing.all(MessageRouted)) == 1


def test_without_a_receipt_the_message_expires_after_validity_and_grace(routing: Fold) -> None:
    routing.give(a_succeeded(sent(routing)))
    routing.pass_time(3600 + 3 * DAY_S - 1)
    assert told(routing) == ["accepted", "submitted"]
    routing.pass_time(1)
    status = routing.last(MessageStatusChanged)
    assert (status.status, status.reason) == ("expired", "no-receipt")


def test_a_message_is_forgotten_72_hours_after_its_end_and_leaves_nothing_that_grows(routing: Fold) -> None:
    routing.give(an_accepted(idempotency_key="k"))
    routing.give(a_succeeded(routing.last(MessageRouted)), a_receipt("A1"), a_receipt("B7", "failed"))
    routing.pass_time(3 * DAY_S - 1)
    assert len(routing.state) == 2
    routing.pass_time(1)
    (recipient,) = routing.state.values()
    assert not routing.timers
    assert (recipient.keys, recipient.awaiting, recipient.orphans) == ((), (), ())


def test_whatever_comes_for_a_forgotten_message_is_no_news(routing: Fold) -> None:
    first = sent(routing)
    routing.give(a_succeeded(first), a_receipt("A1"))
    routing.pass_time(4 * DAY_S)
    assert routing.give(a_succeeded(first), a_receipt("A1", "failed"), a_deferred(first, 0), a_refused(first)) == []
