"""Durable intents: one transactional producer a dispatch partition, which fences its predecessor. Blocking.

A transaction holds the intents of the parts about to go and, where it moved, the settled offset of the dispatch
partition. Source: DESIGN section 3 (no durable intent, no PDU).
"""

import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

import structlog
from confluent_kafka import KafkaError, KafkaException, Producer, TopicPartition

from connectors.ledger import Mark, Place
from pipeline.events import topics
from pipeline.events.codec import Codec
from pipeline.events.headers import headers_of
from pipeline.events.records import IntentRecorded
from pipeline.kafka.client import Client
from pipeline.logs import ClientLog

log = structlog.get_logger(__name__)

_FENCED = {
    KafkaError._FENCED,
    KafkaError.PRODUCER_FENCED,
    KafkaError.INVALID_PRODUCER_EPOCH,
    KafkaError.FENCED_INSTANCE_ID,
}
_FENCE_PATIENCE_S = 120.0
_WRITE_PATIENCE_S = 10.0


class Fenced(Exception):
    """Another connector owns this partition now: stop at once, it reports what we leave."""


class IntentsStuck(Exception):
    """Kafka gives no answer: whether the intents exist is unknown. Begin anew, with a fence and a look back."""


class IntentsAborted(Exception):
    """The transaction was rolled back: none of its intents exists, nothing may be sent on them. Try again."""


class IntentLog:
    """The intents of one dispatch partition. One call at a time; `fence` first."""

    def __init__(self, *, client: Client, carrier: str, place: Place, codec: Codec, epoch: str) -> None:
        self._topic = topics.intents(carrier, place.lane)
        self._dispatch = topics.dispatch(carrier, place.lane)
        self._partition = place.partition
        self._codec = codec
        self._headers = headers_of(None, epoch)
        self._closing = threading.Event()
        self._producer = Producer(
            {
                **client,
                "transactional.id": f"connector-{carrier}-{place.lane}-{place.partition}",
                "linger.ms": 0,
                "logger": ClientLog(f"intents {carrier} {place.lane}"),
            }
        )

    def fence(self) -> None:
        """Become the owner: what a predecessor had not committed is rolled back, and it can commit no more."""
        self._patiently(lambda: self._producer.init_transactions(30), _FENCE_PATIENCE_S)

    def write(self, intents: Sequence[IntentRecorded], mark: Mark | None, group: Any) -> None:
        """Make intents durable and commit a mark, both or neither. `group` is the dispatch group's metadata.

        Raises IntentsAborted (try again), IntentsStuck (begin anew) or Fenced (stop).
        """
        try:
            self._producer.poll(0)  # lets it say what it has to say
            self._producer.begin_transaction()
            for intent in intents:
                self._producer.produce(
                    self._topic,
                    partition=self._partition,
                    key=intent.recipient_id.encode(),
                    value=self._codec.encode(intent),
                    headers=self._headers,
                )
            if mark is not None:
                place = TopicPartition(self._dispatch, self._partition, mark.offset, metadata=mark.metadata)
                self._patiently(lambda: self._producer.send_offsets_to_transaction([place], group, 5))
            self._patiently(lambda: self._producer.commit_transaction(5))
        except KafkaException as exception:
            self._give_up(exception.args[0])

    def close(self) -> None:
        """End the patience of a call that is under way."""
        self._closing.set()

    def _give_up(self, error: KafkaError) -> None:
        if error.code() in _FENCED or error.fatal():
            raise Fenced(f"{self._topic}/{self._partition}: {error}")
        if error.txn_requires_abort():
            log.warning("intents.aborted", topic=self._topic, partition=self._partition, detail=str(error))
            try:
                self._patiently(lambda: self._producer.abort_transaction(5))
            except KafkaException as exception:
                raise IntentsStuck(f"{self._topic}/{self._partition}: {exception.args[0]}") from exception
            raise IntentsAborted(str(error))
        raise IntentsStuck(f"{self._topic}/{self._partition}: {error}")

    def _patiently(self, call: Callable[[], object], patience_s: float = _WRITE_PATIENCE_S) -> None:
        """Call again while Kafka says that this helps: these calls resume where they were."""
        until = time.monotonic() + patience_s
        while True:
            try:
                call()
                return
            except KafkaException as exception:
                error = exception.args[0]
                is_over = time.monotonic() > until or self._closing.is_set()
                if not error.retriable() or error.txn_requires_abort() or is_over:
                    raise
                time.sleep(0.1)
