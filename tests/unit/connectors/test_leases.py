"""Laws of the last look before the intent."""

from typing import Any

import pytest

from connectors.leases import Recalls, refusal
from pipeline.events.records import DispatchMessage, RecallRequested

NOW = 1_000_000_000


def a_dispatch(**more: Any) -> DispatchMessage:
    fields: dict[str, Any] = {
        "message_id": "m1",
        "recipient_id": "r1",
        "attempt": 2,
        "occurred_at": NOW - 10,
        "expires_at": NOW + 100,
        "send_before": NOW + 50,
    }
    return DispatchMessage(**{**fields, **more})


def recalls_of(*recalls: RecallRequested) -> Recalls:
    known = Recalls(keep_micros=1_000)
    for recall in recalls:
        known.add(recall)
    return known


def a_recall(**more: Any) -> RecallRequested:
    fields: dict[str, Any] = {"message_id": "m1", "recipient_id": "r1", "occurred_at": NOW, "reason": "cancelled"}
    return RecallRequested(**{**fields, **more})


@pytest.mark.parametrize(("end", "is_refused"), [(NOW - 1, True), (NOW, True), (NOW + 1, False)])
@pytest.mark.parametrize("which", ["send_before", "expires_at"])
def test_nothing_goes_from_the_end_of_lease_or_validity_on(which: str, end: int, is_refused: bool) -> None:
    no = refusal(a_dispatch(**{which: end}), recalls_of(), now=NOW)
    assert (no is not None and no.reason == "lease-expired") == is_refused


@pytest.mark.parametrize(
    ("recall", "is_refused"),
    [
        (a_recall(), True),
        (a_recall(attempt=2), True),
        (a_recall(attempt=1), False),
        (a_recall(message_id="m2"), False),
        (a_recall(recipient_id=""), True),
        (a_recall(recipient_id="r2"), False),
        (a_recall(message_id=""), True),
        (a_recall(message_id="", recipient_id="r2"), False),
        (a_recall(message_id="", occurred_at=NOW - 20), False),
    ],
)
def test_a_recall_stops_what_it_names_and_nothing_else(recall: RecallRequested, is_refused: bool) -> None:
    no = refusal(a_dispatch(), recalls_of(recall), now=NOW)
    assert (no is not None and (no.reason, no.detail) == ("recalled", "cancelled")) == is_refused


def test_recalls_are_forgotten_once_no_lease_can_be_as_old() -> None:
    known = recalls_of(a_recall(occurred_at=NOW - 2_000), a_recall(message_id="m2", occurred_at=NOW))
    known.forget(now=NOW)
    assert known.of(a_dispatch()) is None
    assert known.of(a_dispatch(message_id="m2")) is not None
