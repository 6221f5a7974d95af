"""Keys on a real Kafka: what is audited before it is done, who may reveal, and the keeper that follows the rules."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from confluent_kafka.admin import AdminClient, NewTopic
from typer.testing import CliRunner

from infra.cli import app
from infra.embedded.kafka import EmbeddedKafka
from infra.keeper import KeeperSettings, run_keeper
from infra.operator import actor, write_records
from infra.reveal import Revealer, RevealRefused
from infra.topic_log import read_topic
from pipeline.domain.sealing import seal
from pipeline.events import topics
from pipeline.events.codec import Codec
from pipeline.events.records import AuditRecorded, ControlRecorded, MessageAccepted, SealedContent
from pipeline.keys import KeyVault
from pipeline.keys.inventory import inventory

pytestmark = pytest.mark.integration
TIMEOUT_S = 20
RULES = "keys-test.control"
Client = dict[str, str | int | bool]


@pytest.fixture(scope="module")
def client(kafka: EmbeddedKafka) -> Client:
    admin = AdminClient({"bootstrap.servers": kafka.bootstrap})
    known = admin.list_topics(timeout=10).topics
    missing = [NewTopic(name, 1, 1) for name in (topics.AUDIT, RULES) if name not in known]
    for made in admin.create_topics(missing).values() if missing else ():
        made.result(TIMEOUT_S)
    return {"bootstrap.servers": kafka.bootstrap}


def audits(client: Client, subject: str) -> list[AuditRecorded]:
    records = [logged.record for logged in read_topic(client, topics.AUDIT)]
    return [each for each in records if isinstance(each, AuditRecorded) and each.subject == subject]


def sluice(home: Path, client: Client, *arguments: str) -> str:
    finished = CliRunner().invoke(
        app, [*arguments, "--home", str(home), "--bootstrap", str(client["bootstrap.servers"])]
    )
    if finished.exception is not None:
        raise finished.exception
    return finished.output


def an_accepted(home: Path, message_id: str) -> MessageAccepted:
    content = SealedContent(to="+16465550123", sender="ACME", text="Your code is 118833.")
    key = KeyVault(home / "keys").data_key("acme", "2026-01-05")
    blob = seal(key, Codec().encode(content), message_id.encode())
    return MessageAccepted(message_id=message_id, account_id="acme", key_day="2026-01-05", sealed_content=blob)


def test_what_is_revealed_and_what_is_refused_both_stand_in_the_audit(tmp_path: Path, client: Client) -> None:
    record = an_accepted(tmp_path, "a1" * 16)
    allowed = Revealer(tmp_path, client, reason="ticket 7", may_reveal=(actor(),))
    assert allowed.reveal(record).text == "Your code is ******."
    with_codes = Revealer(tmp_path, client, reason="ticket 8", has_codes=True, may_reveal=(actor(),))
    assert with_codes.reveal(record).text == "Your code is 118833."
    with pytest.raises(RevealRefused, match="may not see texts and numbers"):
        Revealer(tmp_path, client, reason="curious", may_reveal=("somebody-else",)).reveal(record)
    with pytest.raises(RevealRefused, match="needs a reason"):
        Revealer(tmp_path, client, reason=" ", may_reveal=("*",)).reveal(record)
    told = audits(client, "a1" * 16)
    assert [(each.action, each.is_allowed, each.reason, each.account_id) for each in told] == [
        ("message.reveal", True, "ticket 7", "acme"),
        ("message.reveal", True, "ticket 8", "acme"),
        ("message.reveal", False, "curious", "acme"),
    ]
    assert [each.detail.endswith(", with codes") for each in told] == [False, True, False]


def test_nothing_is_revealed_that_cannot_be_audited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from infra import operator

    monkeypatch.setattr(operator, "TIMEOUT_S", 1.0)
    nowhere: Client = {"bootstrap.servers": "127.0.0.1:1"}
    with pytest.raises(operator.NotWritten):
        Revealer(tmp_path, nowhere, reason="r", may_reveal=("*",)).reveal(an_accepted(tmp_path, "a2" * 16))


def test_rotation_and_destruction_are_audited_and_repeat_as_nothing(tmp_path: Path, client: Client) -> None:
    vault = KeyVault(tmp_path / "keys")
    key = vault.data_key("acme", "2026-01-05")
    vault.data_key("acme", "2026-01-06")
    rotated_from = {each.kek_id for each in inventory(vault)}.pop()
    rotated = sluice(tmp_path, client, "keys", "rotate", "--reason", "yearly")
    assert rotated.startswith("2 keys are wrapped by file:")
    assert KeyVault(tmp_path / "keys", may_create=False).data_key("acme", "2026-01-05") == key
    destroying = ("keys", "destroy", "--account", "acme", "--before", "2026-01-06", "--reason", "asked to", "--yes")
    assert sluice(tmp_path, client, *destroying) == "Destroyed: 1 keys of acme, 2026-01-05 to 2026-01-05.\n"
    assert "Nothing to do" in sluice(tmp_path, client, *destroying)
    told = audits(client, "acme/2026-01-05..2026-01-05")
    assert [(each.action, each.reason, each.detail) for each in told] == [("key.destroy", "asked to", "2026-01-05")]
    rotations = [each.reason for each in audits(client, rotated_from)]
    assert rotations == ["yearly"]


def test_a_rotation_that_cannot_be_audited_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from infra import operator

    monkeypatch.setattr(operator, "TIMEOUT_S", 1.0)
    KeyVault(tmp_path / "keys").data_key("acme", "2026-01-05")
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    with pytest.raises(operator.NotWritten):
        sluice(tmp_path, {"bootstrap.servers": "127.0.0.1:1"}, "keys", "rotate")
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_the_keeper_makes_keys_of_an_account_that_comes_while_it_runs(tmp_path: Path, client: Client) -> None:
    now, stop, ready = datetime(2026, 1, 5, 12, tzinfo=UTC), threading.Event(), threading.Event()
    vault = KeyVault(tmp_path / "keys")
    settings = KeeperSettings(client=client, days_ahead=1, control=RULES)
    keeper = threading.Thread(
        target=run_keeper, args=(vault, settings, lambda: now), kwargs={"ready": ready.set, "stop": stop}
    )
    keeper.start()
    try:
        assert ready.wait(TIMEOUT_S)
        assert not vault.has_data_key("keeper-test", "2026-01-05")
        body = '{"id": "keeper-test", "tariff": "retail"}'
        account = ControlRecorded(kind="account", id="keeper-test", revision=1, body=body)
        mark = ControlRecorded(kind="revision", id="", revision=1)
        write_records(client, [(RULES, "account/keeper-test", account), (RULES, "revision/", mark)])
        deadline = time.monotonic() + TIMEOUT_S
        while not vault.has_data_key("keeper-test", "2026-01-06"):
            assert time.monotonic() < deadline, "no key was made"
            time.sleep(0.05)
        now += timedelta(days=1)
        while not vault.has_data_key("keeper-test", "2026-01-07"):
            assert time.monotonic() < deadline, "no key of the next day was made"
            time.sleep(0.05)
    finally:
        stop.set()
        keeper.join(TIMEOUT_S)
    assert not keeper.is_alive()


def test_a_kek_outside_the_home_is_kept_and_named(
    tmp_path: Path, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    kek = tmp_path / "safe" / "kek"
    monkeypatch.setenv("SLUICE_KEK", f"file:{kek}")
    KeyVault(tmp_path / "home" / "keys").data_key("acme", "2026-01-05")
    said = sluice(tmp_path / "home", client, "keys", "rotate", "--reason", "yearly")
    assert f"Kept: {kek}, " in said
    assert "Shredded" not in said
    assert kek.exists()
