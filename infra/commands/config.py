"""Rules: check, diff, apply, history, show, rollback."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from infra.commands.context import Bootstrap, Home, Profile, home_of, moment
from infra.commands.output import AsJson, show_json, show_rows
from infra.errors import UserError
from infra.kafka_client import client_of

if TYPE_CHECKING:
    from infra.config.rules_file import Document
    from pipeline.domain.rules import Rules
    from pipeline.kafka.client import Client
    from pipeline.stages.revisions import Revision

RulesPath = Annotated[Path, typer.Argument(help="A rules file such as infra/sandbox/rules.yaml.", metavar="FILE")]
Number = Annotated[int, typer.Argument(help="Number of a revision; see: sluice config history.", metavar="REVISION")]
Reason = Annotated[str, typer.Option("--reason", help="Why; kept with the revision.", show_default=False)]
Author = Annotated[str, typer.Option("--author", help="Who; else the user of the operating system.")]
EffectiveAt = Annotated[
    str, typer.Option("--effective-at", help="From when on, such as 2026-12-01T00:00:00Z; else from now on.")
]
Supersede = Annotated[
    bool, typer.Option("--supersede", help="Scheduled revisions that this one comes before may fall away.")
]
Wait = Annotated[
    float, typer.Option("--wait", min=0, help="Seconds to wait for workers to take up what is new; 0: do not.")
]
HISTORY_COLUMNS = ("revision", "state", "effective_at", "author", "changes", "reason")
DEFAULT_WAIT_S = 15.0


def add_to(app: typer.Typer) -> None:
    """Hang these commands on the app."""
    group = typer.Typer(
        name="config", help="Rules: accounts, tariffs, carriers, routes.", no_args_is_help=True, rich_markup_mode=None
    )
    for command in (check, diff, apply, history, show, rollback):
        group.command()(command)
    app.add_typer(group)


def check(file: RulesPath, as_json: AsJson = False, home: Home = None) -> None:
    """Say all that is wrong with a rules file, with its lines; needs no Kafka. Ends with 1 if anything is."""
    from infra.config.located import RulesInvalid

    try:
        document = _document(file, home_of(home), is_strict=False)
    except RulesInvalid as error:
        for problem in error.problems:
            if as_json:
                show_json({"problem": problem})
            else:
                sys.stderr.write(f"{problem}\n")
        raise typer.Exit(1) from None
    if not as_json:
        rules = document.rules
        typer.echo(
            f"{file} is sound: {len(rules.accounts)} accounts, {len(rules.carriers)} carriers, "
            f"{len(rules.routes)} routes, {len(rules.tariffs)} tariffs."
        )


def diff(
    file: RulesPath,
    effective_at: EffectiveAt = "",
    as_json: AsJson = False,
    home: Home = None,
    bootstrap: Bootstrap = None,
) -> None:
    """Say in words what applying a file would change, and whom it touches; writes nothing."""
    from infra.config.plan import plan_of
    from infra.operator import now_us
    from infra.times import utc

    place = home_of(home)
    document = _document(file, place)
    now = now_us()
    when = moment(effective_at, "--effective-at") or now
    plan = plan_of(_revisions(client_of(place, bootstrap), may_be_none=True), document.rules, now=now, when=when)
    for each in plan.sentences:
        if as_json:
            show_json(
                {"kind": each.kind, "id": each.id, "change": each.verb, "says": each.text, "touches": each.touches}
            )
        else:
            typer.echo(f"  {each}")
    for revision in plan.superseded:
        if as_json:
            show_json({"kind": "revision", "id": str(revision.number), "change": "superseded", "says": revision.reason})
        else:
            typer.echo(
                f"  revision {revision.number} by {revision.author}, scheduled for {utc(revision.effective_at)}, "
                "would be superseded: it never comes into force"
            )
    if not as_json:
        number = plan.newest + 1
        typer.echo(
            f"It would be revision {number}."
            if plan.is_needed
            else f"Nothing to do: revision {plan.newest} says all of it."
        )


def apply(
    file: RulesPath,
    reason: Reason,
    author: Author = "",
    effective_at: EffectiveAt = "",
    expect: Annotated[
        int | None, typer.Option("--expect", help="Refuse unless this is the number of the newest revision.")
    ] = None,
    supersede: Supersede = False,
    wait: Wait = DEFAULT_WAIT_S,
    profile: Profile = "laptop",
    home: Home = None,
    bootstrap: Bootstrap = None,
) -> None:
    """Check a file, make the topics that it needs, publish what changed as one revision, see it taken up.

    A file with `version: N` is refused unless it becomes revision N.
    """
    place = home_of(home)
    document = _document(file, place)
    if document.version is not None:
        if expect not in (None, document.version - 1):
            raise UserError(f"{file} says version: {document.version}, so --expect {expect} cannot hold")
        expect = document.version - 1
    _publish(
        client_of(place, bootstrap), document.rules, source=str(file), reason=reason, author=author,
        effective_at=effective_at, expect=expect, supersede=supersede, wait=wait, profile=profile,
    )  # fmt: skip


def history(as_json: AsJson = False, home: Home = None, bootstrap: Bootstrap = None) -> None:
    """All revisions, the newest first: who, when, why, and which is in force, scheduled or superseded."""
    from infra.config.plan import history_rows
    from infra.operator import now_us

    rows = history_rows(_revisions(client_of(home_of(home), bootstrap)), now_us())
    show_rows(rows, HISTORY_COLUMNS, as_json=as_json, if_none="Nothing was published yet.")


def show(
    revision: Annotated[
        int | None, typer.Argument(help="Its number; else the one in force.", metavar="[REVISION]")
    ] = None,
    home: Home = None,
    bootstrap: Bootstrap = None,
) -> None:
    """The rules of a revision as a rules file: sound, and applied again it changes nothing."""
    from infra.config.plan import heading, named
    from infra.config.rules_text import rules_text
    from infra.operator import now_us
    from pipeline.stages.revisions import standings_of

    revisions, now = _revisions(client_of(home_of(home), bootstrap)), now_us()
    found = named(revisions, revision, now)
    if found is None:
        raise _unknown(revisions, revision)
    standing = standings_of(revisions, now)[revisions.index(found)]
    typer.echo(heading(found, standing) + rules_text(found.rules), nl=False)


def rollback(
    revision: Number,
    reason: Reason,
    author: Author = "",
    effective_at: EffectiveAt = "",
    supersede: Supersede = False,
    wait: Wait = DEFAULT_WAIT_S,
    profile: Profile = "laptop",
    home: Home = None,
    bootstrap: Bootstrap = None,
) -> None:
    """Publish a new revision with the contents of an earlier one. What is drained stays drained."""
    from infra.config.plan import named
    from infra.operator import now_us

    client = client_of(home_of(home), bootstrap)
    revisions = _revisions(client)
    found = named(revisions, revision, now_us())
    if found is None:
        raise _unknown(revisions, revision)
    _publish(
        client, found.rules, source=f"revision {revision}", reason=reason, author=author,
        effective_at=effective_at, expect=revisions[-1].number, supersede=supersede, wait=wait, profile=profile,
    )  # fmt: skip


def _publish(
    client: "Client", rules: "Rules", *, source: str, reason: str, author: str, effective_at: str,
    expect: int | None, supersede: bool, wait: float, profile: Profile,
) -> None:  # fmt: skip
    from infra.config.applying import apply_and_tell
    from infra.operator import actor

    if not reason.strip():
        raise typer.BadParameter("--reason is empty, expected why")
    said = apply_and_tell(
        client, rules, source=source, author=author or actor(), reason=reason,
        effective_at=moment(effective_at, "--effective-at"), expect=expect, may_supersede=supersede, profile=profile,
        wait_s=wait,
    )  # fmt: skip
    for line in said:
        typer.echo(line)


def _revisions(client: "Client", *, may_be_none: bool = False) -> "Sequence[Revision]":
    from infra.config.publish import read_revisions
    from infra.topic_log import TopicMissing

    try:
        return read_revisions(client)
    except TopicMissing:
        if may_be_none:
            return ()
        raise UserError("nothing was published here yet; do: sluice config apply FILE --reason WHY") from None


def _unknown(revisions: "Sequence[Revision]", number: int | None) -> UserError:
    if number is None:
        return UserError("no revision is in force yet; see: sluice config history")
    return UserError(f"there is no revision {number}, expected {revisions[0].number} to {revisions[-1].number}")


def _document(file: Path, home: Path, *, is_strict: bool = True) -> "Document":
    """What a file says, with the address of the simulator that runs (or ran) in the home put in.

    Raises RulesInvalid, and UserError if the file speaks of a simulator and none was ever started here (unless not
    `is_strict`: then a stand-in takes its place).
    """
    from infra.config.rules_file import load_document
    from infra.endpoints import read_endpoints
    from infra.sandbox import SMPP_PLACEHOLDER, STAND_IN, speaks_of_simulator

    smpp = read_endpoints(home).by_name.get("smpp")
    if smpp is not None:
        return load_document(file, {SMPP_PLACEHOLDER: smpp.address})
    if not is_strict:
        return load_document(file, {SMPP_PLACEHOLDER: STAND_IN})
    if speaks_of_simulator(file):
        raise UserError(
            f"{file}: {SMPP_PLACEHOLDER} stands for the simulator's address, and none was started under {home}; "
            "start it: sluice simulator run"
        )
    return load_document(file)
