"""Laws of applying for a person: what is said comes true in the log, and a cluster without workers is told as such."""

from collections.abc import Iterator

import msgspec
import pytest

from infra.config.applying import apply_and_tell
from infra.config.publish import Refused, apply_rules
from infra.config.taking_up import Expected, Watch
from infra.embedded.kafka import EmbeddedKafka
from infra.operator import now_us
from pipeline.domain.rules import Account, Rules
from pipeline.events import topics
from pipeline.events.records import AccountServed, CarrierHealth, HealthSnapshot
from tests.builders import a_rules
from tests.integration.kafka_tools import Feeder, a_name

pytestmark = pytest.mark.integration

Client = dict[str, str | int | bool]


@pytest.fixture(scope="module")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedKafka]:
    """A node of its own: these tests write garbage where others read."""
    with EmbeddedKafka(tmp_path_factory.mktemp("kafka")) as node:
        yield node


@pytest.fixture
def client(kafka: EmbeddedKafka) -> Client:
    return {"bootstrap.servers": kafka.bootstrap}


def with_shop(name: str) -> Rules:
    shop = Account(id=name, tariff="retail-usd")
    return a_rules(accounts={**a_rules().accounts, name: shop})


def apply(client: Client, rules: Rules, **more: object) -> list[str]:
    options: dict[str, object] = {
        "source": "rules.yaml", "author": "ann", "reason": "tests", "effective_at": None, "expect": None,
        "may_supersede": True, "profile": "laptop", "wait_s": 2.0,
    }  # fmt: skip
    return list(apply_and_tell(client, rules, **(options | more)))  # type: ignore[arg-type]


def test_a_new_account_without_any_worker_is_published_and_told_so(client: Client) -> None:
    shop = a_name("shop")
    apply_rules(client, a_rules(), author="ann", reason="tests", may_supersede=True)
    said = apply(client, with_shop(shop))
    assert any(line.startswith(f"  account {shop} added") for line in said)
    assert said[-1] == f"no validation worker runs: what {shop} submits is read as soon as one does"
    assert apply(client, with_shop(shop))[0].startswith("Nothing to do: revision ")
    later = now_us() + 3_600_000_000
    assert "; it is in force from " in apply(client, a_rules(), effective_at=later)[-1]
    assert "is superseded: it never comes into force" in "".join(apply(client, with_shop(shop)))
    with pytest.raises(Refused, match="expected 0"):
        apply(client, a_rules(), expect=0)


def test_what_workers_say_after_the_watch_began_is_heard_and_what_they_said_before_is_not(
    kafka: EmbeddedKafka, client: Client
) -> None:
    apply_rules(client, a_rules(), author="ann", reason="tests", may_supersede=True)
    feeder = Feeder(kafka.bootstrap)
    bound = HealthSnapshot(carriers=(CarrierHealth(carrier="blue", is_bound=True),))
    express = AccountServed(account_id="shop", lane="express", pause_us=300_000)
    feeder.feed(topics.LIFECYCLE, [("shop", msgspec.structs.replace(express, lane="bulk"))])
    watch = Watch(client)
    watch._has_readers = lambda: True  # type: ignore[method-assign]
    feeder.feed(topics.LIFECYCLE, [("shop", b"not avro"), ("shop", express)])
    feeder.feed(topics.HEALTH, [("", bound)])
    said = list(watch.hear(Expected(["shop"], ["blue"]), now_us(), 2.0, now_us=now_us))
    watch.close()
    assert sorted(line.split(" after ")[0] for line in said) == [
        "account shop is live on express",
        "account shop is not yet live on bulk: no worker said so within 2 s",
        "carrier blue is bound",
    ]
