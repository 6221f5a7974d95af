"""How far every reader is behind: committed offsets against the ends of what it reads.

| reader | group | reads | the commit says |
|---|---|---|---|
| validation-<lane> | the same | sms.submitted.*.<lane> | answered, durably |
| routing, throttling-<lane> | the same | sms.lifecycle, sms.routed.<lane> | in a checkpoint |
| connector <carrier> <lane> | dispatch-<carrier> | sms.dispatch.<carrier>.<lane> | outcomes are durable |
| sink | sluice-sink | all that ClickHouse holds | in the raw tables (the truth; the commit follows in 1 s) |

Commits follow the work by up to two seconds, so a little lag is none. Where only transaction markers are left, there is
no lag.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from confluent_kafka import ConsumerGroupTopicPartitions, IsolationLevel, KafkaError, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec

from analytics.sink.topics import SunkTopics
from infra.status.facts import LagFact
from infra.topic_log import looking
from pipeline.events import topics
from pipeline.events.schema_store import default_store
from pipeline.kafka.client import Client
from pipeline.kafka.topics import LANES

Place = tuple[str, int]
TIMEOUT_S = 5.0
LOOK_S = 2.0
SINK_GROUP = "sluice-sink"


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads which topics, and under which group it commits."""

    name: str
    group: str
    topics: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Positions:
    """At one moment (monotonic seconds), by reader: offsets taken, records that wait, when the oldest was written."""

    at: float
    taken: Mapping[str, Mapping[Place, int]]
    lag: Mapping[str, int]
    oldest_ms: Mapping[str, float]


def readers_of(names: Sequence[str], sunk: Sequence[str]) -> tuple[Reader, ...]:
    """The readers of a cluster with these topics, in the order in which a message meets them. Pure."""
    found = [
        Reader(f"validation-{lane}", f"validation-{lane}", _matching(names, "sms.submitted.", f".{lane}"))
        for lane in LANES
    ]
    found.append(Reader("routing", "routing", _only(names, topics.LIFECYCLE)))
    found += [Reader(f"throttling-{lane}", f"throttling-{lane}", _only(names, topics.routed(lane))) for lane in LANES]
    for name in _matching(names, "sms.dispatch."):
        carrier, _, lane = name.removeprefix("sms.dispatch.").rpartition(".")
        found.append(Reader(f"connector {carrier} {lane}", f"dispatch-{carrier}", (name,)))
    found.append(Reader("sink", SINK_GROUP, tuple(sunk)))
    return tuple(each for each in found if each.topics)


def read_positions(client: Client) -> Positions:
    """Look once. Raises KafkaException when Kafka does not answer."""
    admin = AdminClient({**client, "log_level": 2})
    partitions = {
        name: sorted(topic.partitions)
        for name, topic in admin.list_topics(timeout=TIMEOUT_S).topics.items()
        if name.startswith(topics.PREFIX) and topic.error is None
    }
    readers = readers_of(
        sorted(partitions), [name for name in sorted(partitions) if _sunk_topics().records_of(name) is not None]
    )
    places = {(name, number) for each in readers for name in each.topics for number in partitions[name]}
    committed = _committed(admin, {each.group for each in readers})
    ends = _offsets(admin, places, OffsetSpec.latest())
    fresh = {
        place
        for each in readers
        for name in each.topics
        for number in partitions[name]
        if (place := (name, number)) not in committed[each.group]
    }
    begins = _offsets(admin, fresh, OffsetSpec.earliest())
    taken = {
        each.name: {
            place: committed[each.group].get(place, begins.get(place, 0))
            for name in each.topics
            for number in partitions[name]
            if (place := (name, number)) in ends
        }
        for each in readers
    }
    oldest = {
        name: _oldest(client, {place: offset for place, offset in mine.items() if offset < ends[place]})
        for name, mine in taken.items()
    }
    return Positions(
        at=time.monotonic(),
        taken=taken,
        lag={name: sum(ends[place] - taken[name][place] for place in mine) for name, mine in oldest.items()},
        oldest_ms={name: min(mine.values(), default=0.0) for name, mine in oldest.items()},
    )


def lags_between(before: Positions | None, after: Positions, now_ms: float) -> tuple[LagFact, ...]:
    """Lag of each reader at the later look, and how fast it was between the two. Pure."""
    return tuple(
        LagFact(
            reader=name,
            lag=after.lag[name],
            behind_s=max(0.0, (now_ms - after.oldest_ms[name]) / 1000) if after.lag[name] else 0.0,
            per_s=_per_s(before, after, name),
        )
        for name in after.taken
    )


def _per_s(before: Positions | None, after: Positions, name: str) -> float | None:
    if before is None or name not in before.taken or after.at <= before.at:
        return None
    moved = sum(max(0, at - before.taken[name].get(place, at)) for place, at in after.taken[name].items())
    return moved / (after.at - before.at)


def _matching(names: Sequence[str], prefix: str, suffix: str = "") -> tuple[str, ...]:
    return tuple(name for name in names if name.startswith(prefix) and name.endswith(suffix))


def _only(names: Sequence[str], wanted: str) -> tuple[str, ...]:
    return tuple(name for name in names if name == wanted)


@cache
def _sunk_topics() -> SunkTopics:
    return SunkTopics(default_store())  # reads the catalogue: once a process is enough


def _committed(admin: AdminClient, groups: set[str]) -> dict[str, dict[Place, int]]:
    """What each group has committed; a group that there is none of has committed nothing."""
    asked = {
        group: admin.list_consumer_group_offsets([ConsumerGroupTopicPartitions(group)], request_timeout=TIMEOUT_S)[
            group
        ]
        for group in sorted(groups)
    }
    return {
        group: {
            (each.topic, each.partition): each.offset
            for each in future.result().topic_partitions or ()
            if each.offset >= 0
        }
        for group, future in asked.items()
    }


def _offsets(admin: AdminClient, places: set[Place], spec: OffsetSpec) -> dict[Place, int]:
    if not places:
        return {}
    futures = admin.list_offsets(
        {TopicPartition(*place): spec for place in sorted(places)},
        isolation_level=IsolationLevel.READ_COMMITTED,
        request_timeout=TIMEOUT_S,
    )
    return {(each.topic, each.partition): future.result().offset for each, future in futures.items()}


def _oldest(client: Client, waiting: Mapping[Place, int]) -> dict[Place, float]:
    """When the first record at or after each offset was written (ms); a place is left out where only markers follow.

    Those that do not come within LOOK_S count as written just now: they wait, since when is not known.
    """
    if not waiting:
        return {}
    found = dict.fromkeys(waiting, time.time() * 1000)
    rest = set(waiting)
    consumer = looking(client)
    try:
        consumer.assign([TopicPartition(*place, offset) for place, offset in waiting.items()])
        deadline = time.monotonic() + LOOK_S
        while rest and time.monotonic() < deadline:
            for message in consumer.consume(100, 0.1):
                place = (str(message.topic()), int(message.partition() or 0))
                error = message.error()
                if place not in rest or (error is not None and error.code() != KafkaError._PARTITION_EOF):
                    continue
                rest.discard(place)
                consumer.pause([TopicPartition(*place)])
                if error is None:
                    found[place] = float(message.timestamp()[1])
                else:
                    del found[place]
    finally:
        consumer.close()
    return found
