"""Laws of once: who is first in the audit's order may write; who comes after, or comes again, may not."""

import pytest

from infra.reading.quarantined import Case, Report
from infra.reading.redrive import (
    BEGUN,
    DONE,
    LIVE_S,
    WITHDRAWN,
    RedriveRefused,
    mark_of,
    require_first,
    require_submission,
    written_by,
)
from infra.reading.tailing import REDRIVEN
from infra.topic_log import Logged
from pipeline.events.records import AuditRecorded, RecordQuarantined
from tests.builders import NOW

SOURCE = "sms.submitted.acme.express/0/12"
NOW_MS = NOW // 1000


def said(action: str, detail: str, *, ago_s: int = 0) -> Logged:
    record = AuditRecorded(actor="ann", action=action, subject=SOURCE, is_allowed=True, reason="why", detail=detail)
    return Logged(
        topic="sms.audit", partition=0, offset=1, timestamp_ms=NOW_MS - ago_s * 1000, key=None, value=b"", headers=(),
        record=record,
    )  # fmt: skip


def written(case: Case, token: str, *, offset: int, partition: int = 0) -> Logged:
    """A record as the redrive with this token writes it."""
    return Logged(
        topic="sms.submitted.acme.express", partition=partition, offset=offset, timestamp_ms=NOW_MS, key=None,
        value=b"", headers=((REDRIVEN, mark_of(case.first, token)),), record=None,
    )  # fmt: skip


def a_case(source: str, reader: str = "validation") -> Case:
    record = RecordQuarantined(caused_by=source, reader=reader)
    return Case(source=source, reports=(Report(coordinates="sms.quarantine/0/1", at_ms=NOW_MS, record=record),))


def test_who_is_first_may_write() -> None:
    require_first([], now_ms=NOW_MS)


def test_what_was_done_is_refused_however_long_ago_and_says_who_and_where() -> None:
    past = [said(BEGUN, "t1", ago_s=10**6), said(DONE, "t1 written at sms.submitted.acme.express/0/40", ago_s=10**6)]
    with pytest.raises(RedriveRefused, match=r"by ann \(why\): written at sms.submitted.acme.express/0/40.*--again"):
        require_first(past, now_ms=NOW_MS)


def test_one_that_is_under_way_is_not_overtaken_and_one_that_died_is() -> None:
    with pytest.raises(RedriveRefused, match="is being redriven by ann"):
        require_first([said(BEGUN, "t1", ago_s=LIVE_S - 1)], now_ms=NOW_MS)
    require_first([said(BEGUN, "t1", ago_s=LIVE_S)], now_ms=NOW_MS)


def test_one_that_was_withdrawn_stands_in_nobody_s_way() -> None:
    require_first([said(BEGUN, "t1"), said(WITHDRAWN, "t1")], now_ms=NOW_MS)
    with pytest.raises(RedriveRefused, match="is being redriven"):
        require_first([said(BEGUN, "t1"), said(BEGUN, "t2"), said(WITHDRAWN, "t1")], now_ms=NOW_MS)


def test_only_submissions_are_written_again_and_the_refusal_says_what_to_do_instead() -> None:
    require_submission(a_case(SOURCE))
    for source, reader, instead in (
        ("sms.lifecycle/2/9", "routing", "can be replayed"),
        ("sms.dispatch.north.bulk/0/3", "connector", "its lease ends"),
        ("sms.usage/0/3", "sink", "ClickHouse lacks it"),
    ):
        with pytest.raises(RedriveRefused, match=instead):
            require_submission(a_case(source, reader))


def test_what_a_later_redrive_wrote_is_not_taken_for_what_an_earlier_one_was_cut_off_at() -> None:
    case = a_case(SOURCE)
    second = written(case, "t2", offset=40)
    assert written_by(said(BEGUN, "t1", ago_s=90), case, [second]) is None
    assert written_by(said(BEGUN, "t2", ago_s=80), case, [written(case, "t1", offset=39), second]) is second
    assert written_by(said(BEGUN, "t2", ago_s=80), case, [written(case, "t2", offset=4, partition=1)]) is None
