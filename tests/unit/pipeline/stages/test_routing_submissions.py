"""Laws of taking a submission: the first counts, a repeat is named, statuses are numbered without a gap."""

import pytest

from pipeline.events import topics
from pipeline.events.records import MessageRouted, MessageStatusChanged
from pipeline.stages.routing import Routing
from tests.builders import (
    HOUR,
    NOW,
    OTHER_PHONE,
    SECOND,
    a_rejected,
    a_rules,
    a_snapshot,
    a_succeeded,
    an_accepted,
    with_prices,
)
from tests.fold import Fold


@pytest.fixture
def routing() -> Fold:
    return Fold(Routing())


def statuses(fold: Fold, number: int = 1) -> list[str]:
    told = fold.all(MessageStatusChanged)
    return [status.status for status in told if status.message_id == f"{number:032x}"]


def test_a_message_is_accepted_and_routed_at_once(routing: Fold) -> None:
    status, routed = routing.give(an_accepted())
    assert isinstance(status, MessageStatusChanged)
    assert isinstance(routed, MessageRouted)
    assert (status.status, status.status_seq, status.is_final) == ("accepted", 1, False)
    assert (routed.attempt, routed.release, routed.parts, routed.reason) == (1, 1, (1,), "first")


def test_a_status_names_the_submission_and_echoes_what_the_producer_gave(routing: Fold) -> None:
    accepted = an_accepted(idempotency_key="k", reference="order-9", campaign_id="spring", submitted_offset=4)
    status = routing.give(accepted)[0]
    assert isinstance(status, MessageStatusChanged)
    assert (status.reference, status.idempotency_key, status.campaign_id) == ("order-9", "k", "spring")
    assert (status.submitted_topic, status.submitted_offset) == ("sms.submitted.acme.express", 4)
    assert (status.price_micros, status.currency) == (10_000, "USD")


def test_derived_records_name_the_record_that_led_to_them_and_its_log_time(routing: Fold) -> None:
    routing.offset = 41
    for record in routing.give(an_accepted()):
        assert record.caused_by == "sms.lifecycle/0/41"
        assert record.occurred_at == NOW


def test_a_direct_account_reads_its_own_topic_and_all_others_the_gateways(routing: Fold) -> None:
    routing.give(an_accepted(1), an_accepted(2, account_id="corner-shop"), a_rejected(3, account_id="nobody"))
    where = [emit.topic for emit in routing.emitted if isinstance(emit.record, MessageStatusChanged)]
    assert where == ["sms.status.acme", "sms.status.gateway", "sms.status.gateway"]


def test_the_first_outcome_of_a_submission_counts(routing: Fold) -> None:
    routing.give(an_accepted())
    assert routing.give(an_accepted(country="CN"), a_rejected()) == []


def test_a_rejection_is_told_with_its_reason_and_remembered_nowhere(routing: Fold) -> None:
    (status,) = routing.give(a_rejected(reason="text-too-long", detail="12 parts, expected at most 10"))
    assert isinstance(status, MessageStatusChanged)
    assert (status.status, status.status_seq, status.is_final) == ("rejected", 1, True)
    assert (status.reason, status.detail) == ("text-too-long", "12 parts, expected at most 10")
    assert not routing.state


def test_the_same_key_and_payload_is_a_duplicate_that_names_the_first(routing: Fold) -> None:
    routing.give(an_accepted(1, idempotency_key="k"))
    (status,) = routing.give(an_accepted(2, idempotency_key="k"))
    assert isinstance(status, MessageStatusChanged)
    assert (status.status, status.reason, status.status_seq) == ("rejected", "duplicate-ignored", 1)
    assert status.first_message_id == f"{1:032x}"
    assert status.is_final
    assert f"m/{2:032x}" not in routing.state


def test_the_same_key_with_another_payload_is_a_conflict_that_names_the_first(routing: Fold) -> None:
    routing.give(an_accepted(1, idempotency_key="k"))
    (status,) = routing.give(an_accepted(2, idempotency_key="k", payload_hash="11" * 16))
    assert isinstance(status, MessageStatusChanged)
    assert (status.reason, status.first_message_id) == ("idempotency-conflict", f"{1:032x}")


def test_a_duplicate_of_a_duplicate_still_names_the_first(routing: Fold) -> None:
    routing.give(*(an_accepted(number, idempotency_key="k") for number in (1, 2, 3)))
    assert {s.first_message_id for s in routing.all(MessageStatusChanged) if s.first_message_id} == {f"{1:032x}"}
    assert len(routing.all(MessageRouted)) == 1


@pytest.mark.parametrize(
    "other",
    [{"idempotency_key": ""}, {"idempotency_key": "l"}, {"account_id": "corner-shop"}, {"recipient_id": OTHER_PHONE}],
)
def test_a_key_belongs_to_one_account_and_recipient_and_no_key_is_never_a_repeat(
    routing: Fold, other: dict[str, str]
) -> None:
    first = {"idempotency_key": "k"} if other != {"idempotency_key": ""} else other
    routing.give(an_accepted(1, **first), an_accepted(2, **{"idempotency_key": "k", **other}))
    assert len(routing.all(MessageRouted)) == 2


def test_a_key_is_held_for_72_hours_of_log_time_and_not_longer(routing: Fold) -> None:
    routing.give(an_accepted(1, idempotency_key="k"))
    routing.now = NOW + 72 * HOUR - 1
    routing.give(an_accepted(2, idempotency_key="k", expires_at=NOW + 80 * HOUR))
    assert statuses(routing, 2) == ["rejected"]
    routing.now = NOW + 72 * HOUR
    routing.give(an_accepted(3, idempotency_key="k", expires_at=NOW + 80 * HOUR))
    assert statuses(routing, 3) == ["accepted"]


def test_a_key_holds_even_after_its_message_was_forgotten_early(routing: Fold) -> None:
    routing.give(an_accepted(1, idempotency_key="k", account_id="corner-shop", country="FR"))
    assert statuses(routing, 1)[-1] == "rejected"
    (status,) = routing.give(an_accepted(2, idempotency_key="k", account_id="corner-shop", country="FR"))
    assert isinstance(status, MessageStatusChanged)
    assert status.reason == "duplicate-ignored"


def test_a_scheduled_message_says_so_waits_and_goes_at_its_time(routing: Fold) -> None:
    routing.give(an_accepted(not_before=NOW + 600 * SECOND))
    assert statuses(routing) == ["accepted", "scheduled"]
    assert routing.pass_time(599.9) == []
    (routed,) = routing.pass_time(0.1)
    assert isinstance(routed, MessageRouted)
    assert (routed.reason, routed.occurred_at) == ("released", NOW + 600 * SECOND)


def test_an_account_that_left_the_rules_is_told_and_nothing_is_sent() -> None:
    rules = a_rules()
    routing = Fold(Routing(), a_snapshot(rules.__class__(policy=rules.policy)))
    routing.give(an_accepted())
    assert statuses(routing) == ["accepted", "rejected"]
    assert routing.last(MessageStatusChanged).reason == "unknown-account"
    assert not routing.all(MessageRouted)


def test_the_price_is_pinned_when_the_message_is_accepted(routing: Fold) -> None:
    routing.give(an_accepted(not_before=NOW + SECOND))
    routing.snapshot = a_snapshot(with_prices(a_rules(), "retail-usd", {"US": 99_000}))
    routing.pass_time(1)
    routed = routing.last(MessageRouted)
    assert routed.price_micros == 10_000
    routing.give(a_succeeded(routed))
    assert [emit.record.charge_micros for emit in routing.emitted if emit.topic == topics.USAGE] == [10_000]


def test_status_numbers_have_no_gap_and_begin_at_one(routing: Fold) -> None:
    routing.give(an_accepted(not_before=NOW + SECOND))
    routing.pass_time(1)
    routing.give(a_succeeded(routing.last(MessageRouted)))
    routing.pass_time(90 * 3600)
    assert [status.status_seq for status in routing.all(MessageStatusChanged)] == [1, 2, 3, 4]
    assert statuses(routing) == ["accepted", "scheduled", "submitted", "expired"]
