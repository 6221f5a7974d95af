"""The sink as a process: lock, migrate, gate, resume, serve; until SIGTERM. Called by `sluice sink` and `sluice up`.

The main thread keeps the event loop of the front and the signals; the sink's loop and all queries run in other
threads, since a signal handler waits for a query on the main thread. Never fork after the engine is open: spawn.
"""

import asyncio
import contextlib
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import structlog
from clickhouse_connect.driver.exceptions import ClickHouseError
from pydantic import BaseModel, ConfigDict, Field

from analytics.ddl import raw_tables
from analytics.engine import DirectoryInUse, DirectoryLock, Engine, open_embedded, open_server
from analytics.front import Front, FrontOptions
from analytics.gate import SchemaMismatch, check_gate
from analytics.migrator import MigrationRefused, migrate
from analytics.sink.kafka_log import KafkaLog
from analytics.sink.loop import LoopLimits, SinkLoop
from analytics.sink.quarantine import KafkaQuarantine
from analytics.sink.records import LogError
from analytics.sink.topics import SunkTopics
from analytics.sink.writer import PoisonFlood
from pipeline.events.codec import Codec
from pipeline.events.schema_store import default_store
from pipeline.kafka.client import Client, client_config
from pipeline.pulse import Pulse
from pipeline.telemetry import Telemetry

log = structlog.get_logger("analytics.app")

OnReady = Callable[[int], None]
STUCK_AFTER_S = 600.0
"""Longer than one insert may take: a ClickHouse server's client waits 300 s for an answer."""
_EXPECTED = (
    DirectoryInUse, MigrationRefused, SchemaMismatch, LogError, PoisonFlood, ClickHouseError, OSError
)  # fmt: skip


class SinkSettings(BaseModel):
    """Everything the sink needs to be told. `dsn` names a ClickHouse server; '' = the embedded engine."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    bootstrap: str
    home: Path
    data_dir: Path | None = Field(default=None, description="the engine's directory; None = <home>/clickhouse")
    dsn: str = Field(default="", description="http://user:password@host:port/ of a server")
    http_host: str = "127.0.0.1"
    http_port: int = Field(default=8123, description="port of the SQL front, 0 = any free one; unused with a server")
    epoch: str = "live"
    group_id: str = "sluice-sink"
    kafka: dict[str, str | int | bool] = Field(
        default_factory=dict, description="more settings of the Kafka clients (TLS, SASL), in librdkafka's words"
    )

    @property
    def directory(self) -> Path:
        return (self.data_dir or self.home / "clickhouse").absolute()

    @property
    def client(self) -> Client:
        """What every Kafka client is made with."""
        return {"client.id": "sluice-sink", **client_config(self.bootstrap, self.kafka)}


def run_sink(
    settings: SinkSettings,
    *,
    on_ready: OnReady = lambda port: None,
    limits: LoopLimits | None = None,
    telemetry: Telemetry | None = None,
) -> None:
    """Run until SIGTERM or SIGINT. `on_ready` gets the port of the SQL front (0 with a server) when queries work and
    the sink reads. Exits with status 1, and one line that says why, when it cannot start or go on.
    """
    os.environ["TZ"] = "UTC"  # the engine takes the zone of the process: now() and timezone() are UTC as all columns
    time.tzset()
    try:
        asyncio.run(_Process(settings, limits or LoopLimits(), on_ready, telemetry or Telemetry()).run())
    except _EXPECTED as error:
        log.error("sink.failed", error=f"{type(error).__name__}: {error}")
        sys.exit(1)


class _Process:
    def __init__(self, settings: SinkSettings, limits: LoopLimits, on_ready: OnReady, telemetry: Telemetry) -> None:
        self._telemetry = telemetry
        self._settings = settings
        self._limits = limits
        self._on_ready = on_ready
        self._stop = threading.Event()
        self._started = asyncio.Event()
        self._sink: SinkLoop | None = None

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            with contextlib.suppress(RuntimeError, ValueError):  # not in the main thread: the caller has the signals
                loop.add_signal_handler(number, self._stop.set)
        sink = asyncio.create_task(asyncio.to_thread(self._run_sink, loop))
        started = asyncio.create_task(self._started.wait())
        await asyncio.wait({sink, started}, return_when=asyncio.FIRST_COMPLETED)
        started.cancel()
        if sink.done():
            await sink
            return
        await self._serve_until_done(sink)

    async def _serve_until_done(self, sink: "asyncio.Task[None]") -> None:
        front: Front | None = None
        try:
            port = 0
            if not self._settings.dsn:
                options = FrontOptions(host=self._settings.http_host, port=self._settings.http_port)
                front = Front(self._settings.directory, options, self._health)
                port = await front.start()
            log.info("sink.ready", port=port, directory=str(self._settings.directory))
            self._on_ready(port)
            await asyncio.wait({sink})
        finally:
            self._stop.set()
            if front is not None:
                await front.stop()
            await sink

    def _run_sink(self, loop: asyncio.AbstractEventLoop) -> None:
        """In a thread: the engine is opened, used and closed here."""
        with _engine(self._settings) as engine:
            store = default_store()
            tables = raw_tables(store)
            applied = migrate(engine)
            check_gate(engine, tables)
            log.info("database.ready", migrations_applied=list(applied))
            config = self._settings.client
            pulse = Pulse("sink", STUCK_AFTER_S)
            self._sink = SinkLoop(
                engine=engine,
                kafka=KafkaLog(config, self._settings.group_id, SunkTopics(store)),
                quarantine=KafkaQuarantine(config, Codec(store), self._settings.epoch),
                store=store,
                tables=tables,
                epoch=self._settings.epoch,
                limits=self._limits,
                metrics=self._telemetry.metrics,
                on_turn=pulse.beat,
            )

            def started() -> None:
                pulse.start()
                self._tell_started(loop)

            try:
                self._sink.run(self._stop, started)
            finally:
                pulse.close()
            log.info("sink.stopped", rows=self._sink.progress.rows, skipped=self._sink.progress.skipped)

    def _tell_started(self, loop: asyncio.AbstractEventLoop) -> None:
        loop.call_soon_threadsafe(self._started.set)

    def _health(self) -> dict[str, Any]:
        if self._sink is None:
            return {"is_well": False}
        progress = self._sink.progress
        return {
            "is_well": not self._stop.is_set(),
            "rows": progress.rows,
            "skipped": progress.skipped,
            "batches": progress.batches,
            "partitions": progress.partitions,
            "last_batch_at": progress.last_batch_at,
        }


@contextlib.contextmanager
def _engine(settings: SinkSettings) -> Iterator[Engine]:
    if settings.dsn:
        server = open_server(settings.dsn)
        try:
            yield server
        finally:
            server.close()
        return
    with DirectoryLock(settings.directory):
        engine = open_embedded(settings.directory)
        try:
            yield engine
        finally:
            engine.close()
