"""Fenced checkpoints of one partition of a stage, in the compacted topic `sms.state.<stage>`.

The owner's transactional producer `<stage>-<partition>` fences whoever owned the partition before; only
then is the state read, so nothing can be added behind the reader's back. One transaction a checkpoint, one record a
key. What is in memory is built from here and nowhere else, so it cannot be ahead of the truth.
"""

import asyncio
import time
from collections.abc import Mapping

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, Producer, TopicPartition

from pipeline.events import topics
from pipeline.logs import ClientLog

Config = Mapping[str, str | int | bool]
TIMEOUT_S = 30.0
LOAD_TIMEOUT_S = 300.0
BATCH = 1000
POLL_S = 0.05  # consume() fills its batch or waits this long
_FENCED = frozenset(
    {KafkaError._FENCED, KafkaError.PRODUCER_FENCED, KafkaError.INVALID_PRODUCER_EPOCH, KafkaError.FENCED_INSTANCE_ID}
)


class Fenced(Exception):
    """Another process owns this partition now: stop it here, write nothing, commit nothing."""


class CheckpointFailed(Exception):
    """A checkpoint could not be written or read: stop the worker and start again from the last one."""


class KafkaCheckpoints:
    """Checkpoints of partition `partition` of `stage`. Implements `fold.CheckpointStore`.

    `open` first, once; then `save` any number of times, one at a time; then `close`. Blocking work goes to threads.
    """

    def __init__(self, config: Config, stage: str, partition: int) -> None:
        self._config = config
        self.stage = stage
        self.partition = partition
        self.topic = topics.state(stage)
        self._producer: Producer | None = None

    async def open(self) -> dict[str, bytes]:
        """Fence the previous owner, then read all committed values by key. Raises CheckpointFailed."""
        return await asyncio.to_thread(self._open)

    async def save(self, changes: Mapping[str, bytes | None]) -> None:
        """Write these values (None forgets a key) in one transaction.

        Raises Fenced if another owner came, CheckpointFailed for all else; in both cases nothing of it counts.
        """
        await asyncio.to_thread(self._save, changes)

    async def close(self) -> None:
        """Let the producer go; a transaction that was open is left for the next owner to abort."""
        producer, self._producer = self._producer, None
        if producer is not None:
            await asyncio.to_thread(producer.purge)

    def _open(self) -> dict[str, bytes]:
        producer = Producer(
            {
                "transactional.id": f"{self.stage}-{self.partition}",
                "transaction.timeout.ms": int(TIMEOUT_S * 1000),
                "linger.ms": 0,
                "compression.type": "lz4",
                **self._config,
            },
            logger=ClientLog(f"checkpoints {self.stage}"),
        )
        try:
            producer.init_transactions(TIMEOUT_S)
            self._producer = producer
            return self._read()
        except KafkaException as error:
            raise _failure(error, f"{self.topic}/{self.partition} could not be opened") from error

    def _read(self) -> dict[str, bytes]:
        consumer = Consumer(
            {
                "group.id": "sluice-checkpoints",  # never joined
                "enable.auto.commit": False,
                "isolation.level": "read_committed",
                "enable.partition.eof": True,
                "fetch.wait.max.ms": 20,
                **self._config,
            },
            logger=ClientLog(f"checkpoints {self.stage}"),
        )
        values: dict[str, bytes] = {}
        deadline = time.monotonic() + LOAD_TIMEOUT_S
        try:
            consumer.assign([TopicPartition(self.topic, self.partition, OFFSET_BEGINNING)])
            while time.monotonic() < deadline:
                for message in consumer.consume(BATCH, POLL_S):
                    error = message.error()
                    if error is not None and error.code() == KafkaError._PARTITION_EOF:
                        return values
                    if error is not None:
                        raise KafkaException(error)
                    _apply(values, message.key(), message.value())
        finally:
            consumer.close()
        raise CheckpointFailed(f"{self.topic}/{self.partition} was not read to its end within {LOAD_TIMEOUT_S} s")

    def _save(self, changes: Mapping[str, bytes | None]) -> None:
        producer = self._producer
        if producer is None:
            raise CheckpointFailed(f"{self.topic}/{self.partition} is not open")
        try:
            producer.poll(0)  # lets it say what it has to say
            producer.begin_transaction()
            for key, value in changes.items():
                self._put(producer, key.encode(), value)
            producer.commit_transaction(TIMEOUT_S)
        except KafkaException as error:
            raise _failure(error, f"{self.topic}/{self.partition} could not be written") from error

    def _put(self, producer: Producer, key: bytes, value: bytes | None) -> None:
        while True:
            try:
                producer.produce(self.topic, value, key, partition=self.partition)
                return
            except BufferError:
                producer.poll(0.05)


def _apply(values: dict[str, bytes], key: bytes | None, value: bytes | None) -> None:
    name = (key or b"").decode()
    if value is None:
        values.pop(name, None)
    else:
        values[name] = value


def _failure(error: KafkaException, what: str) -> Fenced | CheckpointFailed:
    cause = error.args[0]
    if cause.code() in _FENCED:
        return Fenced(f"{what}: {cause}")
    return CheckpointFailed(f"{what}: {cause}")
