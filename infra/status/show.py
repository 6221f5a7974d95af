"""Facts for a person: a first line that says whether all is well, then a table for each part. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from infra.status.facts import Facts
from infra.times import utc

MIB, GIB = 1 << 20, 1 << 30


def as_object(facts: Facts, problems: Sequence[str]) -> dict[str, Any]:
    """Everything as JSON tells it: `is_well`, `problems`, then the facts."""
    return {"is_well": not problems, "problems": list(problems), **asdict(facts)}


def page(facts: Facts, problems: Sequence[str]) -> str:
    """Everything as a page of text."""
    return "\n".join([headline(facts, problems), *_sections(facts)])


def headline(facts: Facts, problems: Sequence[str]) -> str:
    """The first line, and a line for each further problem."""
    if not problems:
        revision = f", revision {facts.rules.revision} in force" if facts.rules is not None else ""
        return f"well: {len(facts.processes)} processes{revision}, nothing waits too long"
    return "\n".join([f"not well: {problems[0]}", *(f"          {each}" for each in problems[1:])])


def _sections(facts: Facts) -> Iterator[str]:
    supervisor = f"supervised by pid {facts.supervisor_pid}" if facts.supervisor_pid else "nobody supervises"
    yield f"\nProcesses ({supervisor})"
    yield from _table(_processes(facts))
    if facts.lags is not None:
        yield "\nLag"
        yield from _table(
            {
                "reader": each.reader,
                "records": each.lag,
                "oldest": _age(each.behind_s) if each.lag else "",
                "per s": "" if each.per_s is None else f"{each.per_s:.0f}",
            }
            for each in facts.lags
        )
    if facts.binds is not None:
        yield "\nCarriers"
        yield from _table(_binds(facts))
    if facts.rules is not None:
        yield f"\nRules: {_rules(facts)}"
    if facts.errors:
        yield "\nLast errors, from the logs"
        yield from _table(
            {"process": each.process, "ago": _age(each.age_s), "what": each.text} for each in facts.errors
        )
    disk = facts.disk
    yield (
        f"\nDisk: Kafka {disk.kafka_octets / MIB:.0f} MiB, ClickHouse {disk.clickhouse_octets / MIB:.0f} MiB, "
        f"{disk.free_octets / GIB:.1f} GiB left"
    )


def _processes(facts: Facts) -> Iterator[dict[str, Any]]:
    for each in facts.processes:
        state = "ready" if each.is_ready else "starting" if each.pid else each.phase or "does not run"
        yield {
            "process": each.name,
            "state": state,
            "pid": each.pid or "",
            "for": _age(each.age_s) if each.pid else "",
            "restarts": each.restarts,
            "cpu %": "" if each.cpu_percent is None else f"{each.cpu_percent:.0f}",
            "MiB": "" if each.rss_octets is None else f"{each.rss_octets / MIB:.0f}",
            "": each.detail,
        }


def _binds(facts: Facts) -> Iterator[dict[str, Any]]:
    for each in facts.binds or ():
        drained = f"drained: {each.drained_why}".rstrip(": ") if each.is_drained else ""
        yield {
            "carrier": each.carrier,
            "state": "bound" if each.is_bound else "not bound",
            "binds": each.bind_count,
            "for": _age(each.age_s),
            "": "; ".join(filter(None, ("" if each.is_bound else each.reason, drained))),
        }


def _rules(facts: Facts) -> str:
    rules = facts.rules
    if rules is None or not rules.revision:
        return "none in force"
    later = "; ".join(f"revision {number} from {utc(at)}" for number, at in rules.scheduled)
    why = f" ({rules.reason})" if rules.reason else ""
    return f"revision {rules.revision} by {rules.author}{why}{f'; scheduled: {later}' if later else ''}"


def _table(rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """Rows of the same columns, aligned."""
    listed = [{key: str(value) for key, value in row.items()} for row in rows]
    if not listed:
        return ["  none"]
    columns = list(listed[0])
    widths = {column: max(len(column), *(len(row[column]) for row in listed)) for column in columns}
    lines = [{column: column for column in columns}, *listed]
    return ["  " + "  ".join(line[each].ljust(widths[each]) for each in columns).rstrip() for line in lines]


def _age(seconds: float) -> str:
    """A time span in its two largest units."""
    whole = int(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    if whole < 86_400:
        return f"{whole // 3600} h {whole % 3600 // 60} min"
    return f"{whole // 86_400} d {whole % 86_400 // 3600} h"
