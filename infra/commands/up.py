"""sluice up and sluice status."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from infra.commands.context import Bootstrap, Home, home_of, log_to_stderr
from infra.commands.output import AsJson

if TYPE_CHECKING:
    from infra.processes import Program


def add_to(app: typer.Typer) -> None:
    """Hang these commands on the app."""
    app.command("up")(up)
    app.command("status")(status)


def up(
    file: Annotated[
        Path | None,
        typer.Argument(
            help="A rules file to publish; else the sandbox's, and only if nothing was published yet.",
            metavar="[FILE]",
            show_default=False,
            exists=True,
            dir_okay=False,
        ),
    ] = None,
    only: Annotated[
        str, typer.Option("--only", help="Only these processes: names with commas.", show_default=False)
    ] = "",
    without: Annotated[
        str, typer.Option("--without", help="All but these processes: names with commas.", show_default=False)
    ] = "",
    as_json: AsJson = False,
    home: Home = None,
    bootstrap: Bootstrap = None,
) -> None:
    """Run everything, supervised, in this terminal, until Ctrl-C.

    Starts Kafka, the registry, the simulated carriers (for the sandbox's rules, or a file that says {smpp}), publishes
    the rules, then starts the stages, the connector, the sink and the health process, each once what it needs is ready.
    What ends unexpectedly is started again after 1 s, 2 s, 4 s ... 30 s; one that does not come up (5 ends within
    2 minutes) stops everything with exit code 1. What runs already is used, and left alone at the end. Ctrl-C or
    SIGTERM stops all in order, Kafka last; a second one kills. Logs: .sluice/logs/NAME.log.
    """
    from infra.supervisor.start import Wanted, supervise

    place = home_of(home)
    names = tuple(each.name for each in _chosen(only, without))
    wanted = Wanted(home=place, bootstrap=bootstrap or "", names=names, is_chosen=bool(only), file=file)
    raise typer.Exit(supervise(wanted, as_json=as_json))


def status(
    watch: Annotated[bool, typer.Option("--watch", help="Again every 2 s, until Ctrl-C.")] = False,
    serve: Annotated[
        int | None,
        typer.Option("--serve", help="Serve it on 127.0.0.1:PORT instead: GET /health, /ready.", min=1, max=65535),
    ] = None,
    as_json: AsJson = False,
    home: Home = None,
    bootstrap: Bootstrap = None,
) -> None:
    """Is all well? Processes, lag, carriers, rules, last errors, disk.

    Exit 0 if all is well, 1 if something is not: the first line says what. Each part is told by itself, so without
    Kafka you still see processes and disk. With --serve: GET /health answers 200 or 503 with what --json prints, GET
    /ready 200 once all processes are ready.
    """
    from infra.status.page import show_status, watch_status

    place = home_of(home)
    if serve is not None:
        _serve(place, bootstrap, serve)
    elif watch:
        watch_status(place, bootstrap, as_json=as_json)
    else:
        raise typer.Exit(show_status(place, bootstrap, as_json=as_json))


def _serve(home: Path, bootstrap: str | None, port: int) -> None:
    import asyncio
    import signal
    import sys

    from infra.running import registered
    from infra.status.server import serve_status

    asked: list[int] = []
    log_to_stderr()
    with registered(home, "status", sys.argv) as registration:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: asked.append(1))
        asyncio.run(serve_status(home, bootstrap, port, lambda: bool(asked), registration.ready))


def _chosen(only: str, without: str) -> "Sequence[Program]":
    """The programs that the options name. Raises BadParameter for a name that none has."""
    from infra.processes import PROGRAMS

    known = [each.name for each in PROGRAMS]
    for option, given in (("--only", only), ("--without", without)):
        for name in _names(given):
            if name not in known:
                raise typer.BadParameter(f"{option} {name!r}, expected some of {', '.join(known)}")
    wanted, unwanted = _names(only) or known, _names(without)
    chosen = [each for each in PROGRAMS if each.name in wanted and each.name not in unwanted]
    if not chosen:
        raise typer.BadParameter("--only and --without leave no process to run")
    return chosen


def _names(given: str) -> list[str]:
    return [name.strip() for name in given.split(",") if name.strip()]
