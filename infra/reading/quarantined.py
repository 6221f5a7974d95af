"""Records that nobody could read: all that was reported of each, by whichever reader, and its octets if they are kept.

Validation and connectors seal the octets into their report. Routing, throttling and the sink have no keys and report
size and hash only: there the record itself has to be looked at, while its topic still holds it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.reading.coordinates import parse_coordinates
from infra.times import iso_us
from infra.topic_log import Logged, TopicMissing, read_record, read_topic, read_topics
from pipeline.errors import ForTheUser
from pipeline.events import topics
from pipeline.events.records import AuditRecorded, RecordQuarantined
from pipeline.kafka.client import Client
from pipeline.keys import KeyVault

ANSWERED = "redrive.done"
"""What `sms.audit` says of a record once it was written again."""


class NotQuarantined(ForTheUser):
    """No reader reported this record; the message names it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One reader's report of one record: where it stands in `sms.quarantine`, its log time, what it says."""

    coordinates: str
    at_ms: int
    record: RecordQuarantined


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One record that could not be read, by its own coordinates, with every report of it in log order."""

    source: str
    reports: tuple[Report, ...]

    @property
    def readers(self) -> tuple[str, ...]:
        return tuple(sorted({each.record.reader for each in self.reports}))

    @property
    def first(self) -> Report:
        """The first report that carries the octets, else the first."""
        return next((each for each in self.reports if each.record.sealed_value), self.reports[0])


def read_cases(client: Client, *, since_ms: int | None = None) -> tuple[Case, ...]:
    """All that was quarantined (since then), in the order of the first reports. Raises TopicMissing, KafkaException."""
    return _cases(read_topic(client, topics.QUARANTINE, since_ms=since_ms))


def case_of(client: Client, given: str) -> Case:
    """The case of a record, named by its own coordinates or by those of a report of it.

    Raises CoordinatesInvalid, NotQuarantined, TopicMissing, KafkaException.
    """
    topic, partition, offset = parse_coordinates(given)
    source = given
    if topic == topics.QUARANTINE:
        report = read_record(client, topic, partition, offset)
        if report is None or not isinstance(report.record, RecordQuarantined):
            raise NotQuarantined(f"{given} holds no report (any more); see: sluice quarantine list")
        source = report.record.caused_by
    logged = read_topics(client, topics.QUARANTINE.__eq__, holding=[source.encode()])
    found = [each for each in _cases(logged) if each.source == source]
    if not found:
        raise NotQuarantined(f"no reader reported {source}; see: sluice quarantine list")
    return found[0]


def redriven(client: Client) -> dict[str, str]:
    """When each record that was written again was, by its coordinates. Raises KafkaException."""
    logged = read_topics(client, topics.AUDIT.__eq__, holding=[ANSWERED.encode()])
    return {
        each.record.subject: iso_us(each.timestamp_ms * 1000)
        for each in logged
        if isinstance(each.record, AuditRecorded) and each.record.action == ANSWERED
    }


def source_of(client: Client, case: Case) -> Logged | None:
    """The record itself, if its topic still holds it. Raises KafkaException."""
    try:
        return read_record(client, *parse_coordinates(case.source))
    except TopicMissing:
        return None


def open_octets(home: Path, case: Case) -> bytes | None:
    """The octets that a report carries, opened; None if none does. Raises as `infra.reveal.open_sealed`."""
    from infra.reveal import open_sealed, sealed_of

    sealed = sealed_of(case.first.record)
    return None if sealed is None else open_sealed(KeyVault(home / "keys", may_create=False), sealed)


def row_of(case: Case, redriven_at: str) -> dict[str, Any]:
    """A case in one row."""
    first = case.first
    return {
        "report": first.coordinates,
        "source": case.source,
        "at": iso_us(first.at_ms * 1000),
        "readers": list(case.readers),
        "reason": first.record.reason,
        "detail": first.record.detail,
        "octets": first.record.value_size,
        "account_id": first.record.account_id,
        "has_octets": bool(first.record.sealed_value),
        "redriven_at": redriven_at,
    }


def _cases(logged: Iterator[Logged]) -> tuple[Case, ...]:
    reports: dict[str, list[Report]] = {}
    for each in logged:
        if isinstance(each.record, RecordQuarantined):
            report = Report(coordinates=each.coordinates, at_ms=each.timestamp_ms, record=each.record)
            reports.setdefault(each.record.caused_by, []).append(report)
    return tuple(Case(source=source, reports=tuple(found)) for source, found in reports.items())
