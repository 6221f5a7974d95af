"""The health process: reads sms.carrier-facts, writes sms.health. The fold is pipeline/stages/health.py.

One at a time: snapshots are written by a transactional producer, so that a successor fences its predecessor
before it reads where the numbers stand.
"""

import contextlib
import signal
import threading
import time
from collections.abc import Callable, Iterator

import msgspec
import structlog
from confluent_kafka import Consumer, KafkaError, KafkaException, Message, Producer, TopicPartition

from pipeline.errors import ForTheUser
from pipeline.events.codec import Codec, Poison
from pipeline.events.headers import coordinates, headers_of
from pipeline.events.records import CarrierBindChanged, HealthSnapshot
from pipeline.events.topics import CARRIER_FACTS, HEALTH
from pipeline.kafka.client import Client, client_config
from pipeline.kafka.passing import watermarks
from pipeline.metrics import HEALTH_BOUND, HEALTH_WRITTEN, Metrics
from pipeline.stages.health import MICROS, SILENT_AFTER_S, HealthState, hear, look, resumed

log = structlog.get_logger(__name__)

LOOK_EVERY_S = 1.0
POLL_S = 0.2
WAIT_S = 0.5
TIMEOUT_S = 10.0
TRANSACTIONAL_ID = "sluice-health"


class HealthSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Where Kafka is, and the epoch that this process writes in."""

    bootstrap: str
    kafka: Client = {}
    """More settings of its Kafka clients (TLS, SASL), in librdkafka's words."""
    epoch: str = "live"
    timeout_s: float = TIMEOUT_S


class HealthFenced(ForTheUser):
    """Another health process has taken over: stop, do not start again beside it."""


def run_health(
    settings: HealthSettings,
    *,
    ready: Callable[[], None] | None = None,
    stop: threading.Event | None = None,
    metrics: Metrics | None = None,
) -> None:
    """Run until SIGTERM or SIGINT (or `stop`, for a caller in a thread). Waits for the broker and the topics.

    `ready` is called once it listens. Raises HealthFenced when a successor has taken over.
    """
    stop = stop or _stop_on_signals()
    consumer = Consumer(
        {
            **client_config(settings.bootstrap, settings.kafka),
            "group.id": "sluice-health",
            "enable.auto.commit": False,
            "enable.partition.eof": True,
            "auto.offset.reset": "earliest",
            "isolation.level": "read_committed",
            "log_level": 2,
        }
    )
    try:
        if not _topics_are_there(consumer, stop):
            return
        writer = _Writer(settings)
        if not writer.fence(stop):
            return
        _listen(consumer, writer, _resume(consumer, settings), settings, ready, stop, metrics or Metrics())
    finally:
        consumer.close()
        log.info("health.stopped")


def _listen(
    consumer: Consumer,
    writer: "_Writer",
    state: HealthState,
    settings: HealthSettings,
    ready: Callable[[], None] | None,
    stop: threading.Event,
    metrics: Metrics,
) -> None:
    """Hear facts, look once a second. While Kafka does not answer nothing is judged: silence would prove nothing."""
    consumer.assign([_first_relevant(consumer, settings)])
    codec = Codec()
    log.info("health.started", number=state.number)
    metrics.set(HEALTH_BOUND, _bound(state))
    if ready is not None:
        ready()
    next_look = time.monotonic() + LOOK_EVERY_S
    while not stop.is_set():
        for message in consumer.consume(100, POLL_S):
            state = _heard(state, message, codec)
        if time.monotonic() < next_look:
            continue
        next_look = time.monotonic() + LOOK_EVERY_S
        if not _answers(consumer):
            state = msgspec.structs.replace(state, listening_since=_now())
            continue
        looked, snapshot = look(state, now=_now())
        if snapshot is not None and not writer.write(snapshot, stop):
            state = msgspec.structs.replace(state, listening_since=_now())
            continue
        state = looked
        if snapshot is not None:
            metrics.add(HEALTH_WRITTEN)
            metrics.set(HEALTH_BOUND, _bound(state))


def _bound(state: HealthState) -> int:
    return sum(each.is_bound for each in state.told.values())


def _heard(state: HealthState, message: Message, codec: Codec) -> HealthState:
    if message.error():
        if message.error().code() != KafkaError._PARTITION_EOF:
            log.warning("health.kafka_failed", error=message.error().str())
        return state
    where = coordinates(message.topic(), message.partition(), message.offset())
    try:
        fact = codec.decode(message.value(), CarrierBindChanged)
    except Poison as poison:
        log.warning("health.fact_unreadable", record=where, reason=poison.reason, detail=poison.detail)
        return state
    return hear(state, fact, caused_by=where, now=message.timestamp()[1] * 1000)


def _resume(consumer: Consumer, settings: HealthSettings) -> HealthState:
    """Go on from the last snapshot, which stands within the last few offsets (transaction marks lie between)."""
    last: HealthSnapshot | None = None
    codec = Codec()
    low, high = watermarks(consumer, TopicPartition(HEALTH, 0), settings.timeout_s)
    for start in (max(low, high - 20), low):  # far back only if the end holds marks alone
        consumer.assign([TopicPartition(HEALTH, 0, start)])
        for message in _until_end(consumer, settings.timeout_s):
            last = codec.decode(message.value(), HealthSnapshot)
        if last is not None:
            break
    return resumed(last, listening_since=_now())


def _until_end(consumer: Consumer, timeout_s: float) -> Iterator[Message]:
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        message = consumer.poll(POLL_S)
        if message is None:
            continue
        if not message.error():
            yield message
        elif message.error().code() == KafkaError._PARTITION_EOF:
            return
        else:
            log.warning("health.kafka_failed", error=message.error().str())
    raise KafkaException(KafkaError(KafkaError._TIMED_OUT, f"{HEALTH} could not be read to its end"))


def _first_relevant(consumer: Consumer, settings: HealthSettings) -> TopicPartition:
    """Facts of the last seconds are heard again; older ones say nothing any more."""
    since_ms = int(time.time() * 1000) - SILENT_AFTER_S * 1000
    (found,) = consumer.offsets_for_times([TopicPartition(CARRIER_FACTS, 0, since_ms)], timeout=settings.timeout_s)
    if found.offset >= 0:
        return found
    _, high = watermarks(consumer, TopicPartition(CARRIER_FACTS, 0), settings.timeout_s)
    return TopicPartition(CARRIER_FACTS, 0, high)


def _answers(consumer: Consumer) -> bool:
    try:
        consumer.get_watermark_offsets(TopicPartition(CARRIER_FACTS, 0), timeout=LOOK_EVERY_S)
    except KafkaException:
        return False
    return True


def _topics_are_there(consumer: Consumer, stop: threading.Event) -> bool:
    """Wait for the broker and for both topics; False if asked to stop first."""
    while not stop.is_set():
        with contextlib.suppress(KafkaException):
            known = consumer.list_topics(timeout=2).topics
            if CARRIER_FACTS in known and HEALTH in known:
                return True
        stop.wait(WAIT_S)
    return False


class _Writer:
    """Writes each snapshot in a transaction of its own, under the one id that all health processes share."""

    def __init__(self, settings: HealthSettings) -> None:
        self._settings = settings
        self._codec = Codec()
        self._producer = Producer(
            {
                **client_config(settings.bootstrap, settings.kafka),
                "transactional.id": TRANSACTIONAL_ID,
                "partitioner": "murmur2_random",
                "linger.ms": 0,
                "log_level": 2,
            }
        )

    def fence(self, stop: threading.Event) -> bool:
        """Shut any predecessor out; False if asked to stop first."""
        while not stop.is_set():
            try:
                self._producer.init_transactions(self._settings.timeout_s)
            except KafkaException as error:
                if not error.args[0].retriable():
                    raise
                stop.wait(WAIT_S)
            else:
                return True
        return False

    def write(self, snapshot: HealthSnapshot, stop: threading.Event) -> bool:
        """Whether the snapshot is durable; False: it is not there, look again later. Raises HealthFenced."""
        try:
            self._producer.begin_transaction()
            self._producer.produce(
                HEALTH, key=b"", value=self._codec.encode(snapshot), headers=headers_of(None, self._settings.epoch)
            )
            self._insist(self._producer.commit_transaction, stop)
        except KafkaException as error:
            self._give_up(error.args[0], stop)
            return False
        bound = sorted(each.carrier for each in snapshot.carriers if each.is_bound)
        log.info("health.changed", number=snapshot.number, bound=bound)
        return True

    def _insist(self, call: Callable[[float], None], stop: threading.Event) -> None:
        """Ask until there is an answer: while the broker is away nobody knows whether a commit was taken."""
        while True:
            try:
                return call(self._settings.timeout_s)
            except KafkaException as error:
                if stop.is_set() or not error.args[0].retriable():
                    raise

    def _give_up(self, error: KafkaError, stop: threading.Event) -> None:
        if error.code() in (KafkaError._FENCED, KafkaError.PRODUCER_FENCED, KafkaError.INVALID_PRODUCER_EPOCH):
            raise HealthFenced("another health process has taken over; this one stops") from None
        if not error.txn_requires_abort():
            raise KafkaException(error)
        self._insist(self._producer.abort_transaction, stop)


def _stop_on_signals() -> threading.Event:
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop


def _now() -> int:
    return int(time.time() * MICROS)
