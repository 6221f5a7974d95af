"""One KRaft node of Apache Kafka under a directory: start, stop, kill, start again.

    with EmbeddedKafka(Path(".sluice/kafka")) as kafka:
        AdminClient(kafka.client)

The directory is the node: its data, settings, logs and cluster id stay there, and every start goes
on from them. One living owner a directory; what a dead owner left running is stopped first.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import socket
import subprocess
import time
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from infra.embedded.errors import KafkaBusy, KafkaFailed
from infra.embedded.jars import cache_directory, ensure_jars
from infra.embedded.java import find_java
from infra.embedded.jvm import ClassArchive, Runtime, command_of, environment, spawn, terminate
from infra.embedded.node_files import HOST, logging_text, properties_text, server_settings
from infra.embedded.secured import OPERATOR, Secured, secured
from infra.ports import free_port, is_free
from infra.private_files import write_private
from pipeline.kafka.client import MECHANISM, client_config

HEAP_MB = 384
START_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 30.0  # the first clean stop also writes the class archive (about 4 s)
POLL_S = 0.05
LAST_LINES = 20
PORT_ATTEMPTS = 3  # another process may take a free port before the JVM does

_STORAGE_TOOL = "kafka.tools.StorageTool"
_BROKER = "kafka.Kafka"


class EmbeddedKafka:
    """One node. Without `port`, `choose_port` is asked at the first start; later ones keep the port if they can.

    Start it from the main thread where you can: only then does the broker stop when this process
    is killed (see `jvm.spawn`).
    """

    def __init__(
        self,
        directory: Path,
        *,
        port: int | None = None,
        choose_port: Callable[[], int] = free_port,
        heap_mb: int = HEAP_MB,
        cache: Path | None = None,
        is_secure: bool = False,
    ) -> None:
        self.directory = directory.absolute()
        self.data = self.directory / "data"
        self.log = self.directory / "kafka.log"
        self.output = self.directory / "jvm.log"
        self._settings = self.directory / "server.properties"
        self._logging = self.directory / "log4j2.properties"
        self._pid_file = self.directory / "broker.pid"
        self._secrets = self.directory / "secure"
        self._is_to_be_secure = is_secure
        self._port = port
        self._choose_free_port = choose_port
        self._heap_mb = heap_mb
        self._cache = cache or cache_directory()
        self._process: subprocess.Popen[bytes] | None = None
        self._archive: ClassArchive | None = None
        self._owner: IO[str] | None = None
        self._bootstrap = ""

    @property
    def bootstrap(self) -> str:
        """`host:port` for clients. Raises KafkaFailed before the first start."""
        if not self._bootstrap:
            raise KafkaFailed(f"{self.directory}: the node was never started; call start() first")
        return self._bootstrap

    @property
    def port(self) -> int:
        return int(self.bootstrap.rpartition(":")[2])

    @property
    def is_secure(self) -> bool:
        """Whether clients have to use TLS and a password; decided at the first start, for good."""
        return self._is_to_be_secure or self._secrets.is_dir()

    @property
    def client(self) -> dict[str, str | int | bool]:
        """The configuration of a client that may do everything. Raises KafkaFailed before the first start."""
        made = secured(self._secrets).client_settings() if self.is_secure else {}
        return client_config(self.bootstrap, made)

    @property
    def pid(self) -> int | None:
        """The JVM's process id while it runs."""
        return self._process.pid if self._process is not None and self.is_running else None

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def cluster_id(self) -> str | None:
        """The id that the storage was formatted with, None before the first start."""
        with contextlib.suppress(FileNotFoundError):
            for line in (self.data / "meta.properties").read_text("utf-8").splitlines():
                if line.startswith("cluster.id="):
                    return line.partition("=")[2].strip()
        return None

    def prepare(self) -> Runtime:
        """Find Java and the jars, downloading them if need be. Raises JavaMissing, JarsUnavailable."""
        return Runtime(java=find_java(), class_path=ensure_jars(cache=self._cache), heap_mb=self._heap_mb)

    def start(self, timeout_s: float = START_TIMEOUT_S) -> Self:
        """Return when the node answers a metadata request.

        Raises KafkaBusy when another living process owns the directory, KafkaFailed with the last
        lines of the log when the node dies or is not ready in time, and what `prepare` raises.
        """
        if self.is_running:
            return self
        runtime = self.prepare()
        self.directory.mkdir(parents=True, exist_ok=True)
        self._own()
        try:
            self._stop_orphan()
            self._start_on_some_port(runtime, time.monotonic() + timeout_s)
        except BaseException:
            self.kill()
            raise
        return self

    def _start_on_some_port(self, runtime: Runtime, deadline: float) -> None:
        """Launch and wait; where another process was quicker to take the chosen port, go to a free one."""
        port = self._choose_port()
        for attempt in range(1, PORT_ATTEMPTS + 1):
            self._launch(runtime, port)
            try:
                self._wait_until_ready(deadline)
            except KafkaFailed:
                if self._port is not None or attempt == PORT_ATTEMPTS or not self._lost_its_port():
                    raise
                self._end()
                port = free_port()
            else:
                return

    def _lost_its_port(self) -> bool:
        """Whether the node could not bind; it then ends by itself, but may hang in its own shutdown."""
        told = self.last_lines()
        return f":{self.port}: Address already in use" in told or (
            not self.is_running and "Address already in use" in told
        )

    def _end(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def stop(self, timeout_s: float = STOP_TIMEOUT_S) -> None:
        """Let the node shut down cleanly; kill it after `timeout_s`. Harmless when it does not run."""
        if self._process is not None and self.is_running:
            self._process.terminate()
            try:
                self._process.wait(timeout_s)
            except subprocess.TimeoutExpired:
                self._process.kill()
        self._reap()

    def kill(self) -> None:
        """SIGKILL, as a crash would. The data stay as they are; start() recovers them."""
        if self._process is not None and self.is_running:
            self._process.kill()
        self._reap()

    def wait(self) -> int:
        """Block until the node ends by itself or by a signal; returns the JVM's exit code (-9: SIGKILL)."""
        if self._process is None:
            raise KafkaFailed(f"{self.directory}: the node was never started; call start() first")
        code = self._process.wait()
        self._reap()
        return code

    def last_lines(self) -> str:
        """The ends of the JVM's output and of the broker's log, for a person to read."""
        return "\n".join(_tail(self.output) + _tail(self.log))

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def _own(self) -> None:
        """Take the directory's lock, held by this object until the node is reaped."""
        if self._owner is not None:
            return
        owner = (self.directory / "owner.lock").open("a+")
        try:
            fcntl.flock(owner, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            owner.seek(0)
            holder = owner.read().strip() or "another process"
            owner.close()
            raise KafkaBusy(f"{self.directory} is run by {holder}; use that node, or stop it first") from None
        owner.truncate(0)
        owner.write(f"process {os.getpid()}")
        owner.flush()
        self._owner = owner

    def _stop_orphan(self) -> None:
        """Stop a JVM that a killed owner left behind: its data directory can have one broker only."""
        try:
            pid = int(self._pid_file.read_text("utf-8"))
        except (FileNotFoundError, ValueError):
            return
        if not self._is_our_broker(pid):
            return
        terminate(pid)
        deadline = time.monotonic() + STOP_TIMEOUT_S
        while self._is_our_broker(pid) and time.monotonic() < deadline:
            time.sleep(POLL_S)
        if self._is_our_broker(pid):
            os.kill(pid, signal.SIGKILL)

    def _is_our_broker(self, pid: int) -> bool:
        command = command_of(pid)
        return _BROKER in command and str(self._settings) in command

    def _launch(self, runtime: Runtime, port: int) -> None:
        made = self._secured()
        settings = server_settings(
            self.data, port=port, controller_port=free_port(), node_port=free_port() if made else None
        )
        self._settings.write_text(properties_text({**settings, **(made.node_settings() if made else {})}), "utf-8")
        self._logging.write_text(logging_text(self.log), "utf-8")
        self.output.write_bytes(b"")
        logging_flag = f"-Dlog4j2.configurationFile={self._logging}"
        if self.cluster_id is None:
            self._format(runtime, logging_flag, made)
        self._archive = ClassArchive(self._cache / "class-archives", runtime.archive_name(), self.directory)
        flags = [logging_flag, *self._archive.flags()]
        self._process = spawn(runtime.command(flags, _BROKER, [str(self._settings)]), self.output)
        self._pid_file.write_text(str(self._process.pid), "utf-8")
        self._bootstrap = f"{HOST}:{port}"

    def _choose_port(self) -> int:
        """The given port, else the one of this object's last start, so that clients find it again."""
        if self._port is not None and not is_free(self._port):
            raise KafkaFailed(f"port {self._port} on {HOST} is taken by another process; stop it or choose another")
        if self._port is not None:
            return self._port
        return self.port if self._bootstrap and is_free(self.port) else self._choose_free_port()

    def _secured(self) -> Secured | None:
        """Certificates and password of a secure node, None for a plain one."""
        if not self.is_secure:
            return None
        if self.cluster_id is not None and not self._secrets.is_dir():
            raise KafkaFailed(
                f"{self.directory}: this node was made without --secure, and that cannot be changed; choose another "
                "home, or remove this one"
            )
        return secured(self._secrets)

    def _format(self, runtime: Runtime, logging_flag: str, made: Secured | None) -> None:
        """Format the storage under a new cluster id; an interrupted one is simply done again."""
        self.data.mkdir(parents=True, exist_ok=True)
        cluster_id = urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        arguments = ["format", "--cluster-id", cluster_id.replace("-", "A"), "--config", str(self._settings)]
        if made is not None:
            arguments += ["--add-scram", f"{MECHANISM}=[name={OPERATOR},password={made.password}]"]
        listed = self.directory / "format.arguments"  # the password would stand in the list of processes
        write_private(listed, "".join(f"{each}\n" for each in arguments).encode())
        command = runtime.command([logging_flag], _STORAGE_TOOL, [f"@{listed}"])
        try:
            with self.output.open("ab") as output:
                finished = subprocess.run(command, stdout=output, stderr=output, env=environment(), check=False)
        finally:
            listed.unlink()
        if finished.returncode != 0 or self.cluster_id is None:
            raise KafkaFailed(f"{self.data}: the storage could not be formatted:\n{self.last_lines()}")

    def _wait_until_ready(self, deadline: float) -> None:
        while not _accepts(self.port) or not self._answers():
            if not self.is_running:
                raise KafkaFailed(f"Kafka ended while starting. Its last lines:\n{self.last_lines()}")
            if _accepts(self.port) and self._lost_its_port():
                raise KafkaFailed(f"somebody else listens on {HOST}:{self.port}:\n{self.last_lines()}")
            if time.monotonic() > deadline:
                raise KafkaFailed(f"Kafka was not ready in time. Its last lines:\n{self.last_lines()}")
            time.sleep(POLL_S)

    def _answers(self) -> bool:
        """Whether *this* cluster answers a metadata request with its one broker."""
        client = AdminClient({**self.client, "log_level": 0, "socket.timeout.ms": 2000})
        try:
            metadata = client.list_topics(timeout=2)
        except KafkaException:
            return False
        return bool(metadata.brokers) and metadata.cluster_id == self.cluster_id

    def _reap(self) -> None:
        """Collect the exit code, keep what a clean exit left for later starts, free the directory."""
        if self._process is not None:
            code = self._process.wait()
            if self._archive is not None and code in (0, 128 + signal.SIGTERM):
                self._archive.keep()
            self._pid_file.unlink(missing_ok=True)
        if self._owner is not None:
            self._owner.close()
            self._owner = None


def _accepts(port: int) -> bool:
    """Whether something listens there; asked first, because librdkafka waits long between attempts."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        return probe.connect_ex((HOST, port)) == 0


def _tail(file: Path) -> list[str]:
    try:
        lines = file.read_text("utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return []
    return [f"  {line}" for line in lines[-LAST_LINES:]]
