"""Laws of publishing rules on a real broker: a revision counts wholly or not at all, and nobody overwrites unseen."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import msgspec
import pytest
from confluent_kafka import Producer
from typer.testing import CliRunner

from infra.cli import app
from infra.config.publish import (
    Applied,
    Refused,
    apply_rules,
    publish_objects,
    read_published,
    read_revisions,
)
from infra.config.rules_file import load_rules
from infra.embedded.kafka import EmbeddedKafka
from infra.operator import now_us
from pipeline.domain.rules import Drain, Rules
from pipeline.events.codec import Codec
from pipeline.events.headers import headers_of
from pipeline.events.records import ControlRecorded
from pipeline.events.topics import CONTROL
from pipeline.stages.revisions import RevisionStanding, standings_of
from tests.builders import a_rules, with_account, with_prices
from tests.unit.infra.test_rules_file import SANDBOX, SMPP

pytestmark = pytest.mark.integration

HOUR = 3_600_000_000
Client = dict[str, str | int | bool]


@pytest.fixture
def client(kafka: EmbeddedKafka) -> Client:
    return {"bootstrap.servers": kafka.bootstrap}


def publish(client: Client, rules: Rules, **more: object) -> Applied:
    return apply_rules(client, rules, author="ann", reason="tests", **{"may_supersede": True, **more})  # type: ignore[arg-type]


def priced(micros: int) -> Rules:
    return with_prices(a_rules(), "retail-usd", {"*": micros})


def price(rules: Rules) -> int | None:
    return rules.tariffs["retail-usd"].micros("US", now_us())


def test_what_is_applied_is_in_force_and_applying_it_again_writes_nothing(client: Client) -> None:
    applied = publish(client, priced(1))
    published = read_published(client)
    assert (published.revision, published.control_offset) == (applied.revision, applied.control_offset)
    assert msgspec.structs.replace(published.rules, control_offset=17, drains={}) == priced(1)
    again = publish(client, priced(1), expect=1)  # stale, but nothing would change
    assert (again.changes, again.control_offset) == ((), applied.control_offset)


def test_a_stale_version_is_refused_by_the_name_of_who_came_in_between(client: Client) -> None:
    before = publish(client, priced(2)).revision
    publish(client, priced(3), expect=before)
    with pytest.raises(Refused, match=f"newest revision is {before + 1}, expected {before} .*by ann: tests"):
        publish(client, priced(4), expect=before)
    assert price(read_published(client).rules) == 3


def test_of_racing_appliers_one_wins_and_nothing_of_the_others_counts(client: Client) -> None:
    expect = publish(client, priced(5)).revision
    start = Barrier(3)

    def apply(micros: int) -> int | None:
        start.wait(10)
        try:
            publish(client, priced(micros), expect=expect)
        except Refused:
            return None
        return micros

    with ThreadPoolExecutor(3) as pool:
        won = [micros for micros in pool.map(apply, (10, 11, 12)) if micros is not None]
    assert len(won) == 1
    published = read_published(client)
    assert (published.revision, price(published.rules)) == (expect + 1, won[0])


def test_who_lost_the_lock_writes_nothing(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another one publishes between the first one's look at the conditions and its writing."""
    from infra.config import publish as module

    publish(client, priced(20))
    make_topics = module.make_topics

    def interrupted(where: Client, rules: Rules, *more: object) -> tuple[str, ...]:
        if not rules.accounts:
            return ()  # the topics that are there whatever the rules say are made before the lock is taken
        monkeypatch.setattr(module, "make_topics", make_topics)
        publish(client, priced(21))
        return ()

    monkeypatch.setattr(module, "make_topics", interrupted)
    with pytest.raises(Refused, match="another publisher came in between"):
        publish(client, priced(22))
    assert price(read_published(client).rules) == 21


def test_a_scheduled_revision_is_superseded_only_if_that_is_said(client: Client) -> None:
    publish(client, priced(30))
    later = now_us() + HOUR
    scheduled = publish(client, priced(31), effective_at=later)
    assert price(read_published(client).rules) == 30
    with pytest.raises(Refused, match=f"revision {scheduled.revision} by ann .*--supersede"):
        publish(client, priced(32), may_supersede=False)
    after = publish(client, priced(33), effective_at=later + HOUR, may_supersede=False)
    assert after.superseded == ()
    now = publish(client, priced(34))
    assert now.superseded == (scheduled.revision, after.revision)
    revisions = read_revisions(client)
    assert standings_of(revisions, later + 2 * HOUR)[-4:] == (
        RevisionStanding.PAST, RevisionStanding.SUPERSEDED, RevisionStanding.SUPERSEDED, RevisionStanding.IN_FORCE
    )  # fmt: skip
    with pytest.raises(Refused, match="has passed"):
        publish(client, priced(35), effective_at=now_us() - 1_000_000)


def test_an_object_is_published_at_once_and_what_is_scheduled_stays_scheduled_with_it(client: Client) -> None:
    publish(client, priced(40))
    later = now_us() + HOUR
    scheduled = publish(client, with_account(priced(41), "acme", burst=7), effective_at=later)
    body = msgspec.json.encode(Drain(id="north", reason="slow")).decode()
    drained = publish_objects(client, [("drain", "north", body)], "bob", "slow")
    assert [str(change) for change in drained.changes] == ["drain north added"]
    published = read_published(client)
    assert (published.revision, published.control_offset) == (drained.revision, drained.control_offset)
    assert published.rules.drains["north"].reason == "slow"
    assert (price(published.rules), published.rules.accounts["acme"].burst) == (40, 20)
    last = read_revisions(client)[-1]
    assert (last.number, last.effective_at, last.author) == (scheduled.revision + 2, later, "ann")
    assert (price(last.rules), last.rules.accounts["acme"].burst, set(last.rules.drains)) == (41, 7, {"north"})
    publish(client, priced(42))
    assert set(read_published(client).rules.drains) == {"north"}  # a file says nothing of drains
    publish_objects(client, [("drain", "north", None)], "bob", "open")
    assert read_published(client).rules.drains == {}


def test_what_a_build_without_tariffs_wrote_is_shown_and_applied_again_changes_nothing(
    client: Client, tmp_path: Path
) -> None:
    book = load_rules(SANDBOX, SMPP)
    number = publish(client, book).revision + 1
    account = {"id": "acme-bank", "currency": "USD", "prices_micros": {"US": 7500, "*": 70_000}}
    producer = Producer(client)
    for record in (
        ControlRecorded(kind="account", id="acme-bank", revision=number, body=msgspec.json.encode(account).decode()),
        ControlRecorded(kind="revision", id=str(number), revision=number, effective_at=now_us(), author="ann"),
    ):
        producer.produce(CONTROL, Codec().encode(record), record.kind, headers=headers_of(None, "live"))
        producer.flush()
    file = tmp_path / "shown.yaml"
    file.write_text(sluice(client, tmp_path, "show"))
    assert "account:acme-bank" in file.read_text()
    assert sluice(client, tmp_path, "diff", str(file)) == f"Nothing to do: revision {number} says all of it.\n"
    file.write_text(file.read_text().replace("'0.0075'", "'0.0076'"))
    said = sluice(client, tmp_path, "apply", str(file), "--reason", "dearer", "--wait", "0")
    assert "tariff account:acme-bank: US 0.0075 -> 0.0076; touches account acme-bank" in said
    assert sluice(client, tmp_path, "diff", str(file)).startswith("Nothing to do")
    back = sluice(client, tmp_path, "rollback", str(number - 1), "--reason", "back", "--wait", "0")
    assert "account acme-bank: tariff 'account:acme-bank' -> " in back
    assert msgspec.structs.replace(read_published(client).rules, control_offset=-1, drains={}) == book


def sluice(client: Client, home: Path, *arguments: str) -> str:
    where = ("--home", str(home), "--bootstrap", str(client["bootstrap.servers"]))
    finished = CliRunner().invoke(app, ["config", *arguments, *where])
    assert finished.exit_code == 0, finished.output
    return finished.output
