"""What passes is asked again, for a while; what does not pass is told at once."""

import pytest
from confluent_kafka import KafkaError, KafkaException, TopicPartition

from pipeline.kafka.passing import watermarks

PLACE = TopicPartition("sms.recall", 0)


class FakeConsumer:
    """Fails with each code in turn, then answers."""

    def __init__(self, *codes: int) -> None:
        self.codes = list(codes)
        self.asked = 0

    def get_watermark_offsets(self, partition: TopicPartition, timeout: float) -> tuple[int, int]:
        self.asked += 1
        if self.codes:
            raise KafkaException(KafkaError(self.codes.pop(0)))
        return 3, 9


def test_a_topic_in_the_making_is_asked_for_again() -> None:
    consumer = FakeConsumer(KafkaError.NOT_LEADER_FOR_PARTITION, KafkaError.UNKNOWN_TOPIC_OR_PART)

    assert watermarks(consumer, PLACE, 5.0) == (3, 9)  # type: ignore[arg-type]
    assert consumer.asked == 3


def test_what_never_passes_is_told_at_once() -> None:
    consumer = FakeConsumer(KafkaError.TOPIC_AUTHORIZATION_FAILED)

    with pytest.raises(KafkaException):
        watermarks(consumer, PLACE, 5.0)  # type: ignore[arg-type]
    assert consumer.asked == 1


def test_patience_ends() -> None:
    consumer = FakeConsumer(*[KafkaError.NOT_LEADER_FOR_PARTITION] * 100)

    with pytest.raises(KafkaException):
        watermarks(consumer, PLACE, 0.1)  # type: ignore[arg-type]
