"""The `schemas/` folder as a lookup: schema by id, by record name, and the catalogue of topics.

Reads files once, at construction; holds no network client. Called by the codec, the registry endpoint,
the sink and the bootstrap of topics.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

SCHEMAS = Path(__file__).resolve().parents[2] / "schemas"
NAMESPACE = "sluice"


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaEntry:
    """One version of one record's schema: its stable id and the text of its `.avsc`.

    `fingerprint` is what `ids.yaml` says that the text means ('' = nothing); `sluice schemas check` holds it to that.
    """

    id: int
    record: str
    version: int
    text: str
    fingerprint: str = ""

    @property
    def full_name(self) -> str:
        return f"{NAMESPACE}.{self.record}"

    @property
    def json(self) -> dict[str, Any]:
        """The schema as parsed JSON; a new object at every call."""
        parsed: dict[str, Any] = json.loads(self.text)
        return parsed


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicEntry:
    """One line of the catalogue `topics.yaml`; `name` may hold <account>, <lane>, <carrier>, <stage>."""

    name: str
    records: tuple[str, ...]
    subject: str
    key: str
    partitions_laptop: int
    partitions_production: int
    has_fixed_partitions: bool
    is_log_append: bool
    is_compacted: bool
    retention_ms: int
    written_by: tuple[str, ...]
    read_by: tuple[str, ...]
    is_sunk: bool


class SchemaStore:
    """All schemas of a folder. Raises ValueError naming the file when ids and files disagree."""

    def __init__(self, folder: Path = SCHEMAS) -> None:
        self.folder = folder
        entries = tuple(_entries(folder))
        self._by_id: Mapping[int, SchemaEntry] = {entry.id: entry for entry in entries}
        if len(self._by_id) != len(entries):
            raise ValueError(f"{folder / 'ids.yaml'}: a schema id is used twice")
        newest: dict[str, SchemaEntry] = {}
        for entry in sorted(entries, key=lambda entry: entry.version):
            newest[entry.record] = entry
        self._newest: Mapping[str, SchemaEntry] = newest

    def by_id(self, schema_id: int) -> SchemaEntry | None:
        """The schema of an id, or None if the id was never given out."""
        return self._by_id.get(schema_id)

    def newest(self, record: str) -> SchemaEntry:
        """The newest schema of a record name. Raises KeyError for an unknown record."""
        return self._newest[record]

    def records(self) -> tuple[str, ...]:
        """Names of all records, sorted."""
        return tuple(sorted(self._newest))

    def entries(self) -> tuple[SchemaEntry, ...]:
        """All versions of all records, by id."""
        return tuple(self._by_id[key] for key in sorted(self._by_id))

    def versions(self, record: str) -> tuple[SchemaEntry, ...]:
        """All versions of one record, oldest first; empty for an unknown record."""
        found = (entry for entry in self.entries() if entry.record == record)
        return tuple(sorted(found, key=lambda entry: entry.version))

    def topics(self) -> tuple[TopicEntry, ...]:
        """The catalogue of topics, in file order."""
        return _topics(self.folder)


def _entries(folder: Path) -> Iterator[SchemaEntry]:
    ids = yaml.safe_load((folder / "ids.yaml").read_text())
    for record, versions in ids.items():
        newest = max(int(version["version"]) for version in versions)
        for version in versions:
            number = int(version["version"])
            path = folder / f"{record}.avsc" if number == newest else folder / "history" / f"{record}.v{number}.avsc"
            text = path.read_text()
            name = json.loads(text)["name"]
            if name != record:
                raise ValueError(f"{path}: record is named {name!r}, expected {record!r}")
            yield SchemaEntry(
                id=int(version["id"]),
                record=record,
                version=number,
                text=text,
                fingerprint=str(version.get("fingerprint", "")),
            )


def _topics(folder: Path) -> tuple[TopicEntry, ...]:
    return tuple(
        TopicEntry(
            name=row["name"],
            records=tuple(row["records"]),
            subject=row["subject"],
            key=row["key"],
            partitions_laptop=row["partitions"]["laptop"],
            partitions_production=row["partitions"]["production"],
            has_fixed_partitions=row.get("fixed_partitions", False),
            is_log_append=row["timestamp"] == "log_append",
            is_compacted=row["cleanup"] == "compact",
            retention_ms=row["retention_ms"],
            written_by=tuple(row["written_by"]),
            read_by=tuple(row["read_by"]),
            is_sunk=row["sink"],
        )
        for row in yaml.safe_load((folder / "topics.yaml").read_text())
    )


@cache
def default_store() -> SchemaStore:
    """The store over the `schemas/` folder of this installation, read once a process."""
    return SchemaStore()
