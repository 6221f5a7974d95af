"""Laws of looking on, with real processes: a message is one trace, what is stuck ends, and nobody is held up by it."""

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from confluent_kafka import Message, Producer
from confluent_kafka.admin import AdminClient
from opentelemetry.sdk.trace import ReadableSpan

from infra.embedded.kafka import EmbeddedKafka
from pipeline.domain.ids import message_id
from pipeline.domain.rules import Account, Carrier, Route
from pipeline.events import topics
from pipeline.events.headers import read_headers
from pipeline.events.records import (
    CarrierHealth,
    ControlRecorded,
    HealthSnapshot,
    MessageAccepted,
    SnapshotAdopted,
    SubmitMessage,
)
from pipeline.events.schema_store import default_store
from pipeline.kafka.fold import PartitionFold
from pipeline.kafka.ports import InputRecord
from pipeline.kafka.rules_log import HealthLog, RulesLog, Snapshots
from pipeline.kafka.topics import ensure_topics, topics_of
from pipeline.spans import Spans
from pipeline.stages.routing.stage import Routing
from pipeline.tracing import TraceContext, read_traceparent
from tests.builders import a_tariff
from tests.integration.collector import Collector, Seen, a_collector
from tests.integration.kafka_tools import (
    CODEC,
    Feeder,
    a_name,
    a_topic,
    a_worker,
    make_topics,
    read_topic,
    wait_for_records,
)
from tests.unit.pipeline.kafka.fold_bench import FakeStore

pytestmark = pytest.mark.integration

ACCOUNT, CARRIER, LANE = "acme", "carrier-one", "express"
SUBMITTED = topics.submitted(ACCOUNT, LANE)
NUMBER, TEXT = "+8613800138000", "Your code is 493817"
THEIRS = TraceContext("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7", True)
TOY = "tests.integration.toy"


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedKafka]:
    """A broker of our own: one test takes it away."""
    with EmbeddedKafka(tmp_path_factory.mktemp("observed")) as node:
        yield node


class Toy:
    """The toy stage over topics of its own."""

    def __init__(self, node: EmbeddedKafka, home: Path) -> None:
        self.bootstrap = node.bootstrap
        self.stage = a_name("toy")
        self.topic, self.out = f"sms.in.{self.stage}", f"sms.out.{self.stage}"
        self.arguments = [self.bootstrap, str(home), self.stage, self.topic, self.out]
        self.log = home / "toy.log"
        self.log.touch()
        state = a_topic(topics.state(self.stage), is_compacted=True)
        make_topics(self.bootstrap, [a_topic(self.topic), a_topic(self.out), state])

    def feed(self, *message_ids: str) -> None:
        records = [(each, MessageAccepted(message_id=each, control_offset=-1)) for each in message_ids]
        Feeder(self.bootstrap).feed(self.topic, records)


def _publish(bootstrap: str) -> None:
    wanted = topics_of(default_store().topics(), accounts=[ACCOUNT], carriers=[CARRIER])
    ensure_topics({"bootstrap.servers": bootstrap}, wanted)
    objects = [
        a_tariff("retail", {"*": 10_000}),
        a_tariff("costs", {"*": 5_000}),
        Account(id=ACCOUNT, tariff="retail"),
        Carrier(id=CARRIER, tariff="costs"),
        Route(id="all", countries=("*",), classes=("*",), carriers=(CARRIER,)),
    ]
    records = []
    for each in objects:
        kind = type(each).__name__.lower()
        body = msgspec.json.encode(each).decode()
        records.append((f"{kind}/{each.id}", ControlRecorded(kind=kind, id=each.id, body=body)))
    feeder = Feeder(bootstrap)
    feeder.feed(topics.CONTROL, [*records, ("revision/1", ControlRecorded(kind="revision", id="1"))])
    bound = CarrierHealth(carrier=CARRIER, is_bound=True, bind_count=1)
    feeder.feed(topics.HEALTH, [("", HealthSnapshot(number=1, carriers=(bound,)))])


def _wait_for_adoption(bootstrap: str) -> None:
    """Until every partition of routing knows that the carrier is bound.

    A message that comes sooner is held, and what a producer's flag wants followed is followed to the first timer only.
    """
    admin = AdminClient({"bootstrap.servers": bootstrap})
    partitions = set(admin.list_topics(topics.LIFECYCLE, timeout=10).topics[topics.LIFECYCLE].partitions)
    deadline = time.monotonic() + 40
    while True:
        adopted = set()
        for message in read_topic(bootstrap, topics.LIFECYCLE):
            if CODEC.record_name(message.value()) == "SnapshotAdopted":
                record = CODEC.decode(message.value(), SnapshotAdopted)
                adopted |= {message.partition()} if record.health_offset >= 0 else set()
        if adopted == partitions:
            return
        assert time.monotonic() < deadline, f"adopted in {adopted}, expected {partitions}"
        time.sleep(0.2)


def _submit(bootstrap: str) -> None:
    producer = Producer({"bootstrap.servers": bootstrap})
    value = CODEC.encode(SubmitMessage(to=NUMBER, text=TEXT, message_class="otp"))
    producer.produce(SUBMITTED, value, partition=0, headers=[THEIRS.header()])
    assert producer.flush(10) == 0


async def test_one_message_is_one_trace_over_all_topics_and_again_the_same(
    node: EmbeddedKafka, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _publish(node.bootstrap)
    log = tmp_path / "worker.log"
    log.touch()
    with a_collector() as collector:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url)
        monkeypatch.setenv("OTEL_TRACES_SAMPLER_ARG", "0")  # followed all the same, since its producer is
        stages = [f"validation-{LANE}", "routing", f"throttling-{LANE}"]
        with a_worker("tests.integration.worker", [node.bootstrap, str(tmp_path), *stages], log) as worker:
            worker.wait_ready(3)
            _wait_for_adoption(node.bootstrap)
            _submit(node.bootstrap)
            (dispatched,) = wait_for_records(node.bootstrap, topics.dispatch(CARRIER, LANE), 1)
            assert worker.terminate() == 0  # which sends what is left
        spans = _spans_of_message(node, collector)
    chain = [
        _by_name(spans, f"validation-{LANE} SubmitMessage"),
        _by_name(spans, "routing MessageAccepted"),
        _by_name(spans, f"throttling-{LANE} MessageRouted"),
    ]
    assert [each.parent_id for each in chain] == ["", chain[0].span_id, chain[1].span_id]
    assert chain[0].links == (THEIRS.trace_id,)
    assert chain[2].attributes["messaging.destination.name"] == topics.routed(LANE)
    assert chain[1].attributes["sluice.written"] == "MessageStatusChanged,MessageRouted"
    assert read_traceparent(dispatched.headers()) == TraceContext(chain[0].trace_id, chain[2].span_id, True)
    for span in spans:
        assert NUMBER.removeprefix("+")[:-4] not in span.raw
        assert TEXT.split()[-1] not in span.raw
    await _assert_the_same_again(node, chain[1])


def _spans_of_message(node: EmbeddedKafka, collector: Collector) -> list[Seen]:
    assert node.cluster_id is not None
    name = message_id(node.cluster_id, SUBMITTED, 0, 0)
    spans = collector.wait_for(lambda spans: len({each.name for each in spans if each.trace_id == name}) >= 3)
    return [each for each in spans if each.trace_id == name]


def _by_name(spans: list[Seen], name: str) -> Seen:
    found = [each for each in spans if each.name == name]
    assert found, f"{name} is none of {[each.name for each in spans]}"
    return found[0]


class Written:
    """Takes what a fold emits: headers by source."""

    def __init__(self) -> None:
        self.contexts: dict[object, TraceContext | None] = {}

    async def send(self, topic: str, key: str, value: bytes, headers: object = (), partition: object = None) -> None:
        self.contexts[read_headers(headers)[0]] = read_traceparent(headers)  # type: ignore[arg-type]

    async def settle(self) -> None:
        pass


async def _assert_the_same_again(node: EmbeddedKafka, routed: Seen) -> None:
    """Fold the log of routing again, elsewhere: the same spans, and the same headers as stand in Kafka."""
    client = {"bootstrap.servers": node.bootstrap}
    snapshots = Snapshots(RulesLog(client, CODEC), HealthLog(client, CODEC))
    snapshots.rules.start()
    snapshots.health.start()
    written, spans = Written(), list[ReadableSpan]()
    for partition in {each.partition() for each in read_topic(node.bootstrap, topics.LIFECYCLE)}:
        fold = PartitionFold(
            Routing(),
            topics.LIFECYCLE,
            partition,
            emitter=written,  # type: ignore[arg-type]
            store=FakeStore(),
            rules=snapshots,
            codec=CODEC,
            spans=Spans(spans.append, service="again", ratio=0),
        )
        await fold.open()
        mine = [each for each in read_topic(node.bootstrap, topics.LIFECYCLE) if each.partition() == partition]
        await fold.apply(map(_record_of, mine))
    snapshots.rules.close()
    snapshots.health.close()
    again = [f"{each.context.span_id:016x}" for each in spans if each.context is not None]
    assert routed.span_id in again
    in_kafka = next(
        each
        for each in read_topic(node.bootstrap, topics.routed(LANE))
        if CODEC.record_name(each.value()) == "MessageRouted"
    )
    assert written.contexts[read_headers(in_kafka.headers())[0]] == read_traceparent(in_kafka.headers())
    assert read_traceparent(in_kafka.headers()) is not None


def _record_of(message: Message) -> InputRecord:
    headers = tuple(message.headers() or ())
    return InputRecord(
        message.topic(), message.partition(), message.offset(), message.timestamp()[1], message.value(), headers
    )


def test_a_collector_that_never_answers_holds_up_nobody(
    node: EmbeddedKafka, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    toy = Toy(node, tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{deaf.getsockname()[1]}")
        monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "100")
        with a_worker(TOY, toy.arguments, toy.log) as worker:
            worker.wait_ready()
            ids = [message_id("c", "t", 0, number) for number in range(5_000)]  # more than its queue takes
            toy.feed(*ids)
            wait_for_records(node.bootstrap, toy.out, len(ids), timeout_s=15)
            begun = time.monotonic()
            assert worker.terminate() == 0
            assert time.monotonic() - begun < 8


def test_a_stuck_stage_ends_its_process_and_an_idle_one_does_not(
    node: EmbeddedKafka, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOY_STUCK_AFTER_S", "2")
    toy = Toy(node, tmp_path)
    with a_worker(TOY, toy.arguments, toy.log) as worker:
        worker.wait_ready()
        toy.feed("m1")
        wait_for_records(node.bootstrap, toy.out, 1)
        time.sleep(5)
        assert worker.process.poll() is None, "idle for more than twice the limit"
        toy.feed("stuck")
        assert worker.process.wait(15) == 1
    words = toy.log.read_text()
    assert '"stage.stuck"' in words
    assert f"{toy.stage}: {toy.topic}/0" in words


def test_a_broker_that_is_away_is_no_stuck_stage_and_no_flood_of_lines(
    node: EmbeddedKafka, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOY_STUCK_AFTER_S", "2")
    toy = Toy(node, tmp_path)
    with a_worker(TOY, toy.arguments, toy.log) as worker:
        worker.wait_ready()
        toy.feed("m1")
        wait_for_records(node.bootstrap, toy.out, 1)
        node.stop()
        time.sleep(7)
        words = toy.log.read_text()
        node.start()
        assert worker.process.poll() is None
        toy.feed("m2")
        wait_for_records(node.bootstrap, toy.out, 2)
        assert worker.terminate() == 0
    told = [line for line in words.splitlines() if "kafka.client" in line]
    assert 1 <= len(told) <= 12, "a line of each client in five seconds"
    assert sum(msgspec.json.decode(line)["count"] for line in told) >= len(told)
    assert "%3|" not in words, "librdkafka writes nothing past the logs"
