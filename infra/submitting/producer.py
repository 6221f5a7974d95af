"""Writes messages to an account's topics, and watches what becomes of them, as any producer could."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from confluent_kafka import OFFSET_END, Consumer, KafkaError, KafkaException, Message, Producer, TopicPartition

from infra.submitting.rows import lane_of_message
from pipeline.domain.ids import message_id
from pipeline.errors import ForTheUser
from pipeline.events import topics
from pipeline.events.codec import Codec, Poison
from pipeline.events.records import MessageStatusChanged, SubmitMessage
from pipeline.kafka.client import Client
from pipeline.kafka.passing import watermarks

TIMEOUT_S = 30.0


class NotSubmitted(ForTheUser):
    """Messages could not be written; the message says how many were and why the next was not."""


@dataclass(frozen=True, slots=True)
class Submitted:
    """Where a message stands, and the id that follows from it. `line`: of the file it came from, from 1."""

    line: int
    message_id: str
    topic: str
    partition: int
    offset: int


class AccountProducer:
    """Writes to `sms.submitted.<account>.<lane>`. Raises NotSubmitted if the account has no topics."""

    def __init__(self, client: Client, account: str) -> None:
        self._account = account
        self._codec = Codec()
        self._failure = ""
        self._producer = Producer(
            {
                **client,
                "enable.idempotence": True,
                "acks": "all",
                "linger.ms": 5,
                "delivery.timeout.ms": int(TIMEOUT_S * 1000),
                "log_level": 2,
            }
        )
        try:
            there = self._producer.list_topics(timeout=TIMEOUT_S)
        except KafkaException as error:
            raise NotSubmitted(f"Kafka does not answer: {error.args[0].str()}") from error
        self._cluster_id = str(there.cluster_id)
        known = sorted({name.split(".")[2] for name in there.topics if name.startswith("sms.submitted.")})
        if account not in known:
            raise NotSubmitted(f"account {account!r} has no topics here, expected one of {', '.join(known) or 'none'}")

    def submit(self, rows: Iterable[tuple[int, SubmitMessage]], submitted: Callable[[Submitted], None]) -> int:
        """Write all, in order by lane; `submitted` is told of each once it is durable. How many were written.

        Raises NotSubmitted at the first that is not: some of those after it may have been written too.
        """
        count = 0

        def told(line: int, error: KafkaError | None, message: Message) -> None:
            nonlocal count
            if error is not None:
                self._failure = self._failure or f"line {line}: {error.str()}"
                return
            count += 1
            submitted(self._place(line, message))

        for line, row in rows:
            self._write(line, row, told)
            if self._failure:
                break
        left = self._producer.flush(TIMEOUT_S + 5)
        if left:
            self._failure = self._failure or f"{left} more were not acknowledged in time"
        if self._failure:
            raise NotSubmitted(
                f"{count} were written, then {self._failure}; repeating the file sends none of them twice"
            )
        return count

    def _write(self, line: int, row: SubmitMessage, told: Callable[[int, KafkaError | None, Message], None]) -> None:
        topic = topics.submitted(self._account, lane_of_message(row).value)
        value = self._codec.encode(row)
        while True:
            try:
                self._producer.produce(
                    topic, value=value, on_delivery=lambda error, message: told(line, error, message)
                )
                break
            except BufferError:
                self._producer.poll(0.1)
            except KafkaException as error:  # refused before it is sent, such as one that is too large
                self._failure = self._failure or f"line {line}: {error.args[0].str()}"
                return
        self._producer.poll(0)

    def _place(self, line: int, message: Message) -> Submitted:
        topic, partition, offset = str(message.topic()), int(message.partition() or 0), int(message.offset() or 0)
        return Submitted(line, message_id(self._cluster_id, topic, partition, offset), topic, partition, offset)


class StatusWatch:
    """Reads `sms.status.<account>` from its end at construction on."""

    def __init__(self, client: Client, account: str) -> None:
        self._codec = Codec()
        self._consumer = Consumer(
            {**client, "group.id": f"{account}.sluice-submit", "enable.auto.commit": False, "log_level": 2}
        )
        topic = topics.status(account)
        partitions = self._consumer.list_topics(topic, timeout=TIMEOUT_S).topics[topic].partitions
        ends = []
        for partition in partitions:
            place = TopicPartition(topic, partition, OFFSET_END)
            _, place.offset = watermarks(self._consumer, place, TIMEOUT_S)
            ends.append(place)
        self._consumer.assign(ends)

    def follow(self, wanted: set[str], timeout_s: float, changed: Callable[[MessageStatusChanged], None]) -> set[str]:
        """Tell of each status of these messages until all have their final one; the ids that had none in time."""
        waiting = set(wanted)
        deadline = time.monotonic() + timeout_s
        while waiting and time.monotonic() < deadline:
            message = self._consumer.poll(0.2)
            if message is None or message.error():
                continue
            try:
                record: object = self._codec.decode(message.value())
            except Poison:
                continue
            if isinstance(record, MessageStatusChanged) and record.message_id in wanted:
                changed(record)
                if record.is_final:
                    waiting.discard(record.message_id)
        return waiting

    def close(self) -> None:
        """Leave Kafka."""
        self._consumer.close()
