"""Whether workers have taken up what a revision adds: accounts read from, carriers bound. Told as it comes.

What is expected and what a record says of it is pure (`Expected`); `Watch` is the consumer that must stand at the ends
of the topics before the revision is written, so that nothing said after it is missed.
"""

import time
from collections.abc import Callable, Iterable, Iterator

from confluent_kafka import KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient

from infra.topic_log import looking
from pipeline.domain.classes import Lane
from pipeline.domain.rules import Rules
from pipeline.events import topics
from pipeline.events.codec import AnyRecord, Codec, Poison
from pipeline.events.records import AccountServed, HealthSnapshot
from pipeline.kafka.client import Client
from pipeline.kafka.passing import watermarks

SECOND_US = 1_000_000
TIMEOUT_S = 10.0
POLL_S = 0.1
READERS = tuple(f"validation-{lane.value}" for lane in Lane)
"""Consumer groups that read what accounts submit."""


class Expected:
    """What is still to be heard of: (account, lane) and carriers."""

    def __init__(self, accounts: Iterable[str], carriers: Iterable[str]) -> None:
        self.accounts = {(name, lane.value) for name in accounts for lane in Lane}
        self.carriers = set(carriers)

    def __bool__(self) -> bool:
        return bool(self.accounts or self.carriers)

    def hear(self, record: AnyRecord, after_us: int) -> Iterator[str]:
        """What a record tells of these, in words; `after_us`: how long after the revision it was heard."""
        after = f"after {after_us / SECOND_US:.1f} s"
        if isinstance(record, AccountServed):
            if (record.account_id, record.lane) in self.accounts:
                self.accounts.discard((record.account_id, record.lane))
                waited = f"; others waited {record.pause_us / SECOND_US:.1f} s for it" if record.pause_us else ""
                yield f"account {record.account_id} is live on {record.lane} {after}{waited}"
        elif isinstance(record, HealthSnapshot):
            for each in record.carriers:
                if each.is_bound and each.carrier in self.carriers:
                    self.carriers.discard(each.carrier)
                    yield f"carrier {each.carrier} is bound {after}"

    def missed(self, waited_s: float) -> Iterator[str]:
        """What was not heard, in words."""
        for account, lane in sorted(self.accounts):
            yield f"account {account} is not yet live on {lane}: no worker said so within {waited_s:g} s"
        for carrier in sorted(self.carriers):
            yield f"carrier {carrier} is not bound yet: no word of it within {waited_s:g} s; see: sluice carriers show"


def expected_of(before: Rules, after: Rules, made_topics: Iterable[str]) -> Expected:
    """New accounts that write to topics which nobody can have read, and new carriers that have an address."""
    made = set(made_topics)
    accounts = [
        each.id
        for each in after.accounts.values()
        if each.is_direct and each.id not in before.accounts and topics.status(each.id) in made
    ]
    carriers = [each.id for each in after.carriers.values() if each.address and each.id not in before.carriers]
    return Expected(accounts, carriers)


class Watch:
    """What is written to sms.lifecycle and sms.health from its making on. Close it. Raises KafkaException."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._codec = Codec()
        self._consumer = looking(client)
        self._consumer.assign(self._ends())

    def close(self) -> None:
        self._consumer.close()

    def hear(self, expected: Expected, since_us: int, wait_s: float, *, now_us: Callable[[], int]) -> Iterator[str]:
        """Sentences as they become true, and after `wait_s` what did not; ends sooner if all is there."""
        if expected.accounts and not self._has_readers():
            names = ", ".join(sorted({account for account, _ in expected.accounts}))
            yield f"no validation worker runs: what {names} submits is read as soon as one does"
            expected.accounts.clear()
        deadline = time.monotonic() + wait_s
        while expected and time.monotonic() < deadline:
            message = self._consumer.poll(POLL_S)
            if message is None or message.error() is not None:
                continue
            try:
                record = self._codec.decode(message.value(), AccountServed, HealthSnapshot)
            except Poison:
                continue
            yield from expected.hear(record, now_us() - since_us)
        yield from expected.missed(wait_s)

    def _ends(self) -> list[TopicPartition]:
        found = []
        for topic in (topics.LIFECYCLE, topics.HEALTH):
            for partition in self._consumer.list_topics(topic, timeout=TIMEOUT_S).topics[topic].partitions:
                place = TopicPartition(topic, partition)
                _, place.offset = watermarks(self._consumer, place, TIMEOUT_S)
                found.append(place)
        return found

    def _has_readers(self) -> bool:
        """Whether some worker reads what accounts submit; True where the cluster does not say."""
        admin = AdminClient({**self._client, "log_level": 2})  # kept until the answer: its end would end the question
        try:
            answers = admin.describe_consumer_groups(list(READERS), request_timeout=TIMEOUT_S)
            return any(future.result(TIMEOUT_S).members for future in answers.values())
        except (KafkaException, TimeoutError):
            return True
