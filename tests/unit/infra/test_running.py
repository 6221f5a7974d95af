"""Laws of the list of processes: the living are listed, the dead are not, whatever files they left."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.processes import stop_all
from infra.running import FOLDER, Running, Terminated, birth_of, is_sluice, lives, read_running, registered

NOBODY = 2**22 + 1


@pytest.fixture
def stranger() -> Iterator[subprocess.Popen[bytes]]:
    """A living process that speaks of sluice and is none; it ends when its stdin does."""
    command = [sys.executable, "-c", "input()", "/home/someone/sluice/notes", "infra.cli"]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
        try:
            yield process
        finally:
            process.kill()


def leave(home: Path, *, pid: int, birth: str) -> None:
    """What a killed sink leaves behind."""
    (home / FOLDER).mkdir()
    entry = {"name": "sink", "pid": pid, "birth": birth, "command": ["sluice"], "started_at": "", "is_ready": True}
    (home / FOLDER / "sink.json").write_text(json.dumps(entry))


def test_a_process_is_listed_while_it_runs_and_only_then(tmp_path: Path) -> None:
    with registered(tmp_path, "routing", ["sluice", "worker", "routing"]):
        found = json.loads((tmp_path / FOLDER / "routing.json").read_text())
        assert (found["pid"], found["is_ready"]) == (os.getpid(), False)
        assert read_running(tmp_path).keys() == {"routing"}
    assert not list((tmp_path / FOLDER).glob("*"))


def test_sigterm_before_there_is_a_handler_takes_the_entry_back_too(tmp_path: Path) -> None:
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(Terminated), registered(tmp_path, "routing", ["sluice"]):
        signal.raise_signal(signal.SIGTERM)
    assert not list((tmp_path / FOLDER).glob("*"))
    assert signal.getsignal(signal.SIGTERM) is before


def test_ready_is_said_in_the_file(tmp_path: Path) -> None:
    with registered(tmp_path, "routing", ["sluice"]) as registration:
        registration.ready()
        assert json.loads((tmp_path / FOLDER / "routing.json").read_text())["is_ready"] is True


def test_what_a_killed_process_left_is_not_listed(tmp_path: Path) -> None:
    leave(tmp_path, pid=NOBODY, birth="1")
    assert read_running(tmp_path) == {}


def test_a_file_that_cannot_be_read_is_nobody(tmp_path: Path) -> None:
    (tmp_path / FOLDER).mkdir()
    (tmp_path / FOLDER / "sink.json").write_text("{")
    assert read_running(tmp_path) == {}


def test_the_place_of_a_killed_process_is_taken_by_its_successor(tmp_path: Path) -> None:
    leave(tmp_path, pid=NOBODY, birth="1")
    with registered(tmp_path, "sink", ["sluice"]):
        assert json.loads((tmp_path / FOLDER / "sink.json").read_text())["pid"] == os.getpid()


def test_a_pid_that_was_given_out_again_is_not_listed(tmp_path: Path, stranger: subprocess.Popen[bytes]) -> None:
    leave(tmp_path, pid=stranger.pid, birth="1")
    assert read_running(tmp_path) == {}
    with registered(tmp_path, "sink", ["sluice"]):
        assert [each.pid for each in read_running(tmp_path).values()] == [os.getpid()]


def test_a_pid_that_was_given_out_again_after_it_was_listed_is_not_stopped(stranger: subprocess.Popen[bytes]) -> None:
    stale = Running(name="sink", pid=stranger.pid, birth="1", command=(), started_at="", is_ready=True)
    stop_all({"sink": stale})
    assert lives(stranger.pid, birth_of(stranger.pid))


def test_an_ended_process_has_no_birth_even_before_its_parent_has_noticed(stranger: subprocess.Popen[bytes]) -> None:
    birth = birth_of(stranger.pid)
    stranger.kill()
    os.waitid(os.P_PID, stranger.pid, os.WEXITED | os.WNOWAIT)
    assert not lives(stranger.pid, birth)
    assert not lives(stranger.pid, "")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("/opt/.venv/bin/python3 /opt/.venv/bin/sluice sink run", True),
        ("/opt/.venv/bin/python3.11 -u /opt/.venv/bin/sluice sink run", True),
        ("/usr/local/bin/sluice down", True),
        ("python -m infra.cli kafka run", True),
        ("python -m connectors.simulator --settings x", True),
        ("vim /home/someone/sluice/x", False),
        ("less sluice", False),
        ("python work.py sluice", False),
        ("grep -r infra.cli .", False),
        ("python -m pytest infra.cli", False),
        ("", False),
    ],
)
def test_only_a_command_that_runs_sluice_is_sluice(line: str, expected: bool) -> None:
    assert is_sluice(line.split()) is expected
