"""A stage with state as a Faust app: partitions come and go, each with an owner and its fold.

The agent only hands over what was fetched. It decides nothing, and acknowledges an event only after the
checkpoint that covers it, so the committed offset is never ahead of the state.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import structlog

from pipeline.agents.context import STOP_TIMEOUT_S, Context
from pipeline.agents.faust_private import crash_of, make_app, raw_topic, record_of, seek_back
from pipeline.kafka.checkpoint import KafkaCheckpoints
from pipeline.kafka.fold import FoldOptions, PartitionFold
from pipeline.kafka.owner import PartitionOwner
from pipeline.kafka.sequence import Sequence
from pipeline.kafka.watchdog import Standing
from pipeline.metrics import PAUSE_TIME, REBALANCES
from pipeline.stages.decision import Stage

log = structlog.get_logger(__name__)


class StageAgent:
    """One stage over one input topic. Implements `context.StageWorker`."""

    def __init__(self, stage: Stage, topic: str, context: Context) -> None:
        self.name = stage.name
        self._stage = stage
        self._topic = topic
        self._context = context
        self._owners: dict[int, PartitionOwner] = {}
        self._sequences: dict[int, Sequence] = {}
        self._is_ending = False
        self._watchers: set[asyncio.Task[None]] = set()
        self._paused_at: float | None = None
        self._waits_on: PartitionOwner | None = None  # whom the agent waits for: the others get nothing meanwhile
        self._app = make_app(
            stage.name,
            client=context.client,
            home=context.home,
            session_timeout_s=context.session_timeout_s,
            commit_interval_s=context.checkpoint_interval_s,
        )
        self._app.agent(raw_topic(self._app, topic), name=stage.name)(self._agent)
        self._app.on_partitions_assigned.connect(self._assigned)
        self._app.on_partitions_revoked.connect(self._revoked)

    async def start(self) -> None:
        await self._app.start()
        self._watch(self._report_crash())

    def standings(self) -> list[Standing]:
        first = self._waits_on
        held_up = "" if first is None else f"partition {first.fold.partition}, which is handed its records first"
        return [owner.standing("" if owner is first else held_up) for owner in list(self._owners.values())]

    async def stop(self) -> None:
        self._is_ending = True
        await self._release(lambda owner: owner.stop(STOP_TIMEOUT_S))
        await self._end()

    async def abandon(self) -> None:
        self._is_ending = True
        await self._release(lambda owner: owner.abandon())
        await self._end()

    async def _end(self) -> None:
        for task in self._watchers:
            task.cancel()
        await self._app.stop()

    async def _agent(self, stream: Any) -> None:
        """The Faust agent. Must not raise: Faust would acknowledge the events and go on."""
        try:
            async for events in stream:
                await self._hand_over(events)
        except Exception as error:  # noqa: BLE001  (handed over: the process ends)
            self._context.on_failure(self.name, error)

    async def _hand_over(self, events: list[Any]) -> None:
        by_partition: dict[int, list[Any]] = defaultdict(list)
        for event in events:
            by_partition[event.message.partition].append(event)
        owners = dict(self._owners)
        for partition, mine in by_partition.items():
            owner = owners.get(partition)
            if owner is not None:
                self._waits_on = owner
                await owner.opened.wait()
                if owner.is_serving:
                    await self._offer(owner, mine)
        for owner in owners.values():
            self._waits_on = owner
            await owner.room()
        self._waits_on = None

    async def _offer(self, owner: PartitionOwner, events: list[Any]) -> None:
        """Give an owner what follows in sequence; go back where the transport skipped something."""
        partition = owner.fold.partition
        offered = []
        for event in events:
            if self._owners.get(partition) is not owner:  # a rebalance came while we waited
                return
            record = record_of(event)
            sequence = self._sequence(owner)
            if not sequence.follows(record.offset) and not await sequence.is_true_gap(record.offset):
                log.warning("partition.skipped", stage=self.name, partition=partition, expected=sequence.expected)
                await seek_back(self._app, event, sequence.expected)
                break
            offered.append((record, event.ack))
        if self._owners.get(partition) is owner:
            owner.offer(offered)

    def _sequence(self, owner: PartitionOwner) -> Sequence:
        partition = owner.fold.partition
        sequence = self._sequences.get(partition)
        if sequence is None:
            expected = owner.fold.applied + 1
            sequence = Sequence(self._context.client, self._topic, partition, expected)
            self._sequences[partition] = sequence
        return sequence

    async def _assigned(self, _app: Any, partitions: Iterable[Any], **_: Any) -> None:
        """Called by Faust after each rebalance, with all partitions that are ours now."""
        mine = sorted(each.partition for each in partitions if each.topic == self._topic and not self._is_ending)
        self._pause()
        self._context.telemetry.metrics.add(REBALANCES, stage=self.name)
        await self._release(lambda owner: owner.stop(STOP_TIMEOUT_S))
        for partition in mine:
            owner = self._owner(partition)
            self._owners[partition] = owner
            owner.start()
        log.info("stage.assigned", stage=self.name, partitions=mine)
        self._watch(self._tell_when_open(list(self._owners.values())))

    async def _revoked(self, _app: Any, _partitions: Iterable[Any], **_: Any) -> None:
        """Called by Faust before another may own our partitions; we are waited for."""
        self._pause()
        await self._release(lambda owner: owner.stop(STOP_TIMEOUT_S))

    def _pause(self) -> None:
        if self._paused_at is None:
            self._paused_at = asyncio.get_running_loop().time()

    async def _release(self, let_go: Any) -> None:
        owners = list(self._owners.values())
        self._owners.clear()
        self._sequences.clear()
        await asyncio.gather(*(let_go(owner) for owner in owners))

    def _owner(self, partition: int) -> PartitionOwner:
        context = self._context
        fold = PartitionFold(
            self._stage,
            self._topic,
            partition,
            emitter=context.output.outbox(),
            store=KafkaCheckpoints(context.client, self.name, partition),
            rules=context.snapshots,
            codec=context.codec,
            options=FoldOptions(epoch=context.epoch, poison_limit=context.poison_limit),
            spans=context.telemetry.spans,
        )
        return PartitionOwner(
            fold,
            wall_now_us=context.wall_now_us,
            on_failure=lambda error: context.on_failure(self.name, error),
            checkpoint_interval_s=context.checkpoint_interval_s,
            metrics=context.telemetry.metrics,
        )

    async def _tell_when_open(self, owners: list[PartitionOwner]) -> None:
        for owner in owners:
            await owner.opened.wait()
        if all(owner.is_serving for owner in owners):
            if self._paused_at is not None:
                paused_s = asyncio.get_running_loop().time() - self._paused_at
                self._context.telemetry.metrics.observe(PAUSE_TIME, paused_s, stage=self.name)
                self._paused_at = None
            self._context.on_ready(self.name)

    async def _report_crash(self) -> None:
        self._context.on_failure(self.name, await crash_of(self._app))

    def _watch(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._watchers.add(task)
        task.add_done_callback(self._watchers.discard)
