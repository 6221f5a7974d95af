"""Laws of replies: STOP is honoured at once and only where it was said, START undoes it, the account is told."""

import pytest

from pipeline.events.records import MessageRouted, MessageStatusChanged, RecallRequested, ReplyForwarded
from pipeline.stages.routing import Routing
from tests.builders import (
    NOW,
    OTHER_PHONE,
    SECOND,
    a_deferred,
    a_dispatch_refused,
    a_receipt,
    a_reply,
    a_rules,
    a_snapshot,
    a_succeeded,
    an_accepted,
    with_carrier,
)
from tests.fold import Fold


@pytest.fixture
def routing() -> Fold:
    """A partition in which acme has written to the phone, with an answer."""
    fold = Fold(Routing())
    fold.give(an_accepted(message_class="service"))
    fold.give(a_succeeded(fold.last(MessageRouted)), a_receipt("A1"))
    return fold


def ended(fold: Fold, number: int, **changes: object) -> str:
    """The last reason told of one more message of this kind."""
    fields = {"message_class": "service"} | changes
    fold.give(an_accepted(number, **fields))
    return fold.last(MessageStatusChanged).reason


def test_after_stop_the_account_may_not_write_to_the_phone(routing: Fold) -> None:
    routing.give(a_reply("opt_out"))
    assert ended(routing, 2) == "recipient-opted-out"
    assert routing.last(MessageStatusChanged).status == "rejected"
    assert len(routing.all(MessageRouted)) == 1


def test_after_start_it_may_again(routing: Fold) -> None:
    routing.give(a_reply("opt_out"), a_reply("opt_in", reference="mo-2"))
    assert ended(routing, 2) == ""
    assert len(routing.all(MessageRouted)) == 2


def test_a_code_that_the_recipient_asked_for_is_sent_after_stop(routing: Fold) -> None:
    routing.give(a_reply("opt_out"))
    assert ended(routing, 2, message_class="otp") == ""


@pytest.mark.parametrize("other", [{"sender": "OTHER"}, {"account_id": "corner-shop"}, {"recipient_id": OTHER_PHONE}])
def test_stop_speaks_of_one_phone_one_account_and_one_sender(routing: Fold, other: dict[str, str]) -> None:
    routing.give(a_reply("opt_out"))
    assert ended(routing, 2, **other) == ""


def test_stop_to_a_number_that_nobody_wrote_from_holds_for_every_account_of_that_number() -> None:
    fold = Fold(Routing())
    fold.give(a_reply("opt_out", destination="+18005550199", carrier="west"))
    assert ended(fold, 1, sender="18005550199") == "recipient-opted-out"
    assert ended(fold, 2, sender="18005550199", account_id="corner-shop") == "recipient-opted-out"
    assert ended(fold, 3, sender="ACME") == ""
    fold.give(a_reply("opt_in", destination="18005550199", carrier="west", reference="mo-2"))
    assert ended(fold, 4, sender="18005550199") == ""


def test_a_reply_goes_to_whoever_wrote_last_from_that_number(routing: Fold) -> None:
    routing.give(an_accepted(2, account_id="corner-shop", sender="ACME"))
    routing.give(a_reply("", destination="acme"))
    reply = routing.last(ReplyForwarded)
    assert (reply.account_id, reply.message_id) == ("corner-shop", f"{2:032x}")
    routing.give(an_accepted(3, message_class="service"), a_reply("", reference="mo-2"))
    assert routing.last(ReplyForwarded).account_id == "acme"


def test_a_reply_to_a_carriers_own_number_goes_to_whoever_wrote_from_it() -> None:
    rules = with_carrier(a_rules(), "north", default_sender="+1234567")  # with '+', since it would be a short code
    fold = Fold(Routing(), a_snapshot(rules))
    fold.give(an_accepted(sender="", message_class="service"), an_accepted(2, sender="ACME"))
    fold.give(a_reply("opt_out", destination="1234567"))
    assert fold.last(ReplyForwarded).message_id == f"{1:032x}"
    assert ended(fold, 3, sender="1234567") == "recipient-opted-out"


def test_a_reply_to_a_number_of_nobody_goes_to_the_last_who_wrote_through_that_carrier(routing: Fold) -> None:
    routing.give(a_reply("", destination="10690000"))
    assert routing.last(ReplyForwarded).account_id == "acme"


def test_a_reply_is_told_on_the_accounts_own_topic_with_its_text_sealed(routing: Fold) -> None:
    routing.give(a_reply("opt_out"))
    emit = routing.emitted[-1]
    assert (emit.topic, emit.key) == ("sms.status.acme", emit.record.recipient_id)
    assert (emit.record.action, emit.record.keyword) == ("opt_out", "STOP")
    assert emit.record.sealed_text == b"sealed text"


def test_a_reply_that_the_carrier_repeats_is_told_once(routing: Fold) -> None:
    routing.give(a_reply("help"), a_reply("help"))
    assert len(routing.all(ReplyForwarded)) == 1


def test_a_reply_without_a_reference_is_never_treated_as_a_repeat(routing: Fold) -> None:
    routing.give(a_reply("help", reference=""), a_reply("help", reference=""))
    assert len(routing.all(ReplyForwarded)) == 2


def test_a_reply_of_a_stranger_is_remembered_and_told_to_nobody() -> None:
    fold = Fold(Routing())
    assert fold.give(a_reply("help")) == []


def test_stop_twice_is_stop_once(routing: Fold) -> None:
    routing.give(a_reply("opt_out"), a_reply("opt_out", reference="mo-2"))
    routing.give(a_reply("opt_in", reference="mo-3"))
    assert ended(routing, 2) == ""


def test_stop_takes_back_what_is_under_way_and_the_message_is_rejected(routing: Fold) -> None:
    routing.give(an_accepted(2, message_class="service"))
    second = routing.last(MessageRouted)
    routing.give(a_reply("opt_out"))
    recall = routing.last(RecallRequested)
    assert (recall.message_id, recall.attempt, recall.reason) == (f"{2:032x}", 0, "recipient-opted-out")
    routing.give(a_dispatch_refused(second, "recalled"))
    status = routing.last(MessageStatusChanged)
    assert (status.message_id, status.status, status.reason) == (f"{2:032x}", "rejected", "recipient-opted-out")


def test_stop_takes_back_only_what_it_speaks_of(routing: Fold) -> None:
    routing.give(
        an_accepted(2, message_class="service", sender="OTHER"),
        an_accepted(3, message_class="service", account_id="corner-shop", sender="SHOP"),
        an_accepted(4, message_class="otp"),
    )
    routing.give(a_reply("opt_out", destination="ACME"))
    assert routing.all(RecallRequested) == []


def test_stop_does_not_take_back_what_the_carrier_has(routing: Fold) -> None:
    routing.give(a_reply("opt_out"))
    assert routing.all(RecallRequested) == []


def test_a_message_that_waits_is_not_released_after_stop(routing: Fold) -> None:
    routing.give(an_accepted(2, message_class="service"))
    routing.give(a_deferred(routing.last(MessageRouted), NOW + SECOND), a_reply("opt_out"))
    routing.pass_time(2)
    assert routing.last(MessageStatusChanged).reason == "recipient-opted-out"
    assert len(routing.all(MessageRouted)) == 2


def test_a_recall_that_comes_too_late_changes_nothing(routing: Fold) -> None:
    routing.give(an_accepted(2, message_class="service"))
    second = routing.last(MessageRouted)
    routing.give(a_reply("opt_out"), a_succeeded(second, "A2"), a_receipt("A2"))
    assert routing.last(MessageStatusChanged).status == "delivered"
