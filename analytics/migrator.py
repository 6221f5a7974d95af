"""Numbered migrations, applied once and never edited: `migrations/NNNN_<what>.sql`.

Every statement may be run again (IF NOT EXISTS, OR REPLACE), so that a crash in the middle of a file only means
that the file runs again. Called by the sink at start and by the tests.
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from analytics.ddl import DATABASE
from analytics.engine import Engine

FOLDER = Path(__file__).resolve().parent / "migrations"
_NAME = re.compile(r"(\d{4})_([a-z0-9_]+)\.sql")
_END_OF_STATEMENT = re.compile(r";[ \t]*\n")


class MigrationRefused(Exception):
    """The database and the files disagree: an applied file was edited or is gone. Add a new file instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """One file; `checksum` is the SHA-256 of its text."""

    version: int
    name: str
    statements: tuple[str, ...]
    checksum: str


def load_migrations(folder: Path = FOLDER) -> tuple[Migration, ...]:
    """All migrations by number. Raises ValueError when a file is misnamed or numbers are not 1, 2, 3 ..."""
    found = []
    for path in sorted(folder.glob("*.sql")):
        match = _NAME.fullmatch(path.name)
        if match is None:
            raise ValueError(f"{path}: name is not NNNN_<what>.sql")
        text = path.read_text()
        found.append(
            Migration(
                version=int(match[1]),
                name=match[2],
                statements=tuple(split_statements(text)),
                checksum=hashlib.sha256(text.encode()).hexdigest(),
            )
        )
    if [each.version for each in found] != list(range(1, len(found) + 1)):
        raise ValueError(f"{folder}: numbers are {[each.version for each in found]}, expected 1, 2, 3 ...")
    return tuple(found)


def split_statements(text: str) -> Iterable[str]:
    """Statements of a script, each ended by a semicolon at the end of a line."""
    for statement in _END_OF_STATEMENT.split(text.rstrip() + "\n"):
        if any(line.strip() and not line.lstrip().startswith("--") for line in statement.splitlines()):
            yield statement.strip()


def migrate(engine: Engine, migrations: Iterable[Migration] | None = None) -> tuple[int, ...]:
    """Apply what is not applied yet, in order; returns the numbers applied. Raises MigrationRefused."""
    engine.command(f"CREATE DATABASE IF NOT EXISTS {DATABASE} ENGINE = Atomic")
    engine.command(
        f"CREATE TABLE IF NOT EXISTS {DATABASE}.schema_migrations (version UInt32, name String, checksum String, "
        "applied_at DateTime64(3, 'UTC') DEFAULT now64(3)) ENGINE = MergeTree ORDER BY version"
    )
    known = dict(engine.rows(f"SELECT version, checksum FROM {DATABASE}.schema_migrations"))
    wanted = tuple(load_migrations() if migrations is None else migrations)
    _check_history(known, wanted)
    done = []
    for migration in wanted:
        if migration.version in known:
            continue
        for statement in migration.statements:
            engine.command(statement)
        engine.command(
            f"INSERT INTO {DATABASE}.schema_migrations (version, name, checksum) "
            f"VALUES ({migration.version}, '{migration.name}', '{migration.checksum}')"
        )
        done.append(migration.version)
    return tuple(done)


def _check_history(known: dict[int, str], wanted: tuple[Migration, ...]) -> None:
    by_version = {migration.version: migration for migration in wanted}
    for version, checksum in sorted(known.items()):
        if version not in by_version:
            raise MigrationRefused(f"migration {version:04d} is applied but has no file: a newer Sluice was here")
        if by_version[version].checksum != checksum:
            raise MigrationRefused(
                f"migration {version:04d}_{by_version[version].name}.sql was edited after it was applied "
                f"(checksum {by_version[version].checksum[:12]}, applied {checksum[:12]}): add a new file instead"
            )
