"""Laws of revisions: the last one in the log whose time has come is in force, and what is superseded never is."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.rules import Account
from pipeline.events.records import ControlRecorded
from pipeline.stages.revisions import (
    Revision,
    Revisions,
    RevisionStanding,
    in_force,
    next_change,
    scheduled,
    standings_of,
)


def an_account(name: str) -> ControlRecorded:
    body = msgspec.json.encode(Account(id=name, tariff="retail")).decode()
    return ControlRecorded(kind="account", id=name, body=body)


def revisions(*effective: int) -> list[Revision]:
    """Revision n adds account n and counts from its time on."""
    fold = Revisions()
    for number, time in enumerate(effective, start=1):
        fold.take(2 * number, an_account(f"a{number}"))
        fold.take(2 * number + 1, ControlRecorded(kind="revision", revision=number, effective_at=time))
    return fold.all


def number_in_force(found: list[Revision], now: int) -> int:
    revision = in_force(found, now)
    return 0 if revision is None else revision.number


def test_what_a_revision_holds_is_cumulative_in_log_order() -> None:
    second = revisions(10, 20)[1]
    assert sorted(second.rules.accounts) == ["a1", "a2"]
    assert second.changes == (("account", "a2"),)
    assert second.offset == second.rules.control_offset == 5


def test_records_after_the_last_mark_do_not_count() -> None:
    fold = Revisions()
    assert fold.take(0, an_account("a")) is None
    assert fold.all == []


def test_an_unsound_record_is_no_change() -> None:
    fold = Revisions()
    with pytest.raises(ValueError, match="control record account/x"):
        fold.take(0, ControlRecorded(kind="account", id="x", body="{"))
    revision = fold.take(1, ControlRecorded(kind="revision", revision=1))
    assert revision is not None
    assert revision.changes == ()


@pytest.mark.parametrize(("now", "number"), [(9, 0), (10, 1), (29, 1), (30, 2), (99, 2)])
def test_a_revision_is_in_force_from_its_time_on(now: int, number: int) -> None:
    assert number_in_force(revisions(10, 30), now) == number


def test_one_that_counts_sooner_supersedes_one_before_it_for_ever() -> None:
    found = revisions(10, 30, 20)
    assert [number_in_force(found, now) for now in (10, 19, 20, 30, 99)] == [1, 1, 3, 3, 3]
    assert standings_of(found, 15) == (
        RevisionStanding.IN_FORCE,
        RevisionStanding.SUPERSEDED,
        RevisionStanding.SCHEDULED,
    )
    assert standings_of(found, 30) == (RevisionStanding.PAST, RevisionStanding.SUPERSEDED, RevisionStanding.IN_FORCE)


def test_of_two_that_count_from_the_same_time_the_later_one_wins() -> None:
    assert standings_of(revisions(10, 10), 10) == (RevisionStanding.SUPERSEDED, RevisionStanding.IN_FORCE)


def test_the_next_change_is_the_soonest_scheduled_one() -> None:
    found = revisions(10, 20, 30)
    assert [next_change(found, now) for now in (0, 10, 20, 30)] == [10, 20, 30, None]
    assert [each.number for each in scheduled(found, 15)] == [2, 3]
    assert next_change([], 0) is None


@given(st.lists(st.integers(0, 9), max_size=6), st.integers(0, 9), st.integers(0, 9))
def test_the_standings_agree_with_what_is_in_force_at_every_time(effective: list[int], now: int, later: int) -> None:
    found = revisions(*effective)
    standings = standings_of(found, now)
    marked = [
        each.number for each, standing in zip(found, standings, strict=True) if standing == RevisionStanding.IN_FORCE
    ]
    assert marked == [each for each in [number_in_force(found, now)] if each]
    due = next_change(found, now)
    if later >= now and number_in_force(found, later) != number_in_force(found, now):
        assert due is not None
        assert due <= later
    never = {
        each.number for each, standing in zip(found, standings, strict=True) if standing == RevisionStanding.SUPERSEDED
    }
    assert not never & {number_in_force(found, time) for time in range(10)}
