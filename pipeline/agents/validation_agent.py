"""Validation of one lane as a Faust app: no state, many topics, one for each account.

The list of topics follows the rules: when accounts come, the running app is subscribed anew (one rebalance of its
own group for all that came together; how long nothing was read is measured and logged). An account that nobody has
read before is told that it is served. A removed account's topic is read on, so that what still comes is answered.
"""

import asyncio
import contextlib
import time
from collections.abc import Iterable, Set
from dataclasses import dataclass
from typing import Any

import faust
import structlog
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from pipeline.agents.context import STOP_TIMEOUT_S, Context
from pipeline.agents.faust_private import crash_of, make_app, raw_topic, record_of, resubscribe, seek_back
from pipeline.domain.rules import Rules
from pipeline.events import topics
from pipeline.events.codec import AnyRecord
from pipeline.events.headers import Source, headers_of
from pipeline.events.records import AccountServed, MessageRejected
from pipeline.kafka.fold import ACKNOWLEDGEMENTS, ROOM
from pipeline.kafka.passing import passes
from pipeline.kafka.ports import InputRecord
from pipeline.kafka.sequence import Sequence, committed_offsets
from pipeline.kafka.tally import Tally
from pipeline.kafka.watchdog import Place, Standing
from pipeline.metrics import CHUNK_SIZE, CHUNK_TIME, REBALANCES
from pipeline.stages.validation import KeyRing, Submission, decide
from pipeline.tracing import message_id_in

log = structlog.get_logger(__name__)

ACCOUNT_HEADER = "account"
"""Header by which the gateway, and nobody else, says whose a submission is."""

REFRESH_S = 2.0  # how often topics that rules name and the cluster does not have are looked for
GATHER_S = 0.3  # what changes within this time is one change of the subscription
CHUNK = 200
LONG_TURN_S = 5.0  # what was fetched at once may be a backlog of others, which takes a minute


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A change of the subscription that is under way; `begun` in seconds of the loop's clock."""

    added: list[str]
    removed: list[str]
    begun: float


class ValidationAgent:
    """Validation of one lane. Implements `context.StageWorker`."""

    def __init__(self, lane: str, keys: KeyRing, context: Context) -> None:
        self.name = f"validation-{lane}"
        self._lane = lane
        self._keys = keys
        self._context = context
        self._outbox = context.output.outbox()
        self._app: faust.App | None = None
        self._topics: tuple[str, ...] = ()
        self._direct_accounts: set[str] = set()  # of the rules, and those that left them while this process ran
        self._change: Change | None = None
        self._served: set[str] = set()  # topics whose accounts this process has reported
        self._sequences: dict[tuple[str, int], Sequence] = {}
        self._done: dict[tuple[str, int], tuple[int, int]] = {}  # next offset and log time of what was acknowledged
        self._tally = Tally()
        self._waits_for = ""
        self._turn_begun = 0.0  # when what is at hand was fetched, steady seconds
        self._answered = self._answered_at_look = 0  # records, by now and when the watchdog looked last
        self._has_sequences = asyncio.Event()
        self._is_idle = asyncio.Lock()  # held while a chunk is decided, written and acknowledged
        self._is_ending = False
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Begin; the app is made as soon as there are rules and topics."""
        self._tasks.append(asyncio.create_task(self._follow_rules(), name=self.name))

    def standings(self) -> list[Standing]:
        if self._app is None or not self._has_sequences.is_set():
            return []
        rules_offset = self._context.snapshots.rules.in_force_offset
        excuse = self._waits_for or self._turn_of_others()
        return [
            Standing(
                place=Place(self.name, *place),
                position=position,
                log_time_us=log_time_us,
                excuse=excuse,
                rules_offset=rules_offset,
            )
            for place, (position, log_time_us) in list(self._done.items())
        ]

    def _turn_of_others(self) -> str:
        """The excuse of a partition whose records may wait behind many of others; '' unless those get on."""
        before, self._answered_at_look = self._answered_at_look, self._answered
        is_long = time.monotonic() - self._turn_begun > LONG_TURN_S
        return "a backlog that was fetched before" if is_long and self._answered != before else ""

    async def stop(self) -> None:
        self._is_ending = True
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._is_idle.acquire(), STOP_TIMEOUT_S)
        await self._end()

    async def abandon(self) -> None:
        self._is_ending = True
        await self._end()

    async def _end(self) -> None:
        for task in self._tasks:
            task.cancel()
        if self._app is not None:
            await self._app.stop()

    async def _follow_rules(self) -> None:
        """Keep the subscription what the rules say."""
        log_of_rules = self._context.snapshots.rules
        try:
            known = (await log_of_rules.wait_change(-1)).control_offset
            while not self._is_ending:
                self._direct_accounts |= direct_accounts(log_of_rules.newest())
                wanted = submitted_topics(self._direct_accounts, self._lane)
                there = await asyncio.to_thread(self._existing, wanted)
                if there != self._topics:
                    await self._subscribe(there)
                timeout_s = None if there == wanted else REFRESH_S
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(log_of_rules.wait_change(known), timeout_s)
                    await asyncio.sleep(GATHER_S)
                known = log_of_rules.newest().control_offset
        except Exception as error:  # noqa: BLE001  (handed over: the process ends)
            self._context.on_failure(self.name, error)

    def _existing(self, wanted: tuple[str, ...]) -> tuple[str, ...]:
        """Those that the cluster has; while it does not say, those that are read already."""
        there: Iterable[str] = self._topics
        try:
            there = AdminClient(dict(self._context.client)).list_topics(timeout=30).topics
        except KafkaException as error:
            if not passes(error):
                raise
            log.warning("validation.topics_unknown", stage=self.name, detail=str(error))
        return tuple(name for name in wanted if name in there)

    async def _subscribe(self, names: tuple[str, ...]) -> None:
        """Read these topics from now on."""
        before, self._topics = self._topics, names
        added, removed = sorted(set(names) - set(before)), sorted(set(before) - set(names))
        log.info("validation.subscribing", stage=self.name, topics=len(names), added=added, removed=removed)
        if self._app is not None and not names:
            app, self._app = self._app, None
            await app.stop()
        elif self._app is None and names and not self._is_ending:
            await self._start_app(names)
        elif self._app is not None:
            async with self._is_idle:
                if not self._is_ending:
                    self._change = Change(added=added, removed=removed, begun=asyncio.get_running_loop().time())
                    self._forget_places()
                    await resubscribe(self._app, names)

    async def _start_app(self, names: tuple[str, ...]) -> None:
        app = make_app(
            self.name,
            client=self._context.client,
            home=self._context.home,
            session_timeout_s=self._context.session_timeout_s,
            commit_interval_s=self._context.checkpoint_interval_s,
        )
        app.agent(raw_topic(app, *names), name=self.name)(self._agent)
        app.on_partitions_assigned.connect(self._assigned)
        app.on_partitions_revoked.connect(self._revoked)
        self._app = app
        await app.start()
        self._tasks.append(asyncio.create_task(self._report_crash(app)))

    async def _assigned(self, _app: Any, partitions: Iterable[Any], **_: Any) -> None:
        client = self._context.client
        places = {(each.topic, each.partition) for each in partitions}
        committed = await asyncio.to_thread(committed_offsets, client, self.name, places) if places else {}
        expected = {place: committed.get(place, 0) for place in places}
        self._sequences = {place: Sequence(client, *place, offset) for place, offset in expected.items()}
        self._done = {place: (offset, 0) for place, offset in expected.items()}
        self._context.telemetry.metrics.add(REBALANCES, stage=self.name)
        await self._tell_served(places, committed.keys(), self._end_change())
        self._has_sequences.set()
        log.info("stage.assigned", stage=self.name, partitions=len(places))
        self._context.on_ready(self.name)

    def _end_change(self) -> int:
        """How long nothing was read because the subscription changed, in micros; 0 if it did not."""
        change, self._change = self._change, None
        if change is None:
            return 0
        pause_us = round((asyncio.get_running_loop().time() - change.begun) * 1_000_000)
        log.info(
            "validation.resubscribed",
            stage=self.name,
            added=change.added,
            removed=change.removed,
            pause_ms=pause_us // 1000,
        )
        return pause_us

    async def _tell_served(self, places: Set[tuple[str, int]], committed: Set[tuple[str, int]], pause_us: int) -> None:
        """Report topics of which nobody has read anything yet; before anything of them is decided."""
        begun = {topic for topic, _ in places} - {topic for topic, _ in committed} - self._served
        self._served |= begun
        for topic in sorted(begun):
            account, lane = topics.account_and_lane(topic)
            if account == topics.GATEWAY:
                continue
            record = AccountServed(
                account_id=account,
                occurred_at=self._context.wall_now_us(),
                lane=lane,
                topic=topic,
                control_offset=self._context.snapshots.rules.newest().control_offset,
                pause_us=pause_us,
            )
            headers = headers_of(None, self._context.epoch)
            await self._outbox.send(topics.LIFECYCLE, account, self._context.codec.encode(record), headers)

    async def _revoked(self, _app: Any, _partitions: Iterable[Any], **_: Any) -> None:
        self._forget_places()

    def _forget_places(self) -> None:
        """Nothing that is at hand is ours any more, until partitions are assigned again."""
        self._has_sequences.clear()
        self._sequences = {}
        self._done = {}

    async def _agent(self, stream: Any) -> None:
        """The Faust agent. Must not raise: Faust would acknowledge the events and go on."""
        try:
            async for events in stream:
                self._turn_begun = time.monotonic()
                await self._has_sequences.wait()
                for first in range(0, len(events), CHUNK):
                    async with self._is_idle:
                        if self._is_ending:
                            return
                        await self._validate(events[first : first + CHUNK])
        except Exception as error:  # noqa: BLE001  (handed over: the process ends)
            self._context.on_failure(self.name, error)

    async def _validate(self, events: list[Any]) -> None:
        """Decide, write, wait until it is written, acknowledge."""
        rules = self._context.snapshots.rules.newest()
        metrics, begun = self._context.telemetry.metrics, time.perf_counter()
        done = []
        for event in events:
            record = record_of(event)
            if not await self._is_next(record, event):
                continue
            await self._answer(record, rules)
            done.append(event)
        metrics.observe(CHUNK_TIME, time.perf_counter() - begun, stage=self.name)
        metrics.observe(CHUNK_SIZE, len(done), stage=self.name)
        self._waits_for = ACKNOWLEDGEMENTS
        await self._outbox.settle()
        self._waits_for = ""
        for event in done:
            event.ack()
            message = event.message
            self._done[message.topic, message.partition] = (message.offset + 1, round(message.timestamp * 1_000_000))
        self._answered += len(done)
        self._tally.tell(metrics, self.name)
        await asyncio.sleep(0)

    async def _is_next(self, record: InputRecord, event: Any) -> bool:
        """Whether this record follows what was taken; if not, have the partition read again."""
        sequence = self._sequences.get((record.topic, record.partition))
        if sequence is None or self._app is None:
            return False
        if sequence.follows(record.offset) or await sequence.is_true_gap(record.offset):
            return True
        log.warning("partition.skipped", stage=self.name, topic=record.topic, expected=sequence.expected)
        await seek_back(self._app, event, sequence.expected)
        return False

    async def _answer(self, record: InputRecord, rules: Rules) -> None:
        context = self._context
        submission = submission_of(record)
        decision = decide(
            submission,
            now=submission.timestamp_us,
            rules=rules,
            keys=self._keys,
            cluster_id=context.cluster_id,
            codec=context.codec,
        )
        written = [emit.record for emit in decision.events]
        self._tally.read += 1
        self._tally.answered[outcome_of(written)] += 1
        spans = context.telemetry.spans
        hop = None if spans is None else spans.validation(next(map(message_id_in, written), ""), record.headers)
        for ordinal, emit in enumerate(decision.events):
            source = Source(record.topic, record.partition, record.offset, ordinal)
            headers = headers_of(source, context.epoch)
            if hop is not None:
                headers += hop.headers_of(message_id_in(emit.record))
            self._waits_for = ROOM
            await self._outbox.send(emit.topic, emit.key, context.codec.encode(emit.record), headers)
            self._waits_for = ""
            self._tally.written[emit.topic] += 1
        if spans is not None and hop is not None:
            at = (record.topic, record.partition, record.offset)
            spans.decided(hop, self.name, None, *at, written, start_us=submission.timestamp_us)

    async def _report_crash(self, app: faust.App) -> None:
        self._context.on_failure(self.name, await crash_of(app))


def direct_accounts(rules: Rules) -> set[str]:
    """The accounts that write to Kafka themselves."""
    return {account.id for account in rules.accounts.values() if account.is_direct}


def submitted_topics(direct_accounts: Iterable[str], lane: str) -> tuple[str, ...]:
    """The topics that validation of a lane reads: of these direct accounts, and the gateway's; sorted."""
    return tuple(topics.submitted(account, lane) for account in sorted({*direct_accounts, topics.GATEWAY}))


def outcome_of(written: Iterable[AnyRecord]) -> str:
    """What became of a submission: 'accepted', or the stable reason of its rejection."""
    return next((each.reason for each in written if isinstance(each, MessageRejected)), "accepted")


def submission_of(record: InputRecord) -> Submission:
    """A raw record as validation takes it; the account header counts in the gateway's topic only."""
    account, _ = topics.account_and_lane(record.topic)
    header = next((value for name, value in record.headers if name == ACCOUNT_HEADER and value), b"")
    return Submission(
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        timestamp_us=record.timestamp_ms * 1000,
        value=record.value,
        account_header=header.decode("utf-8", "replace") if account == topics.GATEWAY else "",
    )
