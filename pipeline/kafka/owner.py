"""Runs the fold of one partition: the only place where a fold meets the clock.

Takes records as they come, applies them in chunks, checkpoints every second or so, acknowledges what a checkpoint
covers, fires timers, adopts snapshots. Knows nothing of Faust: the agent offers records with a
callback each, which is called once they need never be read again.
"""

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Callable, Sequence
from itertools import islice

import structlog

from pipeline.kafka.checkpoint import Fenced
from pipeline.kafka.fold import PartitionFold
from pipeline.kafka.ports import InputRecord
from pipeline.kafka.watchdog import Place, Standing
from pipeline.metrics import CHECKPOINT_TIME, CHUNK_SIZE, CHUNK_TIME, Metrics

log = structlog.get_logger(__name__)

Ack = Callable[[], object]
Offered = tuple[InputRecord, Ack]
CHUNK = 500
INBOX_LIMIT = 10_000
TICK_S = 0.2  # how soon a new snapshot is noticed


class PartitionOwner:
    """One partition, from its assignment to its revocation. Not used again after `stop`.

    `on_failure` is told of anything fatal, once; nothing is saved or acknowledged after that.
    """

    def __init__(
        self,
        fold: PartitionFold,
        *,
        wall_now_us: Callable[[], int],
        on_failure: Callable[[BaseException], None],
        checkpoint_interval_s: float = 1.0,
        metrics: Metrics | None = None,
    ) -> None:
        self.fold = fold
        self.opened = asyncio.Event()
        self._wall_now_us = wall_now_us
        self._on_failure = on_failure
        self._interval_s = checkpoint_interval_s
        self._metrics = metrics or Metrics()
        self._inbox: deque[Offered] = deque()
        self._unacked: deque[tuple[int, Ack]] = deque()
        self._has_work = asyncio.Event()
        self._has_room = asyncio.Event()
        self._has_room.set()
        self._is_stopping = False
        self._task: asyncio.Task[None] | None = None

    @property
    def is_serving(self) -> bool:
        """Whether it is open and takes records."""
        return self.opened.is_set() and not self._is_stopping

    def standing(self, held_up: str = "") -> Standing:
        """How the partition stands; `held_up` excuses it as long as nothing was offered to it. Any thread may ask."""
        fold = self.fold
        excuse = fold.waits_for if self.is_serving else "recovery or handover"
        return Standing(
            place=Place(fold.stage.name, fold.topic, fold.partition),
            position=fold.applied + 1,
            log_time_us=fold.progress.now,
            excuse=excuse or ("" if self._inbox else held_up),
            pending_timers=fold.pending_timers,
            rules_offset=fold.progress.control_offset,
        )

    def start(self) -> None:
        """Open the fold and run it, in a task of its own."""
        self._task = asyncio.create_task(self._run(), name=f"{self.fold.stage.name}-{self.fold.partition}")

    def offer(self, records: Sequence[Offered]) -> None:
        """Take records in offset order; at once, so that nothing can come between. Then await `room`."""
        if self._is_stopping:
            return
        self._inbox.extend(records)
        if len(self._inbox) > INBOX_LIMIT:
            self._has_room.clear()
        self._has_work.set()

    async def room(self) -> None:
        """Return when there is room for more."""
        await self._has_room.wait()

    async def stop(self, timeout_s: float) -> None:
        """Finish what is being applied, checkpoint, acknowledge, let go. Past the timeout: let go without."""
        self._is_stopping = True
        self._has_room.set()
        self._has_work.set()
        if self._task is None:
            return
        _, late = await asyncio.wait({self._task}, timeout=timeout_s)
        if late:
            log.warning("owner.abandoned", stage=self.fold.stage.name, partition=self.fold.partition)
            await self.abandon()

    async def abandon(self) -> None:
        """Let go at once: no checkpoint, no acknowledgement."""
        self._is_stopping = True
        self._has_room.set()
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        try:
            await self.fold.open()
            self.opened.set()
            await self._serve()
        except Fenced as fenced:
            if not self._is_stopping:
                self._on_failure(fenced)
            log.warning("owner.fenced", stage=self.fold.stage.name, partition=self.fold.partition)
        except Exception as error:  # noqa: BLE001  (the edge of the task: handed over, and the worker stops)
            self._on_failure(error)
        finally:
            self._is_stopping = True
            self._has_room.set()
            self.opened.set()  # whoever waits for it looks at `is_serving` then
            await self.fold.close()

    async def _serve(self) -> None:
        loop = asyncio.get_running_loop()
        checkpoint_at = loop.time() + self._interval_s
        while not self._is_stopping:
            await self._wait(checkpoint_at - loop.time())
            await self._apply_some()
            now = self._wall_now_us()
            await self.fold.adopt_newer(now)
            await self.fold.fire_timers(now)
            if loop.time() >= checkpoint_at:
                await self._checkpoint()
                checkpoint_at = loop.time() + self._interval_s
        await self._checkpoint()

    async def _wait(self, until_checkpoint_s: float) -> None:
        """Return when there are records, or something else is due."""
        if self._inbox or self._is_stopping:
            await asyncio.sleep(0)
            return
        wait_s = min(TICK_S, until_checkpoint_s)
        due = self.fold.next_timer()
        if due is not None:
            wait_s = min(wait_s, (due - self._wall_now_us()) / 1_000_000)
        self._has_work.clear()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._has_work.wait(), max(wait_s, 0.001))

    async def _apply_some(self) -> None:
        chunk = list(islice(self._inbox, CHUNK))
        if not chunk:
            return
        stage, metrics = self.fold.stage.name, self._metrics
        begun = time.perf_counter()
        await self.fold.apply(record for record, _ in chunk)
        metrics.observe(CHUNK_TIME, time.perf_counter() - begun, stage=stage)
        metrics.observe(CHUNK_SIZE, len(chunk), stage=stage)
        self.fold.tally.tell(metrics, stage)
        for record, ack in chunk:
            self._inbox.popleft()
            self._unacked.append((record.offset, ack))
        if len(self._inbox) <= INBOX_LIMIT // 2:
            self._has_room.set()

    async def _checkpoint(self) -> None:
        begun, is_dirty = time.perf_counter(), self.fold.is_dirty
        applied = await self.fold.checkpoint()
        if is_dirty:
            self._metrics.observe(CHECKPOINT_TIME, time.perf_counter() - begun, stage=self.fold.stage.name)
        while self._unacked and self._unacked[0][0] <= applied:
            self._unacked.popleft()[1]()
