"""Revisions of the rules: the fold of sms.control, and which of them is in force at a time. Pure.

A revision has a time from which it counts. In force is the last one in the log whose time has come. What a revision
holds is cumulative in log order, so one that counts sooner than one before it supersedes that one for ever. Called by
the rules log of every process, and by the commands that show and write revisions.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import msgspec

from pipeline.domain.rules import Rules, apply_control
from pipeline.events.records import ControlRecorded

REVISION = "revision"


class RevisionStanding(StrEnum):
    """How a revision stands at a time."""

    IN_FORCE = "in force"
    SCHEDULED = "scheduled"
    SUPERSEDED = "superseded"  # it will never be in force: a later one counts sooner
    PAST = "past"


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """All rules as of one mark in the log; `changes` are the (kind, id) that its records touched. Times: UTC micros."""

    number: int
    effective_at: int
    occurred_at: int
    author: str
    reason: str
    changes: tuple[tuple[str, str], ...]
    rules: Rules

    @property
    def offset(self) -> int:
        """Where its mark stands in sms.control: how all else names it."""
        return self.rules.control_offset


class Revisions:
    """The fold: records of sms.control in offset order in, revisions out. What follows the last mark counts not yet."""

    def __init__(self) -> None:
        self._draft = Rules()
        self._touched: list[tuple[str, str]] = []
        self.all: list[Revision] = []

    def take(self, offset: int, record: ControlRecorded) -> Revision | None:
        """Fold one record; the revision that it completes, if it is a mark. Raises ValueError: unsound, passed over."""
        if record.kind != REVISION:
            self._draft = apply_control(self._draft, record.kind, record.id, record.body, is_deleted=record.is_deleted)
            self._touched.append((record.kind, record.id))
            return None
        revision = Revision(
            number=record.revision,
            effective_at=record.effective_at,
            occurred_at=record.occurred_at,
            author=record.author,
            reason=record.reason,
            changes=tuple(self._touched),
            rules=msgspec.structs.replace(self._draft, control_offset=offset),
        )
        self._touched = []
        self.all.append(revision)
        return revision


def in_force(revisions: Sequence[Revision], now: int) -> Revision | None:
    """The last revision whose time has come; None before the first."""
    return next((each for each in reversed(revisions) if each.effective_at <= now), None)


def next_change(revisions: Sequence[Revision], now: int) -> int | None:
    """When another revision will be in force if nothing more is written; None if never."""
    return min((each.effective_at for each in scheduled(revisions, now)), default=None)


def scheduled(revisions: Sequence[Revision], now: int) -> tuple[Revision, ...]:
    """Those whose time will come and that nothing supersedes, in the order of their times."""
    standings = zip(revisions, standings_of(revisions, now), strict=True)
    return tuple(each for each, standing in standings if standing == RevisionStanding.SCHEDULED)


def standings_of(revisions: Sequence[Revision], now: int) -> tuple[RevisionStanding, ...]:
    """How each revision stands at a time."""
    found: list[RevisionStanding] = []
    soonest: int | None = None  # of all later ones
    has_one = False
    for each in reversed(revisions):
        if soonest is not None and soonest <= each.effective_at:
            found.append(RevisionStanding.SUPERSEDED)
            continue
        soonest = each.effective_at
        if each.effective_at > now:
            found.append(RevisionStanding.SCHEDULED)
        else:
            found.append(RevisionStanding.PAST if has_one else RevisionStanding.IN_FORCE)
            has_one = True
    return tuple(reversed(found))
