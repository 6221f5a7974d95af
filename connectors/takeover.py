"""What a new owner does before it sends: fence, wait, read what the predecessor left. Blocking parts, in threads.

The order matters: after the fence no predecessor can make an intent durable; after the wait none is young enough to
be sent; so the intents read then are all there will ever be. Source: DESIGN section 3.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from confluent_kafka import Consumer, TopicPartition

from connectors.clock import wall_micros
from connectors.intake import PartitionState
from connectors.intents import IntentLog
from connectors.leases import Recalls
from connectors.ledger import Ledger, Place, read_marks
from connectors.log_reader import BEGINNING, PATIENCE_S, UNJOINED, consumer_of, offset_at, partitions_of, read_to_end
from connectors.receipt_index import ReceiptIndex
from connectors.sender import LANES
from pipeline.events import topics
from pipeline.events.codec import Codec, Poison
from pipeline.events.headers import Watermarks, read_headers
from pipeline.events.records import IntentRecorded, RecallRequested, ReceiptIndexed
from pipeline.kafka.client import Client
from pipeline.kafka.passing import watermarks

log = structlog.get_logger(__name__)

LONGEST_LEASE_MS = 73 * 3_600_000  # 72 h of validity, and an hour for clocks
_CLOCKS_APART_MS = 60_000


@dataclass(slots=True, kw_only=True)
class Inheritance:
    """All that a new owner knows before its first intent."""

    states: dict[Place, PartitionState]
    starts: dict[Place, int]
    """The first offset to read of each dispatch partition."""
    left_behind: list[tuple[Place, IntentRecorded]]
    """The newest intent of each part that a predecessor neither settled nor can settle any more."""


def group_of(carrier: str) -> str:
    """The group under which settled dispatch offsets are committed."""
    return f"dispatch-{carrier}"


def open_intent_logs(client: Client, carrier: str, codec: Codec, epoch: str) -> dict[Place, IntentLog]:
    """An intent log for every partition of the carrier's dispatch topics, not fenced yet. Raises KafkaException."""
    consumer = consumer_of(client, group_of(carrier))
    try:
        places = [
            Place(lane, partition)
            for lane in LANES
            for partition in partitions_of(consumer, topics.dispatch(carrier, lane))
        ]
    finally:
        consumer.close()
    return {place: IntentLog(client=client, carrier=carrier, place=place, codec=codec, epoch=epoch) for place in places}


def inherit(client: Client, carrier: str, codec: Codec, epoch: str, places: Sequence[Place]) -> Inheritance:
    """Read what the predecessor left. Call it after the fence and the wait. Raises KafkaException."""
    consumer = consumer_of(client, group_of(carrier))
    states: dict[Place, PartitionState] = {}
    starts: dict[Place, int] = {}
    left_behind: list[tuple[Place, IntentRecorded]] = []
    try:
        for place in places:
            committed, metadata = _committed(consumer, carrier, place)
            marks = read_marks(metadata)
            if marks is None:
                marks = _scan_marks(consumer, client, carrier, place, committed, epoch)
            found = _unsettled_intents(consumer, client, carrier, codec, place, committed, epoch)
            taken: dict[int, frozenset[int]] = {}
            for intent in found:
                taken[intent.dispatch_offset] = taken.get(intent.dispatch_offset, frozenset()) | {intent.part}
            left_behind += [(place, intent) for intent in found]
            starts[place] = committed
            states[place] = PartitionState(ledger=Ledger(committed, marks), marks=Watermarks(marks.seen), taken=taken)
    finally:
        consumer.close()
    return Inheritance(states=states, starts=starts, left_behind=left_behind)


def load_index(client: Client, carrier: str, codec: Codec, index: ReceiptIndex) -> None:
    """Fill the receipt index from its topic. What cannot be read is logged and left out."""
    for message in read_to_end(client, topics.receipt_index(carrier), {0: BEGINNING}):
        if message.value() is None:
            continue
        try:
            index.add(codec.decode(message.value(), ReceiptIndexed))
        except Poison as poison:
            log.error("receipt_index.unreadable", carrier=carrier, offset=message.offset(), reason=poison.reason)


def load_recalls(client: Client, codec: Codec, recalls: Recalls, epoch: str) -> int:
    """Read the recalls of the longest lease; gives the offset to go on from. Raises KafkaException."""
    consumer = consumer_of(client, UNJOINED)
    try:
        start = offset_at(consumer, topics.RECALL, 0, wall_micros() // 1_000 - LONGEST_LEASE_MS)
        _, end = watermarks(consumer, TopicPartition(topics.RECALL, 0), PATIENCE_S)
    finally:
        consumer.close()
    following: int = end if start is None else start
    for message in read_to_end(client, topics.RECALL, {} if start is None else {0: start}):
        take_recall(message, codec, recalls, epoch)
        following = message.offset() + 1
    return following


def take_recall(message: Any, codec: Codec, recalls: Recalls, epoch: str) -> None:
    """Remember one recall; of another epoch or unreadable: not (the lease still ends)."""
    try:
        if read_headers(message.headers())[1] == epoch:
            recalls.add(codec.decode(message.value(), RecallRequested))
    except (Poison, ValueError) as error:
        log.error("recall.unreadable", offset=message.offset(), detail=str(error)[:200])


def outlive_intents(client: Client, carrier: str, places: Sequence[Place], seconds: float) -> None:
    """Let every intent that a predecessor made grow too old to be sent; at once where none was ever made.

    Call it after the fence.
    """
    consumer = consumer_of(client, group_of(carrier))
    try:
        ends = [
            watermarks(consumer, TopicPartition(topics.intents(carrier, place.lane), place.partition), PATIENCE_S)[1]
            for place in places
        ]
    finally:
        consumer.close()
    if any(ends):
        time.sleep(seconds)


def _committed(consumer: Consumer, carrier: str, place: Place) -> tuple[int, str | None]:
    """(next offset to settle, commit metadata); the oldest record there is, before the first commit."""
    partition = TopicPartition(topics.dispatch(carrier, place.lane), place.partition)
    low, _ = watermarks(consumer, partition, PATIENCE_S)
    committed = consumer.committed([partition], timeout=PATIENCE_S)[0]
    if committed.offset < low:  # none, or retention took what was left: all of it is long past its lease
        return low, None
    return committed.offset, committed.metadata


def _scan_marks(
    consumer: Consumer, client: Client, carrier: str, place: Place, committed: int, epoch: str
) -> Watermarks:
    """Watermarks below the commit, from the headers of the records whose leases could still run."""
    topic = topics.dispatch(carrier, place.lane)
    marks = Watermarks()
    start = offset_at(consumer, topic, place.partition, wall_micros() // 1_000 - LONGEST_LEASE_MS)
    if start is None or start >= committed:
        return marks
    for message in read_to_end(client, topic, {place.partition: start}):
        if message.offset() >= committed:
            break
        try:
            source, its_epoch = read_headers(message.headers())
        except ValueError:
            continue
        if source is not None and its_epoch == epoch:
            marks.admit(source)
    return marks


def _unsettled_intents(
    consumer: Consumer, client: Client, carrier: str, codec: Codec, place: Place, committed: int, epoch: str
) -> list[IntentRecorded]:
    """The newest intent of each part of the records from `committed` on, in order; also of what was rolled back.

    A transaction that was acknowledged can be rolled back all the same: a broker killed before it wrote the marker
    may skip it when it returns ("Couldn't find leader endpoint ... can be skipped", seen with Kafka 4.3.1), and the
    fence then aborts. Its part may have gone out. So every intent counts: better a part in doubt that was never
    sent than one sent twice and hidden.
    """
    first = _timestamp_at(client, topics.dispatch(carrier, place.lane), place.partition, committed)
    if first is None:  # nothing follows the commit, so there is nothing that an intent could speak of
        return []
    topic = topics.intents(carrier, place.lane)
    start = offset_at(consumer, topic, place.partition, first - _CLOCKS_APART_MS)
    if start is None:
        return []
    found: dict[tuple[int, int], IntentRecorded] = {}
    for message in read_to_end(client, topic, {place.partition: start}, isolation="read_uncommitted"):
        if read_headers(message.headers())[1] != epoch:
            continue
        intent = codec.decode(message.value(), IntentRecorded)
        if intent.dispatch_offset >= committed:
            found[intent.dispatch_offset, intent.part] = intent
    return [found[key] for key in sorted(found)]


def _timestamp_at(client: Client, topic: str, partition: int, offset: int) -> int | None:
    """Log time (ms) of the first record from an offset on, None if there is none."""
    for message in read_to_end(client, topic, {partition: offset}):
        return int(message.timestamp()[1])
    return None
