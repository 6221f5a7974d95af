"""Revisions into sms.control: the conditions looked at under a lock, topics made, all records in one transaction.

The lock is the transactional id: whoever initialises it last has it, and Kafka refuses what the one before still wants
to write. So what is read after that is the newest, and stays so until it is written.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from infra.access.apply import AccessChanges, give_access, take_access
from infra.access.cluster import AccessRefused
from infra.config.changes import ALL_TABLES, Change, changes_between, records_of
from infra.operator import now_us
from infra.times import utc
from infra.topic_log import read_topic
from pipeline.domain.rules import Rules, apply_control
from pipeline.errors import ForTheUser
from pipeline.events.codec import Codec, Poison
from pipeline.events.headers import headers_of
from pipeline.events.records import ControlRecorded
from pipeline.events.schema_store import default_store
from pipeline.events.topics import CONTROL
from pipeline.kafka.client import Client
from pipeline.kafka.topics import PartitionsDiffer, Profile, ensure_topics, topics_of
from pipeline.stages.revisions import REVISION, Revision, Revisions, in_force, scheduled

Record = tuple[str, str, str | None]
"""(kind, id, its JSON or None if it is to be removed)."""

TIMEOUT_S = 30.0
TRANSACTIONAL_ID = "sluice-config-apply"
_LOST = {KafkaError._FENCED, KafkaError.INVALID_PRODUCER_EPOCH, KafkaError.PRODUCER_FENCED}


class PublishFailed(ForTheUser):
    """The rules could not be published. The message says why, and whether something of this revision may count."""


class Refused(PublishFailed):
    """A condition does not hold, such as that nobody has written in between; nothing was written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """The rules in force: their revision's number, and its offset in sms.control (-1 before the first)."""

    rules: Rules
    revision: int
    control_offset: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What publishing came to; if nothing `is_written` all is of the newest revision there was before.

    `before`: the rules that would be in force at that time without this revision.
    """

    changes: tuple[Change, ...]
    revision: int
    control_offset: int
    effective_at: int
    made_topics: tuple[str, ...] = ()
    superseded: tuple[int, ...] = ()
    access: AccessChanges = field(default_factory=AccessChanges)
    before: Rules = field(default_factory=Rules)
    is_written: bool = True


def make_topics(client: Client, rules: Rules, profile: Profile = "laptop") -> tuple[str, ...]:
    """Create every topic of the catalogue that these rules need; the names of those that were missing.

    Raises PublishFailed.
    """
    direct = [account.id for account in rules.accounts.values() if account.is_direct]
    wanted = topics_of(default_store().topics(), accounts=direct, carriers=rules.carriers, profile=profile)
    with _explained(client):
        return ensure_topics(_quiet(client), wanted)


def make_base_topics(client: Client, profile: Profile = "laptop") -> None:
    """Create the topics that are there whatever the rules say, sms.control among them. Raises PublishFailed."""
    make_topics(client, Rules(), profile)


def read_revisions(client: Client) -> tuple[Revision, ...]:
    """All revisions in log order, the scheduled ones too; unsound records are passed over, as every process does.

    Raises PublishFailed; TopicMissing if nothing was ever published.
    """
    revisions = Revisions()
    codec = Codec()
    with _explained(client):
        for logged in read_topic(client, CONTROL):
            try:
                revisions.take(logged.offset, codec.decode(logged.value, ControlRecorded))
            except (Poison, ValueError):
                continue
    return tuple(revisions.all)


def read_published(client: Client) -> Published:
    """The rules in force now. Raises as `read_revisions`."""
    found = in_force(read_revisions(client), now_us())
    if found is None:
        return Published(rules=Rules(), revision=0, control_offset=-1)
    return Published(rules=found.rules, revision=found.number, control_offset=found.offset)


def apply_rules(
    client: Client,
    rules: Rules,
    *,
    author: str,
    reason: str,
    effective_at: int | None = None,
    expect: int | None = None,
    may_supersede: bool = False,
    epoch: str = "live",
    profile: Profile = "laptop",
) -> Applied:
    """Make the topics that the rules need, then publish what differs from the newest revision. Drains stay.

    Rights that are missing are made before, surplus ones taken away after: who is in force is never locked out.
    `expect`: the number that the newest revision must have. Applying the same rules again only looks at rights. Raises
    Refused if the newest revision is another one, if this one would supersede a scheduled one and may not, if its time
    (`effective_at`, UTC micros, None: now) has passed, or if another publisher came in between; PublishFailed.
    """
    make_base_topics(client, profile)
    with _lock(client) as producer:
        revisions, now = read_revisions(client), now_us()
        newest = revisions[-1] if revisions else None
        changes = changes_between(newest.rules if newest else Rules(), rules)
        when = now if effective_at is None else effective_at
        if newest and not changes and newest.effective_at <= when:
            given = _give_access(client, rules, revisions, now, newest.effective_at)
            return Applied(
                changes=(),
                revision=newest.number,
                control_offset=newest.offset,
                effective_at=newest.effective_at,
                access=_take_access(client, given, newest.number),
                is_written=False,
            )
        _require_newest(revisions, expect)
        if when < now:
            raise Refused(f"the time {utc(when)} has passed; leave it out to apply now")
        superseded = _require_nothing_superseded(revisions, now, when, may_supersede=may_supersede)
        made = make_topics(client, rules, profile)
        given = _give_access(client, rules, revisions, now, when)
        number = (newest.number if newest else 0) + 1
        records = records_of(changes, revision=number, effective_at=when, now_us=now, author=author, reason=reason)
        offset = _write(producer, records, epoch)[-1]
        access = _take_access(client, given, number)
    follows = in_force(revisions, when)
    return Applied(
        changes=changes,
        revision=number,
        control_offset=offset,
        effective_at=when,
        made_topics=made,
        superseded=superseded,
        access=access,
        before=follows.rules if follows else Rules(),
    )


def _give_access(client: Client, rules: Rules, revisions: Sequence[Revision], now: int, when: int) -> AccessChanges:
    """Make the rights that these rules need; whoever loses them at a later time keeps them until then."""
    current = in_force(revisions, now) if when > now else None
    try:
        return give_access(client, default_store().topics(), rules, still=current.rules if current else None)
    except AccessRefused as error:
        raise PublishFailed(str(error)) from error


def _take_access(client: Client, given: AccessChanges, revision: int) -> AccessChanges:
    """Take away what is surplus, unless a newer revision has come meanwhile: its publisher sees to that."""
    if not given.surplus and not given.unlimited:
        return given
    try:
        if read_revisions(client)[-1].number != revision:
            return replace(given, surplus=(), unlimited=())
        return take_access(client, given)
    except (AccessRefused, PublishFailed) as error:
        raise PublishFailed(
            f"revision {revision} is published, but rights that nobody has by it could not be taken away: {error}; "
            "do: sluice access apply"
        ) from error


def publish_objects(
    client: Client, objects: Sequence[Record], author: str, reason: str, *, epoch: str = "live"
) -> Applied:
    """Publish single objects at once, over what is in force; scheduled revisions are written again after it.

    So a drain neither brings a scheduled price forward nor loses it. Raises Refused before the first revision;
    PublishFailed.
    """
    with _lock(client) as producer:
        revisions, now = read_revisions(client), now_us()
        current = in_force(revisions, now)
        if current is None:
            raise Refused("no rules are in force yet; publish them: sluice config apply FILE --reason WHY")
        records, changes = _rebased(revisions, current, objects, now, author, reason)
        offsets = _write(producer, records, epoch)
    mark = next(index for index, record in enumerate(records) if record.kind == REVISION)
    return Applied(changes=changes, revision=records[mark].revision, control_offset=offsets[mark], effective_at=now)


def _rebased(
    revisions: Sequence[Revision], current: Revision, objects: Sequence[Record], now: int, author: str, reason: str
) -> tuple[tuple[ControlRecorded, ...], tuple[Change, ...]]:
    """Records of a revision of now with the objects, then of each scheduled one with them; and the first's changes."""
    newest = revisions[-1]
    rules, number = newest.rules, newest.number
    written: list[ControlRecorded] = []
    first: tuple[Change, ...] = ()
    whens = [(current, now, author, reason)]
    whens += [(each, each.effective_at, each.author, each.reason) for each in scheduled(revisions, now)]
    for each, when, by, why in whens:
        wanted = _with(each.rules, objects)
        number += 1
        changes = changes_between(rules, wanted, ALL_TABLES)
        first = first or changes_between(current.rules, wanted, ALL_TABLES)
        written += records_of(changes, revision=number, effective_at=when, now_us=now, author=by, reason=why)
        rules = wanted
    return tuple(written), first


def _with(rules: Rules, objects: Sequence[Record]) -> Rules:
    for kind, object_id, body in objects:
        rules = apply_control(rules, kind, object_id, body or "", is_deleted=body is None)
    return rules


def _require_newest(revisions: Sequence[Revision], expect: int | None) -> None:
    newest = revisions[-1].number if revisions else 0
    if expect is None or expect == newest:
        return
    since = [f"revision {each.number} by {each.author}: {each.reason}" for each in revisions if each.number > expect]
    came = f" ({'; '.join(since)})" if since else ""
    raise Refused(f"the newest revision is {newest}, expected {expect}{came}; nothing was written")


def _require_nothing_superseded(
    revisions: Sequence[Revision], now: int, when: int, *, may_supersede: bool
) -> tuple[int, ...]:
    """Numbers of the scheduled revisions that one from `when` on keeps from ever being in force."""
    hit = superseded_by(revisions, now, when)
    if hit and not may_supersede:
        said = "; ".join(f"revision {each.number} by {each.author} for {utc(each.effective_at)}" for each in hit)
        raise Refused(
            f"scheduled, and would never be in force: {said}; --supersede if that is meant, or --effective-at later"
        )
    return tuple(each.number for each in hit)


def superseded_by(revisions: Sequence[Revision], now: int, when: int) -> tuple[Revision, ...]:
    """The scheduled revisions that one written now, to count from `when` on, keeps from ever being in force."""
    return tuple(each for each in scheduled(revisions, now) if when <= each.effective_at)


@contextmanager
def _lock(client: Client) -> Iterator[Producer]:
    """A producer that alone may write revisions, until another one is made."""
    producer = Producer(
        {
            **_quiet(client),
            "transactional.id": TRANSACTIONAL_ID,
            "partitioner": "murmur2_random",
            "linger.ms": 0,
        }
    )
    with _explained(client):
        producer.init_transactions(TIMEOUT_S)
        yield producer


@contextmanager
def _explained(client: Client) -> Iterator[None]:
    """Kafka's errors as PublishFailed, and a lost lock as Refused."""
    try:
        yield
    except PartitionsDiffer as error:
        raise PublishFailed(str(error)) from error
    except KafkaException as error:
        what = error.args[0]
        if what.code() in _LOST:
            raise Refused(
                "another publisher came in between; nothing was written. See: sluice config history"
            ) from error
        raise PublishFailed(f"Kafka at {client['bootstrap.servers']}: {what.str()}") from error


def _quiet(client: Client) -> dict[str, str | int | bool]:
    return {**client, "log_level": 2}


def _write(producer: Producer, records: Sequence[ControlRecorded], epoch: str) -> list[int]:
    """Write revisions, all of it or nothing; the offsets of the records."""
    codec = Codec()
    offsets: list[int] = []

    def delivered(error: KafkaError | None, message: Message) -> None:
        offset = message.offset()
        if error is None and offset is not None:
            offsets.append(offset)

    producer.begin_transaction()
    for record in records:
        producer.produce(
            CONTROL,
            key=f"{record.kind}/{record.id}".encode(),
            value=codec.encode(record),
            headers=headers_of(None, epoch),
            on_delivery=delivered,
        )
    _commit(producer, records[0].revision)
    if len(offsets) != len(records):
        raise PublishFailed(f"{len(offsets)} of {len(records)} records were delivered to {CONTROL}, expected all")
    return offsets


def _commit(producer: Producer, revision: int) -> None:
    """Raises KafkaException if nothing of the transaction counts, PublishFailed if nobody knows."""
    try:
        producer.commit_transaction(TIMEOUT_S)
    except KafkaException as error:
        what = error.args[0]
        if what.code() in _LOST:
            raise
        if what.txn_requires_abort():  # it was never committed, also where the abort does not come through
            with suppress(KafkaException):
                producer.abort_transaction(TIMEOUT_S)
            raise
        raise PublishFailed(
            f"it is not known whether revision {revision} was published ({what.str()}); see: sluice config history; "
            "applying again is safe"
        ) from error
