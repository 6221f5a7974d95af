"""Every version of every record into a real registry, under the catalogue's subjects and with the ids of `ids.yaml`.

Values carry our ids, so a registry that gives others is of no use: everything that does not fit is found before the
first write, and a registry that does not keep an id that it is given is left as it was. Running it again does nothing.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from infra.registry.normal_form import SchemaInvalid, first_difference, normal_form
from infra.schemas.remote import Held, RegistryFailed, RemoteRegistry
from pipeline.errors import ForTheUser
from pipeline.events.schema_store import NAMESPACE, SchemaEntry, SchemaStore
from pipeline.kafka.topics import topics_of

COMPATIBILITY = "FULL_TRANSITIVE"


class RegistryUnfit(ForTheUser):
    """The registry cannot hold our schemas under our ids; the message says why, and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing that the registry lacks: a version under a subject, or (entry None) the subject's compatibility."""

    subject: str
    entry: SchemaEntry | None

    @property
    def facts(self) -> dict[str, object]:
        """What is to be there, for programs."""
        if self.entry is None:
            return {"compatibility": COMPATIBILITY}
        return {"record": self.entry.record, "version": self.entry.version, "id": self.entry.id}

    @property
    def words(self) -> str:
        if self.entry is None:
            return f"compatibility {COMPATIBILITY}"
        return f"{self.entry.record} version {self.entry.version}, id {self.entry.id}"


def subjects_of(store: SchemaStore, *, accounts: Sequence[str], carriers: Sequence[str]) -> dict[str, str]:
    """The record of every subject that these accounts and carriers need, in the order of the catalogue."""
    found = {}
    for entry in store.topics():
        for topic in topics_of((entry,), accounts=accounts, carriers=carriers, profile="production"):
            for record in entry.records:
                suffix = "value" if entry.subject == "topic" else f"{NAMESPACE}.{record}"
                found[f"{topic.name}-{suffix}"] = record
    return found


def plan(registry: RemoteRegistry, store: SchemaStore, subjects: dict[str, str]) -> list[Step]:
    """What the registry lacks, subject by subject, versions in order. Writes nothing.

    Raises RegistryUnfit naming everything that stands in the way, and RegistryFailed.
    """
    steps: list[Step] = []
    conflicts = [words for record in sorted(set(subjects.values())) for words in _taken(registry, store, record)]
    for subject, record in subjects.items():
        entries = store.versions(record)
        held = registry.versions(subject)
        conflicts += [
            f"{subject} has version {number}, and {record} has none such" for number in held if number > len(entries)
        ]
        lacking = [Step(subject=subject, entry=entry) for entry in entries if entry.version not in held]
        conflicts += [
            words for entry in entries if entry.version in held and (words := _differs(registry, subject, entry))
        ]
        if registry.compatibility(subject) != COMPATIBILITY:
            lacking.append(Step(subject=subject, entry=None))
        if lacking and registry.mode(subject) == "READONLY":
            conflicts.append(f"{subject} is read-only (mode READONLY) and lacks {lacking[0].words}")
        steps += lacking
    if conflicts:
        more = f"; and {len(conflicts) - 5} more" if len(conflicts) > 5 else ""
        raise RegistryUnfit(f"{registry.url}: nothing was written: {'; '.join(conflicts[:5])}{more}")
    return steps


def register(registry: RemoteRegistry, steps: Iterable[Step]) -> Iterator[Step]:
    """Take the steps; yields each when it is done.

    Raises RegistryUnfit when the registry does not keep an id (that version is taken back; what was yielded before
    stands), and RegistryFailed. Every subject is left in mode READWRITE.
    """
    for subject, group in groupby(steps, key=lambda step: step.subject):
        of_subject = list(group)
        entries = [step for step in of_subject if step.entry is not None]
        if entries:
            registry.set_mode(subject, "IMPORT")
            try:
                for step in entries:
                    assert step.entry is not None
                    _import(registry, subject, step.entry)
                    yield step
            finally:
                registry.set_mode(subject, "READWRITE")
        for step in of_subject:
            if step.entry is None:
                registry.set_compatibility(subject, COMPATIBILITY)
                yield step


def _import(registry: RemoteRegistry, subject: str, entry: SchemaEntry) -> None:
    registry.import_version(subject, entry.version, entry.id, _text(entry))
    held = registry.version(subject, entry.version)
    if held is not None and held.id == entry.id:
        return
    registry.remove(subject, entry.version)
    given = f"id {held.id}" if held else "another version"
    raise RegistryUnfit(
        f"{registry.url}: {subject} version {entry.version} was to have id {entry.id} and was given {given}: this "
        "registry does not keep ids in mode IMPORT, so our values could not be read by it. That version was taken back"
    )


def _taken(registry: RemoteRegistry, store: SchemaStore, record: str) -> Iterator[str]:
    """Ids of ours that are another schema's there."""
    for entry in store.versions(record):
        text = registry.text_of(entry.id)
        if text is not None and (words := _difference(text, entry)):
            yield f"id {entry.id} of {record} version {entry.version} is another schema's there: {words}"


def _differs(registry: RemoteRegistry, subject: str, entry: SchemaEntry) -> str:
    held: Held | None = registry.version(subject, entry.version)
    if held is None:
        raise RegistryFailed(f"{registry.url} lists {subject} version {entry.version} and does not have it")
    if held.id != entry.id:
        return f"{subject} version {entry.version} has id {held.id}, expected {entry.id}"
    words = _difference(held.text, entry)
    return f"{subject} version {entry.version} is another schema: {words}" if words else ""


def _difference(text: str, entry: SchemaEntry) -> str | None:
    try:
        return first_difference(normal_form(text), normal_form(entry.text))
    except SchemaInvalid as error:
        return f"no Avro schema ({error})"


def _text(entry: SchemaEntry) -> str:
    """One text for all subjects: a registry compares texts before it lets an id be used again."""
    return json.dumps(entry.json, separators=(",", ":"), ensure_ascii=False)
