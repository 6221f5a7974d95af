"""Laws of the supervisor's record: one at a time, and what a killed one leaves is found again by pid and birth."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.running import birth_of
from infra.supervisor.record import FILE_NAME, Kept, SupervisorRuns, only_one, orphans, read_record, write_record


@pytest.fixture
def child() -> Iterator[subprocess.Popen[bytes]]:
    """A living process; it ends when its stdin does."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        try:
            yield process
        finally:
            process.kill()


def die(home: Path) -> None:
    """Let the record be of a supervisor that is gone."""
    content = json.loads((home / FILE_NAME).read_text())
    (home / FILE_NAME).write_text(json.dumps({**content, "birth": "at another time"}))


def test_what_is_written_is_read(tmp_path: Path) -> None:
    members = {"sink": Kept(phase="waiting", restarts=2, waits_for=("kafka", "rules"), detail="exit code 1")}
    write_record(tmp_path, members)
    record = read_record(tmp_path)
    assert record is not None
    assert (record.members, record.pid, record.is_alive) == (members, os.getpid(), True)


def test_living_children_of_a_dead_supervisor_are_orphans(tmp_path: Path, child: subprocess.Popen[bytes]) -> None:
    birth = birth_of(child.pid)
    members = {
        "sink": Kept(phase="ready", pid=child.pid, birth=birth),
        "gone": Kept(phase="ready", pid=child.pid, birth="1"),
        "by-hand": Kept(phase="ready", pid=child.pid, birth=birth, is_ours=False),
    }
    write_record(tmp_path, members)
    assert orphans(tmp_path) == {}, "their supervisor lives"
    die(tmp_path)
    assert orphans(tmp_path).keys() == {"sink"}


@pytest.mark.parametrize("content", ["", "{", "[]", '{"pid": 1}', '{"pid": 1, "birth": "1", "members": {"a": {}}}'])
def test_a_record_that_cannot_be_read_is_none(tmp_path: Path, content: str) -> None:
    (tmp_path / FILE_NAME).write_text(content)
    assert read_record(tmp_path) is None
    assert orphans(tmp_path) == {}


def test_only_one_supervises_a_home(tmp_path: Path) -> None:
    with only_one(tmp_path), pytest.raises(SupervisorRuns, match="sluice down"), only_one(tmp_path):
        pass
    with only_one(tmp_path):
        pass
