"""The gate at start: every raw table as it is in the database against its record's schema.

The engine converts silently where types differ (micros into DateTime64(3), a long into Int32), so a wrong column
must stop the sink before the first row and not be found in a report.
"""

from collections.abc import Iterable, Mapping

from analytics.ddl import DATABASE, RawTable
from analytics.engine import Engine


class SchemaMismatch(Exception):
    """A raw table does not fit its record's schema; the message names table, column, type found and wanted."""


def mismatches(tables: Iterable[RawTable], found: Mapping[str, Mapping[str, str]]) -> list[str]:
    """What does not fit, in words; empty if all does. A column that no schema has (any more) is no mismatch."""
    complaints = []
    for table in tables:
        columns = found.get(table.name)
        if columns is None:
            complaints.append(f"table {table.full_name} for record {table.record} is missing")
            continue
        for name, wanted in table.columns.items():
            if name not in columns:
                complaints.append(f"{table.full_name}: column {name} ({wanted}) of {table.record} is missing")
            elif columns[name] != wanted:
                complaints.append(f"{table.full_name}.{name}: type {columns[name]}, expected {wanted}")
    return complaints


def check_gate(engine: Engine, tables: Iterable[RawTable]) -> None:
    """Raises SchemaMismatch naming every difference between the database and the schemas."""
    found: dict[str, dict[str, str]] = {}
    for table, name, kind in engine.rows(
        f"SELECT table, name, type FROM system.columns WHERE database = '{DATABASE}' ORDER BY table, position"
    ):
        found.setdefault(table, {})[name] = kind
    complaints = mismatches(tables, found)
    if complaints:
        raise SchemaMismatch("; ".join(complaints))
