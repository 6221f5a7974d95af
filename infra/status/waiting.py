"""Since when records wait: the log times of the first ones that readers have not taken. Called by `lag.py` alone."""

import time
from collections.abc import Collection, Iterable, Mapping

from confluent_kafka import Consumer, KafkaError, TopicPartition

from infra.topic_log import END_WAIT_MS, Place, looking
from pipeline.kafka.client import Client

LOOK_S = 2.0
"""How long one look waits for the first of the records that wait, all readers together."""
POLL_S = 0.1


def oldest_of(client: Client, asked: Mapping[Place, Collection[int]]) -> dict[tuple[Place, int], float]:
    """When the first record at or after each offset was written (UTC ms); left out where only markers follow.

    One consumer for all, and one deadline: a record that does not come within LOOK_S counts as written just now (it
    waits, since when is not known). Raises KafkaException.
    """
    sought = {place: sorted(set(offsets)) for place, offsets in asked.items() if offsets}
    if not sought:
        return {}
    deadline = time.monotonic() + LOOK_S
    found: dict[tuple[Place, int], float] = {}
    consumer = looking(client, **{"fetch.wait.max.ms": END_WAIT_MS})
    try:
        consumer.assign([TopicPartition(*place, offsets[0]) for place, offsets in sought.items()])
        while sought and time.monotonic() < deadline:
            message = consumer.poll(POLL_S)
            if message is None:
                continue
            place = (str(message.topic()), int(message.partition() or 0))
            error = message.error()
            if error is None:
                here = [offset for offset in sought.get(place, ()) if offset <= int(message.offset() or 0)]
                found |= dict.fromkeys(((place, offset) for offset in here), float(message.timestamp()[1]))
                _go_on(consumer, sought, place, here)
            elif error.code() == KafkaError._PARTITION_EOF:
                sought.pop(place, None)
    finally:
        consumer.close()
    now_ms = time.time() * 1000
    return found | {(place, offset): now_ms for place, offsets in sought.items() for offset in offsets}


def _go_on(consumer: Consumer, sought: dict[Place, list[int]], place: Place, done: Iterable[int]) -> None:
    """To the next offset that is sought at this place, or no further."""
    rest = [offset for offset in sought.pop(place, ()) if offset not in done]
    if rest:
        sought[place] = rest
        consumer.seek(TopicPartition(*place, rest[0]))
    else:
        consumer.pause([TopicPartition(*place)])
