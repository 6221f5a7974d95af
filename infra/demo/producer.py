"""The producer's side of the demo: what any company's program would do, and nothing that it could not.

It knows how to reach Kafka, the registry's address, its topics and the text of the schema; all serializing is the
unmodified confluent_kafka client's.
"""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from confluent_kafka import Consumer, KafkaError, Message, Producer, TopicPartition
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.serialization import MessageField, SerializationContext, SerializationError

Client = Mapping[str, str | int | bool]
STATUS_TOPIC = "sms.status.{account}"
TIMEOUT_S = 20.0


@dataclass(frozen=True, slots=True)
class Coordinates:
    """Where a record stands: from the delivery report, and again in every status."""

    topic: str
    partition: int
    offset: int


Delivered = Callable[[Coordinates, int], None]
"""Told where a record stands, and its log time in UTC milliseconds."""


class RegistryAway(Exception):
    """The schema registry does not answer: try again later, as any producer would."""


class SmsProducer:
    """Writes SubmitMessage records to `sms.submitted.<account>.<lane>`."""

    def __init__(self, client: Client, registry_url: str, schema_text: str) -> None:
        self._producer = Producer({**client, "enable.idempotence": True, "log_level": 2})
        self._serialize = AvroSerializer(SchemaRegistryClient({"url": registry_url}), schema_text)

    def submit(self, topic: str, fields: Mapping[str, Any], delivered: Delivered) -> None:
        """Write one message; `delivered` is told where it stands, from `poll`. Raises RegistryAway."""
        context = SerializationContext(topic, MessageField.VALUE)
        self.write(topic, _asking_registry(self._serialize, dict(fields), context), delivered)

    def write(self, topic: str, value: bytes | None, delivered: Delivered) -> None:
        """Write octets as they are."""

        def on_delivery(error: KafkaError | None, message: Message) -> None:
            if error is not None:
                raise RuntimeError(f"{topic}: {error.str()}")
            place = Coordinates(message.topic(), message.partition(), message.offset())
            delivered(place, message.timestamp()[1])

        self._producer.produce(topic, value=value, on_delivery=on_delivery)

    def poll(self) -> None:
        """Let delivery reports in."""
        self._producer.poll(0)


class StatusReader:
    """Reads `sms.status.<account>` of some accounts, from their ends at construction on."""

    def __init__(self, client: Client, registry_url: str, accounts: list[str], group: str) -> None:
        self._deserialize = AvroDeserializer(SchemaRegistryClient({"url": registry_url}))
        self._consumer = Consumer({**client, "group.id": group, "enable.auto.commit": False, "log_level": 2})
        self._unread: deque[Message] = deque()
        places = []
        for account in accounts:
            topic = STATUS_TOPIC.format(account=account)
            _, end = self._consumer.get_watermark_offsets(TopicPartition(topic, 0), timeout=TIMEOUT_S)
            places.append(TopicPartition(topic, 0, end))
        self._consumer.assign(places)

    def read(self, timeout_s: float) -> list[dict[str, Any]]:
        """What came since; each record as a dict of its fields. Waits for the registry if it is away."""
        self._unread.extend(message for message in self._consumer.consume(100, timeout_s) if not message.error())
        found = []
        while self._unread:
            message = self._unread[0]
            context = SerializationContext(message.topic(), MessageField.VALUE)
            try:
                record = _asking_registry(self._deserialize, message.value(), context)
            except RegistryAway:
                break  # these records wait; what was read before is not lost
            self._unread.popleft()
            if isinstance(record, dict):
                found.append(record)
        return found

    def close(self) -> None:
        """Leave Kafka."""
        self._consumer.close()


def _asking_registry(
    call: Callable[[Any, SerializationContext], Any], value: Any, context: SerializationContext
) -> Any:
    """Serialize or deserialize; a registry out of reach is RegistryAway, whatever its HTTP library calls it."""
    try:
        return call(value, context)
    except (ValueError, TypeError, LookupError, SerializationError):
        raise  # the value does not fit the schema: trying again would not help
    except Exception as error:
        raise RegistryAway(str(error)) from error
