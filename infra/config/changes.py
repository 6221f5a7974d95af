"""What differs between two sets of rules, as the records that would carry the one into the other. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import msgspec

from pipeline.domain.rules import Rules
from pipeline.events.records import ControlRecorded
from pipeline.stages.revisions import REVISION

TABLES = {
    "tariff": "tariffs",
    "account": "accounts",
    "carrier": "carriers",
    "route": "routes",
    "template": "templates",
    "sender": "senders",
}
"""Tables of Rules that a file speaks of, what is referred to before what refers. Drains belong to commands."""
ALL_TABLES = {**TABLES, "drain": "drains"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One object that is added, changed or removed; `body` is its JSON, '' if removed."""

    kind: str
    id: str
    verb: str
    body: str

    def __str__(self) -> str:
        return f"{self.kind} {self.id} {self.verb}"


def changes_between(before: Rules, after: Rules, tables: Mapping[str, str] = TABLES) -> tuple[Change, ...]:
    """Changes by kind and id: policy first, removals last. Drains are left alone, unless `tables` has them."""
    return (*_policy(before, after), *_written(before, after, tables), *_removed(before, after, tables))


def records_of(
    changes: Iterable[Change], *, revision: int, effective_at: int, now_us: int, author: str, reason: str
) -> tuple[ControlRecorded, ...]:
    """The records of one revision, the mark that ends it last."""

    def record(kind: str, object_id: str, body: str, *, is_deleted: bool = False) -> ControlRecorded:
        return ControlRecorded(
            kind=kind,
            id=object_id,
            revision=revision,
            effective_at=effective_at,
            occurred_at=now_us,
            author=author,
            reason=reason,
            is_deleted=is_deleted,
            body=body,
        )

    changed = [record(each.kind, each.id, each.body, is_deleted=not each.body) for each in changes]
    return (*changed, record(REVISION, str(revision), ""))


def _policy(before: Rules, after: Rules) -> Iterator[Change]:
    if before.policy != after.policy or before.control_offset < 0:
        verb = "added" if before.control_offset < 0 else "changed"
        yield Change(kind="policy", id=after.policy.id, verb=verb, body=_body(after.policy))


def _written(before: Rules, after: Rules, tables: Mapping[str, str]) -> Iterator[Change]:
    for kind, table in tables.items():
        known, wanted = getattr(before, table), getattr(after, table)
        for object_id in sorted(wanted):
            if known.get(object_id) != wanted[object_id]:
                verb = "changed" if object_id in known else "added"
                yield Change(kind=kind, id=object_id, verb=verb, body=_body(wanted[object_id]))


def _removed(before: Rules, after: Rules, tables: Mapping[str, str]) -> Iterator[Change]:
    for kind in reversed(list(tables)):  # what refers before what is referred to
        table = tables[kind]
        for object_id in sorted(getattr(before, table).keys() - getattr(after, table).keys()):
            yield Change(kind=kind, id=object_id, verb="removed", body="")


def _body(value: msgspec.Struct) -> str:
    return msgspec.json.encode(value, order="deterministic").decode()
