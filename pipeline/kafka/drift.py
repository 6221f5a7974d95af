"""How the topics of a cluster differ from those of the catalogue, and how they are set right again.

What differs is a pure comparison; reading the cluster and changing it are thin. Nothing here deletes a topic, takes
a partition away, or touches a setting that the catalogue does not speak of.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    ConfigSource,
    ResourceType,
)

from pipeline.events.topics import PREFIX
from pipeline.kafka.client import Client
from pipeline.kafka.topics import TIMEOUT_S, PartitionsDiffer, Topic, ensure_topics

_OWN = ConfigSource.DYNAMIC_TOPIC_CONFIG.value


class Kind(StrEnum):
    """What differs. The first three `mend` sets right, the others a person has to."""

    MISSING = "missing"
    FEW_PARTITIONS = "few-partitions"
    SETTING = "setting"
    PARTITIONS_FOR_LIFE = "partitions-for-life"
    MANY_PARTITIONS = "many-partitions"
    REPLICATION = "replication"
    EXTRA_SETTING = "extra-setting"
    UNKNOWN = "unknown"


MENDED = frozenset({Kind.MISSING, Kind.FEW_PARTITIONS, Kind.SETTING})


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundTopic:
    """One topic as the cluster has it. `overrides` are the settings that are the topic's own, not the broker's."""

    name: str
    partitions: int
    replication: int
    settings: Mapping[str, str]
    overrides: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """One difference; `words` say what it means and what can be done."""

    topic: str
    kind: Kind
    name: str = ""
    found: str = ""
    expected: str = ""
    words: str = ""

    @property
    def is_mended(self) -> bool:
        """Whether `mend` sets this right."""
        return self.kind in MENDED


def drift(wanted: Iterable[Topic], found: Iterable[FoundTopic]) -> tuple[Drift, ...]:
    """Everything that differs, by topic name. Topics that are not ours (no `sms.` in front) are nobody's business."""
    there = {each.name: each for each in found}
    expected = {each.name: each for each in wanted}
    differences: list[Drift] = []
    for name in sorted(expected.keys() | there.keys()):
        topic, real = expected.get(name), there.get(name)
        if topic is None:
            differences += [_unknown(name)] if name.startswith(PREFIX) else []
        elif real is None:
            words = f"{topic.partitions} partitions, {topic.config['cleanup.policy']}"
            differences.append(Drift(topic=name, kind=Kind.MISSING, expected=words, words="is to be made"))
        else:
            differences += [*_counts(topic, real), *_settings(topic, real)]
    return tuple(differences)


def read_cluster(client: Client) -> tuple[FoundTopic, ...]:
    """Every `sms.` topic of the cluster with its settings. Raises KafkaException."""
    admin = _admin(client)
    topics = {
        name: topic for name, topic in admin.list_topics(timeout=TIMEOUT_S).topics.items() if name.startswith(PREFIX)
    }
    settings = _settings_of(admin, topics)
    return tuple(
        FoundTopic(
            name=name,
            partitions=len(topic.partitions),
            replication=min((len(each.replicas) for each in topic.partitions.values()), default=0),
            settings={entry.name: str(entry.value) for entry in settings[name]},
            overrides=frozenset(entry.name for entry in settings[name] if entry.source == _OWN),
        )
        for name, topic in sorted(topics.items())
        if name in settings
    )


def _settings_of(admin: AdminClient, topics: Iterable[str]) -> dict[str, list[ConfigEntry]]:
    """The settings of each topic; of one that was deleted meanwhile, nothing."""
    asked = [ConfigResource(ResourceType.TOPIC, name) for name in topics]
    found: dict[str, list[ConfigEntry]] = {}
    for resource, future in (admin.describe_configs(asked) if asked else {}).items():
        try:
            found[resource.name] = list(future.result(TIMEOUT_S).values())
        except KafkaException as error:
            if error.args[0].code() != KafkaError.UNKNOWN_TOPIC_OR_PART:
                raise
    return found


def _admin(client: Client) -> AdminClient:
    return AdminClient({**client, "log_level": 2})


def mend(client: Client, wanted: Sequence[Topic]) -> tuple[Drift, ...]:
    """Make what is missing, grow what may grow, set settings back; what was done. Again: nothing.

    Raises PartitionsDiffer (before changing anything) where a count for life differs, KafkaException.
    """
    differences = drift(wanted, read_cluster(client))
    for each in differences:
        if each.kind is Kind.PARTITIONS_FOR_LIFE:
            raise PartitionsDiffer(f"topic {each.topic}: {each.found} partitions, expected {each.expected}, for life")
    todo = tuple(each for each in differences if each.is_mended)
    if any(each.kind is not Kind.SETTING for each in todo):
        ensure_topics({**client, "log_level": 2}, wanted)
    _set_back(client, [each for each in todo if each.kind is Kind.SETTING])
    return todo


def _set_back(client: Client, differences: Sequence[Drift]) -> None:
    changes: dict[str, list[ConfigEntry]] = {}
    for each in differences:
        entry = ConfigEntry(each.name, each.expected, incremental_operation=AlterConfigOpType.SET)
        changes.setdefault(each.topic, []).append(entry)
    if not changes:
        return
    resources = [
        ConfigResource(ResourceType.TOPIC, topic, incremental_configs=entries) for topic, entries in changes.items()
    ]
    admin = _admin(client)  # kept: a client that is gone takes its answers along
    for future in admin.incremental_alter_configs(resources).values():
        future.result(TIMEOUT_S)


def _unknown(name: str) -> Drift:
    words = "is not in the catalogue, or of an account or carrier that no published rule names; it is left alone"
    return Drift(topic=name, kind=Kind.UNKNOWN, words=words)


def _counts(topic: Topic, real: FoundTopic) -> Iterable[Drift]:
    if real.partitions != topic.partitions:
        found, expected = str(real.partitions), str(topic.partitions)
        if topic.has_fixed_partitions:
            kind = Kind.PARTITIONS_FOR_LIFE
            words = "the count is for life: keys and state would part; growth is a new topic generation (drain, re-key)"
        elif real.partitions > topic.partitions:
            kind, words = Kind.MANY_PARTITIONS, "a topic cannot shrink, and works with more"
        else:
            kind, words = Kind.FEW_PARTITIONS, "it may grow"
        yield Drift(topic=topic.name, kind=kind, name="partitions", found=found, expected=expected, words=words)
    if real.replication != topic.replication:
        yield Drift(
            topic=topic.name,
            kind=Kind.REPLICATION,
            name="replication",
            found=str(real.replication),
            expected=str(topic.replication),
            words="it is changed by moving replicas (kafka-reassign-partitions), not from here",
        )


def _settings(topic: Topic, real: FoundTopic) -> Iterable[Drift]:
    for name, expected in topic.config.items():
        found = real.settings.get(name, "")
        if found != expected:
            yield Drift(topic=topic.name, kind=Kind.SETTING, name=name, found=found, expected=expected)
    for name in sorted(real.overrides - topic.config.keys()):
        words = "was set by hand and the catalogue does not speak of it; it is left alone"
        yield Drift(
            topic=topic.name, kind=Kind.EXTRA_SETTING, name=name, found=real.settings.get(name, ""), words=words
        )
