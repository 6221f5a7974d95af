"""Errors of Kafka that pass by themselves, and asking again while they last.

librdkafka marks few of them as retriable: a topic that was made a moment ago answers NOT_LEADER_FOR_PARTITION for
a while.
"""

import time

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

PASSING = frozenset(
    {
        KafkaError._TRANSPORT,
        KafkaError._ALL_BROKERS_DOWN,
        KafkaError._TIMED_OUT,
        KafkaError.UNKNOWN_TOPIC_OR_PART,  # topics are being made
        KafkaError.LEADER_NOT_AVAILABLE,
        KafkaError.NOT_LEADER_FOR_PARTITION,
        KafkaError.COORDINATOR_LOAD_IN_PROGRESS,
        KafkaError.COORDINATOR_NOT_AVAILABLE,
        KafkaError.NOT_COORDINATOR,
    }
)
PAUSE_S = 0.2


def passes(error: KafkaException) -> bool:
    """Whether asking again later may help."""
    found: KafkaError = error.args[0]
    return found.code() in PASSING or bool(found.retriable())


def watermarks(consumer: Consumer, partition: TopicPartition, timeout_s: float) -> tuple[int, int]:
    """(first offset, offset after the last) of a partition, asked for again while the error is one that passes.

    Blocking. Raises the KafkaException that still stands after `timeout_s`, or at once one that does not pass.
    """
    deadline = time.monotonic() + timeout_s
    while True:
        left_s = max(PAUSE_S, deadline - time.monotonic())
        try:
            low, high = consumer.get_watermark_offsets(partition, timeout=left_s)
            return int(low), int(high)
        except KafkaException as error:
            if not passes(error) or time.monotonic() + PAUSE_S > deadline:
                raise
        time.sleep(PAUSE_S)
