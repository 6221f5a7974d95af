"""Which processes of one home run: `.sluice/processes/<name>.json`, written by each, read by the demo and `down`.

A file outlives a killed process, so a reader asks the system whether the pid still lives and is still ours.
"""

import json
import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

FOLDER = "processes"
CHILD = "SLUICE_CHILD"
"""Set in the environment of processes that one command starts side by side: these wait for each other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """One registered process. `is_ready`: it does its work; `command` starts such a one by hand."""

    name: str
    pid: int
    command: tuple[str, ...]
    started_at: str
    is_ready: bool


class Registration:
    """This process's entry; `ready()` says that it does its work now."""

    def __init__(self, folder: Path, name: str, command: Sequence[str]) -> None:
        self.name = name
        self._path = _free_path(folder, name)
        self._content: dict[str, Any] = {
            "name": name,
            "pid": os.getpid(),
            "command": list(command),
            "started_at": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "is_ready": False,
        }
        self._write()

    def ready(self) -> None:
        """Say that this process does its work."""
        self._content["is_ready"] = True
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
    """Be listed as `name` while the body runs. A second living process of that name is listed as name-2."""
    folder = home / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    registration = Registration(folder, name, command)
    try:
        yield registration
    finally:
        registration.remove()


def read_running(home: Path) -> dict[str, Running]:
    """All registered processes that live, by name (the name of the file: routing, routing-2)."""
    found = {path.stem: _read(path) for path in sorted((home / FOLDER).glob("*.json"))}
    return {name: each for name, each in found.items() if each is not None and is_alive(each.pid)}


def is_alive(pid: int) -> bool:
    """Whether the pid is a living process that was started as `sluice` (a pid may have been given out again)."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return False
    return any(word in _command_line(pid) for word in ("sluice", "infra.cli"))


def _command_line(pid: int) -> str:
    if Path("/proc/self/cmdline").exists():
        try:
            status = Path(f"/proc/{pid}/stat").read_text("utf-8", errors="replace")
            line = Path(f"/proc/{pid}/cmdline").read_bytes()
        except (FileNotFoundError, ProcessLookupError):
            return ""
        if status.rpartition(")")[2].split()[0] == "Z":
            return ""
        return line.replace(b"\0", b" ").decode("utf-8", "replace")
    listed = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return listed.stdout


def _free_path(folder: Path, name: str) -> Path:
    number = 1
    while True:
        path = folder / (f"{name}.json" if number == 1 else f"{name}-{number}.json")
        found = _read(path)
        if found is None or found.pid == os.getpid() or not is_alive(found.pid):
            return path
        number += 1


def _read(path: Path) -> Running | None:
    try:
        content = json.loads(path.read_text("utf-8"))
        return Running(
            name=str(content["name"]),
            pid=int(content["pid"]),
            command=tuple(map(str, content["command"])),
            started_at=str(content["started_at"]),
            is_ready=bool(content["is_ready"]),
        )
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None
