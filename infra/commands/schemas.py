"""Schemas: list, check, register."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from infra.commands.context import UserError
from infra.commands.output import AsJson, show_rows

if TYPE_CHECKING:
    from pipeline.events.schema_store import SchemaStore

Folder = Annotated[
    Path | None,
    typer.Option("--folder", help="Another schemas folder than this installation's.", file_okay=False, exists=True),
]


def add_to(app: typer.Typer) -> None:
    """Hang these commands on the app."""
    group = typer.Typer(
        name="schemas", help="The wire contract and its versions.", no_args_is_help=True, rich_markup_mode=None
    )
    group.command("list")(list_)
    group.command("check")(check)
    app.add_typer(group)


def list_(folder: Folder = None, as_json: AsJson = False) -> None:
    """Every version of every record, with the id that its values carry."""
    store = _store(folder)
    rows = [
        {
            "record": entry.record,
            "version": entry.version,
            "id": entry.id,
            "state": "current" if entry is store.newest(entry.record) else "history",
            "fingerprint": entry.fingerprint,
        }
        for record in store.records()
        for entry in store.versions(record)
    ]
    show_rows(rows, ("record", "version", "id", "state"), as_json=as_json)


def check(folder: Folder = None, as_json: AsJson = False) -> None:
    """Whether every record's newest version reads, and is read by, all its others (FULL_TRANSITIVE), and whether
    everything published is as it was. Faults are listed; exit code 1 if there are any.
    """
    from dataclasses import asdict

    from infra.schemas.history import faults

    store = _store(folder)
    found = faults(store)
    if as_json:
        show_rows([asdict(fault) for fault in found], (), as_json=True)
    else:
        for fault in found:
            typer.echo(str(fault))
        size = f"{len(store.records())} records in {len(store.entries())} versions"
        typer.echo(f"{size}: {len(found)} faults" if found else f"{size}: each fits all others of its record")
    raise typer.Exit(1 if found else 0)


def _store(folder: Path | None) -> "SchemaStore":
    from pipeline.events.schema_store import SCHEMAS, SchemaStore

    try:
        return SchemaStore(folder or SCHEMAS)
    except (ValueError, KeyError) as error:
        raise UserError(f"{folder or SCHEMAS}: {error}") from error
