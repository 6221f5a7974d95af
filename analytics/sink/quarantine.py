"""Tells `sms.quarantine` of a record that the sink could not hold. Its octets are not copied: the sink has no keys."""

import hashlib
from collections.abc import Iterable
from typing import Protocol

from confluent_kafka import Producer

from analytics.sink.records import LogError, Skipped
from pipeline.events import topics
from pipeline.events.codec import Codec
from pipeline.events.headers import Source, coordinates, headers_of
from pipeline.events.records import RecordQuarantined
from pipeline.kafka.client import Client
from pipeline.logs import ClientLog


class Quarantine(Protocol):
    """Where unreadable records are reported."""

    def report(self, skipped: Iterable[Skipped]) -> None:
        """Report all; returns when each report is durable. Raises LogError."""


def quarantined(skipped: Skipped) -> RecordQuarantined:
    """The event that reports a skipped record."""
    topic, number = skipped.partition
    return RecordQuarantined(
        caused_by=coordinates(topic, number, skipped.offset),
        occurred_at=skipped.timestamp_ms * 1000,
        reader="sink",
        source_topic=topic,
        source_partition=number,
        source_offset=skipped.offset,
        source_timestamp=skipped.timestamp_ms * 1000,
        reason=skipped.reason,
        detail=skipped.detail,
        value_size=len(skipped.value),
        value_sha256=hashlib.sha256(skipped.value).hexdigest(),
    )


class KafkaQuarantine:
    """Writes RecordQuarantined with the source header, so that a report made twice is known as a repeat."""

    def __init__(self, config: Client, codec: Codec, epoch: str) -> None:
        self._config = {
            **config,
            "enable.idempotence": True,
            "acks": "all",
            "partitioner": "murmur2_random",
            "delivery.timeout.ms": 30_000,
            "logger": ClientLog("quarantine"),
        }
        self._producer: Producer | None = None
        self._codec = codec
        self._epoch = epoch

    def report(self, skipped: Iterable[Skipped]) -> None:
        reports = list(skipped)
        if not reports:
            return
        failures: list[str] = []
        producer = self._producer = self._producer or Producer(self._config)
        for each in reports:
            source = Source(each.partition.topic, each.partition.number, each.offset, 0)
            producer.produce(
                topics.QUARANTINE,
                key=coordinates(each.partition.topic, each.partition.number, each.offset).encode(),
                value=self._codec.encode(quarantined(each)),
                headers=headers_of(source, self._epoch),
                on_delivery=lambda error, _: failures.append(str(error)) if error else None,
            )
        if producer.flush(35) or failures:
            self._producer = None
            raise LogError(f"{topics.QUARANTINE}: {len(reports)} reports, not all durable: {failures[:1]}")
