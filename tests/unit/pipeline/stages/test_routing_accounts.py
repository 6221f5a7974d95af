"""Laws of opening an account: it is told once a lane that it is served, and nobody else is told."""

import pytest

from pipeline.events.records import AccountOpened
from pipeline.stages.routing import Routing
from tests.builders import a_served
from tests.fold import Fold


def test_an_account_is_told_on_its_own_topic_which_of_its_topics_is_read() -> None:
    fold = Fold(Routing())
    fold.give(a_served("acme", "bulk", pause_us=340_000))
    emit = fold.emitted[-1]
    assert (emit.topic, emit.key) == ("sms.status.acme", "acme")
    opened = fold.last(AccountOpened)
    assert (opened.account_id, opened.lane, opened.topic) == ("acme", "bulk", "sms.submitted.acme.bulk")
    assert (opened.caused_by, opened.control_offset) == ("sms.lifecycle/0/0", 17)


def test_each_lane_is_told_once_however_often_workers_begin() -> None:
    fold = Fold(Routing())
    fold.give(
        *(a_served(account, lane) for _ in range(3) for account in ("acme", "teahouse") for lane in ("express", "bulk"))
    )
    assert [(each.account_id, each.lane) for each in fold.all(AccountOpened)] == [
        ("acme", "express"),
        ("acme", "bulk"),
        ("teahouse", "express"),
        ("teahouse", "bulk"),
    ]


@pytest.mark.parametrize("account", ["gateway", "corner-shop", "left-the-rules"])
def test_who_has_no_topic_of_its_own_is_not_told_and_not_remembered(account: str) -> None:
    fold = Fold(Routing())
    assert fold.give(a_served(account)) == []
    assert fold.state == {}
