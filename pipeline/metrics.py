"""Every metric there is: name, kind, unit, labels, meaning, and what a rise means. And the registry of a process.

Code refers to a metric by its constant here and by nothing else; a contract test holds both to each other.
Labels are few and bounded: stage, lane, carrier, topic kind, record type, stable reason. Never a message id or a
number, and no account either: 1,000 accounts would make 1,000 series of each metric; ClickHouse answers by account.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector

FAST_S = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
SIZES = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 5_000, 20_000, 50_000)


@dataclass(frozen=True, slots=True)
class Definition:
    """One metric. `name` ends in its unit (OpenMetrics); a counter's samples end in `_total` besides."""

    kind: ClassVar[str]
    name: str
    unit: str
    labels: tuple[str, ...]
    meaning: str
    rise: str

    @property
    def shown_as(self) -> str:
        """The name that a query uses."""
        return f"{self.name}_total" if self.kind == "counter" else self.name


class Count(Definition):
    """Only ever rises."""

    kind = "counter"
    __slots__ = ()


class Level(Definition):
    """Rises and falls."""

    kind = "gauge"
    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Spread(Definition):
    """How values are distributed."""

    kind = "histogram"
    buckets: Sequence[float] = field(default=FAST_S)


# --- stages: validation, routing, throttling -------------------------------------------------------------------

READ = Count(
    "sluice_stage_read_records", "records", ("stage",),
    "records taken from the input, repeats and unreadable ones included", "more comes in",
)  # fmt: skip
DECIDED = Count(
    "sluice_stage_decided_records", "records", ("stage", "record"),
    "records decided on, by their type", "more comes in; many TimerFired: many messages wait",
)  # fmt: skip
WRITTEN = Count(
    "sluice_stage_written_records", "records", ("stage", "topic"),
    "records written, by kind of topic", "more goes out; more than usual for each one read: retries or deferrals",
)  # fmt: skip
REPEATS = Count(
    "sluice_stage_repeated_records", "records", ("stage",),
    "records dropped as repeats", "the stage before was started again, and redid what it had not checkpointed",
)  # fmt: skip
QUARANTINED = Count(
    "sluice_stage_quarantined_records", "records", ("stage", "reason"),
    "records that could not be read", "somebody writes what this code does not know: see `sluice quarantine list`",
)  # fmt: skip
ANSWERED = Count(
    "sluice_validation_answered_records", "records", ("stage", "outcome"),
    "submissions by outcome: accepted, or the reason of the rejection", "a producer sends something new, or wrong",
)  # fmt: skip
CHUNK_SIZE = Spread(
    "sluice_stage_chunk_records", "records", ("stage",),
    "records applied in one go", "the stage works through a backlog", SIZES,
)  # fmt: skip
CHUNK_TIME = Spread(
    "sluice_stage_chunk_seconds", "seconds", ("stage",),
    "time to decode, decide and hand over one chunk", "a slow decision, a full output, a wait for rules or CPU",
)  # fmt: skip
CHECKPOINT_TIME = Spread(
    "sluice_stage_checkpoint_seconds", "seconds", ("stage",),
    "time until outputs were acknowledged and state was saved", "Kafka is slow or away",
)  # fmt: skip
LAG = Level(
    "sluice_stage_lag_records", "records", ("stage",),
    "records that wait in the input partitions owned here", "the stage does not keep up, or stands still",
)  # fmt: skip
LAG_TIME = Level(
    "sluice_stage_lag_seconds", "seconds", ("stage",),
    "age of the last record applied, in the partition that is furthest behind; 0 if none waits", "as above",
)  # fmt: skip
PARTITIONS = Level(
    "sluice_stage_owned_partitions", "partitions", ("stage",),
    "input partitions owned here", "another worker left",
)  # fmt: skip
TIMERS = Level(
    "sluice_stage_pending_timers", "timers", ("stage",),
    "timers armed in the partitions owned here", "more messages wait: schedules, quiet hours, retries, held ones",
)  # fmt: skip
RULES_OFFSET = Level(
    "sluice_stage_rules_offset", "offset", ("stage",),
    "sms.control offset of the rules in force, the oldest of the partitions owned here", "rules were published",
)  # fmt: skip
REBALANCES = Count(
    "sluice_stage_rebalances", "rebalances", ("stage",),
    "times that partitions were given out anew", "workers come and go, or miss their session timeout",
)  # fmt: skip
PAUSE_TIME = Spread(
    "sluice_stage_pause_seconds", "seconds", ("stage",),
    "time from losing partitions to serving again", "recovery reads more state, or Kafka is slow",
)  # fmt: skip

# --- output of a worker ----------------------------------------------------------------------------------------

OUTPUT_BYTES = Count(
    "sluice_output_bytes", "bytes", (),
    "octets of values and keys handed to the producer", "more goes out",
)  # fmt: skip
OUTPUT_QUEUE = Level(
    "sluice_output_queued_records", "records", (),
    "records handed over that Kafka has not acknowledged", "Kafka is slow or away",
)  # fmt: skip
OUTPUT_FAILURES = Count(
    "sluice_output_failures", "failures", (),
    "records that Kafka refused for good; the worker ends at the first", "a record too large, a missing right or topic",
)  # fmt: skip

# --- connectors ------------------------------------------------------------------------------------------------

SUBMITS = Count(
    "sluice_connector_submitted_parts", "parts", ("carrier", "lane"),
    "submit_sm sent", "more goes out",
)  # fmt: skip
RESPONSES = Count(
    "sluice_connector_answered_parts", "parts", ("carrier", "answer"),
    "what the carrier said to a submit: accepted, permanent, temporary, throttled, session, ..., unknown, not-sent",
    "throttled: rate above the contract; unknown: answers get lost; session: binds break",
)  # fmt: skip
ROUND_TRIP = Spread(
    "sluice_connector_round_trip_seconds", "seconds", ("carrier",),
    "from submit_sm to its response", "the carrier or the line is slow",
)  # fmt: skip
WINDOW = Level(
    "sluice_connector_window_slots", "slots", ("carrier",),
    "window slots in use", "at its limit: the carrier answers too slowly for the rate",
)  # fmt: skip
BINDS = Level(
    "sluice_connector_binds", "binds", ("carrier",),
    "binds that can submit", "(a fall) the carrier or the line is away",
)  # fmt: skip
WAITING = Level(
    "sluice_connector_waiting_parts", "parts", ("carrier", "lane"),
    "parts in memory that wait for pace, window or bind", "more is dispatched than the carrier takes",
)  # fmt: skip
REFUSED = Count(
    "sluice_connector_refused_parts", "parts", ("carrier", "reason"),
    "parts not sent: lease-expired, recalled, ...", "lease-expired: more is dispatched than the carrier takes",
)  # fmt: skip
INTENTS = Spread(
    "sluice_connector_intents_records", "records", ("carrier",),
    "intents in one transaction", "many go out at once", SIZES,
)  # fmt: skip
RECEIPTS = Count(
    "sluice_connector_receipts", "receipts", ("carrier", "state"),
    "delivery receipts, by state", "as submits; undelivered alone: a network or a route is broken",
)  # fmt: skip
REPLIES = Count(
    "sluice_connector_replies", "replies", ("carrier", "action"),
    "whole replies, by what their keyword asks for", "a campaign is answered; stop: it is not wanted",
)  # fmt: skip
UNREADABLE = Count(
    "sluice_connector_quarantined_records", "records", ("carrier", "reason"),
    "dispatch records and deliver_sm that went to quarantine", "orphan-receipt: ids of the carrier do not match",
)  # fmt: skip

# --- the sink --------------------------------------------------------------------------------------------------

SINK_ROWS = Count(
    "sluice_sink_inserted_rows", "rows", (),
    "rows inserted", "more comes in",
)  # fmt: skip
SINK_SKIPPED = Count(
    "sluice_sink_skipped_records", "records", ("reason",),
    "records that went to quarantine instead", "somebody writes what this code does not know",
)  # fmt: skip
SINK_BATCH = Spread(
    "sluice_sink_batch_rows", "rows", (),
    "rows of one insert", "the sink works through a backlog", SIZES,
)  # fmt: skip
SINK_TIME = Spread(
    "sluice_sink_insert_seconds", "seconds", (),
    "time to make one batch durable", "ClickHouse is slow",
)  # fmt: skip
SINK_LAG = Level(
    "sluice_sink_lag_records", "records", (),
    "records that wait in all partitions", "the sink does not keep up: queries are late",
)  # fmt: skip

# --- health and the keeper -------------------------------------------------------------------------------------

HEALTH_BOUND = Level(
    "sluice_health_bound_carriers", "carriers", (),
    "carriers that can be submitted to, as last told on sms.health", "(a fall) a carrier or its connector is away",
)  # fmt: skip
HEALTH_WRITTEN = Count(
    "sluice_health_written_snapshots", "snapshots", (),
    "snapshots written to sms.health", "binds come and go",
)  # fmt: skip
KEYS_MADE = Count(
    "sluice_keeper_made_keys", "keys", (),
    "data keys made ahead", "a day has begun, or accounts came; none for a day: the keeper stands still",
)  # fmt: skip


def definitions() -> tuple[Definition, ...]:
    """All metrics, in the order in which they stand here."""
    return tuple(each for each in globals().values() if isinstance(each, Definition))


class Metrics:
    """The metrics of one process; `registry` is what its endpoint shows. Any thread may call."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._lock = threading.Lock()
        self._made: dict[str, Counter | Gauge | Histogram] = {}

    def add(self, which: Count, amount: float = 1, **labels: str) -> None:
        """Count `amount` more."""
        self._child(which, labels).inc(amount)

    def set(self, which: Level, value: float, **labels: str) -> None:
        """The level is now this."""
        self._child(which, labels).set(value)

    def observe(self, which: Spread, value: float, **labels: str) -> None:
        """One more value."""
        self._child(which, labels).observe(value)

    def value(self, which: Definition, **labels: str) -> float:
        """What a count or level shows now, 0 if nothing was counted; of a spread how many values there were."""
        suffix = {"counter": "_total", "gauge": "", "histogram": "_count"}[which.kind]
        return self.registry.get_sample_value(which.name + suffix, labels) or 0.0

    def _child(self, which: Definition, labels: dict[str, str]) -> Any:
        made = self._made.get(which.name) or self._make(which)
        return made.labels(**labels) if which.labels else made

    def _make(self, which: Definition) -> Counter | Gauge | Histogram:
        with self._lock:
            if which.name not in self._made:
                self._made[which.name] = _collector(which, self.registry)
            return self._made[which.name]


def _collector(which: Definition, registry: CollectorRegistry) -> Counter | Gauge | Histogram:
    words = f"{which.meaning}; a rise: {which.rise}"
    match which:
        case Spread():
            return Histogram(which.name, words, which.labels, unit=which.unit, registry=registry, buckets=which.buckets)
        case Level():
            return Gauge(which.name, words, which.labels, unit=which.unit, registry=registry)
        case _:
            return Counter(which.name, words, which.labels, unit=which.unit, registry=registry)


def table_rows() -> list[str]:
    """The table of all metrics, a line each, as pipeline/README.md shows it."""
    return [
        f"| `{each.shown_as}` | {each.kind} | {', '.join(each.labels)} | {each.meaning} | {each.rise} |"
        for each in definitions()
    ]


if __name__ == "__main__":
    import sys

    sys.stdout.write("\n".join(table_rows()) + "\n")
