"""The engine under the views: the embedded one in the tests' own process, or a server in a container."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from analytics.ddl import raw_tables
from analytics.engine import Engine
from analytics.migrator import migrate
from analytics.sink.fold import Holding, PartitionFold
from analytics.sink.records import Partition, Row, Skipped, Taken
from analytics.sink.topics import SunkTopics
from analytics.sink.writer import Writer
from pipeline.events.codec import AnyRecord, Codec
from pipeline.events.headers import headers_of
from pipeline.events.schema_store import SchemaStore, default_store

CODEC = Codec()
STORE = default_store()
TABLES = raw_tables(STORE)


class Journal:
    """Puts records into the raw tables as the sink does, without Kafka. Offsets follow each other by topic.

    `data_dir` is that of an embedded engine, None for a server.
    """

    def __init__(self, engine: Engine, data_dir: Path | None = None) -> None:
        self.data_dir = data_dir
        self.engine = engine
        migrate(self.engine)
        self.writer = Writer(self.engine, STORE, TABLES)
        self._next: dict[Partition, int] = {}

    def put(self, topic: str, records: Iterable[AnyRecord], *, at_ms: int = 1_767_607_200_000) -> None:
        """Hold records in partition 0 of a topic, each with `at_ms` and its place as milliseconds of log time."""
        self.put_octets(topic, [CODEC.encode(record) for record in records], at_ms=at_ms)

    def put_octets(
        self, topic: str, values: Iterable[bytes], *, at_ms: int = 1_767_607_200_000, store: SchemaStore = STORE
    ) -> None:
        """The same for framed values, by the schemas of a store."""
        partition = Partition(topic, 0)
        names = SunkTopics(store).records_of(topic)
        assert names is not None
        first = self._next.get(partition, 0)
        fold = PartitionFold(
            partition, Holding(first=first), store=store, records=names, epoch="live", explain=lambda *_: ""
        )
        rows: list[Row] = []
        for number, value in enumerate(values):
            taken = Taken(partition, first + number, at_ms + number, value, headers_of(None, "live"))
            rows += [output for output in fold.take(taken) if isinstance(output, Row)]
        self._next[partition] = fold.next_offset
        writer = self.writer if store is STORE else Writer(self.engine, store, raw_tables(store))
        assert writer.write_rows(rows, {partition: (first, fold.next_offset - 1)}) == []

    def skip(self, topic: str, offset: int) -> None:
        """Note a skipped offset."""
        partition = Partition(topic, 0)
        skipped = Skipped(partition, offset, 0, b"?", "not-avro", "")
        self.writer.write_notes([skipped], [], {partition: (offset, offset)})

    def delete(self, table: str, where: str) -> None:
        """Plant a loss."""
        self.engine.command(f"ALTER TABLE sluice.{table} DELETE WHERE {where} SETTINGS mutations_sync = 2")

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return self.engine.rows(sql)

    def clear(self) -> None:
        """Empty every table, so that a test sees only its own."""
        for table in (*(table.name for table in TABLES), "skipped_offsets", "explained_offsets", "partition_ends"):
            self.engine.command(f"TRUNCATE TABLE sluice.{table}")
        self._next.clear()
