"""The search for a bad record."""

from collections.abc import Iterable, Sequence

import pytest
from clickhouse_connect.driver.exceptions import DatabaseError

from analytics.sink.quarantine import quarantined
from analytics.sink.records import Partition, Row, Skipped
from analytics.sink.writer import insert_or_bisect

HERE = Partition("sms.usage", 0)
BAD_DATA, NO_MEMORY = 1001, 241


def a_row(offset: int) -> Row:
    return Row(HERE, offset, 0, 1019, b"", None, "live", False, False)


class FakeTable:
    """Takes rows wholly or not at all; refuses those with a bad offset."""

    def __init__(self, bad: Iterable[int] = (), code: int = BAD_DATA) -> None:
        self.held: list[int] = []
        self.inserts = 0
        self._bad = frozenset(bad)
        self._code = code

    def insert(self, rows: Sequence[Row]) -> None:
        self.inserts += 1
        if any(row.offset in self._bad for row in rows):
            raise DatabaseError(f"Code: {self._code}. bad", code=self._code)
        self.held += [row.offset for row in rows]


@pytest.mark.parametrize("bad", [set(), {0}, {99}, {3, 50, 51}, set(range(100))])
def test_exactly_the_bad_records_are_refused_and_the_rest_lands_once(bad: set[int]) -> None:
    table = FakeTable(bad)
    refused = insert_or_bisect([a_row(offset) for offset in range(100)], table.insert)
    assert {each.offset for each in refused} == bad
    assert {each.reason for each in refused} <= {"undecodable"}
    assert sorted(table.held) == sorted(set(range(100)) - bad)


def test_one_bad_record_among_many_is_found_in_few_inserts() -> None:
    table = FakeTable({700})
    insert_or_bisect([a_row(offset) for offset in range(1024)], table.insert)
    assert table.inserts <= 2 * 10 + 1


def test_an_engine_in_trouble_is_no_fault_of_the_records() -> None:
    table = FakeTable({1}, code=NO_MEMORY)
    with pytest.raises(DatabaseError):
        insert_or_bisect([a_row(offset) for offset in range(4)], table.insert)
    assert table.held == []


def test_nothing_is_no_insert() -> None:
    table = FakeTable()
    assert insert_or_bisect([], table.insert) == []
    assert table.inserts == 0


def test_a_report_names_the_record_and_copies_nothing_of_it() -> None:
    report = quarantined(Skipped(HERE, 7, 12, b"secret", "undecodable", "why"))
    assert (report.reader, report.source_topic, report.source_partition, report.source_offset) == (
        "sink", "sms.usage", 0, 7,
    )  # fmt: skip
    assert (report.source_timestamp, report.reason, report.value_size, report.sealed_value) == (
        12_000, "undecodable", 6, b"",
    )  # fmt: skip
    assert report.caused_by == "sms.usage/0/7"
