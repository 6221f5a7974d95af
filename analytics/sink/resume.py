"""Where to go on: asked of the raw tables themselves, which are the only truth about what is held.

Batches of a partition follow each other: rows of a batch exist only if all before it is complete. So only the last
batch can have holes, and its range stands in its rows. Every read of a partition begins at that batch's first offset.
"""

from collections.abc import Iterable, Mapping, Sequence

from analytics.ddl import DATABASE, RawTable
from analytics.engine import Engine
from analytics.sink.fold import Holding
from analytics.sink.records import Partition

_SPARE = ("skipped_offsets", "explained_offsets")


def resume_holdings(engine: Engine, tables: Sequence[RawTable]) -> dict[Partition, Holding]:
    """What is held of every partition that has ever been taken. Partitions not named are new: Holding()."""
    names = [*(table.name for table in tables), *_SPARE]
    last = _last_batches(engine, names)
    if not last:
        return {}
    first = _first_of_batch(engine, names, last)
    offsets = _offsets_from(engine, [*(table.name for table in tables), "skipped_offsets"], first)
    explained = _explained_from(engine, first)
    watermarks = _watermarks_before(engine, tables, first)
    return {
        partition: Holding(
            first=first[partition],
            last=last[partition],
            offsets=frozenset(offsets.get(partition, ())),
            explained=frozenset(explained.get(partition, ())),
            watermark=watermarks.get(partition, {}),
        )
        for partition in last
    }


def _last_batches(engine: Engine, names: Iterable[str]) -> dict[Partition, int]:
    union = _union(f"SELECT _topic, _partition, max(_batch_last) AS last FROM {DATABASE}.{{}} GROUP BY ALL", names)
    rows = engine.rows(f"SELECT _topic, _partition, max(last) FROM ({union}) GROUP BY ALL")
    return {Partition(topic, number): last for topic, number, last in rows}


def _first_of_batch(engine: Engine, names: Iterable[str], last: Mapping[Partition, int]) -> dict[Partition, int]:
    where = _any_of("_batch_last = {}", last)
    union = _union(f"SELECT _topic, _partition, _batch_first FROM {DATABASE}.{{}} WHERE {where}", names)
    rows = engine.rows(f"SELECT _topic, _partition, min(_batch_first) FROM ({union}) GROUP BY ALL")
    return {Partition(topic, number): first for topic, number, first in rows}


def _offsets_from(engine: Engine, names: Iterable[str], first: Mapping[Partition, int]) -> dict[Partition, list[int]]:
    where = _any_of("_offset >= {}", first)
    union = _union(f"SELECT _topic, _partition, _offset FROM {DATABASE}.{{}} WHERE {where}", names)
    rows = engine.rows(f"SELECT _topic, _partition, groupArray(_offset) FROM ({union}) GROUP BY ALL")
    return {Partition(topic, number): list(offsets) for topic, number, offsets in rows}


def _explained_from(engine: Engine, first: Mapping[Partition, int]) -> dict[Partition, list[tuple[int, int]]]:
    ranges: dict[Partition, list[tuple[int, int]]] = {}
    for topic, number, begin, end in engine.rows(
        f"SELECT DISTINCT _topic, _partition, first_offset, last_offset FROM {DATABASE}.explained_offsets "
        f"WHERE {_any_of('first_offset >= {}', first)}"
    ):
        ranges.setdefault(Partition(topic, number), []).append((begin, end))
    return ranges


def _watermarks_before(
    engine: Engine, tables: Iterable[RawTable], first: Mapping[Partition, int]
) -> dict[Partition, dict[tuple[str, int], tuple[int, int]]]:
    where = f"_source_topic != '' AND NOT _is_foreign AND ({_any_of('_offset < {}', first)})"
    group = "_topic, _partition, _source_topic, _source_partition"
    union = _union(
        f"SELECT {group}, max((_source_offset, _source_ordinal)) AS seen FROM {DATABASE}.{{}} WHERE {where} "
        f"GROUP BY {group}",
        [table.name for table in tables],
    )
    watermarks: dict[Partition, dict[tuple[str, int], tuple[int, int]]] = {}
    for topic, number, source_topic, source_number, seen in engine.rows(
        f"SELECT {group}, max(seen) FROM ({union}) GROUP BY {group}"
    ):
        offset, ordinal = seen
        watermarks.setdefault(Partition(topic, number), {})[(source_topic, source_number)] = (offset, ordinal)
    return watermarks


def _union(select: str, names: Iterable[str]) -> str:
    return " UNION ALL ".join(select.format(name) for name in names)


def _any_of(condition: str, bounds: Mapping[Partition, int]) -> str:
    """A condition that the primary key understands: one branch a partition."""
    return " OR ".join(
        f"(_topic = '{partition.topic}' AND _partition = {partition.number} AND {condition.format(bound)})"
        for partition, bound in sorted(bounds.items())
    )
