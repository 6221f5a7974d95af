"""The download of jars, against a repository of the test's own: resumed, verified, shared, explained."""

from __future__ import annotations

import hashlib
import io
import multiprocessing
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from rich.console import Console

from infra.embedded.errors import JarsUnavailable
from infra.embedded.jars import Jar, ensure_jars
from infra.ports import free_port

pytestmark = pytest.mark.integration


def a_jar(content: bytes, artifact: str = "kafka") -> Jar:
    digest = hashlib.sha256(content).hexdigest()
    return Jar(group="org.apache", artifact=artifact, version="1", sha256=digest, size=len(content))


class Repository(ThreadingHTTPServer):
    """Serves `content`; breaks off after `cut_at` octets while `cuts` lasts; notes what was asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.content = b""
        self.cuts = 0
        self.cut_at = 0
        self.ignores_ranges = False
        self.asked: list[tuple[str, str | None]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Repository

    def do_GET(self) -> None:
        asked = None if self.server.ignores_ranges else self.headers["Range"]
        self.server.asked.append((self.path, self.headers["Range"]))
        start = int(asked.removeprefix("bytes=").removesuffix("-")) if asked else 0
        body = self.server.content[start:]
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.server.cuts:
            self.server.cuts -= 1
            body = body[: self.server.cut_at]
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Silent."""


@pytest.fixture
def repository() -> Iterator[Repository]:
    server = Repository()
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def fetched(cache: Path, mirror: str, *jars: Jar) -> tuple[Path, ...]:
    return ensure_jars(cache=cache, mirror=mirror, jars=jars, console=Console(file=io.StringIO()), retry_pause_s=0)


def test_a_jar_is_fetched_once_and_then_no_network_is_needed(tmp_path: Path, repository: Repository) -> None:
    repository.content = b"a jar"
    (path,) = fetched(tmp_path, repository.url, a_jar(b"a jar"))
    assert path.read_bytes() == b"a jar"
    assert fetched(tmp_path, "http://127.0.0.1:1", a_jar(b"a jar")) == (path,)
    assert repository.asked == [("/org/apache/kafka/1/kafka-1.jar", None)]


def test_a_broken_download_goes_on_where_it_broke(tmp_path: Path, repository: Repository) -> None:
    repository.content, repository.cuts, repository.cut_at = b"0123456789" * 10, 2, 40
    (path,) = fetched(tmp_path, repository.url, a_jar(repository.content))
    assert path.read_bytes() == repository.content
    assert [asked for _, asked in repository.asked] == [None, "bytes=40-", "bytes=80-"]


def test_what_an_earlier_run_left_is_resumed(tmp_path: Path, repository: Repository) -> None:
    repository.content = b"0123456789"
    part = tmp_path / "kafka-jars" / "kafka-1.jar.part"
    part.parent.mkdir()
    part.write_bytes(b"01234")
    (path,) = fetched(tmp_path, repository.url, a_jar(repository.content))
    assert path.read_bytes() == repository.content
    assert not part.exists()
    assert repository.asked[0][1] == "bytes=5-"


def test_a_mirror_that_cannot_resume_is_read_from_the_start(tmp_path: Path, repository: Repository) -> None:
    repository.content, repository.cuts, repository.cut_at = b"0123456789", 1, 4
    repository.ignores_ranges = True
    (path,) = fetched(tmp_path, repository.url, a_jar(repository.content))
    assert path.read_bytes() == repository.content


def test_another_content_is_never_accepted(tmp_path: Path, repository: Repository) -> None:
    repository.content = b"evil!"
    with pytest.raises(JarsUnavailable, match="SHA-256"):
        fetched(tmp_path, repository.url, a_jar(b"a jar"))
    assert not list((tmp_path / "kafka-jars").glob("*.jar"))


def test_a_damaged_jar_in_the_cache_is_fetched_again(tmp_path: Path, repository: Repository) -> None:
    repository.content = b"a jar"
    (path,) = fetched(tmp_path, repository.url, a_jar(b"a jar"))
    path.write_bytes(b"a jaR")
    assert fetched(tmp_path, repository.url, a_jar(b"a jar"))[0].read_bytes() == b"a jar"


def test_without_a_network_it_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(JarsUnavailable) as raised:
        fetched(tmp_path, f"http://127.0.0.1:{free_port()}", a_jar(b"a jar"))
    for remedy in ("Connect to the network", "SLUICE_MAVEN_MIRROR", "SLUICE_BOOTSTRAP"):
        assert remedy in str(raised.value)


def test_two_processes_at_once_fetch_it_once(tmp_path: Path, repository: Repository) -> None:
    repository.content = b"x" * 1_000_000
    jar = a_jar(repository.content)
    spawning = multiprocessing.get_context("spawn")
    both = [spawning.Process(target=ensure_jars, kwargs={"cache": tmp_path, "mirror": repository.url, "jars": [jar]})
            for _ in range(2)]  # fmt: skip
    for process in both:
        process.start()
    for process in both:
        process.join(60)
    assert [process.exitcode for process in both] == [0, 0]
    assert len(repository.asked) == 1
