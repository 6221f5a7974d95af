"""Laws of the commands that read: on a real Kafka of their own, typed as a person types them."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, NewTopic, ResourceType
from typer.testing import CliRunner

from infra.cli import app
from infra.embedded.kafka import EmbeddedKafka
from infra.errors import explained
from infra.operator import audit
from infra.reading.quarantined import case_of
from infra.reading.redrive import BEGUN, RedriveRefused, Written, mark_of, redrive
from infra.reading.tailing import REDRIVEN
from infra.sandbox import RULES
from pipeline.domain.ids import recipient_id
from pipeline.domain.rules import Rules
from pipeline.events import topics
from pipeline.events.codec import AnyRecord, Codec
from pipeline.events.headers import Source, headers_of
from pipeline.events.records import (
    MessageAccepted,
    MessageRejected,
    MessageStatusChanged,
    ReceiptReceived,
    RecordQuarantined,
    SubmitMessage,
    UsageRecorded,
)
from pipeline.events.schema_store import SCHEMAS, SchemaStore
from pipeline.keys import KeyVault
from pipeline.stages.validation import Submission, decide
from tests.builders import a_rules
from tests.integration.kafka_tools import CODEC, ROOT, read_topic

pytestmark = pytest.mark.integration

NUMBER = "+8613800138000"
SUBMITTED = "sms.submitted.acme-bank.express"


@dataclass(slots=True, kw_only=True)
class Desk:
    """A cluster with the sandbox's topics, a home with keys, and somebody who types."""

    bootstrap: str
    cluster_id: str
    home: Path
    _producer: Producer = field(init=False)

    def __post_init__(self) -> None:
        self._producer = Producer({**self.client, "linger.ms": 0})

    @property
    def client(self) -> dict[str, str | int | bool]:
        return {"bootstrap.servers": self.bootstrap, "log_level": 2}

    def sluice(self, *words: str) -> tuple[int, str]:
        """(exit code, all that was printed)."""
        arguments = [*words, "--home", str(self.home), "--bootstrap", self.bootstrap]
        ended = CliRunner().invoke(app, arguments)
        if ended.exception is None or isinstance(ended.exception, SystemExit):
            return ended.exit_code, ended.output
        said = explained(ended.exception)  # type: ignore[arg-type]
        assert said is not None, ended.exception
        return 1, ended.output + said

    def rows(self, *words: str) -> list[dict[str, Any]]:
        code, printed = self.sluice(*words, "--json")
        assert code == 0, printed
        return [json.loads(line) for line in printed.splitlines()]

    def write(
        self, topic: str, record: AnyRecord | bytes, source: Source | None = None, *, epoch: str = "live",
        headers: list[tuple[str, bytes]] | None = None,
    ) -> int:  # fmt: skip
        """The offset of a record in the first partition."""
        offsets: list[int] = []
        self._producer.produce(
            topic,
            record if isinstance(record, bytes) else CODEC.encode(record),
            partition=0,
            headers=headers_of(source, epoch) if headers is None else headers,
            on_delivery=lambda _, message: offsets.append(message.offset()),
        )
        assert self._producer.flush(10) == 0
        return offsets[0]

    def validate(self, offset: int, codec: Codec, rules: Rules) -> list[AnyRecord]:
        """What the stage itself answers to a submission that stands in the topic."""
        message = next(each for each in read_topic(self.bootstrap, SUBMITTED) if each.offset() == offset)
        submission = Submission(
            topic=SUBMITTED, partition=0, offset=offset, timestamp_us=message.timestamp()[1] * 1000,
            value=message.value(),
        )  # fmt: skip
        decision = decide(
            submission, now=submission.timestamp_us, rules=rules, keys=KeyVault(self.home / "keys"),
            cluster_id=self.cluster_id, codec=codec,
        )  # fmt: skip
        return [emit.record for emit in decision.events]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    home = tmp_path_factory.mktemp("home")
    KeyVault(home / "keys").recipient_key()
    with EmbeddedKafka(home / "kafka") as node:
        assert node.cluster_id is not None
        desk = Desk(bootstrap=node.bootstrap, cluster_id=node.cluster_id, home=home)
        code, printed = desk.sluice("topics", "apply", str(RULES))
        assert code == 0, printed
        assert "sms.lifecycle: made (4 partitions, delete)" in printed
        yield desk


def test_topics_that_drifted_are_named_and_set_right_and_nothing_is_deleted(desk: Desk) -> None:
    assert desk.sluice("topics", "diff", str(RULES)) == (0, "Nothing differs.\n")
    assert "Nothing to do" in desk.sluice("topics", "apply", str(RULES))[1]
    admin = AdminClient(dict(desk.client))
    entry = ConfigEntry("retention.ms", "1000", incremental_operation=AlterConfigOpType.SET)
    resource = ConfigResource(ResourceType.TOPIC, topics.USAGE, incremental_configs=[entry])
    for done in (
        *admin.incremental_alter_configs([resource]).values(),
        *admin.create_topics([NewTopic("sms.forgotten", 1, 1)]).values(),
        *admin.delete_topics(["sms.recall"]).values(),
    ):
        done.result(20)

    unknown = ("sms.forgotten", "unknown", "")
    wrong = {("sms.usage", "setting", "retention.ms"), ("sms.recall", "missing", "")}
    assert differences(desk, {unknown, *wrong}) == {unknown, *wrong}
    done_rows = desk.rows("topics", "apply", str(RULES))
    assert {(row["topic"], row["kind"], row["name"]) for row in done_rows} == wrong
    assert differences(desk, {unknown}) == {unknown}
    listed = {row["topic"]: row for row in desk.rows("topics", "list")}
    assert (listed["sms.usage"]["kept"], listed["sms.usage"]["written_by"]) == ("1825 days", ["routing"])
    assert "sms.forgotten" in listed


def differences(desk: Desk, expected: set[tuple[str, str, str]]) -> set[tuple[str, str, str]]:
    """What `topics diff` says, once it says what is expected: a broker hears of changes a moment later."""
    deadline = time.monotonic() + 10
    while True:
        code, printed = desk.sluice("topics", "diff", str(RULES), "--json")
        assert printed.startswith("{") or not printed, printed
        found = {(row["topic"], row["kind"], row["name"]) for row in map(json.loads, printed.splitlines())}
        assert code == bool(found)
        if found == expected or time.monotonic() > deadline:
            return found
        time.sleep(0.1)


def test_counts_for_life_are_refused_before_anything_is_changed(desk: Desk) -> None:
    before = AdminClient(dict(desk.client)).list_topics(timeout=10).topics
    code, printed = desk.sluice("topics", "apply", str(RULES), "--profile", "production")
    assert code == 1
    assert "4 partitions, expected 256, for life; nothing was changed" in printed
    after = AdminClient(dict(desk.client)).list_topics(timeout=10).topics
    assert {name: len(each.partitions) for name, each in after.items()} == {
        name: len(each.partitions) for name, each in before.items()
    }


def test_a_topic_is_read_from_where_one_says(desk: Desk) -> None:
    for number in range(5):
        desk.write("sms.recall", MessageAccepted(reference=f"r{number}"))
    desk.write("sms.recall", b"{}")
    offsets = [row["offset"] for row in desk.rows("topics", "tail", "sms.recall", "--limit", "2")]
    assert offsets == [4, 5], "the last ones"
    assert [row["offset"] for row in desk.rows("topics", "tail", "sms.recall", "--from", "1", "-n", "2")] == [1, 2]
    assert len(desk.rows("topics", "tail", "sms.recall", "--from", "beginning")) == 6
    assert len(desk.rows("topics", "tail", "sms.recall", "--from", "1h")) == 6
    assert desk.rows("topics", "tail", "sms.recall", "--from", "99") == []
    assert desk.rows("topics", "tail", "sms.recall", "-n", "1")[0]["poison"] == "not-avro"
    assert "no partition 3" in desk.sluice("topics", "tail", "sms.recall", "-p", "3")[1]
    assert "does not exist here" in desk.sluice("topics", "tail", "sms.recal")[1]


def a_life(desk: Desk, message_id: str, recipient: str, smsc_id: str) -> None:
    """Five records of a message, three of them written again by a redo, and one copied by a replay."""
    about: dict[str, Any] = {"message_id": message_id, "account_id": "acme-bank", "recipient_id": recipient}
    accepted = MessageAccepted(
        **about, reference="trip-7", submitted_topic=SUBMITTED, submitted_offset=int(message_id[-2:], 16), occurred_at=1
    )
    here = Source("sms.submitted.acme-bank.express", 0, int(message_id[-2:], 16), 0)
    for epoch in ("live", "live", "replay-1"):
        desk.write(topics.LIFECYCLE, accepted, here, epoch=epoch)
    usage = UsageRecorded(**about, carrier="blue-tel", smsc_id=smsc_id, charge_micros=7000, currency="USD")
    told = MessageStatusChanged(**about, status="delivered", status_seq=2, is_final=True)
    source = Source(topics.LIFECYCLE, 0, int(message_id[-2:], 16), 0)
    for _ in range(2):
        desk.write(topics.USAGE, usage, source)
        desk.write(topics.status("acme-bank"), told, source)
    receipt = ReceiptReceived(recipient_id=recipient, carrier="blue-tel", smsc_id=smsc_id, stat="DELIVRD")
    desk.write(topics.LIFECYCLE, receipt)  # from the wire, and it names nobody


def test_a_life_is_read_from_the_log_each_record_once_with_the_receipt_that_named_nobody(desk: Desk) -> None:
    generation, key = KeyVault(desk.home / "keys").recipient_key()
    recipient = recipient_id(key, generation, NUMBER)
    first, second = "0" * 30 + "a1", "0" * 30 + "a2"
    a_life(desk, first, recipient, "901")
    a_life(desk, second, "1." + "0" * 32, "902")

    (life,) = desk.rows("message", "show", first, "--from-kafka")
    events = [step["event"] for step in life["steps"]]
    assert events[0] == "SubmitMessage"
    assert sorted(events[1:]) == ["MessageAccepted", "MessageStatusChanged", "ReceiptReceived", "UsageRecorded"]
    assert (life["status"], life["charge"]) == ("delivered", "0.007 USD")
    receipts = [step["fields"]["smsc_id"] for step in life["steps"] if step["event"] == "ReceiptReceived"]
    assert receipts == ["901"]

    listed = desk.rows("message", "show", "--reference", "trip-7", "--from-kafka")
    assert {row["message_id"] for row in listed} == {first, second}
    assert "sluice message show" in desk.sluice("message", "show", "--reference", "trip-7", "--from-kafka")[1]
    assert desk.rows("message", "show", "--to", "+86 138 0013 8000", "--from-kafka")[0]["message_id"] == first
    assert desk.sluice("message", "show", "--to", NUMBER, "--from-kafka", "--account", "promo-shop")[0] == 1
    code, printed = desk.sluice("message", "show", first)
    assert (code, "--from-kafka" in printed) == (1, True), "ClickHouse is away: the other way is offered"


def test_the_tail_shows_what_fits_also_of_accounts_made_meanwhile_and_ends_well_by_ctrl_c(desk: Desk) -> None:
    held = MessageStatusChanged(message_id="1" * 32, account_id="promo-shop", status="held")
    desk.write("sms.status.promo-shop", held)
    words = ["message", "tail", "--since", "1h", "--status", "held", "--json"]
    arguments = [*words, "--home", str(desk.home), "--bootstrap", desk.bootstrap]
    with subprocess.Popen(
        [sys.executable, "-m", "infra.cli", *arguments], stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as tail:
        killer = threading.Timer(30, tail.kill)  # a bound: reading would hang with it
        killer.start()
        try:
            assert tail.stdout is not None
            backlog = json.loads(tail.stdout.readline())
            admin = AdminClient(dict(desk.client))
            admin.create_topics([NewTopic("sms.status.newcomer", 1, 1)])["sms.status.newcomer"].result(20)
            for status in ("accepted", "held"):
                desk.write("sms.status.newcomer", MessageStatusChanged(message_id="2" * 32, status=status))
            new = json.loads(tail.stdout.readline())
            tail.send_signal(signal.SIGINT)
            rest = tail.stdout.read()
            tail.wait(10)
        finally:
            killer.cancel()
            tail.kill()
    assert backlog["fields"]["account_id"] == "promo-shop"
    assert (new["topic"], new["fields"]["status"]) == ("sms.status.newcomer", "held")
    assert (tail.returncode, rest) == (0, "")


def before_the_fix(folder: Path) -> Codec:
    """A codec of the days when the schema that producers use by now was not given out yet."""
    shutil.copytree(SCHEMAS, folder)
    ids = folder / "ids.yaml"
    text = ids.read_text()
    assert "id: 1001," in text
    ids.write_text(text.replace("id: 1001,", "id: 900001,"))
    return Codec(SchemaStore(folder))


def quarantine(desk: Desk, codec: Codec, text: str) -> str:
    """Submit what a worker with this codec cannot read; the coordinates of its submission."""
    rules = a_rules()
    offset = desk.write(SUBMITTED, CODEC.encode(SubmitMessage(to=NUMBER, text=text, message_class="otp")), headers=[])
    report, rejected = desk.validate(offset, codec, rules)
    assert isinstance(report, RecordQuarantined)
    assert isinstance(rejected, MessageRejected)
    assert report.reason == "unknown-schema"
    desk.write(topics.QUARANTINE, report, Source(SUBMITTED, 0, offset, 0))
    return report.caused_by


def after(desk: Desk, source: str) -> list[int]:
    """Offsets of all that was written again of a submission."""
    case = case_of(desk.client, source)
    return [
        each.offset()
        for each in read_topic(desk.bootstrap, SUBMITTED)
        if (dict(each.headers() or ()).get(REDRIVEN) or b"").startswith(mark_of(case.first, ""))
    ]


def test_after_a_fix_a_submission_is_redriven_once_and_accepted_once(desk: Desk, tmp_path: Path) -> None:
    codec = before_the_fix(tmp_path / "schemas")
    source = quarantine(desk, codec, "Your code is 471100")
    by_sink = RecordQuarantined(reader="sink", caused_by=source, reason="unknown-schema", value_size=1)
    desk.write(topics.QUARANTINE, by_sink)
    (row,) = [row for row in desk.rows("quarantine", "list", "--reader", "sink") if row["source"] == source]
    assert (row["readers"], row["redriven_at"]) == (["sink", "validation"], "")

    tried = desk.rows("quarantine", "redrive", source, "--reason", "schema is out", "--dry-run")
    assert (tried[0]["where"], after(desk, source)) == (f"{SUBMITTED}/0", [])
    written = desk.rows("quarantine", "redrive", row["report"], "--reason", "schema is out")[0]
    (offset,) = after(desk, source)
    accepted, *others = desk.validate(offset, CODEC, sandbox_rules())
    assert isinstance(accepted, MessageAccepted)
    assert (others, accepted.message_id) == ([], written["message_id"])

    code, printed = desk.sluice("quarantine", "redrive", source, "--reason", "once more")
    assert (code, "was redriven at" in printed, len(after(desk, source))) == (1, True, 1)
    twice = desk.rows("quarantine", "redrive", source, "--reason", "once more", "--again")[0]
    assert twice["where"] != written["where"]
    assert len(after(desk, source)) == 2
    assert desk.rows("quarantine", "show", source)[0]["redriven_at"] != ""
    audited = [row["fields"]["action"] for row in desk.rows("topics", "tail", topics.AUDIT, "--from", "beginning")]
    assert audited == ["redrive.begun", "redrive.done"] * 2


def sandbox_rules() -> Rules:
    from infra.reading.cluster import rules_for_topics

    return rules_for_topics({}, RULES)


def test_what_would_be_quarantined_again_is_refused_and_so_is_a_record_of_the_inside(desk: Desk) -> None:
    offset = desk.write(SUBMITTED, b"{}", headers=[])
    report = desk.validate(offset, CODEC, sandbox_rules())[0]
    at = desk.write(topics.QUARANTINE, report)
    code, printed = desk.sluice("quarantine", "redrive", f"sms.quarantine/0/{at}", "--reason", "hope")
    assert (code, "would be quarantined again (not-avro" in printed) == (1, True)
    inner = RecordQuarantined(reader="routing", caused_by="sms.lifecycle/0/3", reason="bad-headers")
    desk.write(topics.QUARANTINE, inner)
    code, printed = desk.sluice("quarantine", "redrive", "sms.lifecycle/0/3", "--reason", "hope")
    assert (code, "only submissions" in printed) == (1, True)
    assert "no reader reported" in desk.sluice("quarantine", "show", "sms.lifecycle/0/4")[1]


def test_a_crash_between_audit_and_write_is_visible_and_ends_in_one_copy(desk: Desk, tmp_path: Path) -> None:
    codec = before_the_fix(tmp_path / "schemas")
    before_write, after_write = quarantine(desk, codec, "first"), quarantine(desk, codec, "second")
    for source in (before_write, after_write):
        audit(desk.client, BEGUN, source, reason="about to crash", detail=f"token-{source}")
        with pytest.raises(RedriveRefused, match="is being redriven"):
            redrive(desk.home, desk.client, case_of(desk.client, source), reason="impatient")
    case = case_of(desk.client, after_write)
    copy = CODEC.encode(SubmitMessage(to=NUMBER, text="second", message_class="otp"))
    desk.write(SUBMITTED, copy, headers=[(REDRIVEN, mark_of(case.first, f"token-{after_write}"))])

    redrive(desk.home, desk.client, case_of(desk.client, before_write), reason="again", live_s=0)
    with pytest.raises(RedriveRefused, match="found there by the next redrive"):
        redrive(desk.home, desk.client, case, reason="again", live_s=0)
    assert (len(after(desk, before_write)), len(after(desk, after_write))) == (1, 1)


def test_of_many_who_redrive_at_once_one_writes(desk: Desk, tmp_path: Path) -> None:
    source = quarantine(desk, before_the_fix(tmp_path / "schemas"), "all at once")
    case = case_of(desk.client, source)
    ended: list[Written | RedriveRefused] = []
    start = threading.Barrier(4)

    def one() -> None:
        start.wait()
        try:
            ended.append(redrive(desk.home, desk.client, case, reason="race"))
        except RedriveRefused as no:
            ended.append(no)

    threads = [threading.Thread(target=one) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert [type(each) for each in ended].count(Written) == 1
    assert (len(ended), len(after(desk, source))) == (4, 1)
