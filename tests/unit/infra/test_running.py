"""Laws of the list of processes: the living are listed, the dead are not, whatever files they left."""

import json
import os
from pathlib import Path

from infra.running import FOLDER, read_running, registered


def test_a_process_is_listed_while_it_runs_and_only_then(tmp_path: Path) -> None:
    with registered(tmp_path, "routing", ["sluice", "worker", "routing"]):
        found = json.loads((tmp_path / FOLDER / "routing.json").read_text())
        assert (found["pid"], found["is_ready"]) == (os.getpid(), False)
    assert not list((tmp_path / FOLDER).glob("*"))


def test_ready_is_said_in_the_file(tmp_path: Path) -> None:
    with registered(tmp_path, "routing", ["sluice"]) as registration:
        registration.ready()
        assert json.loads((tmp_path / FOLDER / "routing.json").read_text())["is_ready"] is True


def test_what_a_killed_process_left_is_not_listed(tmp_path: Path) -> None:
    (tmp_path / FOLDER).mkdir()
    entry = {"name": "sink", "pid": 2**22 + 1, "command": ["sluice"], "started_at": "", "is_ready": True}
    (tmp_path / FOLDER / "sink.json").write_text(json.dumps(entry))
    assert read_running(tmp_path) == {}


def test_a_file_that_cannot_be_read_is_nobody(tmp_path: Path) -> None:
    (tmp_path / FOLDER).mkdir()
    (tmp_path / FOLDER / "sink.json").write_text("{")
    assert read_running(tmp_path) == {}


def test_the_place_of_a_killed_process_is_taken_by_its_successor(tmp_path: Path) -> None:
    (tmp_path / FOLDER).mkdir()
    entry = {"name": "sink", "pid": 2**22 + 1, "command": ["sluice"], "started_at": "", "is_ready": True}
    (tmp_path / FOLDER / "sink.json").write_text(json.dumps(entry))
    with registered(tmp_path, "sink", ["sluice"]):
        assert json.loads((tmp_path / FOLDER / "sink.json").read_text())["pid"] == os.getpid()
