"""What Kafka itself says: positions of readers, the rules in force, binds."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from confluent_kafka import KafkaException

from infra.carriers import newest_snapshot
from infra.config.publish import PublishFailed, read_revisions
from infra.ports import answers
from infra.status.facts import BindFact, RulesFact
from infra.status.lag import Positions, Waiting, read_positions, read_waiting
from infra.topic_log import TopicMissing
from pipeline.domain.rules import Rules
from pipeline.events.records import CarrierHealth, HealthSnapshot
from pipeline.kafka.client import Client
from pipeline.stages.revisions import in_force, scheduled

if TYPE_CHECKING:
    from pipeline.stages.revisions import Revision

MICROS = 1_000_000


class KafkaAway(Exception):
    """Kafka does not answer; the message says which one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """One look at the cluster. `waiting`: by reader what it has not taken; `binds`: by name of the carrier."""

    positions: Positions
    waiting: Mapping[str, Waiting]
    rules: RulesFact
    binds: tuple[BindFact, ...]


def look_at_cluster(client: Client, now_us: int) -> Cluster:
    """Look once: a fraction of a second, at most LOOK_S (`waiting.py`) more if records that wait do not come.

    `now_us` (UTC micros) decides which revision is in force. Raises KafkaAway.
    """
    with _asking(client):
        revisions = _revisions(client)
        current = in_force(revisions, now_us)
        positions = read_positions(client)
        return Cluster(
            positions=positions,
            waiting=read_waiting(client, positions),
            rules=rules_fact(revisions, now_us),
            binds=binds_of(current.rules if current else Rules(), newest_snapshot(client), now_us),
        )


def look_at_positions(client: Client) -> Positions:
    """Only where readers are, which is all that a speed needs. Raises KafkaAway."""
    with _asking(client):
        return read_positions(client)


@contextmanager
def _asking(client: Client) -> Iterator[None]:
    servers = str(client["bootstrap.servers"])
    if not answers(servers):
        raise KafkaAway(f"Kafka at {servers} does not answer")
    try:
        yield
    except (KafkaException, PublishFailed) as error:
        what = error.args[0].str() if isinstance(error, KafkaException) else str(error)
        raise KafkaAway(f"Kafka at {servers} does not answer as it should: {what}") from error


def rules_fact(revisions: "Sequence[Revision]", now_us: int) -> RulesFact:
    """The revision in force, and what is scheduled. Pure."""
    current = in_force(revisions, now_us)
    later = tuple((each.number, each.effective_at) for each in scheduled(revisions, now_us))
    if current is None:
        return RulesFact(revision=0, scheduled=later)
    return RulesFact(revision=current.number, author=current.author, reason=current.reason, scheduled=later)


def binds_of(rules: Rules, snapshot: HealthSnapshot, now_us: int) -> tuple[BindFact, ...]:
    """Each carrier of the rules that has an address, as the snapshot has it. Pure."""
    heard = {each.carrier: each for each in snapshot.carriers}
    return tuple(
        _bind(name, heard.get(name), rules, now_us) for name, each in sorted(rules.carriers.items()) if each.address
    )


def _bind(name: str, found: CarrierHealth | None, rules: Rules, now_us: int) -> BindFact:
    drain = rules.drains.get(name)
    if found is None:
        found = CarrierHealth(carrier=name, reason="never heard of", changed_at=now_us)
    return BindFact(
        carrier=name,
        is_bound=found.is_bound,
        bind_count=found.bind_count,
        age_s=max(0.0, (now_us - found.changed_at) / MICROS),
        reason=found.reason,
        is_drained=drain is not None,
        drained_why="" if drain is None else drain.reason,
    )


def _revisions(client: Client) -> "Sequence[Revision]":
    try:
        return read_revisions(client)
    except TopicMissing:
        return ()
