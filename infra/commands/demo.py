"""`sluice demo` and `sluice down`."""

from pathlib import Path
from typing import Annotated

import typer

from infra.commands.context import Bootstrap, Home, home_of


def add_to(app: typer.Typer) -> None:
    """Hang these commands on the app."""
    app.command("demo")(demo)
    app.command("down")(down)


def demo(
    keep: Annotated[bool, typer.Option("--keep", help="Leave all running at the end.")] = False,
    scenario: Annotated[
        Path | None, typer.Option("--scenario", help="Else infra/demo/scenario.yaml.", show_default=False)
    ] = None,
    report: Annotated[
        Path | None, typer.Option("--report", help="Write outcomes and timings as JSON here.", show_default=False)
    ] = None,
    patience: Annotated[
        float, typer.Option("--patience", help="Seconds to wait for outcomes, after a death too.")
    ] = 60,
    home: Home = None,
    bootstrap: Bootstrap = None,
) -> None:
    """Start what is needed, send the scenario's messages, show their lives, check every outcome."""
    from infra.demo.run import DemoOptions, run_demo

    options = DemoOptions(
        home=home_of(home),
        bootstrap=bootstrap or "",
        is_kept=keep,
        scenario=scenario,
        report=report,
        patience_s=patience,
    )
    raise typer.Exit(run_demo(options))


def down(home: Home = None) -> None:
    """Stop everything that runs in the home."""
    from infra.processes import stop_all
    from infra.running import read_running

    place = home_of(home)
    stopped = stop_all(read_running(place))
    typer.echo(f"Stopped: {', '.join(stopped)}." if stopped else f"Nothing runs under {place}.")
