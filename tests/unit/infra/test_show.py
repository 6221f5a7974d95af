"""Laws of what the demo prints: a command that it names works where it is read."""

import io
from pathlib import Path

import pytest
from rich.console import Console

from infra.demo.show import Show


def lines_for(home: Path) -> list[str]:
    out = io.StringIO()
    Show(Console(file=out, width=40)).how_to_go_on(home)
    return [line.strip() for line in out.getvalue().splitlines()]


def test_how_to_go_on_names_a_home_that_is_not_the_usual_one_and_quotes_it(tmp_path: Path) -> None:
    commands = [line for line in lines_for(tmp_path / "my home") if ".venv/bin/" in line or "make" in line]
    assert len(commands) == 5
    assert all(line.startswith(f"SLUICE_HOME='{tmp_path}/my home' ") for line in commands)


def test_how_to_go_on_in_the_usual_home_is_the_bare_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    lines = lines_for(tmp_path / ".sluice")
    assert not [line for line in lines if "SLUICE_HOME" in line]
    assert [line for line in lines if line.startswith(".venv/bin/sluice down")]
