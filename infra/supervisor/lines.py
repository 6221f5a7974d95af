"""What a terminal shows of a log line, and of what the supervisor says itself. Pure.

Children log JSON, one object a line (structlog); what is not JSON (a traceback, Java's words) is shown as it is.
"""

import json
from collections.abc import Mapping
from typing import Any

from infra.supervisor.policy import Tell

WIDTH = 10
_COLOURS = (36, 32, 33, 34, 35, 96, 92, 93, 94, 95)
_RED, _YELLOW, _DIM, _BOLD = 31, 33, 2, 1
_LEVELS = {"error": _RED, "critical": _RED, "warning": _YELLOW}
_HEADS = ("event", "level", "timestamp")


class Painter:
    """Lines for people: each process has a colour of its own, unless `is_coloured` is False."""

    def __init__(self, *, is_coloured: bool) -> None:
        self._is_coloured = is_coloured
        self._colours: dict[str, int] = {}

    def log(self, name: str, line: str) -> str:
        """One line of a process's log."""
        found = parse(line)
        if found is None:
            return f"{self._prefix(name)}{line}"
        level = str(found.get("level", "info"))
        event = self._paint(str(found["event"]), _LEVELS.get(level, _BOLD))
        facts = " ".join(f"{key}={_value(value)}" for key, value in found.items() if key not in _HEADS)
        mark = "" if level == "info" else f"{level}: "
        return f"{self._prefix(name)}{self._paint(_clock(found), _DIM)} {mark}{event} {facts}".rstrip()

    def told(self, tell: Tell) -> str:
        """What the supervisor says."""
        is_bad = tell.event in ("process.crash_loop", "step.failed", "process.late")
        words = said(tell)
        return f"{self._prefix('up')}{self._paint(words, _RED if is_bad else _BOLD)}"

    def _prefix(self, name: str) -> str:
        colour = self._colours.setdefault(name, _COLOURS[len(self._colours) % len(_COLOURS)])
        return self._paint(name.ljust(WIDTH), colour) + " │ "

    def _paint(self, text: str, code: int) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self._is_coloured and text else text


def parse(line: str) -> dict[str, Any] | None:
    """The object that a log line holds; None if it is no JSON log line."""
    if not line.startswith("{"):
        return None
    try:
        found = json.loads(line)
    except ValueError:
        return None
    return found if isinstance(found, dict) and "event" in found else None


def log_object(name: str, line: str) -> dict[str, Any]:
    """One line of a process's log for a program: its own object, or the text as `line`; `process` is its name."""
    found = parse(line)
    return {**(found if found is not None else {"line": line}), "process": name}


def told_object(tell: Tell, timestamp: str) -> dict[str, Any]:
    """What the supervisor says, for a program."""
    facts: dict[str, Any] = {"process": "up", "event": tell.event, "timestamp": timestamp}
    if tell.names:
        facts["names"] = list(tell.names)
    if tell.detail:
        facts["detail"] = tell.detail
    if tell.seconds:
        facts["seconds"] = round(tell.seconds, 1)
    return facts


def said(tell: Tell) -> str:
    """What the supervisor says, in words."""
    words = _WORDS.get(tell.event, "{event} {names} {detail}")
    plural = "" if len(tell.names) > 1 else "s"
    return words.format(
        event=tell.event,
        names=", ".join(tell.names),
        s=plural,
        detail=tell.detail,
        seconds=tell.seconds,
    )


_WORDS = {
    "process.starting": "{names} start{s}",
    "process.waiting": "{names} wait{s} for {detail}",
    "process.ready": "{names} is ready after {seconds:.1f} s",
    "process.found": "{names} runs already, not started by this command: used, watched, left alone at the end",
    "process.adopted": "{names} still runs, of a `sluice up` that was killed: taken over",
    "process.slow": "{names} is not ready after {seconds:.0f} s; see its lines above",
    "process.ended": "{names} ended ({detail}); it starts again in {seconds:.0f} s",
    "process.crash_loop": "{names} does not come up ({detail}): everything is stopped",
    "step.failed": "{names} could not be published: {detail}",
    "process.stopped": "{names} has stopped ({detail})",
    "process.late": "{names} did not stop within {seconds:.0f} s: killed",
    "wave.stopping": "stopping {names}",
    "all.stopping": "stopping everything in order; Ctrl-C again kills",
    "all.killed": "killing {names}",
    "note": "{detail}",
}


def _clock(found: Mapping[str, Any]) -> str:
    """Hours to milliseconds of an ISO timestamp."""
    return str(found.get("timestamp", ""))[11:23]


def _value(value: Any) -> str:
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False) if " " in value or not value else value
    return json.dumps(value, ensure_ascii=False)
