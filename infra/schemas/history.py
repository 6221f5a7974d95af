"""What is wrong with a `schemas/` folder: versions that do not fit, published texts that changed, records nobody has.

Pure but for the files of the folder. Called by `sluice schemas` and by the contract tests.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from infra.registry.normal_form import normal_form
from infra.schemas.compatibility import changes_of_meaning, invalid, misfits, unreadable
from pipeline.events.schema_store import SchemaEntry, SchemaStore

BACKWARD = "backward"
FORWARD = "forward"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that is wrong. `version` is the version it is about, 0 = none.

    `direction` is set where two versions do not fit: backward = the newest does not read that version's values,
    forward = that version's readers do not read the newest's.
    """

    record: str
    version: int = 0
    direction: str = ""
    words: str

    def __str__(self) -> str:
        what = [self.record, f"version {self.version}" if self.version else "", self.direction]
        return f"{' '.join(each for each in what if each)}: {self.words}"


def fingerprint(text: str) -> str:
    """16 hex digits of what a schema means: of its normal form, so that words (`doc`) may be improved."""
    plain = json.dumps(normal_form(text), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(plain.encode()).hexdigest()[:16]


def faults(store: SchemaStore) -> list[Fault]:
    """Everything that is wrong with a folder, by record; empty if nothing is."""
    found: list[Fault] = []
    for record in store.records():
        versions = store.versions(record)
        found += _of_numbers(record, versions)
        broken = [
            Fault(record=record, version=entry.version, words=f"no Avro schema: {why}")
            for entry in versions
            if (why := invalid(entry.text))
        ]
        found += broken or [
            *(fault for entry in versions for fault in _of_one(entry)),
            *(fault for older in versions[:-1] for fault in _of_two(older, versions[-1])),
        ]
    return [*found, *_of_files(store), *_of_topics(store)]


def _of_numbers(record: str, versions: Iterable[SchemaEntry]) -> Iterator[Fault]:
    for number, entry in enumerate(versions, start=1):
        if entry.version != number:
            yield Fault(record=record, version=entry.version, words=f"ids.yaml: expected version {number} here")
    for older, newer in pairwise(versions):
        if newer.id <= older.id:
            words = f"ids.yaml: id {newer.id} is not above {older.id} of version {older.version}; no id is used again"
            yield Fault(record=record, version=newer.version, words=words)


def _of_one(entry: SchemaEntry) -> Iterator[Fault]:
    found = fingerprint(entry.text)
    if not entry.fingerprint:
        words = f"ids.yaml has no fingerprint for it; if it is as it shall be for ever, add: fingerprint: '{found}'"
        yield Fault(record=entry.record, version=entry.version, words=words)
    elif found != entry.fingerprint:
        words = (
            f"its text was changed after it was published (fingerprint {found}, in ids.yaml {entry.fingerprint}): "
            "put it back, and make a new version"
        )
        yield Fault(record=entry.record, version=entry.version, words=words)
    for words in misfits(entry.text):
        yield Fault(record=entry.record, version=entry.version, words=words)


def _of_two(older: SchemaEntry, newest: SchemaEntry) -> list[Fault]:
    pairs = [
        *((BACKWARD, words) for words in unreadable(newest.text, older.text)),
        *((FORWARD, words) for words in unreadable(older.text, newest.text)),
    ] or [("", words) for words in changes_of_meaning(older.text, newest.text)]
    return [
        Fault(record=older.record, version=older.version, direction=direction, words=words)
        for direction, words in pairs
    ]


def _of_files(store: SchemaStore) -> Iterator[Fault]:
    """Texts that no id names: a reader of their values would not be found."""
    known = {f"{entry.record}.v{entry.version}.avsc" for entry in store.entries()}
    for path in sorted((store.folder / "history").glob("*")):
        if path.name not in known:
            yield Fault(record=path.name.partition(".")[0], words=f"history/{path.name}: ids.yaml has no such version")
    for path in sorted(store.folder.glob("*.avsc")):
        if path.stem not in store.records():
            yield Fault(record=path.stem, words=f"{path.name}: ids.yaml has no such record")


def _of_topics(store: SchemaStore) -> Iterator[Fault]:
    for topic in store.topics():
        for record in sorted(set(topic.records) - set(store.records())):
            yield Fault(record=record, words=f"topics.yaml: {topic.name} holds it, and there is no such record")
