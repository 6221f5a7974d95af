"""`sluice up` as a program starts it: all become ready, a killed one comes back, a crash loop ends loudly, all stop.

The policy's finer points are unit tests; here real processes die.
"""

from __future__ import annotations

import json
import os
import signal
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from infra.endpoints import read_endpoints
from infra.running import birth_of, lives, read_running
from infra.supervisor.policy import NEVER_READY_ENDS
from tests.e2e.up_run import TIMEOUT_S, UpRun, sluice, up

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module", autouse=True)
def crashing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[UpRun]:
    """A supervisor of a process that ends at each start. Its pauses take 15 s, so it runs beside the other tests."""
    home = tmp_path_factory.mktemp("crashing") / "home"
    home.mkdir()
    (home / "simulator").write_text("a file where the simulator wants its folder")
    with up(home, "--only", "simulator,registry") as run:
        yield run


def births(home: Path) -> dict[int, str]:
    return {each.pid: each.birth for each in read_running(home).values()}


def health(home: Path) -> tuple[int, dict[str, Any]]:
    url = f"{read_endpoints(home).require('status').url}/health"
    try:
        with urllib.request.urlopen(url, timeout=30) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def status_until_well(home: Path) -> dict[str, Any]:
    """The status once it is well; it may take until what has just started is bound and has committed."""
    deadline = time.monotonic() + TIMEOUT_S
    while True:
        done = sluice(home, "status", "--json")
        found: dict[str, Any] = json.loads(done.stdout)
        assert (done.returncode == 0) is found["is_well"]
        if found["is_well"] or time.monotonic() > deadline:
            assert found["problems"] == []
            return found


def test_all_run_a_killed_one_comes_back_and_all_stop_in_order(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with up(home) as run:
        ready = run.wait_for("up.ready")
        names = set(ready["processes"])
        assert {"kafka", "registry", "sql", "smpp", "status"} <= ready["endpoints"].keys()
        found = status_until_well(home)
        assert {each["name"] for each in found["processes"] if each["is_ready"]} == names
        assert {each["carrier"] for each in found["binds"]} == {"blue-tel", "orient-link", "premium-one"}
        assert {"routing", "sink", "validation-express"} <= {each["reader"] for each in found["lags"]}

        heard = len(run.told)
        routing = read_running(home)["routing"]
        os.kill(routing.pid, signal.SIGKILL)
        assert run.wait_for("process.ended", "routing", heard)["detail"] == "signal 9"
        code, said = health(home)
        assert code == 503
        assert any(each.startswith("routing ") for each in said["problems"])
        run.wait_for("process.ready", "routing", heard)
        (back,) = [each for each in status_until_well(home)["processes"] if each["name"] == "routing"]
        assert (back["restarts"], back["pid"] != routing.pid) == (1, True)

        second = sluice(home, "up")
        assert (second.returncode, "already" in second.stderr) == (1, True)

        everything = births(home)
        everything |= {jvm: birth_of(jvm) for jvm in [int((home / "kafka" / "broker.pid").read_text().split()[0])]}
        run.process.send_signal(signal.SIGTERM)
        assert run.end() == 0
        stopped = run.stopped()
        assert set(stopped) == names
        assert stopped[-1] == "kafka"
        assert set(stopped[-3:-1]) == {"simulator", "registry"}
        assert [pid for pid, birth in everything.items() if lives(pid, birth)] == []


def test_one_that_does_not_come_up_stops_everything_with_its_log(crashing: UpRun) -> None:
    assert crashing.end() == 1
    told = [each for each in crashing.told if each["process"] == "up"]
    (given_up,) = [each for each in told if each["event"] == "process.crash_loop"]
    assert given_up["names"] == ["simulator"]
    assert len([each for each in told if each["event"] == "process.ended"]) == NEVER_READY_ENDS - 1
    (last,) = [each for each in told if each["event"] == "process.last_lines"]
    assert "File exists" in last["lines"]
    assert crashing.stopped() == ["registry"]
    assert read_running(crashing.home) == {}


def test_what_a_killed_supervisor_leaves_is_taken_over_by_the_next(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with up(home, "--only", "registry") as first:
        first.wait_for("up.ready")
        registry = read_running(home)["registry"]
        first.process.kill()
        first.end()
        assert lives(registry.pid, registry.birth)
        with up(home, "--only", "registry") as second:
            second.wait_for("up.ready")
            assert read_running(home)["registry"].pid == registry.pid
            second.process.send_signal(signal.SIGINT)
            assert second.end() == 0
    assert not lives(registry.pid, registry.birth)
