"""Lives of messages out of the log itself: slower than ClickHouse, and true while it is away.

Two passes. The first looks through `sms.lifecycle` for the messages that are asked for; the second takes every record
of theirs from all topics. Only what holds the id's octets is decoded, so a pass costs little more than reading.
"""

from collections.abc import Iterable

from infra.reading.life import Life, Step, joins, life_of
from infra.reading.question import Found, Question
from infra.reading.watching import is_event_topic
from infra.topic_log import Logged, Place, read_topics
from pipeline.events import topics
from pipeline.events.headers import Watermarks, read_headers
from pipeline.events.records import Event, MessageAccepted, MessageRejected, ReceiptReceived
from pipeline.kafka.client import Client

EPOCH = "live"


def lives(client: Client, question: Question, *, since_ms: int | None = None) -> tuple[Life, ...]:
    """The messages that fit, with all that the log still holds of them, the newest first. Raises KafkaException."""
    recipients = _recipients(client, question, since_ms)
    if question.message_id:
        recipients.setdefault(question.message_id, "")
    if not recipients:
        return ()
    holding = {each.encode() for pair in recipients.items() for each in pair if each}
    steps: dict[str, list[Step]] = {message_id: [] for message_id in recipients}
    nameless: list[Step] = []
    for step in _events(read_topics(client, is_event_topic, since_ms=since_ms, holding=sorted(holding))):
        assert step.record is not None
        if step.record.message_id in steps:
            steps[step.record.message_id].append(step)
        elif isinstance(step.record, ReceiptReceived) and not step.record.message_id:
            nameless.append(step)
    found = [_joined(life_of(message_id, its), nameless) for message_id, its in steps.items() if its]
    if question.account_id:
        found = [life for life in found if life.head.get("account_id") == question.account_id]
    return tuple(sorted(found, key=lambda life: life.steps[0].at, reverse=True))


def found_of(life: Life) -> Found:
    """A life in one line."""
    head = life.head
    names = ("account_id", "reference", "status", "message_class", "country")
    words = {name: str(head.get(name, "")) for name in names}
    return Found(message_id=life.message_id, received_at=head.get("received_at", 0), **words)


def _recipients(client: Client, question: Question, since_ms: int | None) -> dict[str, str]:
    """The recipient of each message that fits, from what validation said of it."""
    answers = read_topics(client, topics.LIFECYCLE.__eq__, since_ms=since_ms, holding=question.octets)
    found: dict[str, str] = {}
    for step in _events(answers):
        record = step.record
        if not isinstance(record, MessageAccepted | MessageRejected):
            continue
        if question.fits(record.message_id, record.reference, record.recipient_id):
            found[record.message_id] = record.recipient_id
    return found


def _events(logged: Iterable[Logged]) -> Iterable[Step]:
    """The events of this epoch, each once: what a redo wrote again is known by where it came from."""
    marks: dict[Place, Watermarks] = {}
    for each in logged:
        if not isinstance(each.record, Event):
            continue
        try:
            source, epoch = read_headers(each.headers)
        except ValueError:  # it is in quarantine by now
            continue
        if epoch != EPOCH:
            continue
        seen = marks.setdefault((each.topic, each.partition), Watermarks())
        if source is not None and not seen.admit(source):
            continue
        yield Step(
            at=each.timestamp_ms * 1000,
            event=type(each.record).__name__,
            topic=each.topic,
            partition=each.partition,
            offset=each.offset,
            record=each.record,
        )


def _joined(life: Life, nameless: Iterable[Step]) -> Life:
    receipts = [step for step in nameless if isinstance(step.record, ReceiptReceived) and joins(step.record, life)]
    if not receipts:
        return life
    return life_of(life.message_id, [*(step for step in life.steps if step.record is not None), *receipts])
