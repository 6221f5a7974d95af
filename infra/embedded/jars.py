"""The jars of one Kafka node: a locked list, downloaded once, verified, then offline.

The list is `kafka-jars.lock` beside this file; `python -m infra.embedded.lock` makes it anew.
Nothing here starts a JVM.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TransferSpeedColumn

from infra.embedded.errors import JarsUnavailable, LockInvalid

LOCK_FILE = Path(__file__).with_name("kafka-jars.lock")
DEFAULT_MIRROR = "https://repo1.maven.org/maven2"
ATTEMPTS = 4  # per jar; each resumes where the last one broke off
PARALLEL_DOWNLOADS = 4
RETRY_PAUSE_S = 1.0

_LINE = re.compile(r"^([\w.-]+):([\w.-]+):([\w.-]+) ([0-9a-f]{64}) ([1-9][0-9]*)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Jar:
    """One line of the lock: Maven coordinates, SHA-256 in hex, size in bytes."""

    group: str
    artifact: str
    version: str
    sha256: str
    size: int

    @property
    def file_name(self) -> str:
        return f"{self.artifact}-{self.version}.jar"

    @property
    def repository_path(self) -> str:
        """Where every Maven repository keeps it."""
        return f"{self.group.replace('.', '/')}/{self.artifact}/{self.version}/{self.file_name}"

    def line(self) -> str:
        return f"{self.group}:{self.artifact}:{self.version} {self.sha256} {self.size}"


def parse_lock(text: str) -> tuple[Jar, ...]:
    """Read the lock: one `group:artifact:version sha256 size` a line, `#` begins a comment line.

    Raises LockInvalid with the number of the first bad or repeated line, or when nothing is listed.
    """
    jars: dict[str, Jar] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        match = _LINE.match(line)
        if match is None:
            raise LockInvalid(f"line {number}: {line!r}, expected `group:artifact:version sha256 size`")
        group, artifact, version, sha256, size = match.groups()
        jar = Jar(group=group, artifact=artifact, version=version, sha256=sha256, size=int(size))
        if jar.file_name in jars:
            raise LockInvalid(f"line {number}: {jar.file_name} is listed twice")
        jars[jar.file_name] = jar
    if not jars:
        raise LockInvalid("no jar is listed; regenerate with `python -m infra.embedded.lock`")
    return tuple(jars.values())


def cache_directory(environ: Mapping[str, str] | None = None) -> Path:
    """The user cache: SLUICE_CACHE, else XDG_CACHE_HOME/sluice, else ~/.cache/sluice."""
    env = os.environ if environ is None else environ
    if env.get("SLUICE_CACHE"):
        return Path(env["SLUICE_CACHE"]).expanduser().absolute()
    if env.get("XDG_CACHE_HOME"):
        return Path(env["XDG_CACHE_HOME"]).expanduser().absolute() / "sluice"
    return Path.home() / ".cache" / "sluice"


def mirror_address(environ: Mapping[str, str] | None = None) -> str:
    """The Maven repository to ask: SLUICE_MAVEN_MIRROR, else Maven Central."""
    env = os.environ if environ is None else environ
    return (env.get("SLUICE_MAVEN_MIRROR") or DEFAULT_MIRROR).rstrip("/")


def ensure_jars(
    *,
    cache: Path | None = None,
    mirror: str | None = None,
    jars: Sequence[Jar] | None = None,
    console: Console | None = None,
    retry_pause_s: float = RETRY_PAUSE_S,
) -> tuple[Path, ...]:
    """Return the paths of all locked jars, each verified; download what is missing or damaged.

    Safe when several processes do it at once: the second waits for the first and finds all there.
    Raises JarsUnavailable with what to do; what was fetched so far is kept and resumed next time.
    """
    wanted = parse_lock(LOCK_FILE.read_text("utf-8")) if jars is None else tuple(jars)
    folder = (cache or cache_directory()) / "kafka-jars"
    paths = tuple(folder / jar.file_name for jar in wanted)
    if all(map(is_intact, wanted, paths)):
        return paths
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _sole_writer(folder):
            missing = [jar for jar, path in zip(wanted, paths, strict=True) if not is_intact(jar, path)]
            if missing:
                _download_all(missing, folder, mirror or mirror_address(), console, retry_pause_s)
    except OSError as error:
        raise JarsUnavailable(
            f"{folder}: {error}; free some space there, or set SLUICE_CACHE to a folder you may write"
        ) from error
    return paths


def is_intact(jar: Jar, path: Path) -> bool:
    """Whether the file at `path` is exactly the locked jar."""
    try:
        if path.stat().st_size != jar.size:
            return False
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == jar.sha256
    except FileNotFoundError:
        return False


@contextmanager
def _sole_writer(folder: Path) -> Iterator[None]:
    """Hold the cache folder's lock; the kernel frees it when a holder dies."""
    with (folder / ".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _download_all(
    jars: Sequence[Jar], folder: Path, mirror: str, console: Console | None, retry_pause_s: float
) -> None:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
    )
    with (
        Progress(*columns, console=console or Console(stderr=True)) as progress,
        httpx.Client(follow_redirects=True, timeout=30) as client,
        ThreadPoolExecutor(PARALLEL_DOWNLOADS) as pool,
    ):
        task = progress.add_task("Apache Kafka (once)", total=sum(jar.size for jar in jars))
        downloads = [pool.submit(_download, client, mirror, jar, folder, progress, task, retry_pause_s) for jar in jars]
        try:
            for download in downloads:
                download.result()
        except JarsUnavailable:
            pool.shutdown(cancel_futures=True)
            raise


def _download(
    client: httpx.Client, mirror: str, jar: Jar, folder: Path, progress: Progress, task: TaskID, retry_pause_s: float
) -> None:
    """Fetch one jar into its `.part` file, verify, then rename. Raises JarsUnavailable."""
    address = f"{mirror}/{jar.repository_path}"
    part = folder / f"{jar.file_name}.part"
    failure = ""
    for attempt in range(ATTEMPTS):
        if attempt:
            time.sleep(retry_pause_s * attempt)
        try:
            _fetch(client, address, part, jar.size, progress, task)
        except httpx.HTTPStatusError as error:
            failure = f"HTTP {error.response.status_code}"
            if error.response.status_code in (401, 403, 404):
                break
            continue
        except (httpx.RequestError, httpx.InvalidURL) as error:
            failure = f"{type(error).__name__}: {error}"
            continue
        if is_intact(jar, part):
            part.replace(folder / jar.file_name)
            return
        failure = "its SHA-256 is not the locked one"
        progress.advance(task, -part.stat().st_size)
        part.unlink()
    raise JarsUnavailable(
        f"{address}: {failure}. Connect to the network and try again (what was downloaded is kept), "
        "or set SLUICE_MAVEN_MIRROR to a Maven repository that you can reach, "
        "or SLUICE_BOOTSTRAP to a Kafka cluster that runs already."
    )


def _fetch(client: httpx.Client, address: str, part: Path, size: int, progress: Progress, task: TaskID) -> None:
    """Append what is missing to `part`; begin again where the server cannot resume."""
    have = part.stat().st_size if part.exists() else 0
    if have > size:
        part.unlink()
        have = 0
    if have == size:
        progress.advance(task, have)
        return
    headers = {"Accept-Encoding": "identity"}
    if have:
        headers["Range"] = f"bytes={have}-"
    with client.stream("GET", address, headers=headers) as response:
        response.raise_for_status()
        resumed = have > 0 and response.status_code == httpx.codes.PARTIAL_CONTENT
        written = have if resumed else 0
        progress.advance(task, written)
        try:
            with part.open("ab" if resumed else "wb") as file:
                for chunk in response.iter_raw():
                    file.write(chunk)
                    written += len(chunk)
                    progress.advance(task, len(chunk))
        except httpx.RequestError:
            progress.advance(task, -written)  # the next attempt counts what is there again
            raise
