"""What publishing a file would come to, and what was published so far: rows for people and programs. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from infra.config.changes import changes_between
from infra.config.publish import superseded_by
from infra.config.words import Sentence, sentences
from infra.times import iso, utc
from pipeline.domain.rules import Rules
from pipeline.stages.revisions import Revision, RevisionStanding, in_force, standings_of

NOTHING = Rules()


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What would change against what is in force at that time; `newest` is the number of the newest revision."""

    newest: int
    is_needed: bool
    sentences: tuple[Sentence, ...]
    superseded: tuple[Revision, ...]


def plan_of(revisions: Sequence[Revision], rules: Rules, *, now: int, when: int) -> Plan:
    """What publishing these rules now, to count from `when` on, would come to. Drains stay as they are."""
    newest = revisions[-1] if revisions else None
    current = in_force(revisions, when)
    is_needed = newest is None or newest.effective_at > when or bool(changes_between(newest.rules, rules))
    before = current.rules if current else NOTHING
    return Plan(
        newest=newest.number if newest else 0,
        is_needed=is_needed,
        sentences=tuple(each for each in sentences(before, rules, when) if each.kind != "drain"),
        superseded=superseded_by(revisions, now, when) if is_needed else (),
    )


def history_rows(revisions: Sequence[Revision], now: int) -> list[dict[str, Any]]:
    """One row a revision, the newest first."""
    pairs = zip(revisions, standings_of(revisions, now), strict=True)
    return [
        {
            "revision": each.number,
            "state": standing.value,
            "effective_at": iso(each.effective_at),
            "published_at": iso(each.occurred_at),
            "author": each.author,
            "reason": each.reason,
            "changes": len(each.changes),
            "control_offset": each.offset,
        }
        for each, standing in reversed(list(pairs))
    ]


def named(revisions: Sequence[Revision], number: int | None, now: int) -> Revision | None:
    """The revision of a number (the later one, should two have it), or the one in force."""
    if number is None:
        return in_force(revisions, now)
    return next((each for each in reversed(revisions) if each.number == number), None)


def heading(revision: Revision, standing: RevisionStanding) -> str:
    """Lines of comment over the text of a revision."""
    why = f": {revision.reason}" if revision.reason else ""
    since = utc(revision.effective_at)
    return f"# revision {revision.number} ({standing.value}), from {since}, by {revision.author}{why}\n"
