"""The sending loop of one carrier: express first, a window slot, a durable intent, then the PDU, then its outcome.

One loop in the event loop; the transactions run in threads, one a dispatch partition at a time. A part that was
throttled, or whose intent grew too old, goes back to the head and gets a new intent. Source: DESIGN section 3.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor
from typing import Any

import structlog

from connectors import facts
from connectors.clock import steady_s, wall_micros
from connectors.intake import Job, PartitionState, PartJob
from connectors.intents import IntentLog, IntentsAborted, IntentsStuck
from connectors.keyring import Keyring
from connectors.leases import Recalls, lease_ended, refusal
from connectors.ledger import Place
from connectors.on_the_wire import OnTheWire
from connectors.outbox import Outbox
from connectors.pace import Pace
from connectors.receipt_index import ReceiptIndex, index_key
from connectors.smpp.outcomes import Accepted, Indeterminate, NotSent, Outcome, Refused
from connectors.smpp.session import Session
from connectors.smpp.submit import Unsendable, prepare
from connectors.smpp.supervisor import BindPool
from connectors.watch import WireWatch
from pipeline.domain.abilities import reserve_of
from pipeline.domain.rules import Carrier, Policy
from pipeline.domain.smpp.statuses import StatusKind
from pipeline.events import topics
from pipeline.events.records import Event
from pipeline.tracing import Header

log = structlog.get_logger(__name__)

LANES = ("express", "bulk")
"""In the order in which they are served."""

_USUAL_POLICY = Policy()
_EXPRESS_SLOTS = 1  # of the window, never taken by bulk: a campaign may not make a one-time password wait
_LARGEST_BATCH = 500
_IDLE_S = 0.5
_STUCK_AFTER_S = 15.0  # librdkafka's own timeouts do not always hold (connectors/threads.py)


class Sender:
    """Sends what is offered. `fatal` is called once with what must end the connector."""

    def __init__(
        self,
        *,
        rules: Carrier,
        pool: BindPool,
        outbox: Outbox,
        keyring: Keyring,
        recalls: Recalls,
        index: ReceiptIndex,
        wire: OnTheWire,
        states: Mapping[Place, PartitionState],
        intent_logs: Mapping[Place, IntentLog],
        group: Any,
        executor: Executor,
        intent_max_age_s: float,
        fatal: Callable[[BaseException], None],
        watch: WireWatch | None = None,
        policy: Policy = _USUAL_POLICY,
    ) -> None:
        self._rules, self._policy = rules, policy
        self._pool, self._outbox, self._keyring = pool, outbox, keyring
        self._recalls, self._index, self._wire, self._states = recalls, index, wire, states
        self._logs, self._group, self._executor = intent_logs, group, executor
        self._intent_max_age_s = intent_max_age_s
        self._fatal = fatal
        self._watch = watch or WireWatch(rules.id)
        self._pace = Pace(rules.rate_per_s)
        self._queues: dict[str, deque[PartJob]] = {lane: deque() for lane in LANES}
        self._locks = {place: asyncio.Lock() for place in states}
        self._wake = asyncio.Event()
        self._is_stopping = False
        self._is_stuck = False

    # --- what others call -------------------------------------------------------------------------------------

    def follow(self, rules: Carrier, policy: Policy) -> None:
        """Another rate, default sender or policy, from now on; what is cut already stays so."""
        self._rules, self._policy = rules, policy
        self._pace.agree(rules.rate_per_s)
        self._wake.set()

    def offer(self, part: PartJob) -> None:
        """A part to be sent, behind those that wait."""
        self._queues[part.job.place.lane].append(part)
        self._wake.set()

    def wake(self) -> None:
        """Something changed: a slot is free, a bind is up."""
        self._wake.set()

    def waiting(self, lane: str) -> int:
        return len(self._queues[lane])

    async def run(self) -> None:
        """Send until `stop`."""
        while not self._is_stopping:
            batch = self._choose()
            if batch:
                await self._intend_and_send(batch)
                continue
            self._wake.clear()
            try:
                await asyncio.wait_for(self._wake.wait(), self._patience_s())
            except TimeoutError:
                continue

    def stop(self) -> None:
        """Begin nothing more; what is under way goes on."""
        self._is_stopping = True
        self._wake.set()

    def sweep(self) -> None:
        """Refuse what waits and may no longer be sent; also with no bind up."""
        now = wall_micros()
        self._recalls.forget(now=now)
        for lane, queue in self._queues.items():
            self._queues[lane] = deque(part for part in queue if self._may_go(part, now))

    def refuse(self, job: Job, parts: tuple[int, ...], reason: str, detail: str) -> None:
        """Say that these parts of a dispatch are not sent."""
        log.info("dispatch.refused", message_id=job.dispatch.message_id, reason=reason, parts=list(parts))
        event = facts.refused(job.dispatch, parts, reason, detail, caused_by=job.caused_by, now=wall_micros())
        self._say(event, lambda: self._settle(job, parts), self._watch.refused(job, parts, reason))

    async def commit(self) -> None:
        """Commit what is settled, where anything is. Raises as IntentLog.write does."""
        for place, state in self._states.items():
            if state.ledger.due() is not None:
                await self._write(place, [])

    # --- choosing ---------------------------------------------------------------------------------------------

    def _choose(self) -> list[tuple[PartJob, Session]]:
        """Parts that may go now, each with a reserved window slot."""
        batch: list[tuple[PartJob, Session]] = []
        now = wall_micros()
        room = min(self._pace.allowed(steady_s()), self._pool.free_slots, _LARGEST_BATCH)
        for lane in LANES:
            queue = self._queues[lane]
            kept_free = _EXPRESS_SLOTS if lane == "bulk" and self._pool.capacity > _EXPRESS_SLOTS else 0
            while queue and len(batch) < room and self._pool.free_slots > kept_free:
                part = queue.popleft()
                if not self._may_go(part, now) or not self._is_prepared(part.job):
                    continue
                session = self._pool.reserve()
                if session is None:
                    queue.appendleft(part)
                    break
                part.job.waiting.discard(part.part)
                batch.append((part, session))
        self._pace.take(len(batch), steady_s())
        return batch

    def _may_go(self, part: PartJob, now: int) -> bool:
        """Whether a part still waits and may be sent; if it may not, all that waits of its job is refused."""
        if part.part not in part.job.waiting:
            return False
        no = refusal(part.job.dispatch, self._recalls, now=now)
        if no is not None:
            self._refuse_waiting(part.job, no.reason, no.detail)
        return no is None

    def _is_prepared(self, job: Job) -> bool:
        if job.prepared is not None:
            return True
        try:
            content = self._keyring.open_content(job.dispatch)
            job.prepared = prepare(
                job.dispatch,
                content,
                default_sender=self._rules.default_sender,
                profile=self._rules.profile,
                reserve=reserve_of(self._policy, job.dispatch.country),
            )
        except Unsendable as no:
            self._refuse_waiting(job, no.reason, no.detail)
            return False
        return True

    def _refuse_waiting(self, job: Job, reason: str, detail: str) -> None:
        parts = tuple(sorted(job.waiting))
        job.waiting.clear()
        self.refuse(job, parts, reason, detail)

    def _again(self, part: PartJob) -> None:
        """Put a part back at the head: it is sure that the carrier has not taken it."""
        part.wire_try += 1
        part.job.waiting.add(part.part)
        self._queues[part.job.place.lane].appendleft(part)

    def _patience_s(self) -> float:
        if any(self._queues.values()) and self._pool.free_slots > 0:
            return min(_IDLE_S, max(0.001, self._pace.wait_s(steady_s())))
        return _IDLE_S

    # --- sending ----------------------------------------------------------------------------------------------

    async def _intend_and_send(self, batch: list[tuple[PartJob, Session]]) -> None:
        """One transaction a partition, at once; then what is durable and young goes out."""
        by_place: dict[Place, list[tuple[PartJob, Session]]] = {}
        for part, session in batch:
            by_place.setdefault(part.job.place, []).append((part, session))
        begun_s = steady_s()
        results = await asyncio.gather(
            *(self._write(place, [part for part, _ in chosen]) for place, chosen in by_place.items()),
            return_exceptions=True,
        )
        for (_place, chosen), result in zip(by_place.items(), results, strict=True):
            if result is None and steady_s() - begun_s < self._intent_max_age_s:
                self._send_all(chosen)
                continue
            for part, session in reversed(chosen):
                session.release()
                self._again(part)
            if result is None:
                log.warning("intents.too_old", carrier=self._rules.id, parts=len(chosen))
            elif not isinstance(result, IntentsAborted):
                raise result

    async def _write(self, place: Place, parts: list[PartJob]) -> None:
        """One transaction; a cancelled caller does not cut it short, since its thread cannot be stopped."""
        writing = asyncio.ensure_future(self._write_alone(place, parts))
        writing.add_done_callback(lambda done: done.cancelled() or done.exception())  # seen, also if nobody waits
        await asyncio.shield(writing)

    async def _write_alone(self, place: Place, parts: list[PartJob]) -> None:
        now = wall_micros()
        intents = [
            facts.intent(
                part.job.dispatch,
                part.part,
                offset=part.job.offset,
                wire_try=part.wire_try,
                caused_by=part.job.caused_by,
                now=now,
            )
            for part in parts
        ]
        ledger = self._states[place].ledger
        async with self._locks[place]:
            mark = ledger.due()
            if self._is_stuck:
                raise IntentsStuck("an earlier transaction never came back")
            call = asyncio.get_running_loop().run_in_executor(
                self._executor, self._logs[place].write, intents, mark, self._group
            )
            try:
                await asyncio.wait_for(call, _STUCK_AFTER_S)
            except TimeoutError:
                self._is_stuck = True
                raise IntentsStuck(f"{place}: no answer in {_STUCK_AFTER_S} s") from None
            self._watch.intended(len(intents))
            if mark is not None:
                ledger.committed(mark)

    def _send_all(self, chosen: list[tuple[PartJob, Session]]) -> None:
        now = wall_micros()
        for part, session in chosen:
            ended = lease_ended(part.job.dispatch, now=now)
            prepared = part.job.prepared
            if ended is not None or prepared is None:
                session.release()
                self.refuse(part.job, (part.part,), "lease-expired", ended.detail if ended else "")
                continue
            self._watch.sent(part.job.place.lane, 1)
            session.submit(prepared.submit_sm(part.part, now=now), self._on_outcome(part, session, now))

    def _on_outcome(self, part: PartJob, session: Session, sent_at: int) -> Callable[[Outcome], None]:
        number = self._wire.go_out()

        def answered(outcome: Outcome) -> None:
            self._answered(part, session, sent_at, outcome)
            self._wire.answered(number)

        return answered

    def _answered(self, part: PartJob, session: Session, sent_at: int, outcome: Outcome) -> None:
        """What the carrier said of one part, or did not say."""
        job, number, now = part.job, part.part, wall_micros()
        event: Event
        headers = self._watch.answered(part, sent_at, outcome, now)
        match outcome:
            case Accepted():
                self._index_and_say(part, outcome, sent_at, now, headers)
            case Refused(status, read) if read.cls is StatusKind.THROTTLED:
                self._pace.throttled(status, steady_s())
                self._again(part)
            case Refused(_, read) if read.cls is StatusKind.SESSION:
                session.drop(read.name)
                self._again(part)
            case Refused():
                event = facts.failed(job.dispatch, number, outcome, caused_by=job.caused_by, sent_at=sent_at, now=now)
                self._say(event, lambda: self._settle(job, (number,)), headers)
            case Indeterminate(reason):
                event = facts.unknown(job.dispatch, number, reason, caused_by=job.caused_by, now=now)
                self._say(event, lambda: self._settle(job, (number,)), headers)
            case NotSent():
                self._again(part)

    def _index_and_say(self, part: PartJob, answer: Accepted, sent_at: int, now: int, headers: list[Header]) -> None:
        """The receipt index first, then the outcome: the part is settled when both are durable."""
        job, number = part.job, part.part
        event = facts.succeeded(job.dispatch, number, answer, caused_by=job.caused_by, sent_at=sent_at, now=now)
        left = {"index", "event"} if answer.smsc_id else {"event"}

        def stored(which: str) -> None:
            left.discard(which)
            if not left:
                self._settle(job, (number,))

        if answer.smsc_id:
            entry = facts.indexed(job.dispatch, number, answer, caused_by=job.caused_by, now=now)
            self._index.add(entry)
            key = index_key(self._rules.id, answer.smsc_id)
            self._send(topics.receipt_index(self._rules.id), key, entry, lambda: stored("index"))
        self._say(event, lambda: stored("event"), headers)

    def _say(self, event: Event, then: Callable[[], None], headers: Sequence[Header]) -> None:
        self._send(topics.LIFECYCLE, event.recipient_id, event, then, headers)

    def _send(
        self, topic: str, key: str, record: Event, then: Callable[[], None], headers: Sequence[Header] = ()
    ) -> None:
        def stored(error: str) -> None:
            if error:
                self._fatal(RuntimeError(f"{type(record).__name__} not written to {topic}: {error}"))
            else:
                then()

        self._outbox.send(topic, key, record, stored, headers)

    def _settle(self, job: Job, parts: Iterable[int]) -> None:
        job.open_parts.difference_update(parts)
        if not job.open_parts:
            self._states[job.place].ledger.settle(job.offset)
