"""Dispatch records into the work of the sender: read, checked, kept in order. One carrier, all its partitions.

Checked here, in log order: epoch, source watermark, schema, carrier. The lease and the recalls are looked at
just before the intent, elsewhere.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import structlog
from confluent_kafka import Message

from connectors import facts
from connectors.clock import wall_micros
from connectors.keyring import Keyring
from connectors.ledger import Ledger, Place
from connectors.outbox import Outbox
from connectors.smpp.submit import PreparedMessage
from pipeline.events import topics
from pipeline.events.codec import Codec, Poison
from pipeline.events.headers import Watermarks, coordinates, read_headers
from pipeline.events.records import DispatchMessage

log = structlog.get_logger(__name__)


class PoisonFlood(Exception):
    """So many unreadable records in a row that something is wrong with us: stop rather than drain the topic."""


@dataclass(slots=True, kw_only=True)
class Job:
    """A dispatch record under way. Settled when the outcome of each of its `open_parts` is durable.

    `waiting` are those of them that are not on the wire: they may still be refused.
    """

    place: Place
    offset: int
    caused_by: str
    dispatch: DispatchMessage
    open_parts: set[int] = field(default_factory=set)
    waiting: set[int] = field(default_factory=set)
    prepared: PreparedMessage | None = None
    headers: Sequence[tuple[str, bytes | None]] = ()


@dataclass(slots=True)
class PartJob:
    """One part to be sent; `wire_try` counts its intents."""

    job: Job
    part: int
    wire_try: int = 1


@dataclass(slots=True, kw_only=True)
class PartitionState:
    """What a new owner found and what has been read since, of one dispatch partition."""

    ledger: Ledger
    marks: Watermarks
    taken: Mapping[int, frozenset[int]] = field(default_factory=dict)
    """Parts by dispatch offset of which a predecessor left an intent: reported unknown, never sent again."""


class Intake:
    """Turns messages of the dispatch topics into part jobs, handed to `offer`.

    A foreign epoch, a missing source and what cannot be decoded go to quarantine; a repeat is dropped.
    """

    def __init__(
        self,
        *,
        carrier: str,
        epoch: str,
        codec: Codec,
        keyring: Keyring,
        outbox: Outbox,
        states: Mapping[Place, PartitionState],
        offer: Callable[[PartJob], None],
        refuse: Callable[[Job, tuple[int, ...], str, str], None],
        on_fatal: Callable[[BaseException], None],
        poison_limit: int,
        on_poison: Callable[[str], None] = lambda reason: None,
    ) -> None:
        self._carrier, self._epoch = carrier, epoch
        self._codec, self._keyring, self._outbox = codec, keyring, outbox
        self._states = states
        self._offer, self._refuse, self._on_fatal = offer, refuse, on_fatal
        self._poison_limit = poison_limit
        self._on_poison = on_poison
        self._poisoned_in_a_row = 0

    def admit(self, lane: str, message: Message) -> None:
        """Take one record in. Raises PoisonFlood past the limit of unreadable records in a row."""
        place = Place(lane, message.partition())
        offset = message.offset()
        state = self._states[place]
        try:
            source, epoch = read_headers(message.headers())
        except ValueError as error:
            self._quarantine(place, message, Poison("bad-headers", str(error)[:200]))
            return
        if epoch != self._epoch:
            self._quarantine(place, message, Poison("foreign-epoch", f"epoch={epoch!r}, expected {self._epoch!r}"))
            return
        if source is None:
            self._quarantine(place, message, Poison("no-source", "no source header, expected throttling's"))
            return
        if not state.marks.admit(source):
            log.info("dispatch.repeat_dropped", carrier=self._carrier, lane=lane, offset=offset)
            state.ledger.open(offset, None)
            state.ledger.settle(offset)
            return
        try:
            dispatch = self._codec.decode(message.value(), DispatchMessage)
        except Poison as poison:
            self._quarantine(place, message, poison)
            return
        self._poisoned_in_a_row = 0
        state.ledger.open(offset, source)
        caused_by = coordinates(topics.dispatch(self._carrier, lane), place.partition, offset)
        job = Job(
            place=place,
            offset=offset,
            caused_by=caused_by,
            dispatch=dispatch,
            headers=message.headers() or (),
        )
        self._take(job, state)

    def _take(self, job: Job, state: PartitionState) -> None:
        parts = tuple(part for part in job.dispatch.parts if part not in state.taken.get(job.offset, ()))
        if not parts and job.dispatch.parts:
            state.ledger.settle(job.offset)
            return
        job.open_parts.update(parts)
        if job.dispatch.carrier != self._carrier:
            detail = f"carrier={job.dispatch.carrier!r} in the topic of {self._carrier!r}"
            self._refuse(job, parts, "carrier-mismatch", detail)
            return
        if not parts:
            self._refuse(job, parts, "segments-differ", "parts=[], expected at least one")
            return
        job.waiting.update(parts)
        for part in parts:
            self._offer(PartJob(job, part))

    def _quarantine(self, place: Place, message: Message, poison: Poison) -> None:
        offset = message.offset()
        topic = topics.dispatch(self._carrier, place.lane)
        log.error("dispatch.quarantined", topic=topic, partition=place.partition, offset=offset, reason=poison.reason)
        self._on_poison(poison.reason)
        self._poisoned_in_a_row += 1
        if self._poisoned_in_a_row > self._poison_limit:
            raise PoisonFlood(f"{self._poisoned_in_a_row} unreadable records in a row, the last: {poison}")
        ledger = self._states[place].ledger
        ledger.open(offset, None)
        now = wall_micros()

        def stored(error: str) -> None:
            if error:
                self._on_fatal(RuntimeError(f"quarantine not written: {error}"))
            else:
                ledger.settle(offset)

        record = facts.quarantined(
            source=(topic, place.partition, offset),
            timestamp=message.timestamp()[1] * 1_000,
            value=message.value() or b"",
            reason=poison.reason,
            detail=poison.detail,
            sealer=self._keyring.sealer(now),
            now=now,
        )
        self._outbox.send(topics.QUARANTINE, record.caused_by, record, stored)
