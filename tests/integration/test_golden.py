"""The golden octets of every version, by the readers that need something running: a registry, the sink."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from confluent_kafka import Message, Producer
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer
from confluent_kafka.serialization import MessageField, SerializationContext

from analytics.ddl import raw_tables
from infra.embedded.kafka import EmbeddedKafka
from pipeline.events import topics
from pipeline.events.headers import headers_of
from pipeline.events.records import RECORDS
from pipeline.events.schema_store import SchemaEntry, default_store
from tests import examples
from tests.golden import path_of
from tests.integration.kafka_tools import a_topic, make_topics
from tests.integration.sink_rig import SinkProcess, a_sink

pytestmark = pytest.mark.integration

STORE = default_store()
TABLES = {table.record: table for table in raw_tables(STORE)}
_TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}")
NAMES = {"<account>": "acme", "<lane>": "express", "<carrier>": "north"}
every_version = pytest.mark.parametrize("entry", STORE.entries(), ids=lambda entry: f"{entry.record}.v{entry.version}")
every_sunk_version = pytest.mark.parametrize(
    "entry",
    [entry for entry in STORE.entries() if entry.record in TABLES],
    ids=lambda entry: f"{entry.record}.v{entry.version}",
)


def topic_of(entry: SchemaEntry) -> str:
    """A topic in which the record may stand."""
    name = next((topic.name for topic in STORE.topics() if entry.record in topic.records), "sms.of.nobody")
    for place, given in NAMES.items():
        name = name.replace(place, given)
    return name


def expected(entry: SchemaEntry) -> dict[str, Any]:
    """Fields of a version's example as today's readers see them."""
    record = msgspec.convert(examples.fields_of(entry), RECORDS[entry.record])
    found: dict[str, Any] = examples.without_datetimes(msgspec.to_builtins(record, builtin_types=(bytes,)))
    return found


@every_version
def test_confluents_deserializer_reads_every_version_as_the_newest(registry: str, entry: SchemaEntry) -> None:
    read = AvroDeserializer(SchemaRegistryClient({"url": registry}), STORE.newest(entry.record).text)
    found = read(path_of(entry).read_bytes(), SerializationContext(topic_of(entry), MessageField.VALUE))
    assert examples.without_datetimes(found) == expected(entry)


@dataclass(frozen=True, slots=True)
class Landed:
    """A sink that holds the golden octets, and where in Kafka those of each version stand."""

    sink: SinkProcess
    places: dict[int, tuple[str, int]]


@pytest.fixture(scope="module")
def landed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Landed]:
    """All golden octets in topics of a Kafka of their own (examples of rules are no rules), taken by the sink."""
    entries = [entry for entry in STORE.entries() if entry.record in TABLES]
    places: dict[int, tuple[str, int]] = {}
    with EmbeddedKafka(tmp_path_factory.mktemp("golden-kafka")) as kafka:
        names = {topic_of(entry) for entry in entries} - {topics.CONTROL, topics.HEALTH, topics.QUARANTINE}
        make_topics(kafka.bootstrap, [a_topic(name) for name in sorted(names)])
        producer = Producer({"bootstrap.servers": kafka.bootstrap})
        for entry in entries:

            def note(error: object, message: Message, schema_id: int = entry.id) -> None:
                assert error is None
                places[schema_id] = (message.topic(), message.offset())

            value = path_of(entry).read_bytes()
            producer.produce(topic_of(entry), value, headers=headers_of(None, "live"), on_delivery=note)
        assert producer.flush(20) == 0
        with a_sink(kafka.bootstrap, tmp_path_factory.mktemp("golden-sink")) as sink:
            sink.wait_until("SELECT sum(rows) FROM coverage", lambda rows: rows == len(entries))
            yield Landed(sink, places)


@every_sunk_version
def test_every_version_lands_in_its_columns(landed: Landed, entry: SchemaEntry) -> None:
    table = TABLES[entry.record]
    topic, offset = landed.places[entry.id]
    columns = [column for column in table.columns if not column.startswith("_")]
    (row,) = landed.sink.rows(
        f"SELECT {', '.join(columns)} FROM {table.full_name} WHERE _topic = '{topic}' AND _offset = {offset}"
    )
    assert _as_record(row) == {name: value for name, value in expected(entry).items() if name in columns}


def test_an_added_field_has_its_default_where_the_record_is_older(landed: Landed) -> None:
    rows = landed.sink.rows("SELECT tariff, cost_tariff FROM usage ORDER BY offset LIMIT 2")
    assert rows == [{"tariff": "", "cost_tariff": ""}, {"tariff": "acme-2026", "cost_tariff": "north-2026"}]


def test_nothing_of_it_was_skipped(landed: Landed) -> None:
    assert landed.sink.rows("SELECT topic, is_sound FROM coverage WHERE NOT is_sound OR skipped > 0") == []


def _as_record(value: Any) -> Any:
    """Rows as records have them: a time with microseconds is a count of these."""
    if isinstance(value, dict):
        return {key: _as_record(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_as_record(each) for each in value]
    if isinstance(value, str) and _TIME.fullmatch(value):
        return examples.without_datetimes(datetime.fromisoformat(value).replace(tzinfo=UTC))
    return value
