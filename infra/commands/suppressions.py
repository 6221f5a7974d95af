"""Suppressions: list, add, remove, import, export."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from infra.commands.context import Bootstrap, Home, home_of, opened
from infra.commands.output import AsJson, show_json, show_rows
from infra.kafka_client import client_of

Recipient = Annotated[str, typer.Argument(help="A phone number as +<country code>..., or a recipient id.")]
Account = Annotated[str, typer.Option("--account", "-a", help="Only messages of this account; * = of all.")]
Sender = Annotated[str, typer.Option("--sender", help="Only messages from this sender; * = from any.")]
Reason = Annotated[str, typer.Option("--reason", help="opt-out, complaint, invalid-number, legal, manual or import.")]
Otp = Annotated[bool, typer.Option("--otp", help="One-time passwords too, which are exempt otherwise.")]
Detail = Annotated[str, typer.Option("--detail", help="Why, in your words (a ticket); no personal data.")]

LIST_COLUMNS = ("recipient_id", "account_id", "sender", "reason", "includes_otp", "origin", "author", "since")


def add_to(app: typer.Typer) -> None:
    """Hang these commands on the app."""
    group = typer.Typer(
        name="suppressions", help="Who may not be written to.", no_args_is_help=True, rich_markup_mode=None
    )
    group.command("list")(list_)
    group.command("add")(add)
    group.command("remove")(remove)
    group.command("import")(import_)
    group.command("export")(export)
    app.add_typer(group)


def list_(
    recipient: Annotated[str, typer.Argument(help="A phone number or a recipient id; else all.")] = "",
    account: Annotated[
        str, typer.Option("--account", "-a", help="Those that stop this account, its own and all's.")
    ] = "",
    limit: Annotated[int, typer.Option("--limit", min=1, help="At most so many.")] = 1000,
    as_json: AsJson = False,
    home: Home = None,
) -> None:
    """What holds now, newest first (from ClickHouse)."""
    from infra.sql import ask
    from infra.submitting.recipients import ids_of
    from infra.suppressions import is_recipient_id

    place = home_of(home)
    ids = (recipient,) if not recipient or is_recipient_id(recipient) else ids_of(place, recipient)
    sql = (
        f"SELECT {', '.join((*LIST_COLUMNS, 'detail'))} FROM suppressions "
        "WHERE ({ids:String} = '' OR has(splitByChar(',', {ids:String}), recipient_id)) "
        "AND ({account:String} = '' OR account_id IN ({account:String}, '*')) "
        "ORDER BY since DESC, recipient_id LIMIT {limit:UInt32}"
    )
    rows = ask(place, sql, ids=",".join(ids), account=account, limit=limit)
    show_rows(rows, LIST_COLUMNS, as_json=as_json, if_none="Nobody is suppressed.")


def add(
    recipient: Recipient,
    account: Account = "*",
    sender: Sender = "*",
    reason: Reason = "manual",
    otp: Otp = False,
    detail: Detail = "",
    home: Home = None,
    bootstrap: Bootstrap = None,
) -> None:
    """Write to this phone no more; what is on its way is recalled. Repeating it changes nothing."""
    _change(home, bootstrap, recipient, account, sender, reason, otp, detail, is_suppressed=True)


def remove(
    recipient: Recipient,
    account: Account = "*",
    sender: Sender = "*",
    reason: Reason = "manual",
    detail: Detail = "",
    home: Home = None,
    bootstrap: Bootstrap = None,
) -> None:
    """Lift the ban of exactly this account and sender; what the phone itself said (STOP) only with --reason opt-out."""
    _change(home, bootstrap, recipient, account, sender, reason, False, detail, is_suppressed=False)


def import_(
    file: Annotated[
        Path, typer.Argument(help="CSV: recipient (or number), account, sender, reason, includes_otp, detail.")
    ],
    account: Account = "*",
    sender: Sender = "*",
    reason: Reason = "import",
    otp: Otp = False,
    detail: Detail = "",
    as_json: AsJson = False,
    home: Home = None,
    bootstrap: Bootstrap = None,
) -> None:
    """Suppress all of a file, after all of it was checked; options hold for rows that do not say it."""
    from infra.suppressions import Suppression, change, read_csv

    place = home_of(home)
    defaults = Suppression(recipient="", account=account, sender=sender, reason=reason, includes_otp=otp, detail=detail)
    with opened(file) as lines:
        wanted = read_csv(lines, defaults)
    count = change(place, client_of(place, bootstrap), wanted, is_suppressed=True) if wanted else 0
    if as_json:
        show_json({"rows": len(wanted), "written": count})
        return
    typer.echo(f"{len(wanted)} rows are suppressed ({count} records; those that were already, stay as they are).")


def export(
    file: Annotated[str, typer.Argument(help="Where to; - is stdout.", metavar="[FILE]")] = "-",
    home: Home = None,
) -> None:
    """What holds now as CSV with recipient ids, which `import` takes back. Numbers are not known here."""
    from infra.sql import ask_text
    from infra.suppressions import export_sql

    text = ask_text(home_of(home), export_sql(), "CSVWithNames")
    if file == "-":
        sys.stdout.write(text)
        return
    Path(file).write_text(text, "utf-8")
    typer.echo(f"{max(0, text.count(chr(10)) - 1)} suppressions are in {file}.")


def _change(
    home: Path | None,
    bootstrap: str | None,
    recipient: str,
    account: str,
    sender: str,
    reason: str,
    otp: bool,
    detail: str,
    *,
    is_suppressed: bool,
) -> None:
    from infra.suppressions import Suppression, change

    place = home_of(home)
    wanted = Suppression(
        recipient=recipient, account=account, sender=sender, reason=reason, includes_otp=otp, detail=detail
    )
    change(place, client_of(place, bootstrap), [wanted], is_suppressed=is_suppressed)
    whose = "any account" if account == "*" else account
    verb = "is written to no more" if is_suppressed else "may be written to again"
    typer.echo(f"The phone {verb} by {whose}, sender {sender}. See: sluice suppressions list")
