"""A producer is ahead of us: its schema is deployed after its message came, and then what was quarantined is sent once.

All of it runs from a copy of the code, so that the test can deploy: it changes the copy's files and ends the worker.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import fastavro
import pytest
import yaml
from confluent_kafka import Producer

from infra.endpoints import read_endpoints
from infra.schemas.history import fingerprint
from pipeline.events.schema_store import default_store
from tests.e2e.stranger import PHONE, Stranger
from tests.e2e.up_run import ROOT, UpRun, up

pytestmark = pytest.mark.integration

PARTS = ("pipeline", "connectors", "analytics", "infra", "schemas", "pyproject.toml")
TOPIC = "sms.submitted.acme-bank.express"
TEXT = "written by a newer schema"
FIELD = {"name": "storefront", "type": ["null", "string"], "doc": "Where it was asked for.", "default": None}
NEW_ID = 1 + max(entry.id for entry in default_store().entries())


class Engineer(Stranger):
    """Looks after one running Sluice."""

    def __init__(self, run: UpRun, root: Path) -> None:
        super().__init__(run.home, root)
        self.run = run

    def records(self, topic: str) -> list[dict[str, Any]]:
        """All that stands in a topic."""
        return self.asks("topics", "tail", topic, "--from", "beginning")

    def of(self, topic: str, *records: str) -> list[dict[str, Any]]:
        """What its records of these names say."""
        return [each["fields"] for each in self.records(topic) if each["record"] in records]

    def actions(self) -> list[str]:
        """What the audit says was done to records in quarantine, in order."""
        return [each["action"] for each in self.of("sms.audit", "AuditRecorded") if "redrive" in each["action"]]

    def sees(self, ask: Callable[[], list[dict[str, Any]]]) -> dict[str, Any]:
        """The only answer, once there is one: those who write it are a moment behind."""
        deadline = time.monotonic() + 20
        while not (found := ask()):
            assert time.monotonic() < deadline
            time.sleep(0.3)
        (only,) = found
        return only

    def received(self) -> list[str]:
        """The texts on the phone."""
        control = read_endpoints(self.home).require("simulator").url
        with urllib.request.urlopen(f"{control}/handsets/{PHONE}", timeout=30) as answer:
            return [each["text"] for each in json.load(answer)["messages"]]

    def restarts(self, name: str) -> None:
        """End a process, as a deployment would; the supervisor starts it with the files as they are by then."""
        status = json.loads(self.does("status", "--json"))
        (pid,) = [each["pid"] for each in status["processes"] if each["name"] == name]
        heard = len(self.run.told)
        os.kill(pid, signal.SIGTERM)
        self.run.wait_for("process.ended", name, heard)
        self.run.wait_for("process.ready", name, heard)


@contextmanager
def engineer(folder: Path) -> Iterator[Engineer]:
    """Everything runs, from a copy of the code."""
    root = folder / "tree"
    root.mkdir()
    for part in PARTS:
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, root / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / part, root / part)
    with up(folder / "home", root=root) as run:
        run.wait_for("up.ready")
        yield Engineer(run, root)


def newer_schema() -> dict[str, Any]:
    """Version 2 of SubmitMessage: one more field, which may be left out."""
    schema = default_store().newest("SubmitMessage").json
    return {**schema, "fields": [*schema["fields"], FIELD]}


def submit_by_newer_schema(home: Path) -> None:
    body = io.BytesIO()
    message = {"to": PHONE, "message_class": "service", "text": TEXT, "storefront": "corner", "reference": "newer"}
    fastavro.schemaless_writer(body, newer_schema(), message)
    producer = Producer({"bootstrap.servers": read_endpoints(home).require("kafka").address})
    producer.produce(TOPIC, b"\x00" + NEW_ID.to_bytes(4, "big") + body.getvalue())
    assert producer.flush(20) == 0


def deploy_newer_schema(schemas: Path) -> None:
    """As schemas/README.md says: the old text into history, the new one in its place, its id given out."""
    text = json.dumps(newer_schema(), indent=2)
    (schemas / "SubmitMessage.avsc").rename(schemas / "history" / "SubmitMessage.v1.avsc")
    (schemas / "SubmitMessage.avsc").write_text(text)
    ids = yaml.safe_load((schemas / "ids.yaml").read_text())
    ids["SubmitMessage"].append({"version": 2, "id": NEW_ID, "fingerprint": fingerprint(text)})
    (schemas / "ids.yaml").write_text(yaml.safe_dump(ids, sort_keys=False))


def test_what_came_before_its_schema_is_sent_once_after_the_schema_is_deployed(tmp_path: Path) -> None:
    with engineer(tmp_path) as she:
        submit_by_newer_schema(she.home)
        found = she.sees(lambda: she.asks("quarantine", "list"))
        source = f"{TOPIC}/0/0"
        assert (found["source"], found["reason"], found["redriven_at"]) == (source, "unknown-schema", "")
        assert f"schema id {NEW_ID}" in she.does("quarantine", "show", source)
        assert she.sees(lambda: she.of("sms.status.acme-bank", "MessageStatusChanged"))["status"] == "rejected"

        assert "unknown-schema" in she.does("quarantine", "redrive", source, "--reason", "too early", code=1)
        assert len(she.records(TOPIC)) == 1
        assert she.actions() == []

        deploy_newer_schema(she.root / "schemas")
        she.does("schemas", "check")
        she.restarts("validation")
        (written,) = she.asks("quarantine", "redrive", source, "--reason", f"schema {NEW_ID} is out")
        message_id = written["message_id"]
        assert she.sql_until(f"SELECT 1 FROM messages WHERE message_id = '{message_id}' AND status = 'delivered'")
        assert she.actions() == ["redrive.begun", "redrive.done"]
        assert she.asks("quarantine", "list")[0]["redriven_at"]

        assert "--again" in she.does("quarantine", "redrive", source, "--reason", "to be sure", code=1)
        assert len(she.records(TOPIC)) == 2
        assert she.actions() == ["redrive.begun", "redrive.done"]
        assert [each["message_id"] for each in she.of("sms.lifecycle", "MessageAccepted")] == [message_id]
        assert she.received() == [TEXT]
