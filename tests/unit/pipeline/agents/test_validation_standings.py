"""Laws of what excuses a partition of validation: a backlog of others, as long as it gets on."""

import asyncio
import time
from types import SimpleNamespace
from typing import Any, cast

import pytest

from pipeline.agents.context import Context
from pipeline.agents.validation_agent import LONG_TURN_S, ValidationAgent
from pipeline.stages.validation import KeyRing

PLACE = ("sms.submitted.acme.express", 0)


@pytest.fixture
def agent() -> ValidationAgent:
    """One that holds a partition and has just fetched something."""
    context = SimpleNamespace(
        output=SimpleNamespace(outbox=lambda: None),
        snapshots=SimpleNamespace(rules=SimpleNamespace(in_force_offset=3)),
    )
    agent: Any = ValidationAgent("express", cast(KeyRing, None), cast(Context, context))
    agent._app = object()
    agent._done = {PLACE: (7, 0)}
    agent._turn_begun = time.monotonic()
    agent._has_sequences = asyncio.Event()
    agent._has_sequences.set()
    return cast(ValidationAgent, agent)


def excuse(agent: Any, *, answered: int, seconds: float) -> str:
    """What a look finds, so many records after the last look and so long after what is at hand was fetched."""
    agent._answered += answered
    agent._turn_begun = time.monotonic() - seconds
    (standing,) = agent.standings()
    assert (standing.position, standing.rules_offset) == (7, 3)
    return str(standing.excuse)


def test_a_partition_may_wait_behind_a_long_backlog_that_gets_on(agent: ValidationAgent) -> None:
    assert excuse(agent, answered=200, seconds=LONG_TURN_S + 1)


def test_a_backlog_that_does_not_get_on_excuses_nothing(agent: ValidationAgent) -> None:
    assert excuse(agent, answered=0, seconds=LONG_TURN_S + 1) == ""


def test_the_usual_traffic_of_others_excuses_nothing(agent: ValidationAgent) -> None:
    assert excuse(agent, answered=200, seconds=0.1) == ""
