"""Laws of the validation agent on real topics: every submission is answered, and new accounts are found."""

import time
from pathlib import Path

import msgspec
import pytest
from confluent_kafka import Producer

from infra.embedded.kafka import EmbeddedKafka
from pipeline.domain.ids import message_id
from pipeline.domain.rules import Account, Carrier, Route, Tariff
from pipeline.events import topics
from pipeline.events.headers import read_headers
from pipeline.events.records import ControlRecorded, MessageAccepted, MessageRejected, SubmitMessage
from pipeline.events.schema_store import default_store
from pipeline.kafka.topics import ensure_topics, topics_of
from tests.builders import a_tariff
from tests.integration.kafka_tools import CODEC, Feeder, a_name, a_worker, read_topic

pytestmark = pytest.mark.integration

LANE = "express"


class Bench:
    """Accounts of its own on the shared broker."""

    def __init__(self, kafka: EmbeddedKafka, home: Path) -> None:
        self.kafka = kafka
        self.home = home
        self.log = home / "worker.log"
        self.log.touch()
        self.make_topics()
        self._feeder = Feeder(kafka.bootstrap)
        self._submissions = Producer({"bootstrap.servers": kafka.bootstrap, "compression.type": "zstd"})

    def make_topics(self, *accounts: str) -> None:
        """As the catalogue has them."""
        wanted = topics_of(default_store().topics(), accounts=accounts, carriers=[])
        names = {topics.submitted(account, LANE) for account in (*accounts, topics.GATEWAY)}
        names |= {topics.LIFECYCLE, topics.CONTROL, topics.HEALTH, topics.QUARANTINE}
        ensure_topics({"bootstrap.servers": self.kafka.bootstrap}, [each for each in wanted if each.name in names])

    def account(self) -> str:
        """A new account with its topic and, then, its rules."""
        account = a_name("acct")
        self.make_topics(account)
        self.publish(
            a_tariff("retail", {"*": 10_000}),
            a_tariff("costs", {"*": 5_000}),
            Account(id=account, tariff="retail"),
            Carrier(id="carrier-one", tariff="costs"),
            Route(id="all", countries=("*",), classes=("*",), carriers=("carrier-one",)),
        )
        return account

    def publish(self, *objects: Account | Carrier | Route | Tariff) -> None:
        records = [
            (
                f"{type(each).__name__.lower()}/{each.id}",
                ControlRecorded(kind=type(each).__name__.lower(), id=each.id, body=msgspec.json.encode(each).decode()),
            )
            for each in objects
        ]
        self._feeder.feed(topics.CONTROL, [*records, ("revision/1", ControlRecorded(kind="revision", id="1"))])

    def submit(self, account: str, value: bytes, headers: list[tuple[str, bytes]] | None = None) -> None:
        self._submissions.produce(topics.submitted(account, LANE), value, headers=headers or [])
        assert self._submissions.flush(10) == 0

    def answers(self, account: str, count: int) -> list[MessageAccepted | MessageRejected]:
        """What validation said of an account's submissions, in the order they were submitted."""
        deadline = time.monotonic() + 30
        while True:
            found = []
            for message in read_topic(self.kafka.bootstrap, topics.LIFECYCLE):
                if CODEC.record_name(message.value()) not in ("MessageAccepted", "MessageRejected"):
                    continue
                record = CODEC.decode(message.value(), MessageAccepted, MessageRejected)
                source, epoch = read_headers(message.headers())
                if record.account_id == account:
                    assert epoch == "live"
                    assert source is not None
                    found.append(record)
            if len(found) >= count:
                return sorted(found, key=lambda each: each.submitted_offset)
            assert time.monotonic() < deadline, (
                f"{len(found)} answers, expected {count}\n{self.log.read_text()[-3000:]}"
            )
            time.sleep(0.2)


def a_submission(text: str = "Your code is 123456") -> bytes:
    return CODEC.encode(SubmitMessage(to="+8613800138000", text=text, message_class="otp"))


@pytest.fixture
def bench(kafka: EmbeddedKafka, tmp_path: Path) -> Bench:
    return Bench(kafka, tmp_path)


def test_every_submission_of_every_account_is_answered_once(bench: Bench) -> None:
    first = bench.account()
    for value in (a_submission(), b"{}", a_submission("")):
        bench.submit(first, value)
    stage = f"validation-{LANE}"
    with a_worker("tests.integration.worker", [bench.kafka.bootstrap, str(bench.home), stage], bench.log) as worker:
        answers = bench.answers(first, 3)
        assert [type(each).__name__ for each in answers] == ["MessageAccepted", "MessageRejected", "MessageRejected"]
        assert [getattr(each, "reason", "") for each in answers] == ["", "not-avro", "missing-field"]
        cluster_id = bench.kafka.cluster_id
        assert cluster_id is not None
        assert answers[0].message_id == message_id(cluster_id, topics.submitted(first, LANE), 0, 0)

        second = bench.account()  # a new account, while the worker runs
        bench.submit(second, a_submission())
        assert isinstance(bench.answers(second, 1)[0], MessageAccepted)

        bench.submit(topics.GATEWAY, a_submission(), [("account", first.encode())])
        assert bench.answers(first, 4)[-1].submitted_topic in (
            topics.submitted(topics.GATEWAY, LANE),
            topics.submitted(first, LANE),
        )
        bench.submit(
            first, a_submission(), [("account", second.encode())]
        )  # not the gateway: the topic names the account
        assert len(bench.answers(first, 5)) == 5
        assert len(bench.answers(second, 1)) == 1
        assert worker.terminate() == 0
