"""A topic's records from a place that a person names, each as a line or an object: decoded, nothing in the clear."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from infra.reading.cluster import entry_of
from infra.reading.fields import fields_of
from infra.reading.times import TimeInvalid, since_ms
from infra.reading.words import words_of
from infra.times import iso_us
from infra.topic_log import Logged, TopicMissing, ends_of, read_topic
from pipeline.events import topics
from pipeline.events.codec import AnyRecord, Poison
from pipeline.events.headers import EPOCH, SOURCE
from pipeline.events.records import RECORDS
from pipeline.events.schema_store import default_store
from pipeline.kafka.client import Client

LAST = 10
"""So many records are shown of `end` if no limit is given."""

REDRIVEN = "redriven"
ACCOUNT = "account"
_SHOWN_HEADERS = (SOURCE, EPOCH, REDRIVEN, ACCOUNT)
_NOT_AVRO = "sms.state."


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Which records: `begin` is beginning, end, an offset or a time; `partition` None is all; `limit` 0 is all."""

    begin: str = "end"
    partition: int | None = None
    limit: int = 0
    is_followed: bool = False


def read_stretch(client: Client, topic: str, stretch: Stretch, *, now_ms: int) -> Iterator[Logged]:
    """The records asked for. `end` without following is the last `limit` of the topic, by log time.

    Raises TopicMissing, TimeInvalid, KafkaException.
    """
    ranges = _ranges(client, topic, stretch.partition)
    if stretch.begin == "end" and not stretch.is_followed:
        yield from _last(client, topic, ranges, stretch.limit or LAST)
        return
    left = stretch.limit
    for logged in _from(client, topic, stretch, ranges, now_ms):
        yield logged
        left -= 1
        if left == 0:
            return


def line_of(logged: Logged) -> str:
    """Coordinates, log time, key, the record's name and what it says."""
    source = dict(logged.headers).get(SOURCE)
    origin = f"  <- {source.decode('ascii', 'replace')}" if source else ""
    at, key = iso_us(logged.timestamp_ms * 1000), key_of(logged) or "no key"
    return f"{logged.coordinates}  {at}  {key}  {_said(logged)}{origin}"


def object_of(logged: Logged) -> dict[str, Any]:
    """All of a record; headers that are not ours by name only, since a producer may write anything there."""
    shown: dict[str, Any] = {
        "topic": logged.topic,
        "partition": logged.partition,
        "offset": logged.offset,
        "at": iso_us(logged.timestamp_ms * 1000),
        "key": key_of(logged),
        "headers": {name: _header(name, value) for name, value in logged.headers},
    }
    record = logged.record
    if record is None:
        return shown | {"record": None, "is_tombstone": True}
    if logged.topic.startswith(_NOT_AVRO):
        return shown | {"record": None, "octets": len(logged.value or b"")}
    if isinstance(record, Poison):
        return shown | {"record": None, "poison": record.reason, "detail": record.detail}
    return shown | {"record": type(record).__name__, "fields": fields_of(record)}


def key_of(logged: Logged) -> str | None:
    """A key as text, None if there is none; the size only where a producer chose it: it may be a phone number."""
    if logged.key is None:
        return None
    if logged.topic.startswith(topics.SUBMITTED_PREFIX):
        return f"<key of {len(logged.key)} octets>"
    try:
        return logged.key.decode() or "''"
    except UnicodeDecodeError:
        return logged.key.hex()


def expected_of(topic: str) -> tuple[type[AnyRecord], ...]:
    """What may stand in a topic, by the catalogue; () for one that it does not know."""
    entry = entry_of(topic, default_store().topics())
    return tuple(RECORDS[name] for name in entry.records) if entry else ()


def _said(logged: Logged) -> str:
    record = logged.record
    if record is None:
        return "tombstone: the key is to be forgotten"
    if logged.topic.startswith(_NOT_AVRO):
        return f"state of {len(logged.value or b'')} octets"
    if isinstance(record, Poison):
        return f"POISON {record}"
    said = words_of(record)
    if not said:
        said = " ".join(f"{name}={value}" for name, value in fields_of(record).items() if value not in ("", None, {}))
    return f"{type(record).__name__}  {said}"


def _header(name: str, value: bytes | None) -> str:
    if value is None or name in _SHOWN_HEADERS:
        return (value or b"").decode("utf-8", "replace")
    return f"<{len(value)} octets>"


def _ranges(client: Client, topic: str, partition: int | None) -> dict[int, tuple[int, int]]:
    ranges = {number: ends for (_, number), ends in ends_of(client, [topic]).items()}
    if partition is None:
        return ranges
    if partition not in ranges:
        raise TopicMissing(f"topic {topic} has no partition {partition}, but 0 to {max(ranges)}")
    return {partition: ranges[partition]}


def _last(client: Client, topic: str, ranges: Mapping[int, tuple[int, int]], count: int) -> Iterator[Logged]:
    start = {partition: max(first, end - count) for partition, (first, end) in ranges.items() if end > first}
    if start:
        found = sorted(read_topic(client, topic, start=start), key=lambda each: each.timestamp_ms)
        yield from found[-count:]


def _from(
    client: Client, topic: str, stretch: Stretch, ranges: Mapping[int, tuple[int, int]], now_ms: int
) -> Iterator[Logged]:
    is_followed = stretch.is_followed
    if stretch.begin == "end":
        return read_topic(client, topic, start={each: end for each, (_, end) in ranges.items()}, follow=is_followed)
    if stretch.begin == "beginning":
        return read_topic(client, topic, start={each: first for each, (first, _) in ranges.items()}, follow=is_followed)
    if stretch.begin.isascii() and stretch.begin.isdigit():
        offset = int(stretch.begin)
        start = {each: min(max(offset, first), end) for each, (first, end) in ranges.items()}
        return read_topic(client, topic, start=start, follow=is_followed)
    try:
        began = since_ms(stretch.begin, now_ms=now_ms)
    except TimeInvalid as error:
        raise TimeInvalid(f"{error}; or beginning, end, an offset") from error
    logged = read_topic(client, topic, since_ms=began, follow=is_followed)
    return (each for each in logged if each.partition in ranges)
