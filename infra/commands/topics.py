"""Topics: list, diff, apply, tail."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from infra.commands.context import Bootstrap, Home, Profile, home_of
from infra.commands.output import AsJson, show_json, show_line, show_rows
from infra.errors import UserError
from infra.kafka_client import client_of

if TYPE_CHECKING:
    from pipeline.kafka.client import Client
    from pipeline.kafka.topics import Topic

File = Annotated[Path | None, typer.Argument(help="A rules file; else the rules that are published.", metavar="[FILE]")]
LIST_COLUMNS = ("topic", "partitions", "records", "kept", "key", "written_by", "read_by")


def add_to(app: typer.Typer) -> None:
    """Hang these commands on the app."""
    group = typer.Typer(
        name="topics",
        help="Topics: what they are and what stands in them.",
        no_args_is_help=True,
        rich_markup_mode=None,
    )
    group.command("list")(list_)
    group.command("diff")(diff)
    group.command("apply")(apply)
    group.command("tail")(tail)
    app.add_typer(group)


def list_(as_json: AsJson = False, home: Home = None, bootstrap: Bootstrap = None) -> None:
    """Every topic: partitions, records (by offsets), how long they are kept, key, who writes, who reads."""
    from infra.reading.cluster import list_topics

    rows = list(list_topics(client_of(home_of(home), bootstrap)))
    if not as_json:
        rows = [_readable(row) for row in rows]
    none = "No topic of ours is here yet. Make them: sluice topics apply infra/sandbox/rules.yaml"
    show_rows(rows, LIST_COLUMNS, as_json=as_json, if_none=none)


def diff(
    file: File = None,
    profile: Profile = "laptop",
    as_json: AsJson = False,
    home: Home = None,
    bootstrap: Bootstrap = None,
) -> None:
    """What of the cluster is not as the catalogue and the rules say; ends with 1 if anything differs."""
    from infra.reading.cluster import in_words
    from pipeline.kafka.drift import drift, read_cluster

    client = client_of(home_of(home), bootstrap)
    differences = drift(_wanted(client, file, profile), read_cluster(client))
    for each in differences:
        if as_json:
            show_json({
                "topic": each.topic, "kind": each.kind.value, "name": each.name, "found": each.found,
                "expected": each.expected, "is_mended_by_apply": each.is_mended, "words": in_words(each),
            })  # fmt: skip
        else:
            typer.echo(f"  {each.topic}: {in_words(each)}")
    if not as_json:
        mended = sum(each.is_mended for each in differences)
        also = f"; sluice topics apply sets {mended} of them right" if mended else ""
        typer.echo(f"{len(differences)} differences{also}." if differences else "Nothing differs.")
    if differences:
        raise typer.Exit(1)


def apply(
    file: File = None,
    profile: Profile = "laptop",
    as_json: AsJson = False,
    home: Home = None,
    bootstrap: Bootstrap = None,
) -> None:
    """Make topics that are missing, grow those that may, set settings back. Never deletes; again it does nothing."""
    from infra.reading.cluster import done_in_words
    from pipeline.kafka.drift import mend
    from pipeline.kafka.topics import PartitionsDiffer

    client = client_of(home_of(home), bootstrap)
    try:
        done = mend(client, _wanted(client, file, profile))
    except PartitionsDiffer as error:
        raise UserError(f"{error}; nothing was changed. Is --profile {profile} the right one?") from error
    for each in done:
        if as_json:
            show_json({"topic": each.topic, "kind": each.kind.value, "name": each.name, "done": done_in_words(each)})
        else:
            typer.echo(f"  {each.topic}: {done_in_words(each)}")
    if not as_json:
        typer.echo(
            f"{len(done)} things were set right." if done else "Nothing to do: all topics are as they should be."
        )


def tail(
    topic: Annotated[str, typer.Argument(help="Such as sms.lifecycle.")],
    begin: Annotated[
        str, typer.Option("--from", help="beginning, end, an offset, or a time (10m, 2026-01-05T10:00).")
    ] = "end",
    partition: Annotated[int | None, typer.Option("--partition", "-p", min=0, help="Only this one.")] = None,
    limit: Annotated[
        int, typer.Option("--limit", "-n", min=0, help="At most so many; of the end: the last so many (0: 10).")
    ] = 0,
    is_followed: Annotated[bool, typer.Option("--follow", "-f", help="Go on with what comes, until Ctrl-C.")] = False,
    as_json: AsJson = False,
    home: Home = None,
    bootstrap: Bootstrap = None,
) -> None:
    """Records, decoded: the last ten, or from where --from says. Nothing is opened; texts and numbers are masked."""
    import time

    from infra.reading.tailing import Stretch, line_of, object_of, read_stretch

    client = client_of(home_of(home), bootstrap)
    stretch = Stretch(begin=begin, partition=partition, limit=limit, is_followed=is_followed)
    count = 0
    try:
        for logged in read_stretch(client, topic, stretch, now_ms=time.time_ns() // 1_000_000):
            count += 1
            show_json(object_of(logged)) if as_json else show_line(line_of(logged))
    except KeyboardInterrupt:
        return
    if not count and not as_json:
        typer.echo(f"Nothing stands in {topic} there.")


def _readable(row: dict[str, Any]) -> dict[str, Any]:
    lists = {name: ", ".join(row[name]) for name in ("written_by", "read_by")}
    return {**row, **lists, "key": row["key"].split(" (")[0]}


def _wanted(client: "Client", file: Path | None, profile: Profile) -> "tuple[Topic, ...]":
    from infra.reading.cluster import rules_for_topics, wanted_topics

    rules = rules_for_topics(client, file)
    if not rules.accounts:
        raise UserError("no rules are published here: name a file, such as infra/sandbox/rules.yaml")
    return wanted_topics(rules, profile)
