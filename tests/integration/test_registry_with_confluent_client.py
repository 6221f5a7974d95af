"""The registry endpoint serves the genuine confluent-kafka client, in each of its modes."""

from __future__ import annotations

import json
import struct
import uuid
from typing import Any

import fastavro
import fastavro.utils
import httpx
import pytest
from confluent_kafka import Consumer, SerializingProducer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic
from confluent_kafka.schema_registry import (
    SchemaRegistryClient,
    record_subject_name_strategy,
    topic_record_subject_name_strategy,
)
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.schema_registry.error import SchemaRegistryError
from confluent_kafka.schema_registry.schema_registry_client import Schema
from confluent_kafka.serialization import MessageField, SerializationContext

from infra.embedded.kafka import EmbeddedKafka
from pipeline.events.schema_store import SchemaEntry, default_store

pytestmark = pytest.mark.integration

MODES: list[dict[str, Any]] = [
    {},
    {"auto.register.schemas": False},
    {"auto.register.schemas": False, "use.latest.version": True},
    {"normalize.schemas": True},
]
TOPIC = "sms.submitted.acme.express"
VALUE = SerializationContext(TOPIC, MessageField.VALUE)


def submit_message() -> SchemaEntry:
    return default_store().newest("SubmitMessage")


def a_submission(**given: Any) -> dict[str, Any]:
    return {
        "to": "+14155550123",
        "text": "Your code is 1234",
        "message_class": "otp",
        "params": {},
        "metadata": {},
    } | given


def changed(**fields: Any) -> str:
    """The schema of SubmitMessage with the field `to` changed."""
    schema = submit_message().json
    schema["fields"][0] |= fields
    return json.dumps(schema)


@pytest.fixture
def client(registry: str) -> SchemaRegistryClient:
    return SchemaRegistryClient({"url": registry})


@pytest.mark.parametrize("mode", MODES, ids=["default", "no registering", "latest", "normalized"])
def test_a_serializer_frames_with_the_stable_id_and_a_deserializer_reads_it(
    client: SchemaRegistryClient, mode: dict[str, Any]
) -> None:
    entry = submit_message()
    framed = AvroSerializer(client, entry.text, conf=mode)(a_submission(sender="Acme"), VALUE)
    assert framed is not None
    assert struct.unpack(">bI", framed[:5]) == (0, entry.id)
    read = AvroDeserializer(client)(framed, VALUE)
    assert (read["to"], read["sender"], read["reference"]) == ("+14155550123", "Acme", None)


@pytest.mark.parametrize("strategy", [topic_record_subject_name_strategy, record_subject_name_strategy])
def test_records_of_a_mixed_topic_are_found_by_their_names(client: SchemaRegistryClient, strategy: Any) -> None:
    entry = default_store().newest("RecallRequested")
    conf = {"subject.name.strategy": strategy}
    example = fastavro.utils.generate_one(fastavro.parse_schema(entry.json))
    context = SerializationContext("sms.recall", MessageField.VALUE)
    framed = AvroSerializer(client, entry.text, conf=conf)(example, context)
    assert framed is not None
    assert struct.unpack(">bI", framed[:5]) == (0, entry.id)
    assert AvroDeserializer(client, conf=conf)(framed, context) is not None


def test_through_kafka_a_standard_producer_and_consumer_understand_each_other(
    kafka: EmbeddedKafka, client: SchemaRegistryClient
) -> None:
    topic = f"sms.submitted.test-{uuid.uuid4().hex[:8]}.express"
    admin = AdminClient({"bootstrap.servers": kafka.bootstrap})
    admin.create_topics([NewTopic(topic, 1, 1)])[topic].result(30)
    serializer = AvroSerializer(client, submit_message().text)
    producer = SerializingProducer({"bootstrap.servers": kafka.bootstrap, "value.serializer": serializer})
    producer.produce(topic, value=a_submission(text="你的验证码是 1234"))
    assert producer.flush(30) == 0
    consumer = Consumer({"bootstrap.servers": kafka.bootstrap, "group.id": topic})
    consumer.assign([TopicPartition(topic, 0, 0)])
    message = consumer.poll(30)
    consumer.close()
    assert message is not None
    value = AvroDeserializer(client)(message.value(), SerializationContext(topic, MessageField.VALUE))
    assert value["text"] == "你的验证码是 1234"


def test_an_equal_schema_in_other_words_is_given_the_stable_id(client: SchemaRegistryClient) -> None:
    schema = submit_message().json
    del schema["doc"]
    for field in schema["fields"]:
        del field["doc"]
    schema["fields"][0]["type"] = {"type": "string", "avro.java.string": "String"}
    schema["name"] = "sluice." + schema["name"]
    del schema["namespace"]
    assert client.register_schema(f"{TOPIC}-value", Schema(json.dumps(schema), "AVRO")) == submit_message().id


@pytest.mark.parametrize(
    ("schema", "named"),
    [(changed(type="bytes"), 'at to: "bytes", expected "string"'), (changed(name="msisdn"), "field to is missing")],
)
def test_a_different_schema_is_refused_and_the_difference_named(
    client: SchemaRegistryClient, schema: str, named: str
) -> None:
    with pytest.raises(SchemaRegistryError) as refused:
        client.register_schema(f"{TOPIC}-value", Schema(schema, "AVRO"))
    assert (refused.value.http_status_code, refused.value.error_code) == (409, 409)
    assert named in str(refused.value)
    with pytest.raises(SchemaRegistryError) as unknown:
        client.lookup_schema(f"{TOPIC}-value", Schema(schema, "AVRO"))
    assert unknown.value.error_code == 40403
    assert client.test_compatibility(f"{TOPIC}-value", Schema(schema, "AVRO")) is False


def test_the_client_can_ask_for_all_that_is_there(client: SchemaRegistryClient) -> None:
    entry, subject = submit_message(), f"{TOPIC}-value"
    assert "sms.submitted.gateway.express-value" in client.get_subjects()
    assert client.get_versions(subject) == [1]
    version = client.get_version(subject, 1)
    assert (version.schema_id, version.version, version.subject) == (entry.id, 1, subject)
    assert client.get_latest_version(subject).schema_id == entry.id
    assert json.loads(client.get_schema(entry.id).schema_str) == entry.json
    assert json.loads(client.get_schema(entry.id, subject_name=subject).schema_str) == entry.json
    assert client.lookup_schema(subject, Schema(entry.text, "AVRO")).schema_id == entry.id
    assert client.test_compatibility(subject, Schema(entry.text, "AVRO")) is True
    assert client.get_compatibility() == "FULL_TRANSITIVE"
    assert client.get_compatibility(subject) == "FULL_TRANSITIVE"
    assert client.get_schema_types() == ["AVRO"]


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/subjects/orders-value/versions", 40401),
        ("/subjects/orders-value/versions/latest", 40401),
        (f"/subjects/{TOPIC}-value/versions/2", 40402),
        (f"/subjects/{TOPIC}-value/versions/first", 42202),
        ("/schemas/ids/999999", 40403),
        ("/schemas/ids/x", 40403),
        ("/config/orders-value", 40401),
    ],
)
def test_what_is_not_there_has_the_registrys_code(registry: str, path: str, code: int) -> None:
    answer = httpx.get(registry + path)
    assert answer.status_code == code // 100
    assert answer.json()["error_code"] == code


@pytest.mark.parametrize("path", ["/nothing", "/subjects/a/b/c", "/v1/metadata/id", "/dek-registry/v1/keks"])
def test_an_unknown_path_answers_404_in_the_registrys_json(registry: str, path: str) -> None:
    answer = httpx.get(registry + path)
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("application/vnd.schemaregistry.v1+json")
    assert answer.json() == {"error_code": 404, "message": "HTTP 404 Not Found"}


def test_a_method_that_changes_what_is_reviewed_is_not_allowed(registry: str) -> None:
    assert httpx.delete(f"{registry}/subjects/{TOPIC}-value").json()["error_code"] == 42205  # read-only
    assert httpx.put(f"{registry}/config", json={"compatibility": "NONE"}).json()["error_code"] == 42203
    assert httpx.put(f"{registry}/config", json={"compatibility": "FULL_TRANSITIVE"}).status_code == 200


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", 400),
        (b"[]", 400),
        (b"{}", 42201),
        (b'{"schema": "{"}', 42201),
        (b'{"schema": "\\"string\\"", "schemaType": "PROTOBUF"}', 42201),
    ],
)
def test_a_body_that_is_no_schema_is_refused(registry: str, body: bytes, code: int) -> None:
    answer = httpx.post(f"{registry}/subjects/{TOPIC}-value/versions", content=body)
    assert answer.json()["error_code"] == code
    assert answer.status_code == (code if code < 1000 else 422)


def test_associations_are_none_so_that_the_topic_names_the_subject(registry: str) -> None:
    path = f"/associations/resources/-/{TOPIC}?resourceType=topic&associationType=value"
    assert httpx.get(registry + path).json() == []


def test_a_schema_says_where_it_stands(registry: str) -> None:
    versions = httpx.get(f"{registry}/schemas/ids/{submit_message().id}/versions").json()
    assert {"subject": "sluice.SubmitMessage", "version": 1} in versions
