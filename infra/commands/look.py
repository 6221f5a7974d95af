"""Commands that only look: endpoints and SQL."""

import sys
from typing import Annotated

import typer

from infra.commands.context import Home, home_of


def add_to(app: typer.Typer) -> None:
    """Hang these commands on the app."""
    app.command("endpoints")(endpoints)
    app.command("query")(query)


def endpoints(
    home: Home = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, by name.")] = False,
    for_prometheus: Annotated[
        bool, typer.Option("--prometheus", help="Only who serves metrics, as Prometheus' file_sd reads it.")
    ] = False,
) -> None:
    """Print what listens where."""
    import json

    from infra.endpoints import read_endpoints
    from infra.running import read_running

    place = home_of(home)
    processes = read_running(place)
    if for_prometheus:
        from infra.metrics_endpoint import file_sd

        typer.echo(json.dumps(file_sd(processes.values()), indent=2))
        return
    found = read_endpoints(place)
    running = {name: each for name in sorted(found.by_name) if (each := found.find(name)) is not None}
    if as_json:
        metrics = {f"metrics/{name}": each.metrics for name, each in processes.items() if each.metrics}
        typer.echo(json.dumps({name: each.address for name, each in running.items()} | metrics, indent=2))
        return
    if not running:
        typer.echo(f"Nothing runs under {place}. Start all of it: sluice demo --keep")
        return
    for name, each in running.items():
        address = each.address if name in ("kafka", "smpp") else each.url
        typer.echo(f"{name:<10} {address:<28} pid {each.pid}")
    for name, process in processes.items():
        if process.metrics:
            typer.echo(f"{name:<10} {f'http://{process.metrics}/metrics':<28} pid {process.pid}")


def query(
    sql: Annotated[str, typer.Argument(help='Such as "SELECT * FROM messages LIMIT 5"; - reads it from stdin.')],
    output: Annotated[str, typer.Option("--format", help="Any output format of ClickHouse.")] = "PrettyCompact",
    home: Home = None,
) -> None:
    """Ask ClickHouse: the SQL front of the sink that runs here, or the server of SLUICE_CLICKHOUSE."""
    from infra.sql import ask_text

    text = sys.stdin.read() if sql == "-" else sql
    sys.stdout.write(ask_text(home_of(home), text, output))
