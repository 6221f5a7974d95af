"""Keys - list, rotate, destroy, and the keeper."""

import sys
from typing import Annotated

import typer

from infra.commands.context import Bootstrap, Home, home_of, log_to_stderr
from infra.commands.output import AsJson, show_json, show_rows
from infra.commands.run import MetricsPort
from infra.errors import UserError
from infra.kafka_client import await_client, client_of, wait_for_rules

COLUMNS = ("owner", "day", "kek", "made_at", "destroyed_at", "destroyed_by", "reason")
Reason = Annotated[str, typer.Option("--reason", help="Why; kept on sms.audit.")]


def add_to(app: typer.Typer) -> None:
    """Hang these commands on the app."""
    keys = typer.Typer(
        name="keys", help="Keys: list, rotate, destroy, and the keeper.", no_args_is_help=True, rich_markup_mode=None
    )
    keys.command("list")(list_keys)
    keys.command("rotate")(rotate)
    keys.command("destroy")(destroy)
    keys.command("run")(run)
    app.add_typer(keys)


def list_keys(
    account: Annotated[str, typer.Option("--account", help="Only of this account, or platform.")] = "",
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """List the keys of the home: whose, of which day, wrapped by which key-encryption key. Never the keys."""
    from infra.key_destruction import entries_of
    from pipeline.keys.vault import KeyVault

    place = home_of(home)
    entries = entries_of(KeyVault(place / "keys", may_create=False), account)
    rows = [
        {
            "owner": each.owner or "recipient ids",
            "day": each.day or each.name.rpartition("/")[2],
            "kek": each.kek_id,
            "made_at": each.made_at and each.made_at.isoformat(timespec="seconds"),
            "destroyed_at": each.tombstone and each.tombstone.at,
            "destroyed_by": each.tombstone and each.tombstone.by,
            "reason": each.tombstone and each.tombstone.reason,
        }
        for each in entries
    ]
    show_rows(rows, COLUMNS, as_json=as_json, if_none=f"No keys under {place / 'keys'}.")


def rotate(
    reason: Reason = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")] = False,
    recipients: Annotated[
        bool, typer.Option("--recipients", help="Refused: recipient ids change by another procedure.")
    ] = False,
    home: Home = None,
    bootstrap: Bootstrap = None,
    as_json: AsJson = False,
) -> None:
    """Wrap every key by a new key-encryption key (or by the one that SLUICE_KEK names now), while all runs."""
    from infra.operator import audit
    from pipeline.keys import rotation
    from pipeline.keys.vault import KeyVault

    if recipients:
        raise UserError(
            "a new key of recipient ids makes new ids: drain and re-key into new topics; see infra/README.md, Keys"
        )
    vault = KeyVault(home_of(home) / "keys")
    plan = rotation.plan_rotation(vault)
    target = "a new key-encryption key" if plan.makes_kek else plan.kek_id
    if dry_run:
        _tell(
            {"target": target, "to_wrap": list(plan.names), "unreadable": list(plan.unreadable)},
            f"Would wrap {len(plan.names)} keys by {target}.",
            as_json,
        )
        return
    client = client_of(home_of(home), bootstrap)
    audit(client, "key.rotate", plan.kek_id, reason=reason, detail=f"{len(plan.names)} keys by {target}")
    done = rotation.rotate(vault)
    _tell(
        {
            "kek": done.kek_id,
            "wrapped": list(done.rewrapped),
            "removed": done.removed,
            "kept": done.kept,
            "unreadable": done.unreadable,
        },
        f"{len(done.rewrapped)} keys are wrapped by {done.kek_id} now."
        + "".join(f"\nShredded: {path}" for path in done.removed)
        + "".join(f"\nKept: {path}, which other homes may need; it is yours to remove" for path in done.kept),
        as_json,
    )
    if done.unreadable:
        raise UserError(
            f"{len(done.unreadable)} keys could not be read and stay as they are, and so do the older key-encryption "
            f"keys: {', '.join(done.unreadable)}; restore them, or destroy them (sluice keys destroy), and rotate again"
        )


def destroy(
    account: Annotated[str, typer.Option("--account", help="Whose keys: an account, or platform.")],
    before: Annotated[str, typer.Option("--before", help="Keys of days before this one, YYYY-MM-DD.")],
    reason: Reason,
    is_confirmed: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    is_forced: Annotated[
        bool, typer.Option("--force", help="Also keys that messages on their way may need: these fail then.")
    ] = False,
    home: Home = None,
    bootstrap: Bootstrap = None,
    as_json: AsJson = False,
) -> None:
    """Destroy data keys: what they sealed can never be read again. Leaves a tombstone; audited before it is done."""
    from datetime import UTC, date, datetime

    from infra.key_destruction import chosen, destroy_keys, entries_of, require_old_enough
    from pipeline.keys.vault import KeyVault

    try:
        day = date.fromisoformat(before)
    except ValueError:
        raise typer.BadParameter(f"--before {before!r}, expected YYYY-MM-DD") from None
    if not reason.strip():
        raise typer.BadParameter("--reason is empty, expected why these keys go")
    now = datetime.now(UTC)
    require_old_enough(day, now.date(), is_forced=is_forced)
    vault = KeyVault(home_of(home) / "keys", may_create=False)
    entries = chosen(entries_of(vault, account), account, day)
    if not entries:
        _tell({"destroyed": []}, f"Nothing to do: {account} has no keys of days before {day}.", as_json)
        return
    words = f"{len(entries)} keys of {account}, {entries[0].day} to {entries[-1].day}"
    if not is_confirmed:
        typer.confirm(f"Destroy {words}? What they sealed can never be read again.", abort=True, err=True)
    gone = destroy_keys(vault, client_of(home_of(home), bootstrap), entries, reason=reason.strip(), now=now)
    _tell({"destroyed": [each.name for each in gone]}, f"Destroyed: {words}.", as_json)


def run(
    days_ahead: Annotated[int, typer.Option("--days-ahead", min=0, max=30, help="How many days ahead of today.")] = 2,
    keep_days: Annotated[
        int, typer.Option("--keep-days", min=0, help="Warn about keys older than so many days; 0: never.")
    ] = 0,
    home: Home = None,
    bootstrap: Bootstrap = None,
    metrics_port: MetricsPort = "0",
) -> None:
    """Run the keeper, which makes the data keys of the next days for every account, until SIGTERM."""
    from infra.running import registered

    place = home_of(home)
    log_to_stderr()
    with registered(place, "keeper", sys.argv) as registration:
        from datetime import UTC, datetime

        from infra.keeper import KeeperSettings, run_keeper
        from infra.metrics_endpoint import observed
        from pipeline.keys.vault import KeyVault

        client = await_client(place, bootstrap, "keeper")
        wait_for_rules(client)
        settings = KeeperSettings(client=client, days_ahead=days_ahead, keep_days=keep_days)
        with observed(registration, metrics_port) as telemetry:
            run_keeper(
                KeyVault(place / "keys"), settings, lambda: datetime.now(UTC), ready=registration.ready,
                metrics=telemetry.metrics,
            )  # fmt: skip


def _tell(facts: dict[str, object], words: str, as_json: bool) -> None:
    if as_json:
        show_json(facts)
    else:
        typer.echo(words)
