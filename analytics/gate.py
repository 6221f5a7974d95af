"""The gate at start: every raw table as it is in the database against its record's schema.

The engine converts silently where types differ (micros into DateTime64(3), a long into Int32), and fills what an older
record lacks by the column's default, so a wrong column must stop the sink before the first row and not be found in a
report. What is missing altogether, `python -m analytics.generate` prints as SQL.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from analytics.ddl import DATABASE, RawTable, add_column, create_table, held_offsets_view
from analytics.engine import Engine

Found = Mapping[str, Mapping[str, tuple[str, str]]]
"""Columns of each table as they are: name to type and default ('' = none)."""


class SchemaMismatch(Exception):
    """A raw table does not fit its record's schema; the message names table, column, type found and wanted."""


@dataclass(frozen=True, slots=True)
class Missing:
    """A table or a column that is not there. `missing_sql` makes it."""

    words: str


@dataclass(frozen=True, slots=True)
class Different:
    """A column of another type or default than the schema's. No added column mends it."""

    words: str


def mismatches(tables: Iterable[RawTable], found: Found) -> list[Missing | Different]:
    """What does not fit; empty if all does. A column that no schema has (any more) is no mismatch."""
    complaints: list[Missing | Different] = []
    for table in tables:
        columns = found.get(table.name)
        if columns is None:
            complaints.append(Missing(f"table {table.full_name} for record {table.record} is missing"))
            continue
        for name, wanted in table.columns.items():
            if name not in columns:
                complaints.append(Missing(f"{table.full_name}: column {name} ({wanted}) of {table.record} is missing"))
                continue
            kind, default = columns[name]
            if kind != wanted:
                complaints.append(Different(f"{table.full_name}.{name}: type {kind}, expected {wanted}"))
            if default != table.defaults.get(name, ""):
                expected = table.defaults.get(name, "none")
                complaints.append(
                    Different(f"{table.full_name}.{name}: default {default or 'none'}, expected {expected}")
                )
    return complaints


def missing_sql(tables: Iterable[RawTable], found: Found) -> Iterator[str]:
    """The statements that make what is missing: tables, the view that lists them, columns. For a new migration."""
    wanted = tuple(tables)
    new = [table for table in wanted if table.name not in found]
    yield from (create_table(table) for table in new)
    for table in wanted:
        yield from (
            add_column(table, name) for name in table.columns if name not in found.get(table.name, table.columns)
        )
    if new:
        yield held_offsets_view(wanted)


def found_columns(engine: Engine) -> Found:
    """The tables of a database as they are."""
    found: dict[str, dict[str, tuple[str, str]]] = {}
    for table, name, kind, default in engine.rows(
        f"SELECT table, name, type, default_expression FROM system.columns WHERE database = '{DATABASE}' "
        "ORDER BY table, position"
    ):
        found.setdefault(table, {})[name] = (kind, default)
    return found


def check_gate(engine: Engine, tables: Iterable[RawTable]) -> None:
    """Raises SchemaMismatch naming every difference between the database and the schemas."""
    complaints = mismatches(tables, found_columns(engine))
    if complaints:
        raise SchemaMismatch("; ".join(each.words for each in complaints))
