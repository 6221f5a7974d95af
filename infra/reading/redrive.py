"""Writing a quarantined submission again, once, after what made it unreadable was mended.

`sms.audit` says `redrive.begun` before, `redrive.done` (or `redrive.withdrawn`) after; its order decides who of two is
first. A crash in between leaves a begun one without an end: the next redrive then looks whether the record, which
names its report and its redrive in a header, stands in the topic, and either notes that it was written or writes it.
"""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from infra.operator import NotWritten, audit, now_us
from infra.reading.coordinates import parse_coordinates
from infra.reading.diagnosis import diagnose
from infra.reading.quarantined import ANSWERED, Case, Report, open_octets
from infra.reading.tailing import ACCOUNT, REDRIVEN
from infra.times import iso_us
from infra.topic_log import TIMEOUT_S, Logged, looking, read_topic, read_topics
from pipeline.domain.ids import message_id
from pipeline.errors import ForTheUser
from pipeline.events import topics
from pipeline.events.codec import Codec
from pipeline.events.records import AuditRecorded, SubmitMessage
from pipeline.kafka.client import Client

BEGUN, DONE, WITHDRAWN = "redrive.begun", ANSWERED, "redrive.withdrawn"
DELIVERY_S = 20
BEGIN_WITHIN_S = 10
LIVE_S = 60
"""A redrive that began longer ago is dead: it writes within BEGIN_WITHIN_S, and Kafka answers within DELIVERY_S."""


class RedriveRefused(ForTheUser):
    """This record is not written again; the message says why, and what can be done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """Where a submission stands now, and the new id under which its life begins; offset -1: it was only tried."""

    source: str
    topic: str
    partition: int
    offset: int = -1
    message_id: str = ""


def redrive(
    home: Path, client: Client, case: Case, *, reason: str, is_again: bool = False, is_dry: bool = False,
    live_s: int = LIVE_S,
) -> Written:  # fmt: skip
    """Write the octets of a submission to the end of its own partition again, unless that was done before.

    `live_s`: a redrive that began so long ago and has no end is dead, and no longer waited for.
    Raises RedriveRefused, NotWritten (repeat it: it looks first), KafkaException, and as `open_octets`.
    """
    topic, partition, _ = parse_coordinates(case.source)
    octets = _octets(home, case)
    past = _past(client, case)
    if not is_dry and _settle(client, case, past, reason):
        past = _past(client, case)
    require_first(_blocking(past, is_again=is_again), now_ms=now_us() // 1000, live_s=live_s)
    if is_dry:
        return Written(source=case.source, topic=topic, partition=partition)
    account = case.first.record.account_id
    token = _claim(client, case, reason, is_again=is_again, live_s=live_s)
    headers = [(REDRIVEN, mark_of(case.first, token))]
    if topics.account_and_lane(topic)[0] == topics.GATEWAY and account:
        headers.append((ACCOUNT, account.encode()))
    offset = _write(client, topic, partition, octets, headers)
    new_id = message_id(_cluster_id(client), topic, partition, offset)
    detail = f"{token} written at {topic}/{partition}/{offset}"
    audit(client, DONE, case.source, reason=reason, detail=detail, account_id=account, message_id=new_id)
    return Written(source=case.source, topic=topic, partition=partition, offset=offset, message_id=new_id)


def require_submission(case: Case) -> None:
    """Only submissions are written again. Raises RedriveRefused with what to do instead."""
    topic = case.source.rsplit("/", 2)[0]
    if topic.startswith(topics.SUBMITTED_PREFIX):
        return
    if topic.startswith("sms.dispatch."):
        instead = "its lease ends by itself, and routing then decides on the next attempt"
    elif case.readers == ("sink",):
        instead = "it stands in its topic, and the pipeline read it; ClickHouse lacks it (view coverage: skipped)"
    else:
        instead = "mend the reader; the record stands in its topic, from which the partition can be replayed"
    raise RedriveRefused(
        f"{case.source}: only submissions (sms.submitted.*) are written again. A record inside the pipeline counts by "
        "its place and its source header, which its reader has passed: written again it would be dropped as a repeat, "
        f"or be decided on out of order. Instead: {instead}"
    )


def require_first(past: Sequence[Logged], *, now_ms: int, live_s: int = LIVE_S) -> None:
    """Nobody wrote it before, and nobody is about to. Raises RedriveRefused. Pure."""
    for each in _audits(past, DONE):
        record = _audit_of(each)
        raise RedriveRefused(
            f"{record.subject} was redriven at {iso_us(each.timestamp_ms * 1000)} by {record.actor} ({record.reason}): "
            f"{record.detail.partition(' ')[2]}; to do it once more: --again"
        )
    for each in _unfinished(past):
        if now_ms - each.timestamp_ms < live_s * 1000:
            record = _audit_of(each)
            raise RedriveRefused(
                f"{record.subject} is being redriven by {record.actor} since {iso_us(each.timestamp_ms * 1000)}; "
                f"if that was cut off, try again after {live_s} s"
            )


def mark_of(report: Report, token: str) -> bytes:
    """What the header of a record says that was written again: by which report, and by which redrive of it."""
    return f"{report.coordinates} {token}".encode()


def written_by(begun: Logged, case: Case, submitted: Iterable[Logged]) -> Logged | None:
    """The record, among these, that this one redrive wrote: others of the same record are not it. Pure."""
    partition = parse_coordinates(case.source)[1]
    marks = {mark_of(each, _audit_of(begun).detail) for each in case.reports}
    ours = (each for each in submitted if each.partition == partition and dict(each.headers).get(REDRIVEN) in marks)
    return next(ours, None)


def _octets(home: Path, case: Case) -> bytes:
    require_submission(case)
    octets = open_octets(home, case)
    if octets is None:
        raise RedriveRefused(f"{case.source}: no report carries its octets ({case.first.record.reason})")
    if sha256(octets).hexdigest() != case.first.record.value_sha256:
        raise RedriveRefused(f"{case.source}: what was sealed is not what was hashed; nothing was written")
    wrong = diagnose(octets, Codec(), SubmitMessage)
    if wrong is not None:
        raise RedriveRefused(
            f"{case.source} would be quarantined again ({wrong.words}); what makes it unreadable has to be mended first"
        )
    return octets


def _past(client: Client, case: Case) -> list[Logged]:
    """What the audit says of redrives of this record, in order."""
    logged = read_topics(client, topics.AUDIT.__eq__, holding=[case.source.encode()])
    return [each for each in logged if isinstance(each.record, AuditRecorded) and each.record.subject == case.source]


def _settle(client: Client, case: Case, past: Sequence[Logged], reason: str) -> bool:
    """Look what became of those that were cut off; True if one was written after all, as the audit says from now on."""
    topic = parse_coordinates(case.source)[0]
    for begun in _unfinished(past):
        found = written_by(begun, case, read_topic(client, topic, since_ms=begun.timestamp_ms))
        if found is not None:
            detail = f"{_audit_of(begun).detail} written at {found.coordinates}, found there by the next redrive"
            audit(client, DONE, case.source, reason=reason, detail=detail)
            return True
    return False


def _claim(client: Client, case: Case, reason: str, *, is_again: bool, live_s: int) -> str:
    """Say in the audit that it begins, and see that nobody's beginning stands before; the mark of one's own."""
    token, account = secrets.token_hex(8), case.first.record.account_id
    audit(client, BEGUN, case.source, reason=reason, detail=token, account_id=account)
    began_us = now_us()
    try:
        before = _blocking(_before(_past(client, case), token), is_again=is_again)
        require_first(before, now_ms=began_us // 1000, live_s=live_s)
        if now_us() - began_us > BEGIN_WITHIN_S * 1_000_000:
            raise RedriveRefused(f"{case.source}: reading sms.audit took too long; nothing was written, try again")
    except RedriveRefused as no:
        audit(client, WITHDRAWN, case.source, reason=str(no), detail=token, account_id=account)
        raise
    return token


def _blocking(past: Sequence[Logged], *, is_again: bool) -> Sequence[Logged]:
    """What may stand in the way: all, or what is under way only, where it may be written once more."""
    return _unfinished(past) if is_again else past


def _unfinished(past: Sequence[Logged]) -> list[Logged]:
    ended = {_audit_of(each).detail.partition(" ")[0] for each in _audits(past, DONE, WITHDRAWN)}
    return [each for each in _audits(past, BEGUN) if _audit_of(each).detail not in ended]


def _before(past: Sequence[Logged], token: str) -> list[Logged]:
    """What stands before one's own beginning."""
    own = next(at for at, each in enumerate(past) if _audit_of(each).detail == token)
    return list(past[:own])


def _audits(past: Iterable[Logged], *actions: str) -> list[Logged]:
    return [each for each in past if _audit_of(each).action in actions]


def _audit_of(logged: Logged) -> AuditRecorded:
    assert isinstance(logged.record, AuditRecorded)
    return logged.record


def _write(client: Client, topic: str, partition: int, octets: bytes, headers: list[tuple[str, bytes]]) -> int:
    """The record's offset once it is durable. The original key is not kept, so there is none."""
    failures: list[KafkaError] = []
    offsets: list[int] = []

    def delivered(error: KafkaError | None, message: Message) -> None:
        offset = message.offset()
        if error is not None:
            failures.append(error)
        elif offset is not None:
            offsets.append(offset)

    producer = Producer(
        {
            **client,
            "enable.idempotence": True,
            "acks": "all",
            "delivery.timeout.ms": DELIVERY_S * 1000,
            "linger.ms": 0,
            "log_level": 2,
        }
    )
    try:
        producer.produce(topic, octets, partition=partition, headers=headers, on_delivery=delivered)
        producer.flush(DELIVERY_S + 5)
    except KafkaException as error:
        raise NotWritten(f"Kafka: {error.args[0].str()}") from error
    if not offsets:
        why = failures[0].str() if failures else "no answer in time"
        raise NotWritten(f"{topic}/{partition}: {why}; whether it was written is told by the next redrive")
    return offsets[0]


def _cluster_id(client: Client) -> str:
    consumer = looking(client)
    try:
        return str(consumer.list_topics(timeout=TIMEOUT_S).cluster_id)
    finally:
        consumer.close()
