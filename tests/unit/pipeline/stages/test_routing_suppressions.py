"""Laws of suppressions: what is said holds, is told once, and is never lost; only who said it takes it back."""

import msgspec
import pytest

from pipeline.events.records import MessageRouted, MessageStatusChanged, RecallRequested, SuppressionRecorded
from pipeline.stages.routing import Routing
from pipeline.stages.routing.state import MAX_COMMANDS, MAX_OPT_OUTS, OptOut, Recipient, recipient_key
from tests.builders import (
    NOW,
    OTHER_PHONE,
    PHONE,
    SECOND,
    a_deferred,
    a_dispatch_refused,
    a_receipt,
    a_reply,
    a_succeeded,
    a_suppression,
    an_accepted,
)
from tests.fold import Fold

SERVICE = {"message_class": "service"}


@pytest.fixture
def routing() -> Fold:
    """A partition in which acme has written to the phone from ACME."""
    fold = Fold(Routing())
    fold.give(an_accepted(message_class="service"))
    fold.give(a_succeeded(fold.last(MessageRouted)), a_receipt("A1"))
    return fold


def ended(fold: Fold, number: int, **changes: object) -> str:
    """The last reason told of one more message of this kind; '' if it was released."""
    fold.give(an_accepted(number, **(SERVICE | changes)))
    return fold.last(MessageStatusChanged).reason


def told(fold: Fold) -> list[tuple[str, str, bool, bool, str, str, str]]:
    """What stands on sms.suppressions."""
    return [
        (each.account_id, each.sender, each.is_suppressed, each.includes_otp, each.reason, each.origin, each.detail)
        for each in fold.all(SuppressionRecorded)
    ]


def opt_outs(fold: Fold) -> tuple[OptOut, ...]:
    value = fold.state.get(recipient_key(PHONE), Recipient)
    return () if value is None else value.opt_outs


def test_a_command_suppresses_and_is_told_with_its_author(routing: Fold) -> None:
    routing.give(a_suppression(sender="ACME", reason="complaint"))
    emit = routing.emitted[-1]
    assert (emit.topic, emit.key, emit.record.author) == ("sms.suppressions", PHONE, "ana")
    assert emit.record.caused_by == f"sms.lifecycle/0/{routing.offset - 1}"
    assert told(routing) == [("acme", "ACME", True, False, "complaint", "command", "ticket 4711")]
    assert ended(routing, 2) == "recipient-suppressed"
    assert routing.last(MessageStatusChanged).status == "rejected"


def test_stop_and_start_are_told_with_their_keywords(routing: Fold) -> None:
    routing.give(a_reply("opt_out"), a_reply("opt_in", reference="mo-2"))
    assert told(routing) == [
        ("acme", "ACME", True, False, "opt-out", "reply", "STOP"),
        ("acme", "ACME", False, False, "opt-out", "reply", "START"),
    ]


@pytest.mark.parametrize(
    "free",
    [{"account_id": "corner-shop"}, {"sender": "OTHER"}, {"recipient_id": OTHER_PHONE}, {"message_class": "otp"}],
)
def test_it_speaks_of_one_phone_account_and_sender_and_not_of_codes(routing: Fold, free: dict[str, str]) -> None:
    routing.give(a_suppression(sender="ACME"))
    assert ended(routing, 2, **free) == ""


def test_a_star_speaks_of_every_account_and_sender(routing: Fold) -> None:
    routing.give(a_suppression(account_id="*"))
    assert ended(routing, 2, account_id="corner-shop", sender="SHOP") == "recipient-suppressed"


def test_a_sender_is_the_same_in_any_spelling(routing: Fold) -> None:
    routing.give(a_suppression(sender="+18005550199"), a_suppression(sender="acme", number=2))
    assert ended(routing, 2, sender="18005550199") == "recipient-suppressed"
    assert ended(routing, 3, sender="ACME") == "recipient-suppressed"


def test_with_codes_it_stops_codes_too(routing: Fold) -> None:
    routing.give(a_suppression(includes_otp=True, reason="legal"))
    assert ended(routing, 2, message_class="otp") == "recipient-suppressed"


def test_what_is_suppressed_already_tells_nothing_but_codes_may_be_added(routing: Fold) -> None:
    routing.give(a_suppression(reason="import"))
    assert routing.give(a_suppression(number=2, reason="legal"), a_suppression(number=3)) == []
    routing.give(a_suppression(number=4, includes_otp=True))
    assert routing.give(a_suppression(number=5)) == [], "what was said of codes is not taken back by an import"
    assert [(each[3], each[4]) for each in told(routing)] == [(False, "import"), (True, "manual")]
    assert len(opt_outs(routing)) == 1


def test_a_lift_of_what_does_not_hold_tells_nothing(routing: Fold) -> None:
    assert routing.give(a_suppression(False)) == []


def test_a_repeated_command_changes_nothing_whatever_came_between(routing: Fold) -> None:
    add, lift = a_suppression(number=1), a_suppression(False, number=2)
    routing.give(add, lift)
    assert routing.give(add) == []
    assert ended(routing, 2) == ""
    routing.give(a_suppression(number=3))
    assert routing.give(lift) == []
    assert ended(routing, 3) == "recipient-suppressed"


def test_commands_are_remembered_up_to_a_limit(routing: Fold) -> None:
    routing.give(*(a_suppression(bool(number % 2), number=number) for number in range(MAX_COMMANDS + 9)))
    value = routing.state.get(recipient_key(PHONE), Recipient)
    assert value is not None
    assert len(value.commands_seen) == MAX_COMMANDS


def test_start_does_not_lift_a_ban(routing: Fold) -> None:
    routing.give(a_suppression(sender="ACME", reason="legal"))
    assert [type(each).__name__ for each in routing.give(a_reply("opt_in"))] == ["ReplyForwarded"]
    assert ended(routing, 2) == "recipient-suppressed"


def test_start_lifts_an_opt_out_that_came_by_command(routing: Fold) -> None:
    routing.give(a_suppression(sender="ACME", reason="opt-out"))
    assert ended(routing, 2) == "recipient-opted-out"
    routing.give(a_reply("opt_in"))
    assert ended(routing, 3) == ""


def test_lifting_a_ban_does_not_lift_what_the_phone_said_and_the_record_says_what_holds(routing: Fold) -> None:
    routing.give(a_suppression(sender="acme", reason="legal", includes_otp=True), a_reply("opt_out"))
    routing.give(a_suppression(False, number=2, sender="ACME"))
    assert ended(routing, 2) == "recipient-opted-out"
    assert [each[1:5] for each in told(routing)] == [
        ("acme", True, True, "legal"),
        ("acme", True, True, "opt-out"),  # codes are stopped still, by the ban
        ("acme", True, False, "opt-out"),
    ]
    routing.give(a_suppression(False, number=3, sender="ACME", reason="opt-out"))
    assert told(routing)[-1][1:5] == ("acme", False, False, "opt-out")
    assert ended(routing, 3) == ""


def test_withdrawing_the_phones_word_leaves_the_ban(routing: Fold) -> None:
    routing.give(a_reply("opt_out"), a_suppression(sender="ACME", reason="complaint"))
    routing.give(a_reply("opt_in", reference="mo-2"))
    assert told(routing)[-1][2:5] == (True, False, "complaint")
    assert ended(routing, 2) == "recipient-suppressed"


def test_a_lift_is_of_exactly_the_scope_that_it_names(routing: Fold) -> None:
    routing.give(a_suppression(sender="ACME"))
    assert (
        routing.give(a_suppression(False, number=2, sender="*"), a_suppression(False, number=3, account_id="*")) == []
    )
    assert ended(routing, 2) == "recipient-suppressed"


def test_it_takes_back_what_is_under_way_and_says_why(routing: Fold) -> None:
    routing.give(an_accepted(2, **SERVICE), an_accepted(3, message_class="otp"))
    second = next(each for each in routing.all(MessageRouted) if each.message_id == f"{2:032x}")
    routing.give(a_suppression())
    assert [(each.message_id, each.reason) for each in routing.all(RecallRequested)] == [
        (second.message_id, "recipient-suppressed")
    ]
    routing.give(a_dispatch_refused(second, "recalled", detail="recipient-suppressed"))
    status = routing.last(MessageStatusChanged)
    assert (status.message_id, status.status, status.reason) == (second.message_id, "rejected", "recipient-suppressed")


def test_with_codes_it_takes_back_codes(routing: Fold) -> None:
    routing.give(an_accepted(3, message_class="otp"), a_suppression(includes_otp=True))
    assert routing.last(RecallRequested).message_id == f"{3:032x}"


def test_what_waits_is_not_released(routing: Fold) -> None:
    routing.give(an_accepted(2, **SERVICE))
    routing.give(a_deferred(routing.last(MessageRouted), NOW + SECOND), a_suppression())
    routing.pass_time(2)
    assert routing.last(MessageStatusChanged).reason == "recipient-suppressed"


def test_what_was_stored_before_there_were_reasons_is_an_opt_out_without_codes() -> None:
    stored = msgspec.msgpack.encode({"opt_outs": [["acme", "ACME", NOW]]})
    assert msgspec.msgpack.decode(stored, type=Recipient) == Recipient(opt_outs=(OptOut("acme", "ACME", NOW),))
    assert OptOut("acme", "ACME", NOW) == OptOut("acme", "ACME", NOW, False, "opt-out")


def test_above_the_limit_an_accounts_become_one_and_nothing_is_lost(routing: Fold) -> None:
    routing.give(a_reply("opt_out"))
    routing.give(a_suppression(account_id="corner-shop", sender="SHOP", reason="legal"))
    for number in range(MAX_OPT_OUTS):
        routing.give(a_suppression(number=10 + number, sender=f"S{number}"))
    scopes = {(out.account_id, out.sender, out.reason) for out in opt_outs(routing)}
    assert ("acme", "*", "manual") in scopes
    assert {("acme", "ACME", "opt-out"), ("corner-shop", "SHOP", "legal")} <= scopes, "other kinds and accounts stay"
    assert len(scopes) < MAX_OPT_OUTS
    for number in (0, MAX_OPT_OUTS // 2, MAX_OPT_OUTS - 1):
        assert ended(routing, 100 + number, sender=f"S{number}") == "recipient-suppressed"
    newest = {(each[0], each[1]): each[2] for each in told(routing)}
    holding = {scope for scope, is_suppressed in newest.items() if is_suppressed}
    assert holding == {(out.account_id, out.sender) for out in opt_outs(routing)}, "the list told is the list kept"


def test_if_every_account_has_one_they_become_one_for_all() -> None:
    fold = Fold(Routing())
    for number in range(MAX_OPT_OUTS + 1):
        fold.give(a_suppression(number=number, account_id=f"shop-{number}", sender="X"))
    assert [(out.account_id, out.sender) for out in opt_outs(fold)] == [("*", "*")]


def test_one_made_of_many_is_lifted_by_command_and_not_by_start() -> None:
    fold = Fold(Routing())
    for number in range(MAX_OPT_OUTS + 1):
        fold.give(a_suppression(number=number, sender=f"S{number}", reason="opt-out"))
    fold.give(a_reply("opt_in", destination="S1"))
    assert ended(fold, 1, sender="S1") == "recipient-opted-out"
    fold.give(a_suppression(False, number=999, reason="opt-out"))
    assert ended(fold, 2, sender="S1") == ""
