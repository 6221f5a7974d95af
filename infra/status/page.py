"""Printing the status: once, or again and again."""

import contextlib
import sys
import time
from pathlib import Path

import typer

from infra.commands.output import show_json
from infra.status.look import Look
from infra.status.show import as_object, page
from infra.status.verdict import verdict

WATCH_S = 2.0
CLEAR = "\x1b[H\x1b[2J"


def show_status(home: Path, bootstrap: str | None, *, as_json: bool) -> int:
    """Look and print once; 0 if all is well, else 1."""
    return _show(Look(home, bootstrap), as_json=as_json)


def watch_status(home: Path, bootstrap: str | None, *, as_json: bool) -> None:
    """Look and print until Ctrl-C, which is a good end; on a terminal in one place."""
    look = Look(home, bootstrap)
    lead = CLEAR if sys.stdout.isatty() and not as_json else ""
    with contextlib.suppress(KeyboardInterrupt):
        while True:
            _show(look, as_json=as_json, lead=lead)
            time.sleep(WATCH_S)


def _show(look: Look, *, as_json: bool, lead: str = "") -> int:
    facts = look.facts()
    problems = verdict(facts)
    if as_json:
        show_json(as_object(facts, problems))
    else:
        typer.echo(lead + page(facts, problems))
    return 1 if problems else 0
