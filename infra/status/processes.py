"""Which processes there should be, which there are, and how they do. Pure but for `read_processes`."""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from infra.processes import PROGRAMS, SUPERVISOR, listening_pid
from infra.running import Running, lives, read_running
from infra.status.facts import ProcessFact
from infra.status.resources import Usage, age_s, percent, usage_of
from infra.supervisor.record import Kept, Record, read_record

OPTIONAL = frozenset({"simulator", "keeper"})
"""Not missed where no supervisor was told to run them: only the sandbox's carriers, and keys that are made in time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One look: what runs, by the name it is listed under, and what each takes. `supervisor`: one that lives."""

    at: float
    running: Mapping[str, Running]
    usages: Mapping[int, Usage]
    supervisor: Record | None


def read_processes(home: Path) -> Seen:
    """Look once."""
    running = {name: each for name, each in read_running(home).items() if each.name != SUPERVISOR}
    for program in PROGRAMS:  # some listen and are not listed: the registry, or Kafka as a module of its own
        pid = listening_pid(home, program)
        known = running.get(program.name)
        if pid and (known is None or known.pid == pid):
            running[program.name] = Running(
                name=program.name, pid=pid, birth="", command=(), started_at="", is_ready=True
            )
    record = read_record(home)
    return Seen(
        at=time.monotonic(),
        running=running,
        usages=usage_of(each.pid for each in running.values()),
        supervisor=record if record is not None and record.is_alive else None,
    )


def process_facts(before: Seen, now: Seen, *, has_kafka: bool) -> tuple[ProcessFact, ...]:
    """All that runs and all that should, in order of starting. `has_kafka`: this home has a Kafka of its own."""
    members = {} if now.supervisor is None else now.supervisor.members
    facts = [_running(name, each, members.get(name), before, now) for name, each in sorted(now.running.items())]
    names = [each.name for each in now.running.values()]
    facts += [_missing(name, members.get(name)) for name in _expected(members, has_kafka) if not covers(names, name)]
    order = [each.name for each in PROGRAMS]
    return tuple(sorted(facts, key=lambda each: (_rank(each.name, order), each.name)))


def covers(names: Iterable[str], program: str) -> bool:
    """Whether one of these processes does this program's work or part of it: routing-validation, connector-blue-tel."""
    return any(
        name == program or name.startswith(f"{program}-") or (program != "connector" and program in name.split("-"))
        for name in names
        if program == "connector" or not name.startswith("connector-")
    )


def _expected(members: Mapping[str, Kept], has_kafka: bool) -> Sequence[str]:
    known = {each.name for each in PROGRAMS}
    if members:
        return [name for name in members if name in known]
    return [each.name for each in PROGRAMS if each.name not in OPTIONAL and (each.name != "kafka" or has_kafka)]


def _running(name: str, running: Running, kept: Kept | None, before: Seen, now: Seen) -> ProcessFact:
    usage = now.usages.get(running.pid)
    return ProcessFact(
        name=name,
        pid=running.pid,
        age_s=age_s(running.pid),
        is_ready=running.is_ready,
        phase="" if kept is None else kept.phase,
        restarts=0 if kept is None else kept.restarts,
        cpu_percent=percent(before.usages, now.usages, running.pid, now.at - before.at),
        rss_octets=None if usage is None else usage.rss_octets,
        detail="" if kept is None or kept.is_ours else "not the supervisor's",
    )


def _missing(name: str, kept: Kept | None) -> ProcessFact:
    if kept is None:
        return ProcessFact(name=name)
    if kept.pid and lives(kept.pid, kept.birth):  # just started: it is not listed yet
        return ProcessFact(name=name, pid=kept.pid, age_s=age_s(kept.pid), phase=kept.phase, restarts=kept.restarts)
    waits = f"waits for {' and '.join(kept.waits_for)}" if kept.waits_for else ""
    return ProcessFact(name=name, phase=kept.phase, restarts=kept.restarts, detail=waits or kept.detail)


def _rank(name: str, order: Sequence[str]) -> int:
    return next((index for index, each in enumerate(order) if covers([name], each)), len(order))
