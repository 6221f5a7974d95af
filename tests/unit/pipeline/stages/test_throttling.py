"""Laws of throttling: the rate holds for any arrivals, nobody waits here, the same log gives the same answers."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.events.records import DispatchMessage, MessageDeferred, MessageRefused, MessageRouted, SnapshotAdopted
from pipeline.stages.routing import Routing
from pipeline.stages.throttling import Throttling
from tests.builders import NOW, SECOND, a_rules, a_snapshot, an_accepted, with_account
from tests.fold import Fold

RATE, BURST = 10, 20  # acme's


def throttling(**account: object) -> Fold:
    rules = with_account(a_rules(), "acme", **account)
    return Fold(Throttling("express"), a_snapshot(rules), topic="sms.routed.express")


def a_routed(number: int = 1, **changes: object) -> MessageRouted:
    """A release as routing writes it."""
    fold = Fold(Routing())
    fold.give(an_accepted(number, **changes))
    return fold.last(MessageRouted)


ROUTED = a_routed()


def arrive(fold: Fold, gaps_us: list[int]) -> list[int]:
    """Messages that come so far apart; the log times of those that were dispatched."""
    times = []
    for gap_us in gaps_us:
        fold.now += gap_us
        times += [fold.now for record in fold.give(ROUTED) if isinstance(record, DispatchMessage)]
    return times


def test_what_conforms_is_dispatched_to_its_carrier_and_lane_under_the_recipient() -> None:
    fold = throttling()
    (record,) = fold.give(ROUTED)
    emit = fold.emitted[-1]
    assert isinstance(record, DispatchMessage)
    assert (emit.topic, emit.key) == ("sms.dispatch.north.express", ROUTED.recipient_id)
    assert record.caused_by == "sms.routed.express/0/0"


def test_a_dispatch_carries_the_release_unchanged() -> None:
    fold = throttling()
    routed = a_routed(segment_count=3)
    (record,) = fold.give(routed)
    own = {"caused_by", "occurred_at"}
    for name in set(DispatchMessage.__struct_fields__) - own:
        assert getattr(record, name) == getattr(routed, name), name


def test_a_burst_goes_at_once_and_what_is_above_is_told_when_to_come_again() -> None:
    fold = throttling()
    answers = fold.give(*[ROUTED] * (BURST + 3))
    assert [type(answer) for answer in answers] == [DispatchMessage] * BURST + [MessageDeferred] * 3
    assert [answer.until - NOW for answer in answers[BURST:]] == [
        SECOND // RATE,
        2 * SECOND // RATE,
        3 * SECOND // RATE,
    ]


def test_a_deferral_names_its_reason_and_its_bucket_and_goes_back_to_routing() -> None:
    fold = throttling(burst=1)
    deferred = fold.give(ROUTED, ROUTED)[-1]
    assert isinstance(deferred, MessageDeferred)
    assert (deferred.reason, deferred.bucket) == ("account-rate", "b/account/acme/0")
    assert (deferred.message_id, deferred.release, deferred.lane) == (ROUTED.message_id, 1, "express")
    assert (fold.emitted[-1].topic, fold.emitted[-1].key) == ("sms.lifecycle", ROUTED.recipient_id)


@given(st.lists(st.integers(0, 400_000), min_size=1, max_size=120))
@settings(max_examples=60, deadline=None)
def test_no_window_of_any_length_holds_more_than_the_burst_and_the_rate(gaps_us: list[int]) -> None:
    times = arrive(throttling(), gaps_us)
    for (i, start), (j, end) in itertools.combinations(enumerate(times), 2):
        assert j - i + 1 <= BURST + (end - start) * RATE // SECOND + 1


@given(st.lists(st.integers(SECOND // RATE, SECOND), max_size=50))
@settings(max_examples=30, deadline=None)
def test_an_account_that_keeps_to_its_rate_is_never_put_off(gaps_us: list[int]) -> None:
    assert len(arrive(throttling(burst=1), gaps_us)) == len(gaps_us)


@given(st.lists(st.integers(0, 400_000), min_size=1, max_size=60))
@settings(max_examples=30, deadline=None)
def test_the_same_log_gives_the_same_bytes(gaps_us: list[int]) -> None:
    one, two = throttling(), throttling()
    arrive(one, gaps_us)
    arrive(two, gaps_us)
    assert one.encoded() == two.encoded()


@given(st.integers(1, 80))
@settings(max_examples=20, deadline=None)
def test_every_deferred_message_gets_a_slot_of_its_own_and_goes_in_it(count: int) -> None:
    fold = throttling(burst=1)
    deferred = [answer for answer in fold.give(*[ROUTED] * count) if isinstance(answer, MessageDeferred)]
    slots = [answer.until for answer in deferred]
    assert len(set(slots)) == len(slots)
    for slot in sorted(slots):
        fold.now = slot
        (answer,) = fold.give(MessageRouted(**{**_fields(ROUTED), "reason": "deferred", "release": 2}))
        assert isinstance(answer, DispatchMessage)


def test_accounts_do_not_share_a_bucket() -> None:
    fold = throttling(burst=1)
    answers = fold.give(ROUTED, a_routed(account_id="corner-shop"))
    assert all(isinstance(answer, DispatchMessage) for answer in answers)


def test_an_account_that_left_the_rules_is_refused_by_name() -> None:
    fold = throttling()
    fold.snapshot = a_snapshot(a_rules(accounts={}))
    (answer,) = fold.give(ROUTED)
    assert isinstance(answer, MessageRefused)
    assert answer.reason == "unknown-account"


def test_a_changed_rate_holds_from_the_next_record_on() -> None:
    fold = throttling(rate_per_s=1, burst=1)
    fold.give(ROUTED)
    fold.snapshot = a_snapshot(with_account(a_rules(), "acme", rate_per_s=1000, burst=1000))
    fold.now += SECOND // 2
    assert all(isinstance(answer, DispatchMessage) for answer in fold.give(*[ROUTED] * 10))


def test_a_spread_account_shares_its_rate_among_its_shards() -> None:
    fold = throttling(rate_per_s=10, burst=1, shards=4)
    campaigns = [a_routed(campaign_id=f"campaign-{number}") for number in range(40)]
    answers = fold.give(*campaigns)
    dispatched = [answer for answer in answers if isinstance(answer, DispatchMessage)]
    assert len(dispatched) == len(fold.state) == 4


@pytest.mark.parametrize("lane", ["express", "bulk"])
def test_each_lane_is_a_stage_of_its_own(lane: str) -> None:
    assert Throttling(lane).name == f"throttling-{lane}"


def test_a_snapshot_in_the_partition_is_no_message() -> None:
    assert throttling().give(SnapshotAdopted(control_offset=1, health_offset=1, stage="throttling-express")) == []


def _fields(routed: MessageRouted) -> dict[str, object]:
    return {name: getattr(routed, name) for name in routed.__struct_fields__}
