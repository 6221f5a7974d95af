"""How commands show what they read: a table for people, or JSON (`--json`) for programs."""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any

import typer

AsJson = Annotated[bool, typer.Option("--json", help="For programs: JSON, one object a line.")]


def show_rows(rows: Iterable[Mapping[str, Any]], columns: Sequence[str], *, as_json: bool, if_none: str = "") -> None:
    """Rows as an aligned table of these columns, or each whole row as a line of JSON (no line for no row)."""
    if as_json:
        for row in rows:
            show_json(row)
        return
    cells = [[_cell(row.get(column)) for column in columns] for row in rows]
    if not cells:
        if if_none:
            typer.echo(if_none)
        return
    widths = [max(len(line[at]) for line in (columns, *cells)) for at in range(len(columns))]
    for line in (columns, *cells):
        typer.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def show_json(value: Any) -> None:
    """One value as one line of JSON; what JSON does not know (times, bytes) as text."""
    show_line(json.dumps(value, ensure_ascii=False, default=_plain))


def show_line(text: str) -> None:
    """One line, at once: whoever follows a stream sees it as it comes."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, (list, tuple, dict)):
        return json.dumps(value, ensure_ascii=False, default=_plain)
    return _plain(value) if isinstance(value, bytes) else str(value)


def _plain(value: Any) -> str:
    return value.hex() if isinstance(value, bytes) else str(value)
