"""CPU time and memory of processes with all their descendants (Kafka is a JVM below its process), from /proc.

Where there is no /proc nothing is measured.
"""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")
_TICKS_PER_S = os.sysconf("SC_CLK_TCK")
_PAGE_OCTETS = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True)
class Usage:
    """CPU seconds since the process began, and resident octets."""

    cpu_s: float
    rss_octets: int


def usage_of(pids: Iterable[int]) -> dict[int, Usage]:
    """Usage of each process that lives, its descendants included."""
    single, parents = _all()
    children: dict[int, list[int]] = {}
    for pid, parent in parents.items():
        children.setdefault(parent, []).append(pid)
    return {pid: _sum(pid, single, children) for pid in pids if pid in single}


def percent(before: Mapping[int, Usage], after: Mapping[int, Usage], pid: int, seconds: float) -> float | None:
    """CPU of one core between two looks, None if one of them did not see it."""
    if pid not in before or pid not in after or seconds <= 0:
        return None
    return max(0.0, 100 * (after[pid].cpu_s - before[pid].cpu_s) / seconds)


def age_s(pid: int) -> float:
    """How long ago a living process began; 0 if that cannot be told."""
    try:
        uptime_s = float((_PROC / "uptime").read_text().split()[0])
        return max(0.0, uptime_s - int(_fields(pid)[19]) / _TICKS_PER_S)
    except (OSError, IndexError, ValueError):
        return 0.0


def _all() -> tuple[dict[int, Usage], dict[int, int]]:
    usages: dict[int, Usage] = {}
    parents: dict[int, int] = {}
    for entry in _PROC.glob("[0-9]*") if _PROC.exists() else ():
        pid = int(entry.name)
        try:
            fields = _fields(pid)
        except OSError:  # it ended meanwhile
            continue
        parents[pid] = int(fields[1])
        ticks = int(fields[11]) + int(fields[12])
        usages[pid] = Usage(ticks / _TICKS_PER_S, int(fields[21]) * _PAGE_OCTETS)
    return usages, parents


def _fields(pid: int) -> list[str]:
    """proc(5): the fields of stat from the third (state) on; the name before them may hold anything."""
    return (_PROC / str(pid) / "stat").read_text("utf-8", errors="replace").rpartition(")")[2].split()


def _sum(pid: int, single: Mapping[int, Usage], children: Mapping[int, list[int]]) -> Usage:
    parts = [single[pid], *(_sum(child, single, children) for child in children.get(pid, ()))]
    return Usage(sum(each.cpu_s for each in parts), sum(each.rss_octets for each in parts))
