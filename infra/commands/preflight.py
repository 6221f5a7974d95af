"""`sluice preflight`: what would become of messages, without sending any."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from infra.commands import message_options as options
from infra.commands.context import Bootstrap, Home, home_of, moment, opened
from infra.commands.output import AsJson, show_line, show_rows
from infra.kafka_client import client_of

if TYPE_CHECKING:
    from infra.preflight.basis import Basis
    from infra.preflight.foreseen import Foreseen
    from infra.preflight.totals import Summary
    from infra.submitting.rows import RowInvalid
    from pipeline.events.records import SubmitMessage


def add_to(app: typer.Typer) -> None:
    """Hang this command on the app."""
    app.command("preflight")(preflight)


def preflight(
    account: options.Account,
    to: options.To = "",
    text: options.Text = "",
    message_class: options.Class = "",
    sender: options.Sender = "",
    template: options.Template = "",
    param: options.Param = None,
    reference: options.Reference = "",
    fields: options.Field = None,
    json_lines: options.JsonLines = None,
    csv: options.Csv = None,
    rules: Annotated[
        Path | None,
        typer.Option(
            "--rules", help="A rules file to go by, with every carrier bound; needs no Kafka.", dir_okay=False
        ),
    ] = None,
    at: Annotated[
        str,
        typer.Option("--at", help="As of another time, such as 2026-12-01T00:00:00Z: dated prices, scheduled rules."),
    ] = "",
    codes: Annotated[bool, typer.Option("--codes", help="Show one-time codes in texts; else they are masked.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit code 1 also if a message would be rejected.")] = False,
    as_json: AsJson = False,
    home: Home = None,
    bootstrap: Bootstrap = None,
) -> None:
    """Say for one message (--to), or each of a file, what the agents would decide by the rules now in force.

    Nothing is sent or written. The stages themselves are asked, over an empty state: what only state can say
    (opt-outs, earlier idempotency keys, the account's rate) is named as not known. A row that is no message is told in
    its place, and the rest go on; exit code 1 if there was one. With --json the last line is the summary.
    """
    from infra.preflight.deciding import Preflight
    from infra.preflight.foreseen import NO_MESSAGE, REJECTED, no_message
    from infra.preflight.totals import Totals
    from infra.submitting.rows import RowInvalid

    given = options.given_fields(
        to=to, text=text, message_class=message_class, sender=sender, template_id=template, reference=reference,
        params=param, more=fields,
    )  # fmt: skip
    options.require_one_source(to, json_lines, csv)
    basis = _basis(rules, at, home, bootstrap)
    asked, totals = Preflight(basis, account, shows_codes=codes), Totals()
    for line, row in _rows(given, to, json_lines, csv):
        answer = no_message(line, str(row)) if isinstance(row, RowInvalid) else asked.foresee(line, row)
        totals.add(answer)
        _show(answer, is_alone=bool(to), as_json=as_json)
    _show_summary(totals.summary(account, basis), as_json=as_json)
    if totals.count(NO_MESSAGE) or (strict and totals.count(REJECTED)):
        raise typer.Exit(1)


def _basis(rules: Path | None, at: str, home: Path | None, bootstrap: str | None) -> "Basis":
    from infra.operator import now_us
    from infra.preflight.basis import basis_of_file, basis_of_log

    now, when = now_us(), moment(at, "--at")
    if rules is not None:
        return basis_of_file(rules, now=now, at=when)
    return basis_of_log(client_of(home_of(home), bootstrap), now=now, at=when)


def _rows(
    given: dict[str, Any], to: str, json_lines: Path | None, csv: Path | None
) -> "Iterator[tuple[int, SubmitMessage | RowInvalid]]":
    """Rows as they are read; those of the options alone if --to is given."""
    from infra.submitting.rows import message_of, rows_of_csv, rows_of_json

    if to:
        yield 1, message_of(given)
        return
    with opened(json_lines or csv, errors="surrogateescape") as lines:  # one bad row stops nobody
        yield from (rows_of_csv if csv is not None else rows_of_json)(lines, given)


def _show(answer: "Foreseen", *, is_alone: bool, as_json: bool) -> None:
    from infra.preflight.shown import in_a_line, in_full, json_line

    if as_json:
        show_line(json_line(answer))
        return
    for line in (in_full if is_alone else in_a_line)(answer):
        typer.echo(line)


def _show_summary(summary: "Summary", *, as_json: bool) -> None:
    from infra.preflight.shown import TOTAL_COLUMNS, sentences, summary_line, total_row

    if as_json:
        show_line(summary_line(summary))
        return
    typer.echo()
    for line in sentences(summary):
        typer.echo(line)
    if summary.totals:
        typer.echo()
        show_rows((total_row(each) for each in summary.totals), TOTAL_COLUMNS, as_json=False)
