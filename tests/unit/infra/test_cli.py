"""Laws of the command: what a user can set right is one line and exit code 1; wrong usage is 2; never a traceback."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


def sluice(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "SLUICE_HOME": str(home), "PYTHONPATH": str(ROOT)}
    environment.pop("SLUICE_BOOTSTRAP", None)
    command = [sys.executable, "-m", "infra.cli", *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=environment, cwd=ROOT, check=False, timeout=60)


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("--help",), 0, "demo"),
        (("endpoints",), 0, "Nothing runs under"),
        (("down",), 0, "Nothing runs under"),
        (("wrong",), 2, "wrong"),
        (("worker",), 2, "STAGE"),
        (("worker", "rooting"), 1, "stage 'rooting', expected one of validation"),
        (("config", "apply", "nowhere.yaml"), 1, "nowhere.yaml"),
        (("config", "apply", "infra/sandbox/rules.yaml"), 1, "start it: sluice simulator run"),
        (("query", "SELECT 1"), 1, "start it (`sluice sink run`)"),
        (("worker", "routing"), 1, "kafka was never started"),
        (("health", "run", "--bootstrap", "nonsense"), 1, "expected host:port"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_a_command_says_what_is_wrong_without_a_traceback(
    tmp_path: Path, arguments: tuple[str, ...], code: int, says: str
) -> None:
    finished = sluice(tmp_path, *arguments)
    output = finished.stdout + finished.stderr
    assert (finished.returncode, says in output) == (code, True), output
    assert "Traceback" not in output
    assert not list(tmp_path.glob("processes/*")), "a command that did not start is not listed"
