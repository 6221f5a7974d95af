"""What `sluice up` runs: which processes, with which rules, in which home; then the supervisor itself."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from infra.processes import PROGRAMS, SUPERVISOR, Program, prepare_kafka
from infra.running import read_running, registered
from infra.sandbox import speaks_of_simulator
from infra.status.server import status_served
from infra.supervisor.record import only_one
from infra.supervisor.rules_step import check_file, publish_rules
from infra.supervisor.screen import Screen
from infra.supervisor.shell import Supervisor
from pipeline.logs import configure


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What was asked for. `bootstrap` '' = the embedded Kafka; `is_chosen`: `names` were named one by one."""

    home: Path
    bootstrap: str
    names: tuple[str, ...]
    is_chosen: bool
    file: Path | None


def supervise(wanted: Wanted, *, as_json: bool) -> int:
    """Run until stopped; the exit code. Raises SupervisorRuns, RulesInvalid, and what makes Kafka impossible here."""
    configure()
    if wanted.file is not None:
        check_file(wanted.file)
    with only_one(wanted.home), registered(wanted.home, SUPERVISOR, sys.argv) as registration:
        programs = chosen(wanted)
        names = {each.name for each in programs}
        if "kafka" in names and "kafka" not in read_running(wanted.home):
            prepare_kafka()
        publish = partial(publish_rules, wanted.home, wanted.bootstrap, wanted.file)
        screen = Screen(wanted.home, as_json=as_json)
        supervisor = Supervisor(
            wanted.home, wanted.bootstrap, programs, publish if publishes(wanted, names) else None, screen
        )
        supervisor.on_complete = registration.ready
        with status_served(wanted.home, wanted.bootstrap or None):
            return supervisor.run()


def chosen(wanted: Wanted) -> Sequence[Program]:
    """The programs of these names; no Kafka of our own beside another cluster, no simulator without carriers at it."""
    return [
        each
        for each in PROGRAMS
        if each.name in wanted.names
        and (each.name != "kafka" or not wanted.bootstrap)
        and (each.name != "simulator" or wanted.is_chosen or _wants_simulator(wanted))
    ]


def publishes(wanted: Wanted, names: set[str]) -> bool:
    """Whether rules are this supervisor's to publish: a file was given, or all that the sandbox needs is here."""
    return wanted.file is not None or ("simulator" in names and ("kafka" in names or bool(wanted.bootstrap)))


def _wants_simulator(wanted: Wanted) -> bool:
    """Whether the rules are or will be the sandbox's: a home that has had a Kafka but no simulator has others."""
    if wanted.file is not None:
        return speaks_of_simulator(wanted.file)
    return (wanted.home / "simulator").exists() or not (wanted.home / "kafka").exists()
