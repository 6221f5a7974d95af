"""Laws of registering: our ids or nothing, found out before the first write; again means only what is lacking."""

import json
import re
from pathlib import Path
from typing import Any

import httpx
import pytest

from infra.schemas.register import RegistryUnfit, Step, plan, register, subjects_of
from infra.schemas.remote import RegistryFailed, RemoteRegistry
from pipeline.events.schema_store import SchemaStore, default_store
from tests.evolution import a_copy, a_new_version

STORE = default_store()
SUBJECTS = subjects_of(STORE, accounts=["acme"], carriers=["north"])
USAGE = "sms.usage-sluice.UsageRecorded"
URL = "http://registry/apis"


class Registry:
    """Confluent's rules in memory: an id comes with a schema only in mode IMPORT, and is one schema's for ever."""

    def __init__(self, *, keeps_ids: bool = True, password: str = "", fails_at: str = "") -> None:
        self.subjects: dict[str, dict[int, tuple[int, str]]] = {}
        self.modes: dict[str, str] = {}
        self.levels: dict[str, str] = {}
        self.writes: list[str] = []
        self._keeps_ids = keeps_ids
        self._password = password
        self._fails_at = fails_at

    def remote(self, user: str = "") -> RemoteRegistry:
        return RemoteRegistry(URL, user, httpx.MockTransport(self._answer))

    def ids(self, subject: str) -> dict[int, int]:
        return {version: schema_id for version, (schema_id, _) in self.subjects.get(subject, {}).items()}

    def texts(self) -> dict[int, str]:
        return {schema_id: text for held in self.subjects.values() for schema_id, text in held.values()}

    def _answer(self, request: httpx.Request) -> httpx.Response:
        if self._password and "authorization" not in request.headers:
            return self._error(40101, "Unauthorized")
        path = request.url.path.removeprefix("/apis")
        body = json.loads(request.content) if request.content else {}
        if request.method != "GET":
            self.writes.append(f"{request.method} {path}")
        if self._fails_at and self._fails_at in path and request.method == "POST":
            return self._error(50001, "Error in the backend data store")
        if match := re.fullmatch(r"/mode/?(.*)", path):
            return self._mode(request, match[1], body)
        if match := re.fullmatch(r"/config/(.+)", path):
            return self._config(request, match[1], body)
        if match := re.fullmatch(r"/schemas/ids/(\d+)", path):
            text = self.texts().get(int(match[1]))
            return (
                self._error(40403, "Schema not found") if text is None else httpx.Response(200, json={"schema": text})
            )
        if match := re.fullmatch(r"/subjects/([^/]+)/versions/?(\d*)", path):
            return self._versions(request, match[1], match[2], body)
        return self._error(404, "HTTP 404 Not Found")

    def _mode(self, request: httpx.Request, subject: str, body: dict[str, Any]) -> httpx.Response:
        if request.method == "PUT":
            if body["mode"] == "IMPORT" and self.subjects.get(subject) and request.url.params.get("force") != "true":
                return self._error(42205, "Cannot import since found existing subjects")
            self.modes[subject] = body["mode"]
        if subject and subject not in self.modes:
            return self._error(40409, "Subject has no mode")
        return httpx.Response(200, json={"mode": self.modes.get(subject, "READWRITE")})

    def _config(self, request: httpx.Request, subject: str, body: dict[str, Any]) -> httpx.Response:
        if request.method == "PUT":
            self.levels[subject] = body["compatibility"]
        if subject not in self.levels:
            return self._error(40408, "Subject has no compatibility")
        return httpx.Response(200, json={"compatibilityLevel": self.levels[subject]})

    def _versions(self, request: httpx.Request, subject: str, number: str, body: dict[str, Any]) -> httpx.Response:
        held = self.subjects.get(subject, {})
        if request.method == "POST":
            if self.modes.get(subject) != "IMPORT":
                return self._error(42205, f"Subject {subject} is not in import mode")
            if self.texts().get(body["id"], body["schema"]) != body["schema"]:
                return self._error(42205, "Overwrite new schema with id is not permitted")
            given = body["id"] if self._keeps_ids else len(self.texts()) + 1
            self.subjects.setdefault(subject, {})[body["version"]] = (given, body["schema"])
            return httpx.Response(200, json={"id": given})
        if request.method == "DELETE":
            if request.url.params.get("permanent") == "true":
                held.pop(int(number), None)
            return httpx.Response(200, json=int(number))
        if not number:
            return httpx.Response(200, json=sorted(held)) if held else self._error(40401, "Subject not found")
        if int(number) not in held:
            return self._error(40402, "Version not found")
        schema_id, text = held[int(number)]
        return httpx.Response(200, json={"id": schema_id, "version": int(number), "schema": text})

    @staticmethod
    def _error(code: int, message: str) -> httpx.Response:
        return httpx.Response(code // 100 if code > 999 else code, json={"error_code": code, "message": message})


def done(registry: Registry, store: SchemaStore = STORE, subjects: dict[str, str] = SUBJECTS) -> list[Step]:
    with registry.remote() as remote:
        return list(register(remote, plan(remote, store, subjects)))


def test_the_subjects_are_those_of_the_catalogue() -> None:
    assert SUBJECTS["sms.submitted.acme.express-value"] == "SubmitMessage"
    assert SUBJECTS["sms.submitted.gateway.bulk-value"] == "SubmitMessage"
    assert SUBJECTS["sms.status.acme-sluice.AccountOpened"] == "AccountOpened"
    assert SUBJECTS["sms.dispatch.north.bulk-sluice.DispatchMessage"] == "DispatchMessage"
    assert not [subject for subject in SUBJECTS if "<" in subject]


def test_every_version_gets_our_id_and_every_subject_the_rule() -> None:
    registry = Registry()
    done(registry)
    for subject, record in SUBJECTS.items():
        assert registry.ids(subject) == {entry.version: entry.id for entry in STORE.versions(record)}
    assert (registry.ids(USAGE)[1], registry.ids(USAGE)[2]) == (1019, 1032)
    assert set(registry.levels.values()) == {"FULL_TRANSITIVE"}
    assert set(registry.modes.values()) == {"READWRITE"}


def test_a_second_run_writes_nothing() -> None:
    registry = Registry()
    done(registry)
    registry.writes.clear()
    assert done(registry) == []
    assert registry.writes == []


def test_what_is_lacking_is_added_to_a_subject_that_has_versions(tmp_path: Path) -> None:
    registry = Registry()
    done(registry)
    copy = a_copy(tmp_path)
    a_new_version(
        copy, "UsageRecorded", lambda schema: schema["fields"].append({"name": "x", "type": "int", "default": 0})
    )
    store = SchemaStore(copy)
    newest = store.newest("UsageRecorded")
    assert [step.entry for step in done(registry, store)] == [newest]
    assert registry.ids(USAGE)[newest.version] == newest.id


def test_a_plan_writes_nothing() -> None:
    registry = Registry()
    with registry.remote() as remote:
        assert plan(remote, STORE, SUBJECTS)
    assert registry.writes == []


def test_a_registry_that_gives_other_ids_is_left_as_it_was() -> None:
    registry = Registry(keeps_ids=False)
    with pytest.raises(RegistryUnfit, match=r"was to have id 1001 and was given id 1: this registry does not keep ids"):
        done(registry)
    assert not any(registry.subjects.values())
    assert set(registry.modes.values()) == {"READWRITE"}


@pytest.mark.parametrize(
    ("subject", "number", "schema_id", "said"),
    [
        (USAGE, 1, 7, "sms.usage-sluice.UsageRecorded version 1 has id 7, expected 1019"),
        (USAGE, 99, 7, "has version 99, and UsageRecorded has none such"),
        ("other-value", 1, 1019, "id 1019 of UsageRecorded version 1 is another schema's there: "),
    ],
)
def test_what_stands_in_the_way_is_found_before_the_first_write(
    subject: str, number: int, schema_id: int, said: str
) -> None:
    registry = Registry()
    text = '"string"' if subject != USAGE else STORE.versions("UsageRecorded")[0].text
    registry.subjects[subject] = {number: (schema_id, text)}
    with pytest.raises(RegistryUnfit, match=f"nothing was written: .*{re.escape(said)}"):
        done(registry)
    assert registry.writes == []


def test_a_read_only_registry_is_named_so() -> None:
    registry = Registry()
    registry.modes[""] = "READONLY"
    with pytest.raises(RegistryUnfit, match=r"is read-only \(mode READONLY\) and lacks .*; and \d+ more"):
        done(registry)
    assert registry.writes == []


def test_a_registry_that_fails_in_the_middle_leaves_no_subject_in_import_mode_and_is_gone_on_with() -> None:
    registry = Registry(fails_at="sms.usage")
    with pytest.raises(RegistryFailed, match="500: Error in the backend data store"):
        done(registry)
    assert registry.ids("sms.recall-sluice.RecallRequested")
    assert not registry.ids(USAGE)
    assert set(registry.modes.values()) == {"READWRITE"}
    registry._fails_at = ""
    assert USAGE in {step.subject for step in done(registry)}


def test_a_password_is_sent_and_its_lack_is_said() -> None:
    registry = Registry(password="secret")
    with pytest.raises(RegistryFailed, match="401: Unauthorized"), registry.remote() as remote:
        plan(remote, STORE, SUBJECTS)
    with registry.remote("mia:secret") as remote:
        assert plan(remote, STORE, SUBJECTS)


def test_what_is_no_registry_is_said_so() -> None:
    transport = httpx.MockTransport(lambda request: httpx.Response(404, text="<html>"))
    with pytest.raises(RegistryFailed, match="is that a schema registry"):
        plan(RemoteRegistry(URL, transport=transport), STORE, SUBJECTS)
