"""Laws of outcomes: what was taken is paid once, what was refused ends or is tried again, doubt is settled by class."""

import pytest

from pipeline.events import topics
from pipeline.events.records import MessageRouted, MessageStatusChanged, UsageRecorded
from pipeline.stages.routing import Routing
from tests.builders import (
    HOUR,
    NOW,
    SECOND,
    a_deferred,
    a_dispatch_refused,
    a_failed,
    a_health,
    a_receipt,
    a_rules,
    a_snapshot,
    a_succeeded,
    an_accepted,
    an_unknown,
    with_account,
    with_prices,
)
from tests.fold import Fold


@pytest.fixture
def routing() -> Fold:
    return Fold(Routing())


def told(fold: Fold) -> list[str]:
    return [status.status for status in fold.all(MessageStatusChanged)]


def sent(fold: Fold, **changes: object) -> MessageRouted:
    fold.give(an_accepted(**changes))
    return fold.last(MessageRouted)


def money(fold: Fold) -> tuple[int, int]:
    """(charged, cost) so far."""
    usage = fold.all(UsageRecorded)
    return sum(each.charge_micros for each in usage), sum(each.cost_micros for each in usage)


def test_a_positive_response_is_submitted_and_charged_once_for_each_part(routing: Fold) -> None:
    first = sent(routing, segment_count=3)
    for part in (2, 1, 3):
        assert told(routing) == ["accepted"]
        routing.give(a_succeeded(first, f"A{part}", part=part))
    assert told(routing) == ["accepted", "submitted"]
    usage = routing.all(UsageRecorded)
    assert [(each.part, each.smsc_id, each.charge_micros, each.cost_micros) for each in usage] == [
        (2, "A2", 10_000, 3_000),
        (1, "A1", 10_000, 3_000),
        (3, "A3", 10_000, 3_000),
    ]


def test_usage_says_all_that_an_invoice_line_needs_under_the_accounts_key(routing: Fold) -> None:
    first = sent(routing, campaign_id="spring")
    routing.give(a_succeeded(first))
    emit = next(emit for emit in routing.emitted if emit.topic == topics.USAGE)
    usage = emit.record
    assert emit.key == "acme"
    assert (usage.carrier, usage.attempt, usage.release, usage.event) == ("north", 1, 1, "submit")
    assert (usage.country, usage.message_class, usage.campaign_id, usage.sender) == ("US", "otp", "spring", "ACME")
    assert (usage.currency, usage.cost_currency, usage.control_offset) == ("USD", "USD", 17)


@pytest.mark.parametrize("times", [2, 3])
def test_a_response_that_is_reported_again_changes_nothing(routing: Fold, times: int) -> None:
    first = sent(routing)
    routing.give(a_succeeded(first))
    before = dict(routing.state)
    assert routing.give(*[a_succeeded(first)] * times) == []
    assert dict(routing.state) == before


def test_a_permanent_error_is_a_failure_with_the_carriers_word(routing: Fold) -> None:
    first = sent(routing)
    routing.give(a_failed(first))
    status = routing.last(MessageStatusChanged)
    assert (status.status, status.reason, status.error_code) == ("failed", "carrier-refused", "ESME_RINVDSTADR")
    assert status.is_final
    assert money(routing) == (0, 0)
    assert routing.give(a_failed(first)) == []


def test_one_part_refused_for_good_fails_the_message_at_once_and_only_once(routing: Fold) -> None:
    first = sent(routing, segment_count=3)
    routing.give(a_failed(first, part=2), a_failed(first, part=3), a_succeeded(first, part=1))
    assert told(routing) == ["accepted", "failed"]
    assert money(routing) == (10_000, 3_000)


def test_a_temporary_error_is_tried_again_on_the_same_carrier_with_the_same_reference(routing: Fold) -> None:
    first = sent(routing, segment_count=2)
    routing.give(a_succeeded(first, "A1", part=1), a_failed(first, "temporary", part=2))
    routing.pass_time(1)
    second = routing.last(MessageRouted)
    assert (second.carrier, second.attempt, second.concat_reference) == (first.carrier, 1, first.concat_reference)
    assert (second.release, second.parts, second.reason) == (2, (2,), "resend")
    routing.give(a_succeeded(second, "A2", part=2))
    assert told(routing) == ["accepted", "submitted"]
    assert money(routing) == (20_000, 6_000)


def test_a_temporary_error_is_repeated_ever_more_slowly_and_not_for_ever(routing: Fold) -> None:
    sent(routing, expires_at=NOW + 24 * HOUR)
    times = []
    while told(routing)[-1] != "failed":
        routing.give(a_failed(routing.last(MessageRouted), "temporary"))
        routing.pass_time(120)
        times.append(routing.last(MessageRouted).release)
        assert len(times) < 20
    status = routing.last(MessageStatusChanged)
    assert (status.reason, status.error_code) == ("carrier-busy", "ESME_RX_T_APPN")


def test_a_temporary_error_reported_again_counts_as_one_try(routing: Fold) -> None:
    first = sent(routing)
    routing.give(*[a_failed(first, "temporary")] * 20)
    routing.pass_time(1)
    assert told(routing) == ["accepted"]
    assert routing.last(MessageRouted).release == 2


def test_a_retry_past_the_validity_expires_as_busy(routing: Fold) -> None:
    first = sent(routing, expires_at=NOW + SECOND // 2)
    routing.give(a_failed(first, "temporary"))
    routing.pass_time(1)
    status = routing.last(MessageStatusChanged)
    assert (status.status, status.reason) == ("expired", "carrier-busy")


def test_what_a_carrier_has_in_part_waits_for_that_carrier_though_others_are_bound(routing: Fold) -> None:
    first = sent(routing, segment_count=2)
    routing.give(a_succeeded(first, "A1", part=1), a_failed(first, "temporary", part=2))
    routing.snapshot = a_snapshot(health=a_health("west"))
    routing.pass_time(5)
    assert told(routing) == ["accepted", "held"]
    routing.snapshot = a_snapshot()
    routing.pass_time(1)
    assert routing.last(MessageRouted).carrier == "north"


def test_another_carrier_is_a_new_attempt_of_all_parts_under_a_new_reference(routing: Fold) -> None:
    first = sent(routing, segment_count=2)
    routing.give(a_failed(first, "temporary", part=1), a_failed(first, "temporary", part=2))
    routing.snapshot = a_snapshot(health=a_health("south"))
    routing.pass_time(1)
    second = routing.last(MessageRouted)
    assert (second.carrier, second.attempt, second.parts) == ("south", 2, (1, 2))
    assert second.concat_reference != first.concat_reference


def test_references_of_one_phone_follow_each_other_and_wrap(routing: Fold) -> None:
    references = [sent(routing, number=number, segment_count=2).concat_reference for number in range(1, 259)]
    assert references[:3] == [1, 2, 3]
    assert references[254:] == [255, 0, 1, 2]


def test_doubt_about_a_code_is_resent_at_once_on_the_same_carrier(routing: Fold) -> None:
    first = sent(routing, segment_count=2)
    routing.give(a_succeeded(first, "A1", part=1), an_unknown(first, part=2))
    second = routing.last(MessageRouted)
    assert (second.release, second.parts, second.attempt, second.carrier) == (2, (2,), 1, "north")
    assert second.concat_reference == first.concat_reference


def test_doubt_is_resent_once_and_then_held(routing: Fold) -> None:
    routing.give(an_unknown(sent(routing)))
    routing.give(an_unknown(routing.last(MessageRouted)))
    assert told(routing) == ["accepted", "unknown"]
    assert len(routing.all(MessageRouted)) == 2


def test_doubt_about_marketing_is_held_and_told(routing: Fold) -> None:
    first = sent(routing, message_class="marketing", lane="bulk")
    routing.give(an_unknown(first))
    status = routing.last(MessageStatusChanged)
    assert (status.status, status.reason, status.is_final) == ("unknown", "outcome-unknown", False)
    routing.pass_time(3000)
    assert len(routing.all(MessageRouted)) == 1


def test_an_account_may_choose_otherwise_for_a_class(routing: Fold) -> None:
    routing.snapshot = a_snapshot(with_account(a_rules(), "acme", on_unknown={"otp": "hold"}))
    routing.give(an_unknown(sent(routing)))
    assert told(routing) == ["accepted", "unknown"]


def test_doubt_is_not_settled_before_all_parts_of_the_release_have_answered(routing: Fold) -> None:
    first = sent(routing, segment_count=2)
    assert routing.give(an_unknown(first, part=1)) == []
    routing.give(a_succeeded(first, "A2", part=2))
    assert routing.last(MessageRouted).parts == (1,)


def test_doubt_reported_again_changes_nothing(routing: Fold) -> None:
    first = sent(routing)
    routing.give(an_unknown(first))
    before = dict(routing.state)
    assert routing.give(an_unknown(first), an_unknown(first)) == []
    assert dict(routing.state) == before


def test_a_late_acknowledgement_wins_over_unknown(routing: Fold) -> None:
    first = sent(routing, message_class="marketing", lane="bulk")
    routing.give(an_unknown(first), a_succeeded(first))
    assert told(routing) == ["accepted", "unknown", "submitted"]
    assert money(routing) == (10_000, 3_000)
    routing.give(a_receipt("A1"))
    assert told(routing)[-1] == "delivered"


def test_a_late_refusal_wins_over_unknown_too(routing: Fold) -> None:
    first = sent(routing, message_class="marketing", lane="bulk")
    routing.give(an_unknown(first), a_failed(first))
    assert told(routing) == ["accepted", "unknown", "failed"]


def test_a_late_acknowledgement_lets_the_parts_go_that_doubt_held_back(routing: Fold) -> None:
    first = sent(routing, message_class="marketing", lane="bulk", segment_count=2)
    routing.give(an_unknown(first, part=1), a_failed(first, "temporary", part=2), a_succeeded(first, part=1))
    routing.pass_time(1)
    assert routing.last(MessageRouted).parts == (2,)


def test_a_late_acknowledgement_after_a_resend_is_a_cost_and_no_second_charge(routing: Fold) -> None:
    first = sent(routing)
    routing.give(an_unknown(first))
    second = routing.last(MessageRouted)
    routing.give(a_succeeded(second, "B1"), a_succeeded(first, "A1"))
    assert told(routing) == ["accepted", "submitted"]
    assert money(routing) == (10_000, 6_000)


def test_what_was_acknowledged_late_is_not_sent_again_when_its_wait_is_over(routing: Fold) -> None:
    first = sent(routing)
    routing.give(an_unknown(first))
    second = routing.last(MessageRouted)
    routing.give(a_deferred(second, NOW + 2 * SECOND), a_succeeded(first, "A1"))
    routing.pass_time(10)
    assert len(routing.all(MessageRouted)) == 2
    assert told(routing)[-1] == "submitted"


def test_a_refused_lease_of_a_part_that_was_acknowledged_late_is_no_reason_to_send_it(routing: Fold) -> None:
    first = sent(routing)
    routing.give(an_unknown(first))
    second = routing.last(MessageRouted)
    routing.give(a_succeeded(first, "A1"), a_dispatch_refused(second))
    routing.pass_time(10)
    assert len(routing.all(MessageRouted)) == 2


def test_a_taking_is_a_cost_of_the_carrier_that_took_it(routing: Fold) -> None:
    first = sent(routing)
    routing.snapshot = a_snapshot(health=a_health("south"))
    routing.give(a_dispatch_refused(first))
    second = routing.last(MessageRouted)
    routing.give(a_succeeded(first, "A1"), a_succeeded(second, "B1"))
    usage = [
        (each.carrier, each.attempt, each.cost_micros, each.cost_currency, each.charge_micros)
        for each in routing.all(UsageRecorded)
    ]
    assert usage == [("north", 1, 3_000, "USD", 10_000), ("south", 2, 4_000, "EUR", 0)]


def test_an_outcome_after_the_end_is_paid_and_changes_no_status(routing: Fold) -> None:
    first = sent(routing, segment_count=2)
    routing.give(a_failed(first, part=1))
    assert [type(record) for record in routing.give(a_succeeded(first, part=2))] == [UsageRecorded]


@pytest.mark.parametrize("part", [0, 2, -1])
def test_an_outcome_of_a_part_that_does_not_exist_is_ignored(routing: Fold, part: int) -> None:
    first = sent(routing)
    wrong = (a_succeeded(first, part=part), a_failed(first, part=part), an_unknown(first, part=part))
    assert routing.give(*wrong) == []


def test_the_cost_is_the_one_in_force_at_the_release(routing: Fold) -> None:
    first = sent(routing)
    routing.snapshot = a_snapshot(with_prices(a_rules(), "north", {"US": 9_999}))
    routing.give(a_succeeded(first))
    assert money(routing) == (10_000, 3_000)
