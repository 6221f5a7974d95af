"""Makes the topics of the catalogue (`schemas/topics.yaml`) on a cluster, and refuses what may never change.

Names are `pipeline.events.topics`; here they are filled in for the accounts, carriers, lanes and stages there
are. Called by the bootstrap, by `sluice config apply` when an account or carrier is new, and by tests.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient, NewPartitions, NewTopic

from pipeline.domain.classes import Lane
from pipeline.events import topics as names
from pipeline.events.schema_store import TopicEntry

Profile = Literal["laptop", "cluster", "production"]
"""One copy on one node; a laptop's partitions, three copies (to try a cluster); production's partitions and copies."""

LANES = tuple(lane.value for lane in Lane)
STAGES: Mapping[str, str] = {
    "routing": names.LIFECYCLE,
    **{f"throttling-{lane}": names.routed(lane) for lane in LANES},
}
"""Stages with state, and the one topic that each folds."""

NAME = re.compile(r"[a-z][a-z0-9-]{1,30}")
COMPACTION: Mapping[str, str] = {
    "min.cleanable.dirty.ratio": "0.1",
    "segment.ms": "3600000",
    "max.compaction.lag.ms": "86400000",
}
TIMEOUT_S = 30.0


class PartitionsDiffer(Exception):
    """A topic whose partition count is for life has another one: nothing was changed; see the growth procedure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """One concrete topic as it should be."""

    name: str
    partitions: int
    replication: int
    config: Mapping[str, str]
    has_fixed_partitions: bool


def topics_of(
    catalogue: Iterable[TopicEntry],
    *,
    accounts: Iterable[str],
    carriers: Iterable[str],
    profile: Profile = "laptop",
    stages: Mapping[str, str] = STAGES,
    lanes: Sequence[str] = LANES,
) -> tuple[Topic, ...]:
    """The concrete topics of a catalogue, sorted by name.

    `accounts` are those with direct Kafka access ('gateway' is added); `stages` maps a stage to its input
    topic, whose partition count its state topic takes. Raises ValueError for a name that no topic may hold.
    """
    filled = {
        "<account>": sorted({*accounts, names.GATEWAY}),
        "<carrier>": sorted(set(carriers)),
        "<lane>": list(lanes),
        "<stage>": sorted(stages),
    }
    for name in (*filled["<account>"], *filled["<carrier>"]):
        if not NAME.fullmatch(name):
            raise ValueError(f"name {name!r} of an account or carrier, expected {NAME.pattern}")
    made: dict[str, Topic] = {}
    entries = list(catalogue)
    for entry in entries:
        for name in _filled(entry.name, filled):
            made[name] = _topic(entry, name, profile)
    for stage, read in stages.items():
        state = made.get(names.state(stage))
        if state is not None and read in made:
            made[state.name] = Topic(
                name=state.name,
                partitions=made[read].partitions,
                replication=state.replication,
                config=state.config,
                has_fixed_partitions=True,
            )
    return tuple(made[name] for name in sorted(made))


def ensure_topics(admin: Mapping[str, str | int], topics: Sequence[Topic]) -> tuple[str, ...]:
    """Create what is missing, grow what may grow (settings of what is there are left); returns the names created.

    `admin` is the configuration of a librdkafka client. Idempotent, and safe against another process doing the
    same. Raises PartitionsDiffer (before changing anything) where a count for life differs, KafkaException
    if the cluster says no.
    """
    client = AdminClient({"log_level": 2, **admin})
    there = {name: len(topic.partitions) for name, topic in client.list_topics(timeout=TIMEOUT_S).topics.items()}
    for topic in topics:
        found = there.get(topic.name, topic.partitions)
        if topic.has_fixed_partitions and found != topic.partitions:
            raise PartitionsDiffer(f"topic {topic.name}: {found} partitions, expected {topic.partitions}, for life")
    missing = [topic for topic in topics if topic.name not in there]
    _create(client, missing)
    growing = [topic for topic in topics if topic.name in there and there[topic.name] < topic.partitions]
    if growing:
        wanted = [NewPartitions(topic.name, topic.partitions) for topic in growing]
        for future in client.create_partitions(wanted).values():
            future.result(TIMEOUT_S)
    return tuple(topic.name for topic in missing)


def _create(client: AdminClient, topics: Sequence[Topic]) -> None:
    if not topics:
        return
    wanted = [NewTopic(topic.name, topic.partitions, topic.replication, config=dict(topic.config)) for topic in topics]
    for future in client.create_topics(wanted, operation_timeout=TIMEOUT_S).values():
        try:
            future.result(TIMEOUT_S)
        except KafkaException as error:
            if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:  # another process was first
                raise


def _filled(pattern: str, names_of: Mapping[str, Sequence[str]]) -> list[str]:
    """A name of the catalogue with every placeholder replaced by every name it stands for."""
    filled = [pattern]
    for placeholder, values in names_of.items():
        if placeholder in pattern:
            filled = [name.replace(placeholder, value) for name in filled for value in values]
    return filled


def _topic(entry: TopicEntry, name: str, profile: Profile) -> Topic:
    config = {
        "cleanup.policy": "compact" if entry.is_compacted else "delete",
        "message.timestamp.type": "LogAppendTime" if entry.is_log_append else "CreateTime",
    }
    if entry.is_compacted:
        config |= COMPACTION
    else:
        config["retention.ms"] = str(entry.retention_ms)
    if profile != "laptop":
        config["min.insync.replicas"] = "2"
    return Topic(
        name=name,
        partitions=entry.partitions_production if profile == "production" else entry.partitions_laptop,
        replication=1 if profile == "laptop" else 3,
        config=config,
        has_fixed_partitions=entry.has_fixed_partitions,
    )
