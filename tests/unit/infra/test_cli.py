"""Laws of the command: what a user can set right is one line and exit code 1; wrong usage is 2; never a traceback."""

import os
import signal
import socket
import subprocess
import sys
import threading
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
        (("worker", "rooting"), 2, "stage 'rooting', expected one of validation"),
        (("topics", "apply", "--profile", "desktop"), 2, "'desktop' is not one of 'laptop', 'cluster', 'production'"),
        (
            ("config", "apply", "x.yaml", "--reason", "r", "--profile", "desktop"),
            2,
            "'desktop' is not one of 'laptop', 'cluster', 'production'",
        ),
        (("config", "apply", "nowhere.yaml"), 2, "--reason"),
        (("config", "apply", "nowhere.yaml", "--reason", "r"), 1, "nowhere.yaml"),
        (("config", "apply", "infra/sandbox/rules.yaml", "--reason", "r"), 1, "start it: sluice simulator run"),
        (("schemas", "list"), 0, "UsageRecorded         1        1019  history"),
        (("schemas", "check"), 0, "each fits all others of its record"),
        (("schemas", "check", "--folder", "tests"), 1, "ids.yaml"),
        (("schemas", "register"), 2, "--registry"),
        (("schemas", "register", "--registry", "http://127.0.0.1:1", "-a", "acme"), 1, "does not answer GET"),
        (("schemas", "register", "--registry", "http://127.0.0.1:1", "-a", "ACME"), 1, "name 'ACME'"),
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


@pytest.mark.parametrize("arguments", [("worker", "routing"), ("sink", "run"), ("health", "run")], ids=" ".join)
def test_one_that_waits_for_kafka_says_so_and_leaves_nothing_when_it_is_told_to_end(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    with socket.socket() as taken:  # bound and not listening: nobody answers there
        taken.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        program = "import infra.kafka_client as c, infra.cli as i; c.TELL_EVERY_S = 0.0; i.main()"
        with subprocess.Popen(
            [sys.executable, "-c", program, *arguments, "--bootstrap", address],
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "SLUICE_HOME": str(tmp_path), "PYTHONPATH": str(ROOT)},
            cwd=ROOT,
        ) as waiting:
            killer = threading.Timer(45, waiting.kill)  # a bound: reading would hang with it
            killer.start()
            try:
                assert waiting.stderr is not None
                said = next((line for line in waiting.stderr if "waiting for" in line), "nothing")
                listed = len(list(tmp_path.glob("processes/*.json")))
                waiting.terminate()
                rest = waiting.stderr.read()
            finally:
                killer.cancel()
                waiting.kill()
    assert (said, listed) == (f"waiting for Kafka at {address}\n", 1)
    assert waiting.returncode == 128 + signal.SIGTERM, rest
    assert "Traceback" not in rest
    assert not list(tmp_path.glob("processes/*"))
