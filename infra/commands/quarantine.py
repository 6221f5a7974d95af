"""Quarantine: list, show, redrive."""

from typing import TYPE_CHECKING, Annotated

import typer

from infra.commands.context import Bootstrap, Home, home_of
from infra.commands.output import AsJson, show_json, show_rows
from infra.errors import explained
from infra.kafka_client import client_of

if TYPE_CHECKING:
    from pathlib import Path

    from infra.reading.quarantined import Case
    from pipeline.kafka.client import Client

LIST_COLUMNS = ("report", "source", "at", "readers", "reason", "octets", "redriven_at")
COORDINATES = "<topic>/<partition>/<offset> of the record, or of its report in sms.quarantine."


def add_to(app: typer.Typer) -> None:
    """Hang these commands on the app."""
    group = typer.Typer(
        name="quarantine", help="Records that could not be read.", no_args_is_help=True, rich_markup_mode=None
    )
    group.command("list")(list_)
    group.command("show")(show)
    group.command("redrive")(redrive)
    app.add_typer(group)


def list_(
    reader: Annotated[str, typer.Option("--reader", help="Reported by this one, such as validation or sink.")] = "",
    reason: Annotated[str, typer.Option("--reason", help="Such as not-avro, unknown-schema, undecodable.")] = "",
    since: Annotated[str, typer.Option("--since", help="Reported since then: 2h, 7d, 2026-01-05T10:00.")] = "",
    as_json: AsJson = False,
    home: Home = None,
    bootstrap: Bootstrap = None,
) -> None:
    """A row a record, with all who could not read it, and whether it was written again."""
    import time

    from infra.reading.quarantined import read_cases, redriven, row_of
    from infra.reading.times import since_ms

    client = client_of(home_of(home), bootstrap)
    began = since_ms(since, now_ms=time.time_ns() // 1_000_000) if since else None
    done = redriven(client)
    rows = [
        row_of(case, done.get(case.source, ""))
        for case in read_cases(client, since_ms=began)
        if reader in ("", *case.readers) and reason in ("", *(each.record.reason for each in case.reports))
    ]
    if not as_json:
        rows = [{**row, "readers": ", ".join(row["readers"])} for row in rows]
    show_rows(rows, LIST_COLUMNS, as_json=as_json, if_none="Nothing of that kind is in quarantine.")


def show(
    coordinates: Annotated[str, typer.Argument(help=COORDINATES)],
    is_revealed: Annotated[
        bool, typer.Option("--reveal", help="Its octets too, if you may; audited, needs --reason.")
    ] = False,
    has_codes: Annotated[
        bool, typer.Option("--codes", help="With --reveal: what may be a one-time code too; audited so.")
    ] = False,
    reason: Annotated[str, typer.Option("--reason", help="Why you reveal it; kept on sms.audit.")] = "",
    as_json: AsJson = False,
    home: Home = None,
    bootstrap: Bootstrap = None,
) -> None:
    """All that is known of one record: who reported it, why, whether it is still there; with --reveal its octets."""
    from infra.reading.quarantined import case_of, redriven, row_of, source_of

    if is_revealed and not reason.strip():
        raise typer.BadParameter("--reveal needs --reason: it is kept on sms.audit")
    if has_codes and not is_revealed:
        raise typer.BadParameter("--codes goes with --reveal")
    place = home_of(home)
    client = client_of(place, bootstrap)
    case = case_of(client, coordinates)
    row = row_of(case, redriven(client).get(case.source, ""))
    row["is_in_its_topic"] = source_of(client, case) is not None
    row["reports"] = [
        {"report": each.coordinates, "reader": each.record.reader, "why": f"{each.record.reason}: {each.record.detail}"}
        for each in case.reports
    ]
    row |= {"sha256": case.first.record.value_sha256, "message_id": case.first.record.message_id}
    if is_revealed:
        row |= _octets(place, client, case, reason, has_codes=has_codes)
    if as_json:
        show_json(row)
        return
    _print_case(row)


def redrive(
    coordinates: Annotated[list[str], typer.Argument(help=COORDINATES)],
    reason: Annotated[str, typer.Option("--reason", help="Why, such as what was mended; kept on sms.audit.")],
    is_dry: Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")] = False,
    is_again: Annotated[bool, typer.Option("--again", help="Even if it was written again before.")] = False,
    as_json: AsJson = False,
    home: Home = None,
    bootstrap: Bootstrap = None,
) -> None:
    """Write submissions again, once, to the end of their own partition: each is validated anew, under a new id.

    Only submissions; only what can be read by now. The original key is not kept, so there is none. Ends with 1 if one
    of them was refused; the others are written.
    """
    from infra.reading.quarantined import case_of
    from infra.reading.redrive import redrive as write_again

    if not reason.strip():
        raise typer.BadParameter("--reason is empty, expected words: it is kept on sms.audit")
    place = home_of(home)
    client = client_of(place, bootstrap)
    refused = 0
    for given in coordinates:
        try:
            written = write_again(
                place, client, case_of(client, given), reason=reason, is_again=is_again, is_dry=is_dry
            )
        except Exception as error:
            words = explained(error)
            if words is None:
                raise
            refused += 1
            show_json({"given": given, "refused": words}) if as_json else typer.echo(f"  refused: {words}", err=True)
            continue
        where = f"{written.topic}/{written.partition}" + ("" if is_dry else f"/{written.offset}")
        if as_json:
            show_json({"given": given, "source": written.source, "where": where, "message_id": written.message_id})
        elif is_dry:
            typer.echo(f"  {written.source}: can be read now; would be written to {where}")
        else:
            typer.echo(f"  {written.source} is written again at {where}, as message {written.message_id}")
    if refused:
        raise typer.Exit(1)


def _octets(place: "Path", client: "Client", case: "Case", reason: str, *, has_codes: bool) -> dict[str, object]:
    """The octets, audited before they are opened, and what is wrong with them by what is known today.

    The record is judged as it is, and shown with what may be a code masked unless that was asked for.
    """
    from infra.reading.diagnosis import diagnose
    from infra.reading.quarantined import open_octets
    from infra.reading.tailing import expected_of
    from infra.reveal import Revealer
    from pipeline.events.codec import Codec

    shown = Revealer(place, client, reason=reason, has_codes=has_codes).reveal(case.first.record).raw
    wrong = diagnose(open_octets(place, case) or b"", Codec(), *expected_of(case.source.rsplit("/", 2)[0]))
    if wrong is None:
        return {"value": shown.hex(), "wrong": "nothing: it can be read by now; see: sluice quarantine redrive"}
    return {"value": shown.hex(), "wrong": wrong.words, "wrong_octet": wrong.octet}


def _print_case(row: dict[str, object]) -> None:
    from infra.reading.diagnosis import hex_lines

    reports, value, octet = row.pop("reports"), row.pop("value", None), row.get("wrong_octet")
    for name, said in row.items():
        words = ", ".join(said) if isinstance(said, list) else said
        if words not in ("", None):
            typer.echo(f"{name.replace('_', ' '):<16} {words}")
    assert isinstance(reports, list)
    for each in reports:
        typer.echo(f"{'reported':<16} {each['report']} by {each['reader']}: {each['why']}")
    if isinstance(value, str):
        for line in hex_lines(bytes.fromhex(value), octet if isinstance(octet, int) else None):
            typer.echo(f"  {line}")
