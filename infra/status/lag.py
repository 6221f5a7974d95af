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

from confluent_kafka import ConsumerGroupTopicPartitions, IsolationLevel, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec

from analytics.sink.topics import SunkTopics
from infra.status.facts import LagFact
from infra.status.waiting import oldest_of
from infra.topic_log import Place
from pipeline.events import topics
from pipeline.events.schema_store import default_store
from pipeline.kafka.client import Client
from pipeline.kafka.topics import LANES

TIMEOUT_S = 5.0
SINK_GROUP = "sluice-sink"


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads which topics, and under which group it commits."""

    name: str
    group: str
    topics: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Positions:
    """At one moment (monotonic seconds): by reader the offset up to which each place is taken, by place its end."""

    at: float
    taken: Mapping[str, Mapping[Place, int]]
    ends: Mapping[Place, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """What one reader has not taken: how many records, and when the oldest was written (UTC ms; 0 if none waits)."""

    records: int = 0
    oldest_ms: float = 0.0


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
    """Where every reader is, and where what it reads ends; readers in the order of `readers_of`.

    A place of which nothing is committed counts as taken up to where it begins. Four questions to Kafka, each answered
    within TIMEOUT_S. Raises KafkaException when Kafka does not answer.
    """
    admin = AdminClient({**client, "log_level": 2})
    partitions = {
        name: sorted(topic.partitions)
        for name, topic in admin.list_topics(timeout=TIMEOUT_S).topics.items()
        if name.startswith(topics.PREFIX) and topic.error is None
    }
    names = sorted(partitions)
    readers = readers_of(names, [name for name in names if _sunk_topics().records_of(name) is not None])
    places = {each: [(name, number) for name in each.topics for number in partitions[name]] for each in readers}
    committed = _committed(admin, {each.group for each in readers})
    fresh = {place for each in readers for place in places[each] if place not in committed[each.group]}
    ends = _offsets(admin, {place for mine in places.values() for place in mine}, OffsetSpec.latest())
    begins = _offsets(admin, fresh, OffsetSpec.earliest())
    taken = {
        each.name: {place: committed[each.group].get(place, begins.get(place, 0)) for place in places[each]}
        for each in readers
    }
    return Positions(at=time.monotonic(), taken=taken, ends=ends)


def read_waiting(client: Client, positions: Positions) -> dict[str, Waiting]:
    """By reader what waits for it; one for which nothing waits is there too. Takes LOOK_S (`waiting.py`) at most.

    Places where only transaction markers are left do not count. Raises KafkaException.
    """
    behind = {
        name: {place: offset for place, offset in mine.items() if offset < positions.ends[place]}
        for name, mine in positions.taken.items()
    }
    asked: dict[Place, set[int]] = {}
    for place, offset in (each for mine in behind.values() for each in mine.items()):
        asked.setdefault(place, set()).add(offset)
    oldest = oldest_of(client, asked)
    return {name: _waiting(mine, positions.ends, oldest) for name, mine in behind.items()}


def _waiting(
    behind: Mapping[Place, int], ends: Mapping[Place, int], oldest: Mapping[tuple[Place, int], float]
) -> Waiting:
    mine = [each for each in behind.items() if each in oldest]
    return Waiting(
        records=sum(ends[place] - offset for place, offset in mine),
        oldest_ms=min((oldest[each] for each in mine), default=0.0),
    )


def lags_between(
    before: Positions | None, after: Positions, waiting: Mapping[str, Waiting], now_ms: float
) -> tuple[LagFact, ...]:
    """Lag of each reader at the later look (`waiting`), and how fast it was between the two. Pure.

    `now_ms`: UTC ms. The speed is None for a reader that the look before does not know, or without one.
    """
    return tuple(
        LagFact(
            reader=name,
            lag=waiting[name].records,
            behind_s=max(0.0, (now_ms - waiting[name].oldest_ms) / 1000) if waiting[name].records else 0.0,
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
