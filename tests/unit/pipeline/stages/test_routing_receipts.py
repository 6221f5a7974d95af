"""Laws of receipts: joined to the part they name, never guessed between two; delivered is sticky."""

import pytest

from pipeline.events.records import MessageRouted, MessageStatusChanged, UsageRecorded
from pipeline.stages.routing import Routing
from tests.builders import OTHER_PHONE, a_receipt, a_succeeded, an_accepted, an_unknown
from tests.fold import Fold


@pytest.fixture
def routing() -> Fold:
    return Fold(Routing())


def told(fold: Fold, number: int | None = None) -> list[str]:
    statuses = fold.all(MessageStatusChanged)
    return [s.status for s in statuses if number is None or s.message_id == f"{number:032x}"]


def sent(fold: Fold, number: int = 1, **changes: object) -> MessageRouted:
    fold.give(an_accepted(number, **changes))
    return fold.last(MessageRouted)


def held_in_doubt(fold: Fold, number: int = 1) -> MessageRouted:
    """A marketing message whose only part nobody can answer for."""
    routed = sent(fold, number, message_class="marketing", lane="bulk")
    fold.give(an_unknown(routed))
    return routed


@pytest.mark.parametrize(
    ("state", "status", "reason"),
    [
        ("delivered", "delivered", ""),
        ("failed", "failed", "undelivered"),
        ("deleted", "failed", "receipt-deleted"),
        ("expired", "expired", "receipt-expired"),
        ("rejected", "rejected", "receipt-rejected"),
        ("unknown", "unknown", "receipt-unknown"),
    ],
)
def test_a_receipt_says_how_the_message_ended(routing: Fold, state: str, status: str, reason: str) -> None:
    routing.give(a_succeeded(sent(routing)), a_receipt("A1", state))
    last = routing.last(MessageStatusChanged)
    assert (last.status, last.reason, last.is_final) == (status, reason, state != "unknown")
    assert told(routing) == ["accepted", "submitted", status]


def test_an_intermediate_receipt_says_nothing(routing: Fold) -> None:
    routing.give(a_succeeded(sent(routing)))
    assert routing.give(a_receipt("A1", "intermediate")) == []


def test_a_receipt_before_its_acknowledgement_is_kept_and_joined(routing: Fold) -> None:
    first = sent(routing)
    assert routing.give(a_receipt("A1")) == []
    routing.give(a_succeeded(first))
    assert told(routing) == ["accepted", "submitted", "delivered"]
    assert len(routing.all(UsageRecorded)) == 1


def test_a_receipt_that_comes_twice_is_told_once(routing: Fold) -> None:
    routing.give(a_receipt("A1"), a_receipt("A1"))
    routing.give(a_succeeded(sent(routing)), a_receipt("A1"), a_receipt("A1"))
    assert told(routing) == ["accepted", "submitted", "delivered"]


def test_several_parts_are_delivered_only_when_all_are(routing: Fold) -> None:
    first = sent(routing, segment_count=3)
    routing.give(*(a_succeeded(first, f"A{part}", part=part) for part in (1, 2, 3)))
    for part in (3, 1):
        assert routing.give(a_receipt(f"A{part}")) == []
    routing.give(a_receipt("A2"))
    assert told(routing) == ["accepted", "submitted", "delivered"]


def test_several_parts_fail_as_soon_as_one_does(routing: Fold) -> None:
    first = sent(routing, segment_count=2)
    routing.give(a_succeeded(first, "A1", part=1))
    routing.give(a_receipt("A1", "failed"))
    routing.give(a_succeeded(first, "A2", part=2), a_receipt("A2"))
    assert told(routing) == ["accepted", "failed"]


def test_delivered_corrects_a_failure_within_72_hours(routing: Fold) -> None:
    routing.give(a_succeeded(sent(routing)), a_receipt("A1", "failed"))
    routing.pass_time(71 * 3600)
    routing.give(a_receipt("A1", "delivered"))
    assert told(routing) == ["accepted", "submitted", "failed", "delivered"]


@pytest.mark.parametrize("later", ["failed", "expired", "rejected", "deleted", "unknown", "intermediate"])
def test_delivered_is_sticky(routing: Fold, later: str) -> None:
    routing.give(a_succeeded(sent(routing)), a_receipt("A1"))
    assert routing.give(a_receipt("A1", later)) == []


def test_one_failure_does_not_replace_another(routing: Fold) -> None:
    routing.give(a_succeeded(sent(routing)), a_receipt("A1", "failed"))
    assert routing.give(a_receipt("A1", "expired"), a_receipt("A1", "rejected"), a_receipt("A1", "unknown")) == []


def test_an_unknown_receipt_does_not_blur_what_a_part_is_known_to_be(routing: Fold) -> None:
    routing.give(a_succeeded(sent(routing)), a_receipt("A1", "failed"))
    before = dict(routing.state)
    routing.give(a_receipt("A1", "unknown"))
    assert routing.state[f"m/{1:032x}"] == before[f"m/{1:032x}"]


def test_a_receipt_belongs_to_the_carrier_that_gave_the_id(routing: Fold) -> None:
    routing.give(a_succeeded(sent(routing)))
    assert routing.give(a_receipt("A1", carrier="south")) == []


def test_a_receipt_reaches_its_own_message_among_several(routing: Fold) -> None:
    for number in (1, 2, 3):
        routing.give(a_succeeded(sent(routing, number), f"A{number}"))
    routing.give(a_receipt("A2"))
    assert [told(routing, number)[-1] for number in (1, 2, 3)] == ["submitted", "delivered", "submitted"]


def test_a_receipt_of_another_phone_is_not_looked_at(routing: Fold) -> None:
    held_in_doubt(routing)
    assert routing.give(a_receipt("X9", recipient_id=OTHER_PHONE)) == []


def test_in_the_dark_a_receipt_is_joined_to_the_only_part_it_can_mean(routing: Fold) -> None:
    held_in_doubt(routing)
    routing.give(a_receipt("X9"))
    assert told(routing) == ["accepted", "unknown", "delivered"]
    usage = routing.last(UsageRecorded)
    assert (usage.smsc_id, usage.charge_micros, usage.cost_micros) == ("X9", 10_000, 3_000)


def test_a_receipt_before_the_report_of_doubt_is_joined_in_the_dark(routing: Fold) -> None:
    first = sent(routing, message_class="marketing", lane="bulk")
    routing.give(a_receipt("X9"))
    routing.give(an_unknown(first))
    assert told(routing)[-1] == "delivered"


def test_between_two_parts_in_the_dark_nothing_is_guessed(routing: Fold) -> None:
    held_in_doubt(routing, 1)
    held_in_doubt(routing, 2)
    assert routing.give(a_receipt("X9"), a_receipt("X8", "failed")) == []
    assert [told(routing, number)[-1] for number in (1, 2)] == ["unknown", "unknown"]


def test_a_part_whose_answer_may_still_come_is_a_second_possibility(routing: Fold) -> None:
    held_in_doubt(routing, 1)
    second = sent(routing, 2)
    assert routing.give(a_receipt("X9")) == []
    routing.give(a_succeeded(second, "X9"))
    assert [told(routing, number)[-1] for number in (1, 2)] == ["unknown", "delivered"]


def test_a_receipt_kept_from_before_a_part_was_let_go_is_never_joined_to_it(routing: Fold) -> None:
    routing.give(a_receipt("X9"))
    routing.pass_time(60)
    held_in_doubt(routing)
    assert told(routing) == ["accepted", "unknown"]


def test_the_receipt_of_a_doubtful_first_sending_is_not_taken_for_another_messages(routing: Fold) -> None:
    first = sent(routing, 1)
    routing.give(an_unknown(first))  # a code: sent again at once
    routing.give(a_succeeded(routing.last(MessageRouted), "B1"), a_receipt("B1"))
    held_in_doubt(routing, 2)
    routing.give(a_receipt("A1"))  # of the first sending
    assert told(routing, 2)[-1] == "unknown"


def test_the_late_acknowledgement_of_a_part_joined_in_the_dark_is_no_second_usage(routing: Fold) -> None:
    first = held_in_doubt(routing)
    routing.give(a_receipt("X9"))
    assert routing.give(a_succeeded(first, "X9")) == []


def test_joining_in_the_dark_ends_the_wait_for_a_resend(routing: Fold) -> None:
    first = sent(routing)
    routing.snapshot = type(routing.snapshot)(
        rules=routing.snapshot.rules, health=type(routing.snapshot.health)(health_offset=9)
    )
    routing.give(an_unknown(first), a_receipt("X9", "intermediate"))
    routing.pass_time(5)
    assert len(routing.all(MessageRouted)) == 1
    assert told(routing)[-1] == "submitted"


def test_a_receipt_that_names_no_id_is_not_joined_to_anything(routing: Fold) -> None:
    held_in_doubt(routing)
    assert routing.give(a_receipt("")) == []


def test_receipts_that_nobody_claims_are_bounded_and_forgotten(routing: Fold) -> None:
    routing.give(*(a_receipt(f"X{number}") for number in range(500)))
    (recipient,) = routing.state.values()
    assert len(recipient.orphans) == 64
    routing.pass_time(73 * 3600)
    routing.give(a_receipt("Y"))
    (recipient,) = routing.state.values()
    assert [orphan.smsc_id for orphan in recipient.orphans] == ["Y"]
