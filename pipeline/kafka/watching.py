"""A thread beside the event loop that looks how partitions stand: lag for the metrics, and an end for what is stuck.

A thread, since what is stuck may be the event loop itself; and with a client of its own, since what is stuck may be
Faust's. The rule is `watchdog.look`.
"""

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence

import structlog
from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec

from pipeline.kafka.client import Client
from pipeline.kafka.watchdog import STUCK_AFTER_S, Place, Seen, Standing, look
from pipeline.metrics import LAG, LAG_TIME, PARTITIONS, RULES_OFFSET, TIMERS, Metrics
from pipeline.pulse import end_at_once

log = structlog.get_logger(__name__)

LOOK_S = 5.0
LATE_S = 10.0
"""A look that comes so much too late says that the whole process stood still: what was seen before counts no more."""
TIMEOUT_S = 3.0
PROOF_S = 5.0
_GONE = frozenset({KafkaError.UNKNOWN_TOPIC_OR_PART, KafkaError._UNKNOWN_TOPIC, KafkaError._UNKNOWN_PARTITION})

Standings = Callable[[], Sequence[Standing]]


class Watching:
    """Looks at all stages of a process until closed. `end` is called, on the thread, once something is stuck.

    `stages` gives the standings of each stage by its name; it is called from the thread and must not block.
    """

    def __init__(
        self,
        client: Client,
        stages: Mapping[str, Standings],
        metrics: Metrics,
        *,
        limit_s: float = STUCK_AFTER_S,
        end: Callable[[], None] | None = None,
        look_s: float | None = None,
    ) -> None:
        self._client = client
        self._stages = stages
        self._metrics = metrics
        self._limit_s = limit_s
        self._look_s = look_s if look_s is not None else min(LOOK_S, limit_s / 4)
        self._end = end or end_at_once
        self._is_closed = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sluice-watching", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """Stop looking. Returns at once; a look under way ends by itself."""
        self._is_closed.set()

    def _run(self) -> None:
        admin = AdminClient({**self._client, "log_level": 0})
        seen: Mapping[Place, Seen] = {}
        looked_at = time.monotonic()
        while not self._is_closed.wait(self._look_s):
            standings = {stage: tuple(standings()) for stage, standings in self._stages.items()}
            every = [each for mine in standings.values() for each in mine]
            ends = _ends(admin, every)
            for stage, mine in standings.items():
                self._show(stage, mine, ends or {})
            now = time.monotonic()
            if now - looked_at > self._look_s + LATE_S:
                seen = {}
            looked_at = now
            found = look(seen, every, ends, now_s=now, limit_s=self._limit_s)
            seen = found.seen
            for each in found.waiting:
                log.warning("stage.waiting", where=str(each.place), position=each.position, waits_for=each.excuse)
            stuck = [each for each in found.stuck if self._has_record(each)]
            seen = {place: each for place, each in seen.items() if place not in {one.place for one in found.stuck}}
            if stuck and not self._is_closed.is_set():
                for each in stuck:
                    log.critical(
                        "stage.stuck",
                        where=str(each.place),
                        position=each.position,
                        end=(ends or {})[each.place.topic, each.place.partition],
                        seconds=self._limit_s,
                        detail="input waits and nothing is decided; the process ends, to be started again",
                    )
                self._end()
                return

    def _show(self, stage: str, standings: Iterable[Standing], ends: Mapping[tuple[str, int], int]) -> None:
        """Set the gauges of a stage; also when it has lost all partitions."""
        mine = list(standings)
        lags = [max(0, ends.get((each.place.topic, each.place.partition), 0) - each.position) for each in mine]
        now_us = time.time_ns() // 1000
        ages_us = [now_us - each.log_time_us for each, lag in zip(mine, lags, strict=True) if lag and each.log_time_us]
        self._metrics.set(PARTITIONS, len(mine), stage=stage)
        self._metrics.set(LAG, sum(lags), stage=stage)
        self._metrics.set(LAG_TIME, max([0, *ages_us]) / 1_000_000, stage=stage)
        self._metrics.set(TIMERS, sum(each.pending_timers for each in mine), stage=stage)
        self._metrics.set(RULES_OFFSET, min((each.rules_offset for each in mine), default=-1), stage=stage)

    def _has_record(self, standing: Standing) -> bool:
        """Whether the log really gives a record from there on: marks of transactions, which nobody can read, do not.

        Without an answer there is no proof.
        """
        consumer = Consumer(
            {
                "group.id": "sluice-watching",  # never joined
                "enable.auto.commit": False,
                "auto.offset.reset": "earliest",
                "isolation.level": "read_uncommitted",
                **self._client,
                "log_level": 0,
            }
        )
        try:
            consumer.assign([TopicPartition(standing.place.topic, standing.place.partition, standing.position)])
            return any(message.error() is None for message in consumer.consume(1, PROOF_S))
        except KafkaException as error:
            log.warning("watching.unproven", where=str(standing.place), detail=str(error))
            return False
        finally:
            consumer.close()


def _ends(admin: AdminClient, standings: Iterable[Standing]) -> dict[tuple[str, int], int] | None:
    """End offsets of the input partitions but those that were deleted; None if Kafka does not answer for all others."""
    by_topic: dict[str, set[int]] = defaultdict(set)
    for each in standings:
        by_topic[each.place.topic].add(each.place.partition)
    wanted = {TopicPartition(topic, each): OffsetSpec.latest() for topic, mine in by_topic.items() for each in mine}
    if not wanted:
        return {}
    ends = {}
    try:
        for place, future in admin.list_offsets(wanted, request_timeout=TIMEOUT_S).items():
            try:
                ends[place.topic, place.partition] = future.result(TIMEOUT_S + 1).offset
            except KafkaException as error:
                if error.args[0].code() not in _GONE:
                    return None
    except (KafkaException, TimeoutError):
        return None
    return ends
