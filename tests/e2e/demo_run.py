"""One `sluice demo` as a person runs it: in a home of its own, its output read as it comes, its processes killed."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

ROOT = Path(__file__).resolve().parents[2]
TIMEOUT_S = 240.0
POLL_S = 0.05


class DemoRun:
    """`with DemoRun(home) as demo`: started at once, and nothing of it is left at the end."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.report_path = home.with_name(f"{home.name}-report.json")
        self.lines: list[str] = []
        self._by_hand: list[subprocess.Popen[bytes]] = []
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("SLUICE_BOOT")},
            "SLUICE_HOME": str(home),
            "PYTHONPATH": str(ROOT),
            "PYTHONUNBUFFERED": "1",
        }

    def __enter__(self) -> Self:
        self._demo = subprocess.Popen(
            [sys.executable, "-m", "infra.cli", "demo", "--report", str(self.report_path)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=self._environment,
            cwd=ROOT,
        )
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._demo.poll() is None:
            self._demo.send_signal(signal.SIGINT)
        self._demo.wait(TIMEOUT_S)
        self._reader.join(TIMEOUT_S)
        for process in self._by_hand:
            if process.poll() is None:
                process.kill()
            process.wait()

    @property
    def output(self) -> str:
        return "".join(self.lines)

    def wait_for(self, words: str) -> None:
        """Until a line holds these words. Raises AssertionError with the output when the demo ends before."""
        deadline = time.monotonic() + TIMEOUT_S
        while not any(words in line for line in self.lines):
            assert self._demo.poll() is None, f"the demo ended before {words!r}:\n{self.output}"
            assert time.monotonic() < deadline, f"no {words!r} in:\n{self.output}"
            time.sleep(POLL_S)

    def kill(self, name: str) -> None:
        """kill -9, at once."""
        entry = json.loads((self.home / "processes" / f"{name}.json").read_text("utf-8"))
        os.kill(entry["pid"], signal.SIGKILL)

    def start_by_hand(self, name: str) -> None:
        """Start it with the very command that the demo prints."""
        self.wait_for(f"{name} was killed")
        place = next(index for index, line in enumerate(self.lines) if f"{name} was killed" in line)
        deadline = time.monotonic() + TIMEOUT_S
        while len(self.lines) <= place + 1 and time.monotonic() < deadline:
            time.sleep(POLL_S)
        _, _, command = self.lines[place + 1].partition(".venv/bin/sluice ")
        with (self.home / "logs" / f"{name}-by-hand.log").open("wb") as log:
            self._by_hand.append(
                subprocess.Popen(
                    [sys.executable, "-m", "infra.cli", *shlex.split(command)],
                    stdout=log,
                    stderr=log,
                    env=self._environment,
                    cwd=ROOT,
                )
            )

    def end(self) -> tuple[int, dict[str, Any]]:
        """Wait for its end: (exit code, its report)."""
        code = self._demo.wait(TIMEOUT_S)
        self._reader.join(TIMEOUT_S)
        report: dict[str, Any] = json.loads(self.report_path.read_text("utf-8")) if self.report_path.exists() else {}
        return code, report

    def _read(self) -> None:
        assert self._demo.stdout is not None
        for line in self._demo.stdout:
            self.lines.append(line)
