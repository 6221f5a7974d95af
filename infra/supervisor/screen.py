"""Where `sluice up` writes: lines for a person, or one JSON object a line for a program."""

import contextlib
import json
import os
import sys
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from infra.endpoints import read_endpoints
from infra.processes import Children, Program
from infra.supervisor.lines import Painter, log_object, told_object
from infra.supervisor.policy import Tell

SHOWN_AS_ADDRESS = ("kafka", "smpp")


class Screen:
    """Standard output. Safe to use from several threads."""

    def __init__(self, home: Path, *, as_json: bool) -> None:
        self._home = home
        self._as_json = as_json
        self._began = time.monotonic()
        self._lock = threading.Lock()
        self._painter = Painter(is_coloured=sys.stdout.isatty() and not os.environ.get("NO_COLOR"))

    def log(self, name: str, line: str) -> None:
        """One line of a process's log."""
        if self._as_json:
            self._write_json(log_object(name, line))
        else:
            self._write(self._painter.log(name, line))

    def tell(self, tell: Tell) -> None:
        """What the supervisor does."""
        if self._as_json:
            self._write_json(told_object(tell, _now()))
        else:
            self._write(self._painter.told(tell))

    def note(self, words: str) -> None:
        """A fact in words."""
        self.tell(Tell("note", detail=words))

    def post_mortem(self, program: Program, children: Children) -> None:
        """Why one is given up: the end of its log, and what to look at."""
        last = children.last_lines(program.name)
        log = str(children.log_of(program.name))
        if self._as_json:
            self._write_json(
                {"process": "up", "event": "process.last_lines", "names": [program.name], "log": log, "lines": last}
            )
            return
        self._write(f"\nThe end of {log} (the life before: {log}.1):\n{last}")
        self._write(f"Try it alone: SLUICE_HOME={self._home} {program.by_hand}\n")

    def summary(self, names: Sequence[str]) -> None:
        """Once all is ready: what listens where, how long it took, what to try."""
        took_s = time.monotonic() - self._began
        found = read_endpoints(self._home)
        listening = {name: each for name in sorted(found.by_name) if (each := found.find(name)) is not None}
        if self._as_json:
            addresses = {name: each.address for name, each in listening.items()}
            facts = {"process": "up", "event": "up.ready", "timestamp": _now(), "seconds": round(took_s, 1)}
            self._write_json({**facts, "processes": list(names), "endpoints": addresses})
            return
        where = [
            f"    {name:<10} {each.address if name in SHOWN_AS_ADDRESS else each.url}"
            for name, each in listening.items()
        ]
        self._write(
            "\n".join(["", f"{len(names)} processes run after {took_s:.1f} s under {self._home}", *where, *_NEXT])
        )

    def _write_json(self, value: dict[str, Any]) -> None:
        self._write(json.dumps(value, ensure_ascii=False))

    def _write(self, text: str) -> None:
        with self._lock, contextlib.suppress(OSError):  # who reads may have gone; that stops nothing here
            sys.stdout.write(f"{text}\n")
            sys.stdout.flush()


_NEXT = (
    "",
    "In another terminal:",
    "    sluice status                 is all well? lag, binds, errors, disk",
    "    sluice demo                   the scenario of messages, on what runs here",
    '    sluice query "SELECT status, count() FROM messages GROUP BY status"',
    "Ctrl-C stops everything in order.",
    "",
)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
