"""Prints the SQL that the migrations lack, to start a new one from: `python -m analytics.generate [SCHEMAS_FOLDER]`.

The migrations are applied to an empty engine in a temporary folder, and what that lacks is compared with the schemas.
A committed migration is never edited: a new record or field gets a new file with what this prints for it.
"""

import sys
import tempfile
from pathlib import Path

from analytics.ddl import raw_tables
from analytics.engine import open_embedded
from analytics.gate import Different, Found, found_columns, mismatches, missing_sql
from analytics.migrator import migrate
from pipeline.events.schema_store import SCHEMAS, SchemaStore


def migrated() -> Found:
    """The columns that the committed migrations make. Opens the process's one engine."""
    with tempfile.TemporaryDirectory() as folder:
        engine = open_embedded(Path(folder) / "clickhouse")
        migrate(engine)
        found = found_columns(engine)
        engine.close()
    return found


def lacking(store: SchemaStore, found: Found) -> str:
    """The script for a new migration, '' if nothing is lacking.

    Raises ValueError for what no added column mends: another type or default than the schema's.
    """
    tables = raw_tables(store)
    others = [each.words for each in mismatches(tables, found) if isinstance(each, Different)]
    if others:
        raise ValueError(f"no ADD COLUMN mends this, write the migration by hand: {'; '.join(others)}")
    return "".join(f"{statement}\n\n" for statement in missing_sql(tables, found)).rstrip("\n")


def main() -> None:
    store = SchemaStore(Path(sys.argv[1]) if len(sys.argv) > 1 else SCHEMAS)
    try:
        script = lacking(store, migrated())
    except ValueError as error:
        sys.exit(f"analytics.generate: {error}")
    sys.stdout.write(f"{script or '-- The migrations make every table and column that the schemas ask for.'}\n")


if __name__ == "__main__":
    main()
