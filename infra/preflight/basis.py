"""What the agents go by: revisions of the rules, the health of carriers, and the moment that is asked about."""

from dataclasses import dataclass
from pathlib import Path

from infra.config.publish import read_revisions
from infra.config.rules_file import load_document
from infra.errors import UserError
from infra.sandbox import SMPP_PLACEHOLDER, STAND_IN
from infra.times import utc
from infra.topic_log import TopicMissing, read_last
from pipeline.domain.rules import CarrierState, Health, Rules
from pipeline.events.records import HealthSnapshot
from pipeline.events.topics import CONTROL, HEALTH
from pipeline.kafka.client import Client
from pipeline.stages.decision import Snapshot
from pipeline.stages.revisions import Revision, in_force, scheduled

MILLISECOND_US = 1000
ALL_BOUND = "every carrier is taken as bound: a rules file says nothing of health"
HEALTH_OF_NOW = "the health of carriers is that of now, not of the time asked about"
NO_HEALTH = "nothing was ever said of the health of carriers, so none is bound"


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """Everything that a decision depends on but the message.

    `at`: UTC micros, whole milliseconds as the log's time is. `source` says where the rules come from, `assumed` what
    was taken for granted.
    """

    revisions: tuple[Revision, ...]
    health: Health
    at: int
    source: str
    assumed: tuple[str, ...] = ()

    def snapshot(self, at: int) -> Snapshot:
        """The rules in force at a time, if nothing more is written, and health as it is known. Never before `at`."""
        return Snapshot(rules=self.revision(at).rules, health=self.health)

    def revision(self, at: int) -> Revision:
        """The revision in force at a time. Raises UserError before the first."""
        found = in_force(self.revisions, at)
        if found is None:
            raise UserError(f"no revision is in force at {utc(at)}; see: sluice config history")
        return found

    def coming(self, until: int) -> tuple[Revision, ...]:
        """The scheduled revisions that come into force after the moment asked about, up to a time."""
        return tuple(each for each in scheduled(self.revisions, self.at) if each.effective_at <= until)


def basis_of_log(client: Client, *, now: int, at: int | None = None) -> Basis:
    """What is in force in a running Sluice. Raises UserError, PublishFailed, KafkaException."""
    try:
        revisions = read_revisions(client)
    except TopicMissing:
        raise UserError("nothing was published here yet; or name a file: --rules FILE") from None
    health = _newest_health(client)
    assumed = [NO_HEALTH] if health.health_offset < 0 else []
    if at is not None and at != now:
        assumed.append(HEALTH_OF_NOW)
    basis = Basis(
        revisions=revisions, health=health, at=_log_time(now if at is None else at), source=CONTROL, assumed=(*assumed,)
    )
    basis.revision(basis.at)
    return basis


def basis_of_file(path: Path, *, now: int, at: int | None = None) -> Basis:
    """A file's rules as if they had always been in force, with every carrier bound. Raises RulesInvalid, OSError."""
    rules = load_document(path, {SMPP_PLACEHOLDER: STAND_IN}).rules
    revision = Revision(number=0, effective_at=0, occurred_at=0, author="", reason="", changes=(), rules=rules)
    return Basis(
        revisions=(revision,),
        health=_all_bound(rules),
        at=_log_time(now if at is None else at),
        source=str(path),
        assumed=(ALL_BOUND,),
    )


def _all_bound(rules: Rules) -> Health:
    return Health(carriers={name: CarrierState(is_bound=True, reason="assumed") for name in rules.carriers})


def _newest_health(client: Client) -> Health:
    try:
        last = read_last(client, HEALTH)
    except TopicMissing:
        last = None
    if last is None or not isinstance(last.record, HealthSnapshot):
        return Health()
    carriers = {each.carrier: CarrierState(is_bound=each.is_bound, reason=each.reason) for each in last.record.carriers}
    return Health(health_offset=last.offset, carriers=carriers)


def _log_time(micros: int) -> int:
    return micros // MILLISECOND_US * MILLISECOND_US
