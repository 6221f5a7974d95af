"""Carriers: show, drain, open."""

from typing import Annotated

import typer

from infra.commands.context import Bootstrap, Home, home_of
from infra.commands.output import AsJson, show_rows
from infra.errors import UserError
from infra.kafka_client import client_of
from infra.operator import actor

Name = Annotated[str, typer.Argument(help="A carrier of the rules.", metavar="CARRIER")]
Reason = Annotated[str, typer.Option("--reason", help="Why; kept with the revision and shown with the carrier.")]

COLUMNS = ("carrier", "state", "binds", "rate_per_s", "tariff", "countries", "reason")


def add_to(app: typer.Typer) -> None:
    """Hang these commands on the app."""
    group = typer.Typer(name="carriers", help="Carriers.", no_args_is_help=True, rich_markup_mode=None)
    group.command("show")(show)
    group.command("drain")(drain)
    group.command("open")(open_)
    app.add_typer(group)


def show(
    carrier: Annotated[str, typer.Argument(help="One carrier; else all.", metavar="[CARRIER]")] = "",
    as_json: AsJson = False,
    home: Home = None,
    bootstrap: Bootstrap = None,
) -> None:
    """How the carriers of the rules stand: open or drained, bound or not, and why."""
    from infra.carriers import read_carriers

    rows = read_carriers(client_of(home_of(home), bootstrap))
    if carrier:
        rows = [row for row in rows if row["carrier"] == carrier]
        if not rows:
            raise UserError(f"carrier {carrier!r} is not in the rules; see: sluice carriers show")
    show_rows(rows, COLUMNS, as_json=as_json, if_none="The rules have no carrier.")


def drain(carrier: Name, reason: Reason, home: Home = None, bootstrap: Bootstrap = None) -> None:
    """Give this carrier nothing new from now on; what it was given already is sent. Undo: sluice carriers open."""
    from infra.carriers import set_drained

    applied = set_drained(client_of(home_of(home), bootstrap), carrier, actor(), reason, is_drained=True)
    typer.echo(f"{carrier} gets nothing new (revision {applied.revision}). Undo: sluice carriers open {carrier}")


def open_(carrier: Name, reason: Reason = "", home: Home = None, bootstrap: Bootstrap = None) -> None:
    """Let a drained carrier have messages again."""
    from infra.carriers import set_drained

    applied = set_drained(client_of(home_of(home), bootstrap), carrier, actor(), reason, is_drained=False)
    typer.echo(f"{carrier} is open (revision {applied.revision}).")
