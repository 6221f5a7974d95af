"""The topics of a cluster beside what they should be: by the catalogue, and by the rules that are published."""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from infra.topic_log import Place, ends_of
from pipeline.domain.rules import Rules
from pipeline.events.schema_store import TopicEntry, default_store
from pipeline.kafka.client import Client
from pipeline.kafka.drift import Drift, FoundTopic, Kind, read_cluster
from pipeline.kafka.topics import Profile, Topic, topics_of

_PLACEHOLDER = re.compile(r"<[a-z]+>")
_DAY_MS = 86_400_000


def wanted_topics(rules: Rules, profile: Profile) -> tuple[Topic, ...]:
    """Every topic that these rules need. Raises ValueError for a name that no topic may hold."""
    direct = [account.id for account in rules.accounts.values() if account.is_direct]
    return topics_of(default_store().topics(), accounts=direct, carriers=rules.carriers, profile=profile)


def rules_for_topics(client: Client, file: Path | None) -> Rules:
    """The rules in a file, or those that are published. Raises RulesInvalid, PublishFailed, KafkaException."""
    from infra.config.publish import read_published
    from infra.config.rules_file import load_rules
    from infra.sandbox import SMPP_PLACEHOLDER, STAND_IN

    if file is None:
        return read_published(client).rules
    return load_rules(file, {SMPP_PLACEHOLDER: STAND_IN})  # no topic depends on where a carrier listens


def list_topics(client: Client) -> Iterator[dict[str, Any]]:
    """One row a topic of ours, by name. Raises KafkaException."""
    found = read_cluster(client)
    ends = ends_of(client, [each.name for each in found])
    for each in found:
        yield _row(each, entry_of(each.name, default_store().topics()), ends)


def entry_of(topic: str, catalogue: Iterable[TopicEntry]) -> TopicEntry | None:
    """The line of the catalogue that a topic's name fits, or None."""
    for entry in catalogue:
        pattern = "[a-z0-9-]+".join(re.escape(part) for part in _PLACEHOLDER.split(entry.name))
        if re.fullmatch(pattern, topic):
            return entry
    return None


def in_words(difference: Drift) -> str:
    """One difference as a sentence without its topic."""
    match difference.kind:
        case Kind.MISSING:
            return f"is missing ({difference.expected})"
        case Kind.UNKNOWN:
            return difference.words
        case Kind.SETTING:
            return f"{difference.name}={difference.found}, expected {difference.expected}"
        case Kind.EXTRA_SETTING:
            return f"{difference.name}={difference.found} {difference.words}"
        case _:
            return f"{difference.name} {difference.found}, expected {difference.expected}: {difference.words}"


def done_in_words(difference: Drift) -> str:
    """What `mend` did about one difference."""
    match difference.kind:
        case Kind.MISSING:
            return f"made ({difference.expected})"
        case Kind.FEW_PARTITIONS:
            return f"grown from {difference.found} to {difference.expected} partitions"
        case _:
            return f"{difference.name} set from {difference.found} to {difference.expected}"


def retention_in_words(settings: Mapping[str, str]) -> str:
    """How long records are kept: '2 days', '36 h', 'for ever'; the newest of each key where it is compacted."""
    if "compact" in settings.get("cleanup.policy", ""):
        return "newest of a key"
    kept_ms = int(settings.get("retention.ms", "-1"))
    if kept_ms < 0:
        return "for ever"
    return f"{kept_ms // _DAY_MS} days" if kept_ms % _DAY_MS == 0 else f"{kept_ms / 3_600_000:g} h"


def _row(found: FoundTopic, entry: TopicEntry | None, ends: Mapping[Place, tuple[int, int]]) -> dict[str, Any]:
    ranges = [ends[found.name, partition] for partition in range(found.partitions)]
    return {
        "topic": found.name,
        "partitions": found.partitions,
        "records": sum(end - first for first, end in ranges),
        "kept": retention_in_words(found.settings),
        "cleanup": found.settings.get("cleanup.policy", ""),
        "retention_ms": int(found.settings.get("retention.ms", "-1")),
        "key": entry.key if entry else "",
        "written_by": list(entry.written_by) if entry else [],
        "read_by": list(entry.read_by) if entry else [],
    }
