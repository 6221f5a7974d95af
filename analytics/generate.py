"""Prints the SQL of all raw tables, to start a migration from: `python -m analytics.generate`.

A committed migration is never edited; a new record or field gets a new file with what this prints for it.
"""

import sys

from analytics.ddl import create_table, raw_tables
from pipeline.events.schema_store import default_store


def raw_sql() -> str:
    """CREATE TABLE of every sunk record, as one script."""
    return "\n\n".join(create_table(table) for table in raw_tables(default_store())) + "\n"


if __name__ == "__main__":
    sys.stdout.write(raw_sql())
