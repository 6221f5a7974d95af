"""The loop over a log that is a list, and an engine that only remembers."""

import threading
from collections.abc import Iterable, Mapping, Sequence

import pytest

from analytics.ddl import raw_tables
from analytics.sink.loop import LoopLimits, SinkLoop
from analytics.sink.records import EndReached, LogError, LogUnavailable, Partition, Skipped, Taken
from analytics.sink.writer import PoisonFlood
from pipeline.events.codec import Codec
from pipeline.events.headers import headers_of
from pipeline.events.records import UsageRecorded

CODEC = Codec()
USAGE = Partition("sms.usage", 0)
GOOD = CODEC.encode(UsageRecorded(message_id="m"))


class FakeEngine:
    """Holds the names of tables inserted into; answers the questions of resume with `last_batch`."""

    def __init__(self, last_batch: list[tuple[str, int, int]] | None = None) -> None:
        self.inserts: list[str] = []
        self._last_batch = last_batch or []

    def rows(self, sql: str) -> list[tuple[str, int, int]]:
        return self._last_batch if "max(last)" in sql or "min(_batch_first)" in sql else []

    def insert(self, table: str, columns: Sequence[str], payload: bytes, fmt: str) -> None:
        self.inserts.append(table)


class FakeLog:
    """One partition; each take gives the next of `takes`, and sets `stop` with the last."""

    def __init__(self, takes: Iterable[list[Taken | EndReached]], stop: threading.Event, *, end: int = 1000) -> None:
        self.positions: dict[Partition, int] = {}
        self.committed: dict[Partition, int] = {}
        self.commits = 0
        self.is_closed = False
        self.is_silent = False
        self.silent_at_start = 0
        self._takes = list(takes)
        self._stop = stop
        self._end = end

    def partitions(self) -> frozenset[Partition]:
        self.silent_at_start -= 1
        if self.is_silent or self.silent_at_start >= 0:
            raise LogUnavailable("no broker")
        return frozenset({USAGE})

    def ends(self, partition: Partition) -> tuple[int, int]:
        return 0, self._end

    def known_end(self, partition: Partition) -> int:
        return self._end

    def read_from(self, positions: Mapping[Partition, int]) -> None:
        self.positions.update(positions)

    def take(self, limit: int, timeout_s: float) -> list[Taken | EndReached]:
        self.is_silent = True
        if len(self._takes) <= 1:
            self._stop.set()
        return self._takes.pop(0) if self._takes else []

    def commit(self, positions: Mapping[Partition, int]) -> None:
        self.committed.update(positions)
        self.commits += bool(positions)

    def close(self) -> None:
        self.is_closed = True


class FakeQuarantine:
    def __init__(self) -> None:
        self.reports: list[Skipped] = []

    def report(self, skipped: Iterable[Skipped]) -> None:
        self.reports += skipped


def run(
    takes: Iterable[list[Taken | EndReached]],
    *,
    engine: FakeEngine | None = None,
    end: int = 1000,
    limit: int = 10,
    commit_every_s: float = 1.0,
    silent_at_start: int = 0,
) -> tuple[FakeEngine, FakeLog, FakeQuarantine]:
    stop = threading.Event()
    engine, log, quarantine = engine or FakeEngine(), FakeLog(takes, stop, end=end), FakeQuarantine()
    log.silent_at_start = silent_at_start
    loop = SinkLoop(
        engine=engine,  # type: ignore[arg-type]
        kafka=log,
        quarantine=quarantine,
        store=CODEC.store,
        tables=raw_tables(CODEC.store),
        epoch="live",
        limits=LoopLimits(
            poison_limit=limit, discover_every_s=0, commit_every_s=commit_every_s, start_tries=3, start_pause_s=0
        ),
        clock=lambda: 0.0,
    )
    try:
        loop.run(stop, lambda: None)
    finally:
        assert log.is_closed
    return engine, log, quarantine


def a_record(offset: int, value: bytes = GOOD) -> Taken:
    return Taken(USAGE, offset, 0, value, headers_of(None, "live"))


def test_what_is_taken_is_inserted_before_it_is_committed() -> None:
    engine, log, _ = run([[a_record(0), a_record(1)], []])
    assert engine.inserts.count("sluice.usage_recorded") == 1
    assert log.committed == {USAGE: 2}


def test_what_has_not_moved_is_not_committed_again() -> None:
    _, log, _ = run([[a_record(0)], [], [], [a_record(1)], [], []], commit_every_s=0)
    assert (log.committed, log.commits) == ({USAGE: 2}, 2)


def test_a_skipped_record_is_reported_and_noted() -> None:
    engine, log, quarantine = run([[a_record(0, b"junk"), a_record(1)]])
    assert [(each.offset, each.reason) for each in quarantine.reports] == [(0, "not-avro")]
    assert "sluice.skipped_offsets" in engine.inserts
    assert log.committed == {USAGE: 2}


def test_a_flood_of_poison_stops_the_sink_before_it_drains_the_topic() -> None:
    with pytest.raises(PoisonFlood, match="11 unreadable records in a row"):
        run([[a_record(offset, b"junk")] for offset in range(50)], limit=10)


def test_poison_between_good_records_stops_nobody() -> None:
    takes = [[a_record(2 * n, b"junk"), a_record(2 * n + 1)] for n in range(50)]
    _, log, quarantine = run(takes, limit=10)
    assert len(quarantine.reports) == 50
    assert log.committed == {USAGE: 100}


def test_a_restart_reads_from_the_first_offset_of_the_last_batch() -> None:
    _, log, _ = run([[]], engine=FakeEngine([("sms.usage", 0, 40)]))
    assert log.positions == {USAGE: 40}


def test_a_directory_of_another_cluster_is_refused() -> None:
    with pytest.raises(LogError, match="belongs to another cluster"):
        run([[]], engine=FakeEngine([("sms.usage", 0, 40)]), end=40)


def test_a_broker_that_is_silent_for_a_while_stops_nobody() -> None:
    _, log, _ = run([[a_record(0)], [], [a_record(1)], []])
    assert log.committed == {USAGE: 2}


def test_an_end_without_new_records_writes_nothing() -> None:
    engine, _, _ = run([[EndReached(USAGE, 0)]])
    assert engine.inserts == ["sluice.partition_ends"]


def test_topics_that_are_in_the_making_at_the_start_are_asked_for_again() -> None:
    engine, _, _ = run([[a_record(0)], []], silent_at_start=2)

    assert "sluice.usage_recorded" in engine.inserts


def test_a_broker_that_never_answers_at_the_start_ends_the_sink() -> None:
    with pytest.raises(LogUnavailable):
        run([[]], silent_at_start=3)
