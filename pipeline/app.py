"""Several stages in one process, on one event loop: what `sluice` starts as a worker.

Blocking: `run_worker` returns after SIGTERM or SIGINT, when all is saved. Anything fatal ends the whole
process with exit code 1 and a `worker.failed` line: a supervisor starts it again from the last checkpoint.
"""

import asyncio
import contextlib
import os
import signal
import threading
import time
from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from pathlib import Path

import structlog
import uvloop
from confluent_kafka.admin import AdminClient
from pydantic import BaseModel, Field

from pipeline.agents.context import STOP_TIMEOUT_S, Context, StageWorker
from pipeline.agents.stage_agent import StageAgent
from pipeline.agents.validation_agent import ValidationAgent
from pipeline.domain.classes import Lane
from pipeline.events import topics
from pipeline.events.codec import Codec
from pipeline.kafka.client import Client, client_config
from pipeline.kafka.output import Output
from pipeline.kafka.rules_log import HealthLog, RulesLog, Snapshots
from pipeline.kafka.watchdog import STUCK_AFTER_S
from pipeline.kafka.watching import Watching
from pipeline.keys import KeyVault
from pipeline.stages.routing.stage import Routing
from pipeline.stages.throttling import Throttling
from pipeline.telemetry import Telemetry

log = structlog.get_logger(__name__)

LEAVE_TIMEOUT_S = 3.0
"""Leaving the group may hang in a join (8-45 s, FINDINGS section 1); all is saved by then, so we go without."""

Maker = Callable[[Context], StageWorker]


def _routing(context: Context) -> StageWorker:
    return StageAgent(Routing(), topics.LIFECYCLE, context)


def _validation(lane: str, context: Context) -> StageWorker:
    return ValidationAgent(lane, KeyVault(context.home / "keys"), context)


def _throttling(lane: str, context: Context) -> StageWorker:
    return StageAgent(Throttling(lane), topics.routed(lane), context)


STAGES: dict[str, Maker] = {
    "routing": _routing,
    **{f"validation-{lane.value}": partial(_validation, lane.value) for lane in Lane},
    **{f"throttling-{lane.value}": partial(_throttling, lane.value) for lane in Lane},
}


class WorkerSettings(BaseModel):
    """Settings of a worker. `kafka` holds more settings of every Kafka client (TLS, SASL), in librdkafka's words."""

    model_config = {"extra": "forbid", "frozen": True}

    bootstrap: str
    home: Path
    epoch: str = "live"
    cluster_id: str = ""
    checkpoint_interval_s: float = Field(default=1.0, gt=0)
    session_timeout_s: float = Field(default=10.0, ge=6.0)
    linger_ms: int = Field(default=5, ge=0)
    poison_limit: int = Field(default=1000, ge=0)
    stuck_after_s: float = Field(default=STUCK_AFTER_S, gt=0, description="end a process that decides nothing so long")
    kafka: dict[str, str | int | bool] = Field(default_factory=dict)


class UnknownStage(Exception):
    """No stage of this name."""


def run_worker(
    settings: WorkerSettings,
    stages: Sequence[str],
    *,
    known: dict[str, Maker] | None = None,
    on_ready: Callable[[str], None] | None = None,
    telemetry: Telemetry | None = None,
) -> None:
    """Run these stages until SIGTERM or SIGINT. For the main thread.

    `on_ready` is told the name of each stage when it holds its partitions (again after a rebalance), as is the log
    (`worker.ready`). Raises UnknownStage before anything starts, SystemExit(1) after a fatal error.
    """
    makers = STAGES if known is None else known
    for stage in stages:
        if stage not in makers:
            raise UnknownStage(f"stage {stage!r}, expected one of {', '.join(sorted(makers))}")
    runner = asyncio.Runner(loop_factory=uvloop.new_event_loop)
    is_sound = runner.run(Worker(settings, [makers[stage] for stage in stages], on_ready, telemetry).run())
    hard_end = threading.Timer(LEAVE_TIMEOUT_S, os._exit, [0 if is_sound else 1])
    hard_end.daemon = True
    hard_end.start()
    runner.close()  # waits for threads, and one may be waiting for a broker that is away
    hard_end.cancel()
    if not is_sound:
        raise SystemExit(1)


class Worker:
    """One process of stages. Made and run once."""

    def __init__(
        self,
        settings: WorkerSettings,
        makers: Sequence[Maker],
        on_ready: Callable[[str], None] | None = None,
        telemetry: Telemetry | None = None,
    ) -> None:
        self._settings = settings
        self._makers = makers
        self._on_ready = on_ready
        self._telemetry = telemetry or Telemetry()
        self._watching: Watching | None = None
        self._ended = asyncio.Event()
        self._failure: BaseException | None = None

    async def run(self) -> bool:
        """Run until told to stop; False after a fatal error."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._ended.set)
        settings = self._settings
        client = client_config(settings.bootstrap, settings.kafka)
        codec = Codec()
        snapshots = Snapshots(RulesLog(client, codec), HealthLog(client, codec))
        output = Output(client, linger_ms=settings.linger_ms, metrics=self._telemetry.metrics)
        workers: list[StageWorker] = []
        try:
            await self._unless_ended(self._start(client, codec, snapshots, output, workers))
            await self._ended.wait()
        except Exception as error:  # noqa: BLE001  (the edge of the process: logged, exit code 1)
            self._fail("worker", error)
        if self._watching is not None:
            self._watching.close()
        await self._end(workers)
        await asyncio.to_thread(_close, output, snapshots, self._telemetry)
        log.info("worker.stopped", is_sound=self._failure is None)
        return self._failure is None

    async def _unless_ended(self, starting: Coroutine[None, None, None]) -> None:
        """Await the start, or give it up when the process is told to end meanwhile."""
        task = asyncio.create_task(starting)
        ended = asyncio.create_task(self._ended.wait())
        await asyncio.wait({task, ended}, return_when=asyncio.FIRST_COMPLETED)
        ended.cancel()
        if not task.done():
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
            return
        task.result()

    async def _start(
        self, client: Client, codec: Codec, snapshots: Snapshots, output: Output, workers: list[StageWorker]
    ) -> None:
        context = await self._context(client, codec, snapshots, output)
        workers.extend(make(context) for make in self._makers)
        stages = {worker.name: worker.standings for worker in workers}
        self._watching = Watching(client, stages, self._telemetry.metrics, limit_s=self._settings.stuck_after_s)
        self._watching.start()
        await asyncio.gather(*(worker.start() for worker in workers))

    async def _context(self, client: Client, codec: Codec, snapshots: Snapshots, output: Output) -> Context:
        settings = self._settings
        snapshots.rules.start()
        snapshots.health.start()
        await asyncio.gather(
            asyncio.to_thread(snapshots.rules.wait_ready), asyncio.to_thread(snapshots.health.wait_ready)
        )
        cluster_id = settings.cluster_id or await asyncio.to_thread(read_cluster_id, client)
        return Context(
            client=client,
            home=settings.home,
            epoch=settings.epoch,
            cluster_id=cluster_id,
            codec=codec,
            output=output,
            snapshots=snapshots,
            wall_now_us=lambda: time.time_ns() // 1000,
            on_failure=self._fail,
            on_ready=self._ready,
            session_timeout_s=settings.session_timeout_s,
            checkpoint_interval_s=settings.checkpoint_interval_s,
            poison_limit=settings.poison_limit,
            telemetry=self._telemetry,
        )

    async def _end(self, workers: Sequence[StageWorker]) -> None:
        """End all stages at once: in peace, or without saving after a failure."""
        if not workers:
            return
        endings = [
            asyncio.create_task(worker.stop() if self._failure is None else worker.abandon()) for worker in workers
        ]
        done, late = await asyncio.wait(endings, timeout=STOP_TIMEOUT_S + LEAVE_TIMEOUT_S)
        for task in done:
            with contextlib.suppress(asyncio.CancelledError):
                if (error := task.exception()) is not None:
                    self._fail("worker", error)
        if late:
            log.warning("worker.left_hard", late=len(late))

    def _fail(self, stage: str, error: BaseException) -> None:
        if self._failure is None:
            self._failure = error
            log.error("worker.failed", stage=stage, kind=type(error).__name__, detail=str(error), exc_info=error)
        self._ended.set()

    def _ready(self, stage: str) -> None:
        log.info("worker.ready", stage=stage)
        if self._on_ready is not None:
            self._on_ready(stage)


def read_cluster_id(client: Client) -> str:
    """The id of the cluster, as message ids contain it. Blocking. Raises KafkaException if it does not answer."""
    found: str = AdminClient(dict(client)).list_topics(timeout=30).cluster_id
    return found


def _close(output: Output, snapshots: Snapshots, telemetry: Telemetry) -> None:
    output.close(1.0)
    snapshots.rules.close()
    snapshots.health.close()
    telemetry.close()
