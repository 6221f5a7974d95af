"""Laws of draining a carrier: nothing new goes there, what is begun is finished, and nobody is turned away."""

import msgspec
import pytest

from pipeline.domain.rules import Drain, Rules
from pipeline.events.records import MessageRouted, MessageStatusChanged
from pipeline.stages.routing import Routing
from tests.builders import (
    NOW,
    SECOND,
    a_deferred,
    a_failed,
    a_health,
    a_rules,
    a_snapshot,
    a_succeeded,
    an_accepted,
    an_unknown,
)
from tests.fold import Fold


def drained(*carriers: str) -> Rules:
    return msgspec.structs.replace(a_rules(), drains={name: Drain(id=name, reason="maintenance") for name in carriers})


def test_nothing_new_goes_to_a_drained_carrier_and_the_record_says_so() -> None:
    fold = Fold(Routing(), a_snapshot(drained("north")))
    fold.give(an_accepted())
    routed = fold.last(MessageRouted)
    assert routed.carrier == "south"
    assert {each.carrier: each.reason for each in routed.candidates}["north"] == "drained"


def test_while_all_are_drained_messages_are_held_and_go_when_one_opens() -> None:
    fold = Fold(Routing(), a_snapshot(drained("north", "south", "west")))
    fold.give(an_accepted())
    held = fold.last(MessageStatusChanged)
    assert (held.status, held.reason, fold.all(MessageRouted)) == ("held", "carrier-drained", [])
    fold.pass_time(5)
    fold.snapshot = a_snapshot()
    fold.pass_time(4)
    assert fold.last(MessageRouted).carrier == "north"


def test_what_is_dispatched_is_not_taken_back_and_its_outcome_counts() -> None:
    fold = Fold(Routing())
    fold.give(an_accepted())
    routed = fold.last(MessageRouted)
    fold.snapshot = a_snapshot(drained("north"))
    assert fold.pass_time(1) == []
    fold.give(a_succeeded(routed))
    assert fold.last(MessageStatusChanged).status == "submitted"


def test_what_was_put_off_before_it_was_sent_goes_elsewhere() -> None:
    fold = Fold(Routing())
    fold.give(an_accepted(message_class="service"))
    fold.snapshot = a_snapshot(drained("north"))
    fold.give(a_deferred(fold.last(MessageRouted), NOW + SECOND))
    fold.pass_time(2)
    assert (fold.last(MessageRouted).carrier, fold.last(MessageRouted).attempt) == ("south", 2)


@pytest.mark.parametrize("first", [a_succeeded, an_unknown])
def test_a_message_of_which_it_has_a_part_is_finished_there(first: object) -> None:
    fold = Fold(Routing())
    fold.give(an_accepted(message_class="service", segment_count=2))
    routed = fold.last(MessageRouted)
    fold.snapshot = a_snapshot(drained("north"))
    fold.give(first(routed, part=1), a_failed(routed, "temporary", part=2))  # type: ignore[operator]
    fold.pass_time(20)
    again = fold.last(MessageRouted)
    assert (again.release, again.carrier, again.attempt) == (2, "north", 1)
    assert 2 in again.parts


def test_a_drained_carrier_that_is_not_bound_is_drained() -> None:
    fold = Fold(Routing(), a_snapshot(drained("north"), a_health("south")))
    fold.give(an_accepted())
    assert {each.carrier: each.reason for each in fold.last(MessageRouted).candidates} == {
        "north": "drained",
        "south": "chosen",
        "west": "unbound",
    }
