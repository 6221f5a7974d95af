"""Laws of the demo's judgement: every deviation planted here must be found."""

from datetime import UTC, datetime
from typing import Any

import pytest

from infra.demo.lives import Life, Lives, handset_problems, problems_of
from infra.demo.producer import Coordinates
from infra.demo.scenario import Scenario, submissions

SCENARIO = {
    "phones": {"amy": "+16462######"},
    "rows": [
        {
            "row": "first",
            "shows": "",
            "account": "acme",
            "to": "amy",
            "submit": {"message_class": "otp", "text": "Hi", "idempotency_key": "$run-k"},
            "expect": {"status": "delivered", "parts": 1, "encoding": "gsm7"},
        },
        {
            "row": "again",
            "shows": "",
            "account": "acme",
            "to": "amy",
            "repeat_of": "first",
            "expect": {"status": "rejected", "reason": "duplicate-ignored", "same_as": "first"},
        },
    ],
}


def a_run() -> tuple[Lives, Life, Life]:
    lives = Lives(submissions(Scenario.model_validate(SCENARIO), "r", datetime(2026, 11, 22, tzinfo=UTC)))
    first, again = lives.all
    lives.place(first, Coordinates("t", 0, 1), 0)
    lives.place(again, Coordinates("t", 0, 2), 0)
    return lives, first, again


def a_status(offset: int = 1, **fields: Any) -> dict[str, Any]:
    return {
        "message_id": f"m{offset}",
        "status": "delivered",
        "status_seq": 3,
        "reason": "",
        "segment_count": 1,
        "encoding": "gsm7",
        "error_code": "",
        "first_message_id": "",
        "submitted_topic": "t",
        "submitted_partition": 0,
        "submitted_offset": offset,
        **fields,
    }


def test_an_outcome_as_written_has_no_problem() -> None:
    lives, first, again = a_run()
    lives.hear(a_status())
    lives.hear(a_status(2, status="rejected", reason="duplicate-ignored", first_message_id="m1"))
    assert problems_of(first, lives) == problems_of(again, lives) == []
    assert lives.is_done


@pytest.mark.parametrize(
    "planted",
    [{"status": "failed"}, {"reason": "odd"}, {"segment_count": 2}, {"encoding": "ucs2"}],
)
def test_every_planted_deviation_is_found(planted: dict[str, Any]) -> None:
    lives, first, _ = a_run()
    lives.hear(a_status(**planted))
    assert len(problems_of(first, lives)) == 1


def test_a_duplicate_that_names_another_first_is_found() -> None:
    lives, _, again = a_run()
    lives.hear(a_status())
    lives.hear(a_status(2, status="rejected", reason="duplicate-ignored", first_message_id="m9"))
    assert problems_of(again, lives) == ["first_message_id='m9', expected 'm1'"]


def test_a_message_without_a_status_is_found() -> None:
    lives, first, _ = a_run()
    assert problems_of(first, lives) == ["no status came"]


def test_a_status_before_its_delivery_report_is_kept() -> None:
    lives = Lives(submissions(Scenario.model_validate(SCENARIO), "r", datetime(2026, 11, 22, tzinfo=UTC)))
    assert lives.hear(a_status()) is None
    assert len(lives.place(lives.all[0], Coordinates("t", 0, 1), 0)) == 1
    assert lives.all[0].is_final


def test_a_repeated_status_is_no_news() -> None:
    lives, _, _ = a_run()
    assert lives.hear(a_status()) is not None
    assert lives.hear(a_status()) is None


def test_a_late_lower_status_does_not_undo_the_outcome() -> None:
    lives, first, _ = a_run()
    lives.hear(a_status())
    lives.hear(a_status(status="submitted", status_seq=2))
    assert first.last["status"] == "delivered"


def test_a_delivered_text_that_no_handset_shows_is_found() -> None:
    lives, first, _ = a_run()
    lives.hear(a_status())
    assert handset_problems(first, [{"text": "Hi", "complete": True}]) == []
    assert handset_problems(first, [{"text": "Hi", "complete": False}]) != []
    assert handset_problems(first, [{"text": "H", "complete": True}]) != []
