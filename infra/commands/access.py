"""`sluice access`: who may do what on Kafka, and by which password."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from infra.commands.context import Bootstrap, Home, home_of
from infra.commands.output import AsJson, show_json, show_rows
from infra.errors import UserError
from infra.kafka_client import client_of

if TYPE_CHECKING:
    from infra.access.apply import AccessChanges
    from pipeline.domain.rules import Rules
    from pipeline.kafka.client import Client


def add_to(app: typer.Typer) -> None:
    """Hang these commands on the app."""
    access = typer.Typer(
        name="access", help="Who may do what on Kafka: principals, ACLs, quotas, passwords.",
        no_args_is_help=True, rich_markup_mode=None,
    )  # fmt: skip
    for command in (show, diff, apply, credentials):
        access.command()(command)
    app.add_typer(access)


def show(
    principal: Annotated[str, typer.Argument(help="account.<id> or sluice.<part>; none: all of them.")] = "",
    home: Home = None,
    bootstrap: Bootstrap = None,
    as_json: AsJson = False,
) -> None:
    """Show what each principal may do, by the rules in force and the catalogue of topics."""
    from infra.access.derive import access_of, by_principal
    from pipeline.events.schema_store import default_store

    access = access_of(default_store().topics(), _rules(client_of(home_of(home), bootstrap)))
    chosen = [each for each in access.principals if principal in ("", each)]
    if not chosen:
        raise UserError(f"principal {principal!r}, expected one of {', '.join(access.principals)}")
    rights = by_principal(access)
    rows = [
        {"principal": each, "may": acl.operation.value, "what": acl.place} for each in chosen for acl in rights[each]
    ]
    for quota in sorted(access.quotas):
        for may, rate in (("produce", quota.produce_bytes_per_s), ("consume", quota.consume_bytes_per_s)):
            if quota.principal in chosen:
                rows.append({"principal": quota.principal, "may": may, "what": f"{rate} octets a second"})
    show_rows(rows, ("principal", "may", "what"), as_json=as_json)


def diff(home: Home = None, bootstrap: Bootstrap = None, as_json: AsJson = False) -> None:
    """Show what `access apply` would change; changes nothing."""
    from infra.access.apply import access_changes
    from pipeline.events.schema_store import default_store

    client = client_of(home_of(home), bootstrap)
    _tell(access_changes(client, default_store().topics(), _rules(client)), "differ", as_json)


def apply(home: Home = None, bootstrap: Bootstrap = None, as_json: AsJson = False) -> None:
    """Make the rights of the cluster those of the rules in force; `config apply` does it too."""
    from infra.access.apply import apply_access
    from pipeline.events.schema_store import default_store

    client = client_of(home_of(home), bootstrap)
    _tell(apply_access(client, default_store().topics(), _rules(client)), "were changed", as_json)


def credentials(
    principals: Annotated[
        list[str], typer.Argument(help="account.<id>, sluice.<part>; 'parts' is every part but the operator.")
    ],
    out: Annotated[
        Path | None, typer.Option("--out", help="The file to write; else <home>/clients/PRINCIPAL.properties.")
    ] = None,
    show_it: Annotated[bool, typer.Option("--print", help="Print the file, password and all, too.")] = False,
    home: Home = None,
    bootstrap: Bootstrap = None,
) -> None:
    """Give principals new passwords (the old ones end) and write their client files, for `kcat -F` and librdkafka.

    A part that is started in a home where its file stands goes by its own principal.
    """
    from infra.access.client_file import client_file_text, file_of
    from infra.access.credentials import make_credential, write_credential
    from infra.access.derive import access_of, part_principals
    from pipeline.events.schema_store import default_store

    place = home_of(home)
    client = client_of(place, bootstrap)
    known = access_of(default_store().topics(), _rules(client)).principals
    wanted = [each for name in principals for each in (part_principals() if name == "parts" else [name])]
    for principal in wanted:
        if principal not in known:
            raise UserError(f"principal {principal!r}, expected one of {', '.join(known)}, or parts")
        if client.get("sasl.username") == principal:
            raise UserError(f"{principal} is who you are here: its password would end while you use it")
    if out is not None and len(wanted) > 1:
        raise UserError(f"--out {out} is one file, for {len(wanted)} principals; leave it out")
    for principal in wanted:
        settings = make_credential(client, principal)
        file = (out or file_of(place, principal)).absolute()
        write_credential(file, settings)
        typer.echo(f"{principal} has a new password; it stands in {file} and nowhere else.")
        if show_it:
            typer.echo(client_file_text(settings), nl=False)


def _rules(client: "Client") -> "Rules":
    from infra.config.publish import read_published

    return read_published(client).rules


def _tell(changes: "AccessChanges", how: str, as_json: bool) -> None:
    if as_json:
        for line in changes.lines():
            show_json({"is_added": line.startswith("+"), "what": line[2:]})
        return
    for line in changes.lines():
        typer.echo(f"  {line}")
    typer.echo(changes.summary(how))
