"""What is well and what is not: every kind of fault is planted, and found by name."""

from dataclasses import replace

import pytest

from infra.status.facts import BindFact, DiskFact, ErrorFact, Facts, LagFact, ProcessFact, RulesFact
from infra.status.show import page
from infra.status.verdict import BULK_PATIENCE_S, PATIENCE_S, SINK_PATIENCE_S, verdict

GIB = 1 << 30


def well() -> Facts:
    """A home in which all is well, with restarts, old errors, a drained carrier and a little lag."""
    return Facts(
        home="/home/x/.sluice",
        processes=(
            ProcessFact(name="kafka", pid=10, is_ready=True),
            ProcessFact(name="routing", pid=11, is_ready=True, restarts=3),
        ),
        lags=(LagFact(reader="routing", lag=3, behind_s=1.0), LagFact(reader="sink", lag=0)),
        binds=(
            BindFact(carrier="blue-tel", is_bound=True, bind_count=1),
            BindFact(carrier="orient-link", is_bound=False, is_drained=True, drained_why="maintenance"),
        ),
        rules=RulesFact(revision=4),
        errors=(ErrorFact(process="routing", age_s=5.0, level="error", text="worker.failed"),),
        disk=DiskFact(kafka_octets=1, clickhouse_octets=1, free_octets=9 * GIB),
    )


def test_a_home_in_which_all_works_is_well() -> None:
    assert verdict(well()) == []
    assert page(well(), []).startswith("well: 2 processes, revision 4 in force")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            {"processes": (ProcessFact(name="kafka", pid=1, is_ready=True), ProcessFact(name="routing"))},
            "routing does not run",
        ),
        ({"processes": (ProcessFact(name="kafka", pid=1, age_s=3.4),)}, "kafka is starting, for 3 s"),
        (
            {
                "processes": (
                    ProcessFact(name="kafka", pid=1, is_ready=True),
                    ProcessFact(name="sink", restarts=2, detail="exit code 1"),
                )
            },
            "sink does not run (exit code 1), after 2 restarts",
        ),
        ({"processes": (ProcessFact(name="kafka"),)}, "nothing runs under /home/x/.sluice; start it: sluice up"),
        ({"kafka": "Kafka at localhost:1 does not answer"}, "Kafka at localhost:1 does not answer"),
        ({"rules": RulesFact(revision=0)}, "no rules are in force"),
        ({"orphans": ("routing", "sink")}, "`sluice up` of 2 processes was killed"),
        (
            {"binds": (BindFact(carrier="blue-tel", is_bound=False, reason="silent"),)},
            "carrier blue-tel is not bound: silent",
        ),
        (
            {"lags": (LagFact(reader="routing", lag=7, behind_s=PATIENCE_S + 1),)},
            f"routing is 7 records and {PATIENCE_S + 1:.0f} s behind",
        ),
        ({"disk": DiskFact(kafka_octets=0, clickhouse_octets=0, free_octets=GIB - 1)}, "are left on the volume"),
    ],
)
def test_each_fault_is_found_and_stands_in_the_first_line(change: dict[str, object], words: str) -> None:
    broken = replace(well(), **change)  # type: ignore[arg-type]
    (problem,) = verdict(broken)
    assert words in problem
    assert page(broken, [problem]).startswith(f"not well: {problem}")


@pytest.mark.parametrize(
    ("reader", "patience_s"),
    [
        ("routing", PATIENCE_S),
        ("validation-express", PATIENCE_S),
        ("connector blue-tel express", PATIENCE_S),
        ("validation-bulk", BULK_PATIENCE_S),
        ("connector blue-tel bulk", BULK_PATIENCE_S),
        ("sink", SINK_PATIENCE_S),
    ],
)
def test_how_long_a_record_may_wait_depends_on_its_lane(reader: str, patience_s: float) -> None:
    def found(behind_s: float) -> list[str]:
        return verdict(replace(well(), lags=(LagFact(reader=reader, lag=1, behind_s=behind_s),)))

    assert found(patience_s) == []
    assert len(found(patience_s + 1)) == 1


def test_without_kafka_the_page_still_shows_processes_and_disk() -> None:
    facts = replace(well(), kafka="Kafka at localhost:1 does not answer", lags=None, binds=None, rules=None)
    shown = page(facts, verdict(facts))
    assert "Processes" in shown
    assert "Disk" in shown
    assert "Lag" not in shown
