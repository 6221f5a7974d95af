"""Which subjects there are, and the versions of each: from the catalogue of topics, nothing else.

A topic need not exist yet: every name that fits the catalogue's pattern has its subjects.
"""

from __future__ import annotations

import itertools
import re

from infra.registry.normal_form import Node, first_difference, normal_form
from pipeline.domain.classes import Lane
from pipeline.events.schema_store import NAMESPACE, SchemaEntry, SchemaStore

LANES = tuple(lane.value for lane in Lane)
NAME_PATTERN = "[a-z][a-z0-9-]{1,30}"  # accounts, carriers; DESIGN section 2
_PLACEHOLDER = re.compile(r"<([a-z]+)>")
_LISTED = {"lane": LANES, "account": ("gateway",)}  # the only names that are the same everywhere


class Subjects:
    """Subjects over one schema store; reads it once."""

    def __init__(self, store: SchemaStore) -> None:
        self._store = store
        self._forms = {entry.id: normal_form(entry.text) for entry in store.entries()}
        self._patterns: list[tuple[re.Pattern[str], str]] = []
        listed: set[str] = set()
        for topic in store.topics():
            for record in topic.records:
                suffix = "-value" if topic.subject == "topic" else f"-{NAMESPACE}.{record}"
                self._patterns.append((_pattern(topic.name + suffix), record))
                listed.update(name + suffix for name in _examples(topic.name))
        for record in store.records():
            name = f"{NAMESPACE}.{record}"
            self._patterns.append((re.compile(re.escape(name)), record))
            listed.add(name)
        self._listed = tuple(sorted(listed))

    def listed(self, prefix: str = "") -> list[str]:
        """The subjects that can be named without knowing accounts and carriers, sorted."""
        return [name for name in self._listed if name.startswith(prefix)]

    def versions(self, subject: str) -> tuple[SchemaEntry, ...]:
        """All versions under a subject, oldest first; empty when there is no such subject."""
        for pattern, record in self._patterns:
            if pattern.fullmatch(subject):
                return self._store.versions(record)
        return ()

    def by_id(self, schema_id: int) -> SchemaEntry | None:
        """The schema of an id, None if it was never given out."""
        return self._store.by_id(schema_id)

    def holding(self, entry: SchemaEntry) -> list[str]:
        """The listed subjects under which a schema stands."""
        return [name for name in self._listed if entry in self.versions(name)]

    def equal(self, subject: str, form: Node) -> SchemaEntry | None:
        """The newest version under the subject that means the same as `form`."""
        entries = reversed(self.versions(subject))
        return next((entry for entry in entries if first_difference(form, self._forms[entry.id]) is None), None)

    def difference(self, entry: SchemaEntry, form: Node) -> str | None:
        """Where `form` first differs from a version, None if it does not."""
        return first_difference(form, self._forms[entry.id])


def _pattern(name: str) -> re.Pattern[str]:
    parts = _PLACEHOLDER.split(name)  # literal, placeholder, literal, ...
    names = {"lane": "(?:" + "|".join(LANES) + ")"}
    return re.compile(
        "".join(names.get(part, NAME_PATTERN) if index % 2 else re.escape(part) for index, part in enumerate(parts))
    )


def _examples(name: str) -> list[str]:
    """The name with its placeholders filled in every listed way; none if one has no such names."""
    parts = _PLACEHOLDER.split(name)
    choices = [_LISTED.get(part, ()) if index % 2 else (part,) for index, part in enumerate(parts)]
    return ["".join(choice) for choice in itertools.product(*choices)]
