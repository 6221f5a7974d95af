"""The demo ends with every outcome as written; also when its processes are killed and started again by hand."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from infra.demo.scenario import SCENARIO, load_scenario, submissions
from infra.running import read_running
from tests.e2e.demo_run import DemoRun

pytestmark = pytest.mark.integration

KILLED_TOGETHER = (
    ("routing", "connector", "sink", "health"),
    ("validation", "throttling", "simulator", "registry"),
    ("kafka",),
)
"""Every process there is; several at once in one run, since each run costs half a minute."""


def kills() -> list[tuple[str, ...]]:
    """The groups; or, for a hunt by hand, those that SLUICE_TEST_KILLS names: 'routing sink,kafka'."""
    given = os.environ.get("SLUICE_TEST_KILLS")
    return [tuple(group.split()) for group in given.split(",")] if given else list(KILLED_TOGETHER)


def assert_all_as_written(demo: DemoRun) -> None:
    code, report = demo.end()
    assert code == 0, demo.output
    expected = {each.name: each.row.expect for each in submissions(load_scenario(SCENARIO), "any", datetime.now(UTC))}
    assert report["problems"] == {}
    assert {name: (found["status"], found["reason"]) for name, found in report["outcomes"].items()} == {
        name: (each.status, each.reason) for name, each in expected.items()
    }


def test_every_outcome_is_as_written(home: Path) -> None:
    with DemoRun(home) as demo:
        assert_all_as_written(demo)
    assert read_running(home) == {}, "the demo left processes behind"


@pytest.mark.parametrize("names", kills(), ids=lambda names: "+".join(names))
def test_processes_killed_in_mid_demo_and_started_by_hand_change_no_outcome(home: Path, names: tuple[str, ...]) -> None:
    with DemoRun(home) as demo:
        demo.wait_for(" submitted ")
        for name in names:
            demo.kill(name)
        for name in names:
            demo.start_by_hand(name)
        assert_all_as_written(demo)
    assert read_running(home) == {}, "the demo left processes behind"
