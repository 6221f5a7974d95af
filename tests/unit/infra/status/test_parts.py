"""Parts of the status: who covers whom, lag from two looks, binds with drains, errors in logs, what /proc says."""

import os
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from infra.running import Running, birth_of
from infra.status.cluster import binds_of
from infra.status.errors import newest_errors
from infra.status.lag import Positions, Waiting, lags_between, readers_of
from infra.status.processes import Seen, covers, process_facts
from infra.status.resources import Usage, percent, usage_of
from infra.supervisor.record import Kept, Record
from pipeline.domain.rules import Carrier, Drain, Rules
from pipeline.events.records import CarrierHealth, HealthSnapshot

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def seen(*running: str, supervisor: Record | None = None, at: float = 0.0, cpu_s: float = 0.0) -> Seen:
    listed = {
        name: Running(name=name, pid=100 + index, birth="1", command=(), started_at="", is_ready=True)
        for index, name in enumerate(running)
    }
    usages = {each.pid: Usage(cpu_s, 1000) for each in listed.values()}
    return Seen(at=at, running=listed, usages=usages, supervisor=supervisor)


@pytest.mark.parametrize(
    ("names", "program", "expected"),
    [
        (["validation-express"], "validation", True),
        (["routing-validation"], "validation", True),
        (["connector-blue-tel"], "connector", True),
        (["connector-sink"], "sink", False),
        (["routing"], "validation", False),
    ],
)
def test_parts_that_were_started_apart_count_for_the_whole(names: list[str], program: str, expected: bool) -> None:
    assert covers(names, program) is expected


def test_without_a_supervisor_all_processes_are_expected_but_the_optional_ones() -> None:
    missing = [each.name for each in process_facts(seen("routing"), seen("routing"), has_kafka=False) if not each.pid]
    assert missing == ["validation", "throttling", "sink", "connector", "registry", "health"]


def test_with_a_supervisor_what_it_was_told_to_run_is_expected() -> None:
    members = {
        "routing": Kept(phase="ready", pid=100, restarts=2),
        "rules": Kept(phase="ready"),
        "sink": Kept(phase="paused", restarts=1, detail="exit code 1"),
        "health": Kept(phase="waiting", waits_for=("kafka",)),
    }
    record = Record(pid=os.getpid(), birth="1", members=members)
    facts = process_facts(seen("routing"), seen("routing", supervisor=record), has_kafka=True)
    assert [(each.name, each.restarts, each.detail) for each in facts] == [
        ("routing", 2, ""),
        ("sink", 1, "exit code 1"),
        ("health", 0, "waits for kafka"),
    ]


def test_one_that_was_just_started_and_is_not_listed_yet_is_starting() -> None:
    members = {"sink": Kept(phase="starting", pid=os.getpid(), birth=birth_of(os.getpid()), restarts=1, detail="gone")}
    record = Record(pid=os.getpid(), birth="1", members=members)
    (sink,) = process_facts(seen(), seen(supervisor=record), has_kafka=True)
    assert (sink.pid, sink.is_ready, sink.phase, sink.detail) == (os.getpid(), False, "starting", "")


def test_cpu_is_what_was_used_between_two_looks() -> None:
    (routing,) = [
        each
        for each in process_facts(seen("routing", at=10, cpu_s=1.0), seen("routing", at=12, cpu_s=1.5), has_kafka=False)
        if each.pid
    ]
    assert routing.cpu_percent == pytest.approx(25.0)
    assert percent({}, {1: Usage(1.0, 1)}, 1, 2.0) is None


def test_a_child_process_counts_for_its_parent() -> None:
    work = "bytes(bytearray(30_000_000)); print(1, flush=True); input()"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {f'x = {work}'!r}])"
    with subprocess.Popen(
        [sys.executable, "-c", parent], stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert usage_of([process.pid])[process.pid].rss_octets > 30_000_000
        process.communicate(b"\n")


def test_readers_follow_from_the_topics_there_are() -> None:
    names = [
        "sms.dispatch.blue-tel.bulk",
        "sms.lifecycle",
        "sms.lifecycle2",
        "sms.submitted.acme.express",
        "sms.submitted.gateway.express",
    ]
    found = {each.name: (each.group, each.topics) for each in readers_of(names, ["sms.lifecycle"])}
    assert found == {
        "validation-express": (
            "validation-express",
            ("sms.submitted.acme.express", "sms.submitted.gateway.express"),
        ),
        "routing": ("routing", ("sms.lifecycle",)),
        "connector blue-tel bulk": ("dispatch-blue-tel", ("sms.dispatch.blue-tel.bulk",)),
        "sink": ("sluice-sink", ("sms.lifecycle",)),
    }


def test_lag_is_told_in_records_in_age_and_with_the_speed_between_two_looks() -> None:
    place = ("sms.lifecycle", 0)
    before = Positions(at=1.0, taken={"routing": {place: 100}}, ends={place: 100})
    after = Positions(at=3.0, taken={"routing": {place: 150}}, ends={place: 157})
    waiting = {"routing": Waiting(records=7, oldest_ms=50_000.0)}
    (fact,) = lags_between(before, after, waiting, now_ms=59_000.0)
    assert (fact.lag, fact.behind_s, fact.per_s) == (7, 9.0, 25.0)
    (first,) = lags_between(None, after, waiting, now_ms=59_000.0)
    assert first.per_s is None


def test_binds_are_told_for_each_carrier_of_the_rules_with_its_drain() -> None:
    def carrier(name: str, address: str = "localhost:2775") -> Carrier:
        return Carrier(id=name, tariff="costs", address=address)

    rules = Rules(
        carriers={name: carrier(name) for name in ("a-tel", "b-tel")} | {"no-wire": carrier("no-wire", "")},
        drains={"b-tel": Drain(id="b-tel", reason="maintenance")},
    )
    heard = CarrierHealth(carrier="b-tel", is_bound=True, bind_count=2, changed_at=5_000_000)
    a, b = binds_of(rules, HealthSnapshot(carriers=(heard,)), now_us=9_000_000)
    assert (a.carrier, a.is_bound, a.reason, a.is_drained) == ("a-tel", False, "never heard of", False)
    assert (b.bind_count, b.age_s, b.is_drained, b.drained_why) == (2, 4.0, True, "maintenance")


def line(level: str, event: str, ago_s: float, **facts: str) -> str:
    import json

    at = (NOW - timedelta(seconds=ago_s)).isoformat().replace("+00:00", "Z")
    return json.dumps({"event": event, "level": level, "timestamp": at, **facts}) + "\n"


def test_the_newest_error_of_each_log_is_found_in_the_life_before_too(tmp_path: Path) -> None:
    (tmp_path / "sink.log").write_text(line("info", "sink.ready", 1))
    (tmp_path / "sink.log.1").write_text(line("error", "sink.failed", 90, error="no room") + line("info", "x", 80))
    (tmp_path / "routing.log").write_text(
        line("error", "old", 500) + line("critical", "worker.failed", 30, detail="Fenced") + "{not json\n"
    )
    (tmp_path / "health.log").write_text(line("warning", "health.kafka_failed", 3))
    found = [(each.process, each.age_s, each.text) for each in newest_errors(tmp_path, NOW)]
    assert found == [("routing", 30.0, "worker.failed Fenced"), ("sink", 90.0, "sink.failed no room")]


def test_a_traceback_is_an_error_as_old_as_its_file(tmp_path: Path) -> None:
    log = tmp_path / "simulator.log"
    log.write_text('Traceback (most recent call last):\n  File "x"\n    y()\nFileExistsError: [Errno 17] x\n')
    os.utime(log, (time.time() - 40, NOW.timestamp() - 40))
    (found,) = newest_errors(tmp_path, NOW)
    assert (found.age_s, found.text) == (40.0, "FileExistsError: [Errno 17] x")
