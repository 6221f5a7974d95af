"""One secure node: tenants are kept apart, every part works with the rights it has, quotas hold.

Each attempt that a tenant fails at is made by the operator too, who must succeed: so an attempt that could never
succeed proves nothing here.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec
import pytest
from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import (
    AdminClient,
    NewTopic,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialUpsertion,
)

from infra.access.apply import access_changes, apply_access
from infra.access.client_file import file_of, read_client_file
from infra.access.cluster import create
from infra.access.credentials import make_credential, write_credential
from infra.access.derive import access_of, part_principal, part_principals
from infra.access.quotas import read_quotas
from infra.access.rights import Acl, Operation, Quota, Resource
from infra.config import publish
from infra.config.publish import PublishFailed, apply_rules
from infra.config.rules_file import load_rules
from infra.embedded.kafka import EmbeddedKafka
from infra.endpoints import read_endpoints
from infra.processes import PROGRAMS, Children
from infra.sandbox import RULES
from pipeline.domain.rules import Rules
from pipeline.events import topics
from pipeline.events.codec import Codec
from pipeline.events.records import MessageStatusChanged, SubmitMessage
from pipeline.events.schema_store import default_store
from pipeline.kafka.client import Client

ME, OTHER = "acme", "acme-bank"  # one's name begins as the other's: prefixes must not leak
QUOTA = 20_000
CODEC = Codec()
START_TIMEOUT_S = 60.0
REFUSED = {
    KafkaError.TOPIC_AUTHORIZATION_FAILED,
    KafkaError.GROUP_AUTHORIZATION_FAILED,
    KafkaError.CLUSTER_AUTHORIZATION_FAILED,
    KafkaError.TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Secure:
    """A secure Kafka of a home with the sandbox's rules, an account more, and the rights of them all."""

    home: Path
    kafka: EmbeddedKafka
    rules: Rules
    tenant: Client

    @property
    def operator(self) -> Client:
        return self.kafka.client


@pytest.fixture(scope="module")
def secure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secure]:
    home = tmp_path_factory.mktemp("secure")
    children = Children(home, {})
    with EmbeddedKafka(home / "kafka", is_secure=True) as kafka:
        try:
            simulator = next(each for each in PROGRAMS if each.name == "simulator")
            children.start(simulator)
            children.wait_ready([simulator], START_TIMEOUT_S)
            rules = _rules(read_endpoints(home).require("smpp").address)
            apply_rules(kafka.client, rules, author="test", reason="the test's")
            apply_access(kafka.client, default_store().topics(), rules)
            yield Secure(home=home, kafka=kafka, rules=rules, tenant=make_credential(kafka.client, f"account.{ME}"))
        finally:
            children.stop()


def _rules(smpp: str) -> Rules:
    rules = load_rules(RULES, {"{smpp}": smpp})
    mine = msgspec.structs.replace(rules.accounts[OTHER], id=ME, quota_bytes_per_s=QUOTA)
    return msgspec.structs.replace(rules, accounts={**rules.accounts, ME: mine})


# --- attempts ---------------------------------------------------------------------------------------------------------


Attempt = Callable[[Client], None]
"""Does something on Kafka. Raises KafkaException if it is refused."""


def _write(topic: str) -> Attempt:
    def attempt(client: Client) -> None:
        failed: list[KafkaError] = []
        producer = Producer({**client, "message.timeout.ms": 10_000, "log_level": 0})
        producer.produce(topic, b"x", on_delivery=lambda error, _: failed.append(error) if error else None)
        assert producer.flush(15) == 0
        if failed:
            raise KafkaException(failed[0])

    return attempt


def _read(topic: str, group: str = "") -> Attempt:
    """With a group: join it and get the topic's partitions."""

    def attempt(client: Client) -> None:
        is_ours: list[bool] = []
        settings = {
            "group.id": group or f"{ME}.reads", "enable.partition.eof": True, "enable.auto.commit": False,
            "auto.offset.reset": "earliest", "log_level": 0,
        }  # fmt: skip
        consumer = Consumer({**client, **settings})
        try:
            hidden = consumer.list_topics(topic, timeout=10).topics[topic].error  # an assigned reader is not told
            if hidden is not None:
                raise KafkaException(hidden)
            if group:
                consumer.subscribe([topic], on_assign=lambda *_: is_ours.append(True))
            else:
                consumer.assign([TopicPartition(topic, 0, 0)])
            deadline = time.monotonic() + 15
            while time.monotonic() < deadline:
                message = consumer.poll(0.2)
                error = None if message is None else message.error()
                if error is not None and error.code() != KafkaError._PARTITION_EOF:
                    raise KafkaException(error)
                if message is not None or is_ours:
                    return
        finally:
            consumer.close()
        raise AssertionError(f"{topic}: neither a record nor a refusal in 15 s")

    return attempt


def _begin(transactional_id: str) -> Attempt:
    def attempt(client: Client) -> None:
        Producer({**client, "transactional.id": transactional_id, "log_level": 0}).init_transactions(10)

    return attempt


def _make_topic(name: str) -> Attempt:
    def attempt(client: Client) -> None:
        admin = AdminClient({**client, "log_level": 0})
        for future in admin.create_topics([NewTopic(name, 1, 1)]).values():
            future.result(10)

    return attempt


ATTEMPTS: Mapping[str, Attempt] = {
    "write as another": _write(topics.submitted(OTHER, "express")),
    "read another's status": _read(topics.status(OTHER)),
    "write my own status": _write(topics.status(ME)),
    "read sms.lifecycle": _read(topics.LIFECYCLE),
    "write sms.lifecycle": _write(topics.LIFECYCLE),
    "read sms.quarantine": _read(topics.QUARANTINE),
    "read sms.control": _read(topics.CONTROL),
    "write sms.dispatch": _write(topics.dispatch("blue-tel", "express")),
    "read my own submissions": _read(topics.submitted(ME, "express")),
    "join another's group": _read(topics.status(ME), group=f"{OTHER}.app"),
    "join routing's group": _read(topics.status(ME), group="routing"),
    "begin as a stage": _begin("routing-9"),
    "make a topic of mine": _make_topic(f"sms.submitted.{ME}.more"),
}


def breaches(client: Client, attempts: Mapping[str, Attempt]) -> set[str]:
    """Names of the attempts that are not refused."""
    done = set()
    for name, attempt in attempts.items():
        try:
            attempt(client)
        except KafkaException as error:
            if error.args[0].code() not in REFUSED:
                raise
        else:
            done.add(name)
    return done


# --- laws -------------------------------------------------------------------------------------------------------------


def test_a_message_goes_all_the_way_with_every_part_under_its_own_principal(secure: Secure) -> None:
    for principal in part_principals():
        write_credential(file_of(secure.home, principal), make_credential(secure.operator, principal))
    wanted = {"routing", "validation", "throttling", "sink", "connector", "health"}
    programs = [each for each in PROGRAMS if each.name in wanted]
    assert len(programs) == len(wanted)
    children = Children(secure.home, {"SLUICE_BOOTSTRAP": secure.kafka.bootstrap})
    try:
        for program in programs:
            children.start(program)
        children.wait_ready(programs, START_TIMEOUT_S)
        submission = SubmitMessage(
            to="+12125550100", text="hello", message_class="transactional", reference="one", sender="10690001"
        )
        statuses = _life(secure.tenant, CODEC.encode(submission))
        assert statuses[-1] == "delivered", statuses
        logs = {program.name: children.log_of(program.name).read_text() for program in programs}
    finally:
        children.stop()
    refusals = {name: text for name, text in logs.items() if "AUTHORIZATION" in text.upper()}
    assert not refusals, next(iter(refusals.values()))[-3000:]


def _life(tenant: Client, submission: bytes) -> list[str]:
    """Submit as the tenant would; the statuses that it reads, until a final one."""
    consumer = Consumer({**tenant, "group.id": f"{ME}.app", "auto.offset.reset": "earliest"})
    consumer.subscribe([topics.status(ME)])
    producer = Producer({**tenant, "enable.idempotence": True})
    producer.produce(topics.submitted(ME, "express"), submission)
    assert producer.flush(10) == 0
    statuses: list[str] = []
    deadline = time.monotonic() + 40
    try:
        while time.monotonic() < deadline and not (statuses and statuses[-1] in ("delivered", "failed", "rejected")):
            message = consumer.poll(0.2)
            if message is not None and message.error() is None:
                record = CODEC.decode(message.value())
                if isinstance(record, MessageStatusChanged):
                    statuses.append(str(record.status))
    finally:
        consumer.close()
    return statuses


def test_a_tenant_reaches_nothing_that_is_not_its_own(secure: Secure) -> None:
    assert breaches(secure.tenant, ATTEMPTS) == set()


def test_every_attempt_succeeds_for_one_who_may(secure: Secure) -> None:
    assert breaches(secure.operator, ATTEMPTS) == set(ATTEMPTS)


def test_a_right_that_is_too_wide_is_found_and_taken_away(secure: Secure) -> None:
    """A prefix without its dot: what begins as my name is somebody else's."""
    planted = Acl(f"account.{ME}", Resource.TOPIC, f"sms.status.{ME}", True, Operation.READ)
    create(secure.operator, [planted])
    attempts = {"read another's status": ATTEMPTS["read another's status"]}
    _until(lambda: breaches(secure.tenant, attempts) == set(attempts))
    changes = access_changes(secure.operator, default_store().topics(), secure.rules)
    assert changes.lines() == [f"- account.{ME} may read topic sms.status.{ME}*"]
    apply_access(secure.operator, default_store().topics(), secure.rules)
    _until(lambda: not breaches(secure.tenant, attempts))


def test_nobody_gets_in_with_a_wrong_password_or_without_tls(secure: Secure) -> None:
    wrong = {**secure.tenant, "sasl.password": "guess"}
    plain = {"bootstrap.servers": secure.tenant["bootstrap.servers"]}
    anonymous = {**plain, "security.protocol": "SSL", "ssl.ca.location": secure.tenant["ssl.ca.location"]}
    stranger = {name: value for name, value in secure.tenant.items() if name != "ssl.ca.location"}
    for client in (wrong, plain, anonymous, stranger):
        with pytest.raises(KafkaException):
            AdminClient({**client, "log_level": 0}).list_topics(timeout=1.5)
    assert AdminClient(dict(secure.tenant)).list_topics(timeout=5).topics.keys() == {
        topics.submitted(ME, "express"), topics.submitted(ME, "bulk"), topics.status(ME), f"sms.submitted.{ME}.more",
    }  # fmt: skip


def test_a_new_password_ends_the_old_one(secure: Secure, tmp_path: Path) -> None:
    file = tmp_path / "tenant.properties"
    first = make_credential(secure.operator, f"account.{OTHER}")
    write_credential(file, make_credential(secure.operator, f"account.{OTHER}"))
    assert file.stat().st_mode & 0o777 == 0o600
    AdminClient(read_client_file(file)).list_topics(timeout=5)
    with pytest.raises(KafkaException):
        AdminClient({**first, "log_level": 0}).list_topics(timeout=1.5)


def test_quotas_are_set_as_the_rules_say_and_held(secure: Secure) -> None:
    quotas = {quota.principal: quota for quota in read_quotas(secure.operator)}
    assert quotas[f"account.{ME}"] == Quota(f"account.{ME}", QUOTA, QUOTA)
    assert len(quotas) == len(secure.rules.accounts)
    throttled: list[float] = []
    producer = Producer({**secure.tenant, "throttle_cb": lambda event: throttled.append(event.throttle_time)})
    deadline = time.monotonic() + 10
    while not throttled and time.monotonic() < deadline:
        producer.produce(topics.submitted(ME, "bulk"), b"x" * 10_000)
        producer.poll(0.05)
    assert throttled
    assert max(throttled) > 0
    producer.purge()


def test_the_operators_rights_suffice_where_it_is_no_super_user(secure: Secure) -> None:
    """A deputy with the operator's rights, under a name that is not ours, opens an account by itself."""
    rights = access_of(default_store().topics(), secure.rules).acls
    mine = [replace(acl, principal="deputy") for acl in rights if acl.principal == part_principal("operator")]
    create(secure.operator, mine)
    info = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 4096)
    admin = AdminClient(dict(secure.operator))
    for future in admin.alter_user_scram_credentials(
        [UserScramCredentialUpsertion("deputy", info, b"secret")]
    ).values():
        future.result(10)
    deputy = {**secure.operator, "sasl.username": "deputy", "sasl.password": "secret"}
    fresh = msgspec.structs.replace(secure.rules.accounts[OTHER], id="fresh")
    rules = msgspec.structs.replace(secure.rules, accounts={**secure.rules.accounts, "fresh": fresh})
    applied = apply_rules(deputy, rules, author="deputy", reason="a new account")
    assert len(applied.made_topics) == 3
    assert any("account.fresh may write topic sms.submitted.fresh.*" in line for line in applied.access.lines())
    tenant = make_credential(deputy, "account.fresh")
    _write(topics.submitted("fresh", "bulk"))(tenant)


def test_an_account_keeps_its_rights_until_the_revision_without_it_is_written(
    secure: Secure, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And an apply that publishes nothing sets rights right all the same."""
    leaver = msgspec.structs.replace(secure.rules.accounts[OTHER], id="leaver")
    rules = msgspec.structs.replace(secure.rules, accounts={**secure.rules.accounts, "leaver": leaver})
    apply_rules(secure.operator, rules, author="test", reason="comes")

    def changes(rules: Rules) -> list[str]:
        return access_changes(secure.operator, default_store().topics(), rules).lines()

    def fails(*_: object) -> list[int]:
        raise PublishFailed("Kafka went away")

    _until(lambda: not changes(rules))
    with monkeypatch.context() as patch:
        patch.setattr(publish, "_write", fails)
        with pytest.raises(PublishFailed, match="went away"):
            apply_rules(secure.operator, secure.rules, author="test", reason="goes")
    assert changes(rules) == []
    assert len(apply_rules(secure.operator, secure.rules, author="test", reason="goes").access.surplus) == 3
    _until(lambda: not changes(secure.rules))
    create(secure.operator, [Acl(f"account.{ME}", Resource.TOPIC, topics.CONTROL, False, Operation.READ)])
    _until(lambda: bool(changes(secure.rules)))
    again = apply_rules(secure.operator, secure.rules, author="test", reason="again")
    assert (again.is_written, again.access.lines()) == (False, [f"- account.{ME} may read topic sms.control"])
    _until(lambda: not changes(secure.rules))


def _until(is_so: Callable[[], bool]) -> None:
    """A change of ACLs reaches the broker a moment after it is acknowledged."""
    deadline = time.monotonic() + 10
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.2)
