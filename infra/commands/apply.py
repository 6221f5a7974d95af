"""Commands that change what a cluster holds: rules."""

import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from infra.commands.context import Bootstrap, Home, UserError, client_of, home_of

if TYPE_CHECKING:
    from pipeline.domain.rules import Rules
    from pipeline.kafka.topics import Profile

RulesPath = Annotated[Path, typer.Argument(help="A rules file such as infra/sandbox/rules.yaml.", metavar="FILE")]
ProfileOption = Annotated[
    str, typer.Option("--profile", help="laptop or production: partitions and replication of topics.")
]


def add_to(app: typer.Typer) -> None:
    """Hang these commands on the app."""
    config = typer.Typer(name="config", help="Rules.", no_args_is_help=True, rich_markup_mode=None)
    config.callback()(_nothing)
    config.command("apply")(apply)
    app.add_typer(config)


def _nothing() -> None:
    """Makes typer keep the second word."""


def apply(
    file: RulesPath,
    reason: Annotated[str, typer.Option("--reason", help="Why; kept with the revision.")] = "",
    home: Home = None,
    bootstrap: Bootstrap = None,
    profile: ProfileOption = "laptop",
) -> None:
    """Check a rules file, make the topics that it needs, publish what changed as one revision."""
    from infra.config.publish import apply_rules

    wanted = _profile(profile)
    place = home_of(home)
    rules = _rules(file, place)
    applied = apply_rules(client_of(place, bootstrap), rules, author=getpass.getuser(), reason=reason, profile=wanted)
    if not applied.changes:
        typer.echo(f"Nothing to do: revision {applied.revision} (offset {applied.control_offset}) says all of {file}.")
        return
    for change in applied.changes:
        typer.echo(f"  {change}")
    typer.echo(f"Revision {applied.revision} is published at offset {applied.control_offset} of sms.control.")


def _rules(file: Path, home: Path) -> "Rules":
    """The rules in a file, with the address of the simulator that runs (or ran) in the home put in.

    Raises RulesInvalid, and UserError if the file speaks of a simulator and none was ever started here.
    """
    from infra.config.rules_file import load_rules
    from infra.endpoints import read_endpoints
    from infra.sandbox import SMPP_PLACEHOLDER

    smpp = read_endpoints(home).by_name.get("smpp")
    if smpp is not None:
        return load_rules(file, {SMPP_PLACEHOLDER: smpp.address})
    if SMPP_PLACEHOLDER.encode() in file.read_bytes():
        raise UserError(
            f"{file}: {SMPP_PLACEHOLDER} stands for the simulator's address, and none was started under {home}; "
            "start it: sluice simulator run"
        )
    return load_rules(file)


def _profile(given: str) -> "Profile":
    profiles: tuple[Profile, ...] = ("laptop", "production")
    for profile in profiles:
        if given == profile:
            return profile
    raise typer.BadParameter(f"--profile {given!r}, expected laptop or production")
