"""`sluice up` as a program that a test starts, and the commands that a person types beside it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
TIMEOUT_S = 120.0
POLL_S = 0.05


class UpRun:
    """One `sluice up --json` of the code in `root`; `told` are the objects that it has printed."""

    def __init__(self, home: Path, *arguments: str, root: Path = ROOT) -> None:
        self.home = home
        self.told: list[dict[str, Any]] = []
        self.process = subprocess.Popen(
            [sys.executable, "-m", "infra.cli", "up", "--json", *arguments],
            stdout=subprocess.PIPE,
            text=True,
            env=environment(home, root),
            cwd=root,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def wait_for(self, event: str, name: str = "", after: int = 0) -> dict[str, Any]:
        """The first such thing that the supervisor told, past the first `after` objects."""
        deadline = time.monotonic() + TIMEOUT_S
        while True:
            for each in self.told[after:]:
                if each["process"] == "up" and each.get("event") == event and name in each.get("names", [""]):
                    return each
            assert self.process.poll() is None, f"it ended before {event} {name}: {self.told[-30:]}"
            assert time.monotonic() < deadline, f"no {event} {name} in {self.told[-30:]}"
            time.sleep(POLL_S)

    def end(self) -> int:
        """Wait for its end; the exit code."""
        code = self.process.wait(TIMEOUT_S)
        self._reader.join(TIMEOUT_S)
        return code

    def stopped(self) -> list[str]:
        """Names in the order in which they stopped."""
        return [each["names"][0] for each in self.told if each.get("event") == "process.stopped"]

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.told.append(json.loads(line))


def environment(home: Path, root: Path = ROOT) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("SLUICE_")}
    return {**inherited, "SLUICE_HOME": str(home), "PYTHONPATH": str(root)}


def sluice(
    home: Path, *arguments: str, stdin: str | None = None, root: Path = ROOT
) -> subprocess.CompletedProcess[str]:
    """One command, to its end."""
    return subprocess.run(
        [sys.executable, "-m", "infra.cli", *arguments],
        capture_output=True,
        text=True,
        input=stdin,
        env=environment(home, root),
        cwd=root,
        check=False,
        timeout=TIMEOUT_S,
    )


@contextmanager
def up(home: Path, *arguments: str, root: Path = ROOT) -> Iterator[UpRun]:
    """Nothing of it is left at the end, whatever happens."""
    run = UpRun(home, *arguments, root=root)
    try:
        yield run
    finally:
        if run.process.poll() is None:
            sluice(home, "down", root=root)
        run.end()
