"""`sluice submit`, `sluice encode`, `sluice recipient id`: what a producer does, from a terminal."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from infra.commands import message_options as options
from infra.commands.context import Bootstrap, Home, home_of, opened
from infra.commands.output import AsJson, show_json, show_rows
from infra.errors import UserError
from infra.kafka_client import client_of

if TYPE_CHECKING:
    from infra.submitting.files import Source
    from infra.submitting.producer import Submitted
    from pipeline.events.records import MessageStatusChanged


def add_to(app: typer.Typer) -> None:
    """Hang these commands on the app."""
    app.command("submit")(submit)
    app.command("encode")(encode)
    recipient = typer.Typer(name="recipient", help="Recipients.", no_args_is_help=True, rich_markup_mode=None)
    recipient.callback()(_nothing)
    recipient.command("id")(recipient_ids)
    app.add_typer(recipient)


def _nothing() -> None:
    """Makes typer keep the second word."""


def submit(
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
    wait: Annotated[float, typer.Option("--wait", help="Seconds to wait for the final status of all.")] = 0,
    as_json: AsJson = False,
    home: Home = None,
    bootstrap: Bootstrap = None,
) -> None:
    """Submit one message (--to), or those of a file; what is given beside a file holds for rows that do not say it.

    A file is checked whole before its first message is sent. A row without an idempotency_key gets one of the
    file's content and its line, so that a file that is submitted again within 72 h sends nothing twice.
    """
    from infra.submitting.files import Source
    from infra.submitting.rows import message_of

    given = options.given_fields(
        to=to, text=text, message_class=message_class, sender=sender, template_id=template, reference=reference,
        params=param, more=fields,
    )  # fmt: skip
    options.require_one_source(to, json_lines, csv)
    place = home_of(home)
    client = client_of(place, bootstrap)
    if to:
        _submit(client, account, Source.of_one(message_of(given)), wait, as_json)
        return
    with opened(json_lines or csv) as lines, Source.spooled(lines, given, is_csv=csv is not None) as source:
        _submit(client, account, source, wait, as_json)


def _submit(client: dict[str, Any], account: str, source: "Source", wait: float, as_json: bool) -> None:
    from infra.submitting.producer import AccountProducer, StatusWatch
    from infra.submitting.progress import counted

    producer = AccountProducer(client, account)
    watch = StatusWatch(client, account) if wait else None
    ids: set[str] = set()
    with counted(source.count, is_shown=not as_json) as advance:

        def submitted(each: "Submitted") -> None:
            ids.add(each.message_id)
            advance()
            if as_json or source.count == 1:
                _show_submitted(each, as_json)

        producer.submit(source.rows(), submitted)
    if not as_json and source.count != 1:
        typer.echo(
            f"{len(ids)} messages of {account} are submitted. Follow them: sluice message tail --account {account}"
        )
    if watch is not None:
        _follow(watch, ids, wait, as_json)


def _follow(watch: Any, ids: set[str], wait: float, as_json: bool) -> None:
    from collections import Counter

    finals: Counter[str] = Counter()

    def changed(record: "MessageStatusChanged") -> None:
        if record.is_final:
            finals[record.status] += 1
        if as_json:
            show_json({name: getattr(record, name) for name in _STATUS_FIELDS})
        elif len(ids) == 1:
            typer.echo(f"  {record.status_seq} {record.status:<10} {record.reason} {record.carrier}".rstrip())

    late = watch.follow(ids, wait, changed)
    watch.close()
    if not as_json and len(ids) > 1:
        typer.echo(", ".join(f"{count} {status}" for status, count in sorted(finals.items())) or "no final status yet")
    if late:
        raise UserError(f"{len(late)} of {len(ids)} messages have no final status after {wait:g} s")
    if finals["delivered"] < len(ids):
        raise typer.Exit(1)


def encode(
    file: Annotated[str, typer.Argument(help="JSON lines of messages; - reads stdin.", metavar="[FILE]")] = "-",
    delimiter: Annotated[
        str, typer.Option("--delimiter", help="Between messages, for kcat -D; needed for more than one.")
    ] = "",
) -> None:
    """Turn messages as JSON into what stands in Kafka (Confluent framing, Avro), on stdout, for kcat -P.

    One message:   sluice encode one.json > one.bin && kcat -P -b HOST -t sms.submitted.ACCOUNT.LANE one.bin
    Many:          sluice encode all.jsonl --delimiter =END= | kcat -P -b HOST -t TOPIC -D =END=
    """
    from infra.submitting.files import encoded

    with opened(Path(file)) as lines:
        for octets in encoded(lines, delimiter.encode()):
            sys.stdout.buffer.write(octets)
    sys.stdout.buffer.flush()


def recipient_ids(
    number: Annotated[str, typer.Argument(help="A phone number, as +<country code>...")],
    region: Annotated[str, typer.Option("--region", help="ISO country of a number without +.")] = "",
    as_json: AsJson = False,
    home: Home = None,
) -> None:
    """Print the id under which a phone stands in Kafka keys and in ClickHouse, one for each key generation."""
    from infra.submitting.recipients import ids_of

    found = ids_of(home_of(home), number, region or None)
    if as_json:
        show_rows(({"recipient_id": each} for each in found), (), as_json=True)
        return
    for each in found:
        typer.echo(each)


_STATUS_FIELDS = (
    "message_id", "reference", "status", "status_seq", "is_final", "reason", "detail", "carrier", "occurred_at"
)  # fmt: skip


def _show_submitted(each: "Submitted", as_json: bool) -> None:
    if as_json:
        show_json({name: getattr(each, name) for name in each.__slots__})
        return
    typer.echo(f"{each.message_id}  {each.topic}/{each.partition}/{each.offset}")
