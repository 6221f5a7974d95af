"""The sink against a real Kafka: what is in the log is in ClickHouse once, whatever is killed."""

import threading
import time
from pathlib import Path

import pytest
from confluent_kafka import Producer

from infra.embedded.kafka import EmbeddedKafka
from pipeline.events import topics
from pipeline.events.headers import Source
from pipeline.events.records import (
    IntentRecorded,
    MessageAccepted,
    MessageRouted,
    MessageStatusChanged,
    ReceiptReceived,
    RouteCandidate,
    SubmitSucceeded,
)
from tests.integration.kafka_tools import a_name, a_topic, make_topics
from tests.integration.sink_rig import Fed, SinkProcess, a_sink, feed, produce

pytestmark = pytest.mark.integration


def coverage_of(sink: SinkProcess, topic: str) -> dict[int, dict[str, object]]:
    rows = sink.rows(f"SELECT * FROM coverage WHERE topic = '{topic}'")
    return {row["partition"]: row for row in rows}


def test_records_of_every_kind_of_topic_land_once(kafka: EmbeddedKafka, tmp_path: Path) -> None:
    account, carrier = a_name("acme"), a_name("north")
    status, intents = f"sms.status.{account}", f"sms.intents.{carrier}.express"
    make_topics(kafka.bootstrap, [a_topic(status), a_topic(intents, partitions=2)])
    feed(kafka.bootstrap, status, [Fed(record=MessageStatusChanged(message_id="a", status="queued"))])
    transactions = Producer({"bootstrap.servers": kafka.bootstrap, "transactional.id": carrier})
    transactions.init_transactions(10)
    for is_kept in (True, False, True):
        transactions.begin_transaction()
        produce(transactions, intents, [Fed(record=IntentRecorded(message_id="a", part=n)) for n in (1, 2, 3)])
        transactions.flush(10)
        transactions.commit_transaction(10) if is_kept else transactions.abort_transaction(10)
    with a_sink(kafka.bootstrap, tmp_path) as sink:
        sink.wait_until(f"SELECT covered_to_offset FROM coverage WHERE topic = '{intents}' AND partition = 0",
                        lambda offset: offset == 11)  # fmt: skip
        assert sink.one(f"SELECT count() FROM message_status_changed WHERE _topic = '{status}'") == 1
        covered = coverage_of(sink, intents)[0]
        # three intents and a marker, three aborted and a marker, three and a marker
        assert (covered["rows"], covered["explained"], covered["gaps"], covered["doubles"]) == (6, 6, 0, 0)
        assert covered["is_sound"] == 1
        assert coverage_of(sink, intents)[1]["rows"] == 0


def test_a_topic_that_is_made_later_is_found(kafka: EmbeddedKafka, tmp_path: Path) -> None:
    with a_sink(kafka.bootstrap, tmp_path) as sink:
        topic = f"sms.status.{a_name('late')}"
        make_topics(kafka.bootstrap, [a_topic(topic)])
        feed(kafka.bootstrap, topic, [Fed(record=MessageStatusChanged(message_id="late"))])
        sink.wait_until(f"SELECT count() FROM message_status_changed WHERE _topic = '{topic}'", lambda n: n == 1)


def test_an_unreadable_record_is_quarantined_and_stops_nobody(kafka: EmbeddedKafka, tmp_path: Path) -> None:
    topic = f"sms.status.{a_name('bad')}"
    make_topics(kafka.bootstrap, [a_topic(topic)])
    good = MessageStatusChanged(message_id="good")
    bad = {
        1: (b"not avro at all", "not-avro"),
        2: (b"\x00\x00\x00\x00\x07body", "unknown-schema"),
        3: (MessageAccepted(message_id="elsewhere"), "wrong-schema"),
        4: (b"\x00\x00\x00\x03\xf9\xff\xff\xff", "undecodable"),  # 1017: MessageStatusChanged
    }
    feed(kafka.bootstrap, topic, [Fed(record=good), *(Fed(record=each) for each, _ in bad.values()), Fed(record=good)])
    with a_sink(kafka.bootstrap, tmp_path) as sink:
        quarantined = f"SELECT count() FROM record_quarantined WHERE source_topic = '{topic}'"
        sink.wait_until(quarantined, lambda n: n == 4)
        rows = sink.rows(f"SELECT source_offset, reason, reader FROM record_quarantined WHERE source_topic = '{topic}'")
        found = {row["source_offset"]: (row["reason"], row["reader"]) for row in rows}
        assert found == {offset: (reason, "sink") for offset, (_, reason) in bad.items()}
        covered = coverage_of(sink, topic)[0]
        assert (covered["rows"], covered["skipped"], covered["gaps"], covered["doubles"]) == (2, 4, 0, 0)


def test_repeats_and_other_epochs_are_kept_but_not_counted(kafka: EmbeddedKafka, tmp_path: Path) -> None:
    account = a_name("again")
    topic = f"sms.status.{account}"
    make_topics(kafka.bootstrap, [a_topic(topic)])

    def news(offset: int, epoch: str = "live") -> Fed:
        record = MessageStatusChanged(message_id=f"{account}-{offset}", account_id=account, status="queued")
        return Fed(record=record, source=Source("sms.lifecycle", 0, offset, 0), epoch=epoch)

    feed(kafka.bootstrap, topic, [news(9, "what-if"), news(1), news(2), news(1), news(2), news(3)])
    with a_sink(kafka.bootstrap, tmp_path) as sink:
        sink.wait_until(f"SELECT covered_to_offset FROM coverage WHERE topic = '{topic}'", lambda offset: offset == 5)
        covered = coverage_of(sink, topic)[0]
        assert (covered["rows"], covered["repeats"], covered["foreign_epoch"]) == (6, 2, 1)
        assert sink.one(f"SELECT count() FROM timeline WHERE account_id = '{account}'") == 3
        sink.kill()
        feed(kafka.bootstrap, topic, [news(3), news(4)])
        sink.start()
        sink.wait_ready()
        sink.wait_until(f"SELECT covered_to_offset FROM coverage WHERE topic = '{topic}'", lambda offset: offset == 7)
        assert sink.one(f"SELECT count() FROM timeline WHERE account_id = '{account}'") == 4


class _Writing(threading.Thread):
    """Writes records of three kinds, so of three tables, to four partitions until told to stop; now and then some
    are written again.
    """

    def __init__(self, bootstrap: str, name: str) -> None:
        super().__init__()
        self._address = bootstrap
        self._name = name
        self.stop = threading.Event()
        self.firsts = 0
        self.repeats = 0

    def run(self) -> None:
        producer = Producer({"bootstrap.servers": self._address, "enable.idempotence": True, "linger.ms": 5})
        while not self.stop.wait(0.02):
            records = [self._record(self.firsts + each) for each in range(100)]
            produce(producer, topics.LIFECYCLE, records)
            self.firsts += 100
            if self.firsts % 1000 == 0:
                produce(producer, topics.LIFECYCLE, records[-10:])
                self.repeats += 10
        assert producer.flush(20) == 0

    def _record(self, number: int) -> Fed:
        kind = (MessageAccepted, SubmitSucceeded, ReceiptReceived)[number % 3]
        record = kind(message_id=f"{self._name}-{number}", account_id=self._name)
        return Fed(record=record, partition=number % 4, source=Source(self._name, number % 4, number, 0))


def test_kill_9_at_any_moment_loses_and_doubles_nothing(kafka: EmbeddedKafka, tmp_path: Path) -> None:
    make_topics(kafka.bootstrap, [a_topic(topics.LIFECYCLE, partitions=4)])
    name = a_name("killed")
    writing = _Writing(kafka.bootstrap, name)
    writing.start()
    with a_sink(kafka.bootstrap, tmp_path) as sink:
        moments = ((0.05, True), (0.31, True), (0.9, False), (0.73, True), (1.2, False), (0.4, True))
        for delay_s, is_ready_first in moments:
            if is_ready_first:
                sink.wait_ready()
            time.sleep(delay_s)
            sink.kill()
            sink.start()
        sink.wait_ready()
        writing.stop.set()
        writing.join()
        tables = ("message_accepted", "submit_succeeded", "receipt_received")
        held = " UNION ALL ".join(f"SELECT message_id, _is_repeat FROM {table}" for table in tables)
        held = f"FROM ({held}) WHERE startsWith(message_id, '{name}-')"
        sink.wait_until(f"SELECT count() {held}", lambda n: n >= writing.firsts + writing.repeats)
        assert sink.rows(
            f"SELECT count() AS rows, countIf(_is_repeat) AS repeats, uniqExact(message_id) AS ids {held}"
        ) == [{"rows": writing.firsts + writing.repeats, "repeats": writing.repeats, "ids": writing.firsts}]
        assert sink.one(f"SELECT count() FROM timeline WHERE account_id = '{name}'") == writing.firsts
        covered = coverage_of(sink, topics.LIFECYCLE)
        assert {(row["gaps"], row["doubles"]) for row in covered.values()} == {(0, 0)}


def test_sigterm_ends_it_well_and_a_restart_goes_on(kafka: EmbeddedKafka, tmp_path: Path) -> None:
    topic = f"sms.status.{a_name('stop')}"
    make_topics(kafka.bootstrap, [a_topic(topic)])
    held = f"SELECT count() FROM message_status_changed WHERE _topic = '{topic}'"
    with a_sink(kafka.bootstrap, tmp_path) as sink:
        for expected in (1, 2):
            feed(kafka.bootstrap, topic, [Fed(record=MessageStatusChanged(message_id="m"))])
            sink.wait_until(held, lambda n, expected=expected: n == expected)
            assert sink.worker is not None
            assert sink.worker.terminate() == 0
            sink.start()
            sink.wait_ready()
        assert sink.one(held) == 2


def test_a_second_sink_on_the_same_directory_is_told_who_has_it(kafka: EmbeddedKafka, tmp_path: Path) -> None:
    with a_sink(kafka.bootstrap, tmp_path) as sink:
        assert sink.worker is not None
        second = SinkProcess(kafka.bootstrap, tmp_path)
        second.start_as("second")
        assert second.worker is not None
        assert second.worker.process.wait(30) == 1
        assert f"is open in process {sink.worker.process.pid}" in second.worker.log.read_text()
        second.close()


def test_arrays_of_records_are_held_whole(kafka: EmbeddedKafka, tmp_path: Path) -> None:
    topic = "sms.routed.express"
    make_topics(kafka.bootstrap, [a_topic(topic)])
    name = a_name("routed")
    candidates = (
        RouteCandidate(carrier="north", is_eligible=True, score=7_000_000_000, reason="chosen"),
        RouteCandidate(carrier="west", is_eligible=False, score=-1, reason="unbound"),
    )
    feed(kafka.bootstrap, topic, [Fed(record=MessageRouted(message_id=name, candidates=candidates, parts=(1, 2)))])
    with a_sink(kafka.bootstrap, tmp_path) as sink:
        where = f"FROM message_routed WHERE message_id = '{name}'"
        sink.wait_until(f"SELECT count() {where}", lambda n: n == 1)
        row = sink.rows(f"SELECT candidates.carrier AS carriers, candidates.score AS scores, parts {where}")[0]
        assert row == {"carriers": ["north", "west"], "scores": [7_000_000_000, -1], "parts": [1, 2]}
