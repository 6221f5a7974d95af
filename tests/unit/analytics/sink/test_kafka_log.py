"""What passes by itself is waited for; what only a person mends ends the sink."""

import pytest
from confluent_kafka import Consumer, KafkaError, KafkaException

from analytics.sink.kafka_log import KafkaLog
from analytics.sink.records import LogError, LogUnavailable, Partition
from analytics.sink.topics import SunkTopics
from pipeline.events.schema_store import default_store


def asked(monkeypatch: pytest.MonkeyPatch, code: int) -> LogError:
    """What asking for the end of a partition comes to when Kafka answers so."""

    def answers(*_: object, **__: object) -> None:
        raise KafkaException(KafkaError(code))

    log = KafkaLog({"bootstrap.servers": "127.0.0.1:1"}, "tests", SunkTopics(default_store()))
    consumer = log._consumer
    try:
        monkeypatch.setattr(log, "_consumer", type("Failing", (), {"get_watermark_offsets": answers})())
        with pytest.raises(LogError) as caught:
            log.ends(Partition("sms.usage", 0))
    finally:
        assert isinstance(consumer, Consumer)
        consumer.close()
    return caught.value


@pytest.mark.parametrize("code", [KafkaError.NOT_LEADER_FOR_PARTITION, KafkaError._TIMED_OUT, KafkaError._RESOLVE])
def test_a_broker_that_is_not_ready_is_waited_for(monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    assert isinstance(asked(monkeypatch, code), LogUnavailable)


@pytest.mark.parametrize("code", [KafkaError.TOPIC_AUTHORIZATION_FAILED, KafkaError._AUTHENTICATION])
def test_a_missing_right_is_not(monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    assert not isinstance(asked(monkeypatch, code), LogUnavailable)
