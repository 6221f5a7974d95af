"""What a terminal shows of logs, and which lines of a growing file come when."""

import json
from pathlib import Path

from infra.supervisor.lines import Painter, log_object, said, told_object
from infra.supervisor.policy import Tell
from infra.supervisor.tails import LogTail

LINE = json.dumps(
    {"carrier": "blue-tel", "why": "no answer", "count": 2, "event": "smpp.lost", "level": "warning"}
    | {"timestamp": "2026-11-22T19:50:37.338399Z"}
)


def test_a_log_line_is_one_readable_line() -> None:
    shown = Painter(is_coloured=False).log("connector", LINE)
    assert shown == 'connector  │ 19:50:37.338 warning: smpp.lost carrier=blue-tel why="no answer" count=2'


def test_what_is_no_json_is_shown_as_it_is() -> None:
    painter = Painter(is_coloured=False)
    for line in ("Traceback (most recent call last):", "{broken", "[1, 2]", '{"no": "event"}'):
        assert painter.log("sink", line) == f"sink       │ {line}"


def test_colours_are_only_for_who_wants_them_and_differ() -> None:
    painter = Painter(is_coloured=True)
    assert painter.log("sink", "x").split("sink")[0] != painter.log("kafka", "x").split("kafka")[0]
    assert "\x1b" not in Painter(is_coloured=False).log("sink", LINE)


def test_for_a_program_each_line_is_an_object_that_names_its_process() -> None:
    assert log_object("connector", LINE) == {"process": "connector", **json.loads(LINE)}
    assert log_object("sink", '{"event": "x", "process": "other"}') == {"event": "x", "process": "sink"}
    assert log_object("sink", "Traceback") == {"process": "sink", "line": "Traceback"}
    told = told_object(Tell("process.ended", ("sink",), "signal 9", 2.04), "now")
    assert told == {
        "process": "up", "event": "process.ended", "timestamp": "now", "names": ["sink"], "detail": "signal 9",
        "seconds": 2.0,
    }  # fmt: skip


def test_the_supervisor_speaks_in_words() -> None:
    assert said(Tell("process.ended", ("sink",), "signal 9", 2)) == "sink ended (signal 9); it starts again in 2 s"
    assert said(Tell("process.waiting", ("a", "b"), "kafka")) == "a, b wait for kafka"
    assert said(Tell("process.waiting", ("rules",), "kafka")) == "rules waits for kafka"


def test_a_tail_gives_whole_lines_once(tmp_path: Path) -> None:
    log = tmp_path / "sink.log"
    tail = LogTail(log)
    assert tail.lines() == []
    with log.open("w", buffering=1) as file:
        file.write("one\ntw")
        file.flush()
        assert tail.lines() == ["one"]
        file.write("o\n\nthree\n")
        assert tail.lines() == ["two", "three"]
    assert tail.lines() == []


def test_a_tail_from_the_end_leaves_out_what_was_there(tmp_path: Path) -> None:
    log = tmp_path / "sink.log"
    log.write_text("old\n")
    tail = LogTail(log, from_end=True)
    with log.open("a") as file:
        file.write("new\n")
    assert tail.lines() == ["new"]
