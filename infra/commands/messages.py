"""`sluice message`: what became of one message, and of all of them as it happens."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from infra.commands.context import Bootstrap, Home, home_of
from infra.commands.output import AsJson, show_json, show_line
from infra.errors import UserError
from infra.kafka_client import client_of

if TYPE_CHECKING:
    from infra.reading.life import Life
    from infra.reading.question import Found, Question

Account = Annotated[str, typer.Option("--account", "-a", help="Only messages of this account.")]
Region = Annotated[str | None, typer.Option("--region", help="Country of a --to that has no +, such as US.")]
FromKafka = Annotated[bool, typer.Option("--from-kafka", help="Read the topics, not ClickHouse: slower.")]
Reveal = Annotated[bool, typer.Option("--reveal", help="Number and text too, if you may; audited, needs --reason.")]
Codes = Annotated[bool, typer.Option("--codes", help="With --reveal: one-time codes and passwords too; audited so.")]
Reason = Annotated[str, typer.Option("--reason", help="Why you reveal it; kept on sms.audit.")]


def add_to(app: typer.Typer) -> None:
    """Hang these commands on the app."""
    group = typer.Typer(name="message", help="What became of a message.", no_args_is_help=True, rich_markup_mode=None)
    group.command("show")(show)
    group.command("tail")(tail)
    app.add_typer(group)


def show(
    message_id: Annotated[str, typer.Argument(help="32 hex digits.", metavar="[ID]")] = "",
    reference: Annotated[str, typer.Option("--reference", "-r", help="The producer's own reference.")] = "",
    to: Annotated[str, typer.Option("--to", help="The phone, as +<country code>...; is never sent or kept.")] = "",
    account: Account = "",
    region: Region = None,
    from_kafka: FromKafka = False,
    since: Annotated[str, typer.Option("--since", help="With --from-kafka: read from then on (2h, 7d).")] = "",
    is_revealed: Reveal = False,
    has_codes: Codes = False,
    reason: Reason = "",
    as_json: AsJson = False,
    home: Home = None,
    bootstrap: Bootstrap = None,
) -> None:
    """Everything known of a message: where it stands, then its life record by record; or which messages fit."""
    from infra.reading.question import Question, QuestionInvalid
    from infra.submitting.recipients import ids_of

    if is_revealed and not reason.strip():
        raise typer.BadParameter("--reveal needs --reason: it is kept on sms.audit")
    if has_codes and not is_revealed:
        raise typer.BadParameter("--codes goes with --reveal")
    if since and not from_kafka:
        raise typer.BadParameter("--since goes with --from-kafka; ClickHouse looks everything through")
    place = home_of(home)
    recipients = ids_of(place, to, region) if to else ()
    try:
        question = Question(message_id=message_id, reference=reference, recipient_ids=recipients, account_id=account)
    except QuestionInvalid as error:
        raise typer.BadParameter(str(error)) from error
    found, life = _from_log(place, bootstrap, question, since) if from_kafka else _from_sql(place, question)
    if life is None:
        _show_list(found, as_json=as_json)
        if is_revealed:
            raise UserError("nothing was revealed, as that takes one message alone: name it by its id")
        return
    _show_life(life, as_json=as_json)
    if is_revealed:
        _show_revealed(place, bootstrap, life, reason, has_codes=has_codes, as_json=as_json)


def tail(
    account: Account = "",
    status: Annotated[str, typer.Option("--status", "-s", help="Such as delivered, failed, rejected.")] = "",
    message_class: Annotated[str, typer.Option("--class", "-c", help="Such as otp.")] = "",
    carrier: Annotated[str, typer.Option("--carrier", help="Only news with this carrier.")] = "",
    country: Annotated[str, typer.Option("--country", help="Such as CN.")] = "",
    reference: Annotated[str, typer.Option("--reference", "-r", help="The producer's own reference.")] = "",
    has_events: Annotated[bool, typer.Option("--events", help="Every event, not only what accounts are told.")] = False,
    since: Annotated[str, typer.Option("--since", help="First what came since then: 10m, 2h, 2026-01-05T10:00.")] = "",
    as_json: AsJson = False,
    home: Home = None,
    bootstrap: Bootstrap = None,
) -> None:
    """What happens now, a line each, until Ctrl-C (which ends it with 0). Accounts made meanwhile are seen too."""
    import time

    from infra.reading.times import since_ms
    from infra.reading.watching import Watch, Wish, is_event_topic, is_status_topic, line_of, object_of
    from infra.topic_log import read_topics

    client = client_of(home_of(home), bootstrap)
    began = since_ms(since, now_ms=time.time_ns() // 1_000_000) if since else None
    watch = Watch(
        Wish(
            account_id=account,
            status=status,
            message_class=message_class,
            carrier=carrier,
            country=country.upper(),
            reference=reference,
        )
    )
    is_wanted = is_event_topic if has_events else is_status_topic
    try:
        for logged in read_topics(client, is_wanted, since_ms=began, follow=True):
            if watch.admit(logged):
                show_json(object_of(logged)) if as_json else show_line(line_of(logged))
    except KeyboardInterrupt:
        sys.stdout.flush()


def _from_sql(place: Path, question: "Question") -> "tuple[tuple[Found, ...], Life | None]":
    from infra.endpoints import EndpointMissing
    from infra.reading import from_sql
    from infra.sql import SqlFailed

    try:
        found = from_sql.find(place, question)
        return found, from_sql.life(place, found[0].message_id) if len(found) == 1 else None
    except (SqlFailed, EndpointMissing) as error:
        raise UserError(f"{error}\nOr ask the log itself, which is slower: --from-kafka") from error


def _from_log(
    place: Path, bootstrap: str | None, question: "Question", since: str
) -> "tuple[tuple[Found, ...], Life | None]":
    import time

    from infra.reading.from_log import found_of, lives
    from infra.reading.times import since_ms

    began = since_ms(since, now_ms=time.time_ns() // 1_000_000) if since else None
    found = lives(client_of(place, bootstrap), question, since_ms=began)
    return tuple(found_of(life) for life in found), found[0] if len(found) == 1 else None


def _show_list(found: "tuple[Found, ...]", *, as_json: bool) -> None:
    from infra.reading.shown import found_lines, found_object

    if not found:
        raise UserError("no such message here (yet): the sink and retention bound what is known; see sluice query")
    if as_json:
        for each in found:
            show_json(found_object(each))
        return
    for line in found_lines(found):
        typer.echo(line)


def _show_life(life: "Life", *, as_json: bool) -> None:
    from infra.reading.shown import lines_of, object_of

    if as_json:
        show_json(object_of(life))
        return
    for line in lines_of(life):
        typer.echo(line)


def _show_revealed(
    place: Path, bootstrap: str | None, life: "Life", reason: str, *, has_codes: bool, as_json: bool
) -> None:
    from infra.reading.revealing import reveal

    is_told = False
    for each in reveal(place, client_of(place, bootstrap), life, reason, has_codes=has_codes):
        if as_json:
            show_json({"revealed": each})
            continue
        if not is_told and "note" not in each:  # only now: its audit is durable
            typer.echo("\nRevealed, as sms.audit now says")
            is_told = True
        typer.echo("  ".join(f"{name} {value}" for name, value in each.items()))
