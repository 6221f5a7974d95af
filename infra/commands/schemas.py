"""Schemas: list, check, register."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from infra.commands.context import Bootstrap, Home, home_of
from infra.commands.output import AsJson, show_json, show_rows
from infra.errors import UserError
from infra.kafka_client import client_of

if TYPE_CHECKING:
    from pipeline.events.schema_store import SchemaStore
    from pipeline.kafka.client import Client

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
    group.command("register")(register)
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


def register(
    registry: Annotated[
        str, typer.Option("--registry", envvar="SLUICE_REGISTRY", help="The registry, as http(s)://host:port[/path].")
    ],
    user: Annotated[
        str,
        typer.Option(
            "--user", envvar="SLUICE_REGISTRY_USER", help="name:password, if it asks for one (better by environment)."
        ),
    ] = "",
    account: Annotated[
        list[str] | None, typer.Option("--account", "-a", help="Subjects of this account; else of the rules'.")
    ] = None,
    carrier: Annotated[
        list[str] | None, typer.Option("--carrier", "-c", help="Subjects of this carrier; else of the rules'.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what is lacking there, and write nothing.")] = False,
    folder: Folder = None,
    as_json: AsJson = False,
    home: Home = None,
    bootstrap: Bootstrap = None,
) -> None:
    """Every version of every record into a Confluent-compatible registry, under our ids; only what it lacks."""
    from infra.schemas.register import plan, subjects_of
    from infra.schemas.register import register as take
    from infra.schemas.remote import RemoteRegistry

    store = _store(folder)
    if account is None and carrier is None:
        account, carrier = _names_in_rules(client_of(home_of(home), bootstrap))
    try:
        subjects = subjects_of(store, accounts=account or (), carriers=carrier or ())
    except ValueError as error:
        raise UserError(str(error)) from error
    with RemoteRegistry(registry, user) as remote:
        steps = plan(remote, store, subjects)
        for step in steps if dry_run else take(remote, steps):
            if as_json:
                show_json({"subject": step.subject, "is_done": not dry_run, **step.facts})
            else:
                typer.echo(f"{step.subject}: {step.words}")
    if not as_json:
        done = "lacking" if dry_run else "done"
        typer.echo(
            f"{len(subjects)} subjects, {len(steps)} steps {done}."
            if steps
            else f"{len(subjects)} subjects: all there."
        )


def _names_in_rules(client: "Client") -> tuple[list[str], list[str]]:
    """Accounts that write to Kafka themselves, and carriers, of the rules in force."""
    from infra.config.publish import read_published

    rules = read_published(client).rules
    return [each.id for each in rules.accounts.values() if each.is_direct], list(rules.carriers)


def _store(folder: Path | None) -> "SchemaStore":
    from pipeline.events.schema_store import SCHEMAS, SchemaStore

    try:
        return SchemaStore(folder or SCHEMAS)
    except (ValueError, KeyError) as error:
        raise UserError(f"{folder or SCHEMAS}: {error}") from error
