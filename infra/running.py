"""Which processes of one home run: `.sluice/processes/<name>.json`, written by each, read by the demo and `down`.

A file outlives a killed process and the system gives its pid out again, so the file also holds when the process
began: a pid that began at another moment is somebody else's.
"""

import json
import os
import signal
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

FOLDER = "processes"
CHILD = "SLUICE_CHILD"
"""Set in the environment of processes that one command starts side by side: these wait for each other."""

_PROC = Path("/proc/self/stat")
_MODULES = frozenset(
    ("-m", module) for module in ("infra.cli", "infra.embedded", "infra.registry", "connectors.simulator")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """One registered process. `is_ready`: it works; `command` starts such a one by hand; `birth`: see `birth_of`;
    `metrics`: host:port of its GET /metrics, '' for none.
    """

    name: str
    pid: int
    birth: str
    command: tuple[str, ...]
    started_at: str
    is_ready: bool
    metrics: str = ""


class Terminated(SystemExit):
    """SIGTERM came before the process had a handler of its own: end, and clean up on the way."""

    def __init__(self) -> None:
        super().__init__(128 + signal.SIGTERM)


class Registration:
    """This process's entry; `ready()` says that it does its work now."""

    def __init__(self, folder: Path, name: str, command: Sequence[str]) -> None:
        self.name = name
        self._path = _free_path(folder, name)
        self._content: dict[str, Any] = {
            "name": name,
            "pid": os.getpid(),
            "birth": birth_of(os.getpid()),
            "command": list(command),
            "started_at": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "is_ready": False,
        }
        self._write()

    def ready(self) -> None:
        """Say that this process does its work."""
        self._content["is_ready"] = True
        self._write()

    def serves_metrics(self, address: str) -> None:
        """Say where this process serves its metrics (host:port)."""
        self._content["metrics"] = address
        self._write()

    def remove(self) -> None:
        """Take the entry back, unless a successor has written its own over it."""
        found = _read(self._path)
        if found is not None and found.pid == os.getpid():
            self._path.unlink(missing_ok=True)

    def _write(self) -> None:
        draft = self._path.with_suffix(f".{os.getpid()}.draft")
        draft.write_text(json.dumps(self._content, indent=2) + "\n", "utf-8")
        draft.replace(self._path)


@contextmanager
def registered(home: Path, name: str, command: Sequence[str]) -> Iterator[Registration]:
    """Be listed as `name` while the body runs. A second living process of that name is listed as name-2.

    Until the body sets a handler of its own, SIGTERM raises Terminated in it.
    """
    folder = home / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    with _sigterm_raises():
        registration = Registration(folder, name, command)
        try:
            yield registration
        finally:
            registration.remove()


@contextmanager
def _sigterm_raises() -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():  # only the main thread may set handlers
        yield
        return
    before = signal.signal(signal.SIGTERM, _terminated)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _terminated(*_: object) -> None:
    raise Terminated


def read_running(home: Path) -> dict[str, Running]:
    """All registered processes that live, by name (the name of the file: routing, routing-2)."""
    found = {path.stem: _read(path) for path in sorted((home / FOLDER).glob("*.json"))}
    return {name: each for name, each in found.items() if each is not None and lives(each.pid, each.birth)}


def birth_of(pid: int) -> str:
    """When the living process of this pid began, as the system says it; '' if there is none, or only a zombie.

    Clock ticks since the machine's start where there is /proc (proc(5), stat field 22), else what `ps` prints.
    """
    if _PROC.exists():
        try:
            stat = Path(f"/proc/{pid}/stat").read_text("utf-8", errors="replace")
        except (FileNotFoundError, ProcessLookupError):
            return ""
        fields = stat.rpartition(")")[2].split()  # from field 3 on: the name before it may hold anything
        state, birth = fields[0], fields[19]
    else:
        state, _, birth = _ps(pid, "-o", "state=", "-o", "lstart=").partition(" ")
    return "" if state.startswith("Z") else birth.strip()


def lives(pid: int, birth: str) -> bool:
    """Whether this pid is still the process that began then (`birth_of`)."""
    return birth != "" and birth_of(pid) == birth


def is_alive(pid: int) -> bool:
    """Whether the pid of an endpoint, whose beginning nobody wrote down, is a living process of Sluice."""
    return birth_of(pid) != "" and is_sluice(_arguments(pid))


def is_sluice(arguments: Sequence[str]) -> bool:
    """Whether this command line runs Sluice: the program `sluice`, as a script of Python too, or a module of it."""
    programs = [Path(word).name for word in arguments[:1]]
    if programs and programs[0].lower().startswith("python"):
        programs += [Path(word).name for word in arguments[1:] if not word.startswith("-")][:1]
    return "sluice" in programs or any(pair in _MODULES for pair in pairwise(arguments))


def _arguments(pid: int) -> list[str]:
    if _PROC.exists():
        try:
            line = Path(f"/proc/{pid}/cmdline").read_bytes()
        except (FileNotFoundError, ProcessLookupError):
            return []
        return line.decode("utf-8", "replace").split("\0")
    return _ps(pid, "-o", "command=").split()


def _ps(pid: int, *columns: str) -> str:
    command = ["ps", *columns, "-p", str(pid)]
    environment = {**os.environ, "LC_ALL": "C", "TZ": "UTC"}
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False).stdout.strip()


def _free_path(folder: Path, name: str) -> Path:
    number = 1
    while True:
        path = folder / (f"{name}.json" if number == 1 else f"{name}-{number}.json")
        found = _read(path)
        if found is None or found.pid == os.getpid() or not lives(found.pid, found.birth):
            return path
        number += 1


def _read(path: Path) -> Running | None:
    try:
        content = json.loads(path.read_text("utf-8"))
        return Running(
            name=str(content["name"]),
            pid=int(content["pid"]),
            birth=str(content["birth"]),
            command=tuple(map(str, content["command"])),
            started_at=str(content["started_at"]),
            is_ready=bool(content["is_ready"]),
            metrics=str(content.get("metrics", "")),
        )
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None
