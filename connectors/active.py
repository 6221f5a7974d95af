"""The active connector of one carrier account, from taking over to handing over. Composes the parts."""

import asyncio
import contextlib
import os
import random
import socket
from collections.abc import Callable, Coroutine
from typing import Any

import structlog
from confluent_kafka import Consumer, TopicPartition

from connectors import facts, takeover
from connectors.clock import wall_micros
from connectors.inbound import Inbound
from connectors.intake import Intake
from connectors.intents import IntentLog, IntentsAborted
from connectors.keyring import Keyring
from connectors.leases import Recalls
from connectors.ledger import Place
from connectors.log_reader import UNJOINED, consumer_of, take
from connectors.on_the_wire import OnTheWire
from connectors.outbox import Outbox
from connectors.passwords import read_secret
from connectors.receipt_index import ReceiptIndex
from connectors.sender import LANES, Sender
from connectors.settings import ConnectorSettings
from connectors.smpp.session import SessionOptions
from connectors.smpp.supervisor import Backoff, BindPool
from connectors.threads import DaemonThreads
from connectors.watch import WireWatch
from pipeline.domain.rules import Carrier, Policy
from pipeline.domain.smpp.statuses import parse_overrides
from pipeline.events import topics
from pipeline.events.codec import Codec
from pipeline.events.headers import coordinates
from pipeline.events.records import CarrierBindChanged
from pipeline.telemetry import Telemetry

log = structlog.get_logger(__name__)

PROCESS_ID = f"{socket.gethostname()}-{os.getpid()}"


class Active:
    """One stretch of being active: `start`, then `run` until cancelled or failed, then `stop` or `abandon`."""

    def __init__(
        self,
        *,
        rules: Carrier,
        policy: Policy,
        settings: ConnectorSettings,
        codec: Codec,
        keyring: Keyring,
        rng: random.Random,
        telemetry: Telemetry | None = None,
    ) -> None:
        self._rules, self._settings, self._codec, self._keyring = rules, settings, codec, keyring
        self._policy, self._rng = policy, rng
        self._watch = WireWatch(rules.id, telemetry)
        loop = asyncio.get_running_loop()
        self._failure: asyncio.Future[None] = loop.create_future()
        self._outbox = Outbox(settings.client, codec, settings.epoch, loop=loop, on_fatal=self._fail)
        self._index = ReceiptIndex(settings.index_limit, rules.profile.receipt_ids)
        self._recalls = Recalls(keep_micros=takeover.LONGEST_LEASE_MS * 1_000)
        self._recalls_from = 0
        self._logs: dict[Place, IntentLog] = {}
        self._readers: dict[str, Consumer] = {}
        self._executor = DaemonThreads(f"carrier-{rules.id}")
        self._wire = OnTheWire()
        self._inbound = Inbound(
            carrier=rules.id,
            outbox=self._outbox,
            keyring=keyring,
            index=self._index,
            durable_within_s=settings.durable_within_s,
            patience_s=settings.reply_patience_s,
            fatal=self._fail,
            wire=self._wire,
            watch=self._watch,
            profile=rules.profile,
        )
        self._pool = self._bind_pool()
        self._sender: Sender | None = None
        self._intake: Intake | None = None
        self._sending: asyncio.Task[None] | None = None
        self._reading: list[asyncio.Task[None]] = []
        self._ticking: list[asyncio.Task[None]] = []
        self._is_stopping = False
        self._is_closed = False

    async def start(self) -> None:
        """Take over: fence, wait, read what was left, report it; then bind and begin. Raises Fenced, KafkaException."""
        settings, carrier = self._settings, self._rules.id
        client, epoch = settings.client, settings.epoch
        self._logs = await self._in_thread(takeover.open_intent_logs, client, carrier, self._codec, epoch)
        await asyncio.gather(*(self._in_thread(each.fence) for each in self._logs.values()))
        places = list(self._logs)
        await self._in_thread(takeover.outlive_intents, client, carrier, places, settings.intent_max_age_s)
        await self._in_thread(takeover.load_index, client, carrier, self._codec, self._index)
        self._recalls_from = await self._in_thread(takeover.load_recalls, client, self._codec, self._recalls, epoch)
        left: takeover.Inheritance = await self._in_thread(
            takeover.inherit, client, carrier, self._codec, epoch, places
        )
        await self._report(left)
        self._readers = {lane: self._reader(lane, left.starts) for lane in LANES}
        self._sender = self._make_sender(left)
        self._intake = self._make_intake(left, self._sender)
        self._pool.start(self._rules.binds)
        self._sending = asyncio.create_task(self._sender.run(), name=f"{carrier}-sending")
        self._reading = [
            asyncio.create_task(each, name=f"{carrier}-reading")
            for each in (*(self._read_lane(lane) for lane in LANES), self._follow_recalls())
        ]
        self._ticking = [asyncio.create_task(each, name=f"{carrier}-ticking") for each in self._ticks(self._sender)]
        log.info(
            "connector.active",
            carrier=carrier,
            partitions=len(left.states),
            left_behind=len(left.left_behind),
            index=len(self._index),
        )

    async def run(self) -> None:
        """Run until cancelled. Raises what went wrong in any part."""
        work = [task for task in (self._sending, *self._reading, *self._ticking) if task is not None]
        done, _ = await asyncio.wait([*work, self._failure], return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            await task
        raise RuntimeError(f"connector {self._rules.id}: a part ended on its own")

    def follow(self, rules: Carrier, policy: Policy) -> None:
        """Take up another rate, default sender or policy without a pause."""
        self._rules, self._policy = rules, policy
        if self._sender is not None:
            self._sender.follow(rules, policy)

    async def stop(self) -> None:
        """End in good order: take nothing more, await answers, commit, unbind, flush. Raises Fenced, TimeoutError."""
        if self._sender is not None:
            await self._end_tasks()
            self._inbound.give_back()
            await self._pool.stop(self._settings.stop_timeout_s)
            self._say_binds("stopped")
            await self._outbox.flush(self._settings.stop_timeout_s)
            await asyncio.wait_for(self._sender.commit(), self._settings.stop_timeout_s)
        await self._close()

    async def abandon(self) -> None:
        """End at once: another may be active. What is on the wire is reported as unknown, nothing is committed."""
        for each in self._logs.values():
            each.close()
        self._pool.drop("connector ended")
        if self._sending is not None:
            self._sending.cancel()
        await self._end_tasks()
        await self._close()

    # --- the parts --------------------------------------------------------------------------------------------

    def _ticks(self, sender: Sender) -> list[Coroutine[Any, Any, None]]:
        return [
            self._every(self._settings.sweep_every_s, self._sweep),
            self._every(self._settings.bind_facts_every_s, lambda: self._say_binds("")),
            self._commit_often(sender),
        ]

    async def _read_lane(self, lane: str) -> None:
        assert self._sender is not None
        assert self._intake is not None
        while not self._is_stopping:
            room = self._settings.buffer_records - self._sender.waiting(lane)
            if room <= 0:
                await asyncio.sleep(0.02)
                continue
            for message in await self._in_thread(take, self._readers[lane], min(room, 500), 0.2):
                self._intake.admit(lane, message)

    async def _follow_recalls(self) -> None:
        reader = consumer_of(self._settings.client, UNJOINED)
        reader.assign([TopicPartition(topics.RECALL, 0, self._recalls_from)])
        self._readers["recalls"] = reader
        while not self._is_stopping:
            for message in await self._in_thread(take, reader, 500, 0.2):
                takeover.take_recall(message, self._codec, self._recalls, self._settings.epoch)

    async def _commit_often(self, sender: Sender) -> None:
        while True:
            await asyncio.sleep(self._settings.commit_every_s)
            try:
                await sender.commit()
            except IntentsAborted:
                log.warning("commit.put_off", carrier=self._rules.id)

    async def _every(self, seconds: float, call: Callable[[], None]) -> None:
        while True:
            call()
            await asyncio.sleep(seconds)

    def _sweep(self) -> None:
        if self._pool.failed is not None:
            raise self._pool.failed
        self._inbound.sweep()
        if self._sender is not None:
            self._sender.sweep()
            waiting = {lane: self._sender.waiting(lane) for lane in LANES}
            self._watch.levels(binds=self._pool.bind_count, slots_used=self._pool.slots_used, waiting=waiting)

    def _say_binds(self, detail: str) -> None:
        count = self._pool.bind_count
        record = CarrierBindChanged(
            carrier=self._rules.id,
            process_id=PROCESS_ID,
            is_bound=count > 0,
            bind_count=count,
            occurred_at=wall_micros(),
            detail=detail,
        )
        self._outbox.send(topics.CARRIER_FACTS, self._rules.id, record, self._fail_if)

    def _fail(self, error: BaseException) -> None:
        if not self._failure.done():
            self._failure.set_exception(error)

    def _fail_if(self, error: str) -> None:
        if error:
            self._fail(RuntimeError(f"record not written: {error}"))

    # --- making and ending ------------------------------------------------------------------------------------

    def _bind_pool(self) -> BindPool:
        host, _, port = self._rules.address.rpartition(":")
        settings = self._settings
        return BindPool(
            carrier=self._rules.id,
            host=host.strip("[]"),
            port=int(port),
            read_options=self._session_options,
            on_deliver=self._inbound.on_deliver,
            on_change=self._say_binds,
            on_free=lambda: self._sender.wake() if self._sender is not None else None,
            rng=self._rng,
            backoff=Backoff(
                base_s=settings.backoff_base_s, cap_s=settings.backoff_cap_s, fatal_s=settings.bind_fatal_pause_s
            ),
        )

    def _session_options(self) -> SessionOptions:
        rules = self._rules
        return SessionOptions(
            system_id=rules.system_id,
            password=read_secret(rules.password_ref, self._settings.home),
            window=rules.window,
            response_timeout_s=rules.response_timeout_s,
            enquire_link_s=rules.enquire_link_s,
            statuses=parse_overrides(rules.profile.statuses),
        )

    def _make_sender(self, left: takeover.Inheritance) -> Sender:
        return Sender(
            rules=self._rules,
            pool=self._pool,
            outbox=self._outbox,
            keyring=self._keyring,
            recalls=self._recalls,
            index=self._index,
            wire=self._wire,
            states=left.states,
            intent_logs=self._logs,
            group=self._readers[LANES[0]].consumer_group_metadata(),
            executor=self._executor,
            intent_max_age_s=self._settings.intent_max_age_s,
            fatal=self._fail,
            watch=self._watch,
            policy=self._policy,
        )

    def _make_intake(self, left: takeover.Inheritance, sender: Sender) -> Intake:
        return Intake(
            carrier=self._rules.id,
            epoch=self._settings.epoch,
            codec=self._codec,
            keyring=self._keyring,
            outbox=self._outbox,
            states=left.states,
            offer=sender.offer,
            refuse=sender.refuse,
            on_fatal=self._fail,
            poison_limit=self._settings.poison_limit,
            on_poison=self._watch.unreadable,
        )

    def _reader(self, lane: str, starts: dict[Place, int]) -> Consumer:
        reader = consumer_of(self._settings.client, takeover.group_of(self._rules.id))
        topic = topics.dispatch(self._rules.id, lane)
        reader.assign(
            [TopicPartition(topic, place.partition, start) for place, start in starts.items() if place.lane == lane]
        )
        return reader

    async def _report(self, left: takeover.Inheritance) -> None:
        """Say what became of each part with a predecessor's intent, and wait until that is durable.

        Accepted where the receipt index has it (the predecessor may not have said so), else unknown.
        """
        now = wall_micros()
        for place, intent in left.left_behind:
            source = coordinates(topics.dispatch(self._rules.id, place.lane), place.partition, intent.dispatch_offset)
            entry = self._index.of_part(intent.message_id, intent.attempt, intent.part)
            event = facts.left_behind(intent, entry, caused_by=source, now=now)
            self._outbox.send(topics.LIFECYCLE, event.recipient_id, event, self._fail_if)
        self._index.forget_parts()
        while await self._outbox.flush(1.0):
            log.warning("connector.waiting_for_kafka", carrier=self._rules.id)

    async def _end_tasks(self) -> None:
        """Nothing new begins; a batch under way is completed, a read under way comes back within its 0.2 s."""
        self._is_stopping = True
        for tick in self._ticking:
            tick.cancel()
        if self._sender is not None:
            self._sender.stop()
        work = [task for task in (self._sending, *self._reading, *self._ticking) if task is not None]
        await asyncio.gather(*work, return_exceptions=True)

    async def _close(self) -> None:
        if self._is_closed:
            return
        self._is_closed = True
        for each in self._logs.values():
            each.close()
        await self._outbox.close(self._settings.stop_timeout_s)
        for reader in self._readers.values():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._in_thread(reader.close), self._settings.stop_timeout_s)
        self._executor.shutdown(wait=False)
        self._watch.levels(binds=0, slots_used=0, waiting=dict.fromkeys(LANES, 0))  # another may be active by now
        if self._failure.done():
            self._failure.exception()

    async def _in_thread(self, call: Callable[..., Any], *arguments: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._executor, call, *arguments)
