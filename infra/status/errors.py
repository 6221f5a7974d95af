"""The newest error of each process, from the ends of `.sluice/logs/NAME.log` and of the log of the life before."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from infra.status.facts import ErrorFact

LEVELS = frozenset({"error", "critical"})
END_OCTETS = 256 * 1024
LONGEST_TEXT = 200
_TRACEBACK = "Traceback (most recent call last):"
_WHY = ("detail", "error", "why", "reason")


def newest_errors(folder: Path, now: datetime) -> tuple[ErrorFact, ...]:
    """One for each process that has logged an error, the newest first."""
    newest: dict[str, ErrorFact] = {}
    for path in sorted([*folder.glob("*.log"), *folder.glob("*.log.1")]):
        name = path.name.partition(".log")[0]
        for fact in _errors(path, name, now):
            if name not in newest or fact.age_s <= newest[name].age_s:
                newest[name] = fact
    return tuple(sorted(newest.values(), key=lambda each: each.age_s))


def _errors(path: Path, name: str, now: datetime) -> Iterator[ErrorFact]:
    """Errors at the end of one log, in order. A traceback bears no time: it is as old as the file's last line."""
    try:
        written_s = now.timestamp() - path.stat().st_mtime
        lines = _end(path)
    except FileNotFoundError:
        return
    is_traceback = False
    for line in lines:
        if line.startswith("{"):
            found = error_of(line, name, now)
            if found is not None:
                yield found
        elif line.startswith(_TRACEBACK):
            is_traceback = True
        elif is_traceback and not line.startswith((" ", "\t")):  # its last line: the exception
            is_traceback = False
            yield ErrorFact(process=name, age_s=max(0.0, written_s), level="critical", text=line[:LONGEST_TEXT])


def error_of(line: str, name: str, now: datetime) -> ErrorFact | None:
    """The error that a JSON log line tells, None if it tells none."""
    try:
        found = json.loads(line)
        level = found["level"]
        if level not in LEVELS:
            return None
        at = datetime.fromisoformat(found["timestamp"].replace("Z", "+00:00")).astimezone(UTC)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    why = next((str(found[key]) for key in _WHY if found.get(key)), "")
    text = f"{found.get('event', '')} {why}".strip()
    return ErrorFact(process=name, age_s=max(0.0, (now - at).total_seconds()), level=level, text=text[:LONGEST_TEXT])


def _end(path: Path) -> list[str]:
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - END_OCTETS))
        return file.read().decode("utf-8", "replace").splitlines()
