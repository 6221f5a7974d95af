"""What the carrier brings: receipts and replies become events, and are answered once these are durable.

What speaks of nobody we know goes to quarantine, sealed, and is answered too: never dropped in silence.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from connectors import facts
from connectors.clock import steady_s, wall_micros
from connectors.keyring import Keyring
from connectors.on_the_wire import OnTheWire
from connectors.outbox import Outbox
from connectors.receipt_index import ReceiptIndex
from connectors.smpp import pdu
from connectors.smpp.deliveries import IncomingReceipt, ReceiptReader, read_reply_part, reply_event
from connectors.smpp.reassembly import Gathered, Reassembly
from connectors.watch import WireWatch
from pipeline.domain.profiles import CarrierProfile
from pipeline.domain.smpp.receipt_ids import STRING
from pipeline.events import topics
from pipeline.events.records import Event

log = structlog.get_logger(__name__)

Answer = Callable[[int], None]

_REPLIES_LIMIT = 10_000
_ORPHANS_LIMIT = 10_000


@dataclass(slots=True)
class _Orphan:
    """A receipt whose id is not known yet and that needs it: its submit_sm_resp may still be on its way.

    It needs it if it names no phone; and where receipts write ids otherwise than responses, for what joins it later
    compares ids as they are written (DOMAIN 3.8). `behind` submits had gone out when it came: once all of these are
    answered, no response can bring its id.
    """

    receipt: IncomingReceipt
    body: bytes
    answer: Answer
    behind: int
    until_s: float


class Inbound:
    """Handles each deliver_sm of a carrier account, from whichever bind.

    What waits in memory is not answered, so an SMSC with a small window stands still meanwhile: an orphan waits only
    while `wire` has a submit of before it unanswered, and at most `patience_s`; replies wait for their parts.
    """

    def __init__(
        self,
        *,
        carrier: str,
        outbox: Outbox,
        keyring: Keyring,
        index: ReceiptIndex,
        durable_within_s: float,
        patience_s: float,
        fatal: Callable[[BaseException], None],
        wire: OnTheWire,
        watch: WireWatch | None = None,
        profile: CarrierProfile | None = None,
        orphans_limit: int = _ORPHANS_LIMIT,
    ) -> None:
        profile = profile or CarrierProfile()
        self._carrier = carrier
        self._outbox, self._keyring, self._index = outbox, keyring, index
        self._recipients = keyring.recipients()
        self._receipts = ReceiptReader(carrier=carrier, recipients=self._recipients, profile=profile)
        self._waits_for_id = profile.receipt_ids != STRING
        self._durable_within_s, self._patience_s = durable_within_s, patience_s
        self._fatal = fatal
        self._watch = watch or WireWatch(carrier)
        self._replies = Reassembly(patience_s=patience_s, limit=_REPLIES_LIMIT)
        self._wire = wire
        wire.on_answer = self._adopt
        self._orphans: deque[_Orphan] = deque()
        self._orphans_limit = orphans_limit
        self._is_ending = False
        self._unstored: dict[int, tuple[float, tuple[Answer, ...]]] = {}
        self._number = 0

    def on_deliver(self, frame: pdu.Frame, answer: Answer) -> None:
        """Take one deliver_sm; `answer` is called when its event is durable, or cannot be."""
        try:
            deliver = pdu.read_deliver_sm(frame.body)
        except pdu.MalformedBody as error:
            self._quarantine(frame.body, "malformed-deliver-sm", str(error), (answer,))
            return
        now = wall_micros()
        receipt = self._receipts.read(deliver, now=now)
        if receipt is None:
            whole = self._replies.add(read_reply_part(deliver), answer, now_s=steady_s())
            if whole is not None:
                self._store_reply(whole)
            elif self._is_ending:
                self.give_back()
            return
        filled = self._index.fill_in(receipt.event, receipt.text_id)
        if filled.message_id or (filled.recipient_id and not (self._waits_for_id and filled.smsc_id)):
            self._store(filled, (answer,))
            return
        orphan = _Orphan(receipt, frame.body, answer, self._wire.count, steady_s() + self._patience_s)
        if self._is_over(orphan):
            self._let_go(orphan)
        elif self._is_ending or len(self._orphans) >= self._orphans_limit:
            answer(pdu.STATUS_TEMPORARY)
        else:
            self._orphans.append(orphan)

    def sweep(self) -> None:
        """What waited too long: replies as far as they came, orphans, events that Kafka does not take."""
        now_s = steady_s()
        for gathered in self._replies.overdue(now_s=now_s):
            log.warning("reply.incomplete", carrier=self._carrier, parts=len(gathered.parts))
            self._store_reply(gathered)
        orphans, self._orphans = self._orphans, deque()
        for orphan in orphans:
            if now_s < orphan.until_s and not self._is_known(orphan):
                self._orphans.append(orphan)
            else:
                self._let_go(orphan)
        for number, (until_s, answers) in list(self._unstored.items()):
            if now_s >= until_s:
                del self._unstored[number]
                log.warning("deliver_sm.not_stored_in_time", carrier=self._carrier)
                _answer_all(answers, pdu.STATUS_TEMPORARY)

    def give_back(self) -> None:
        """Before the end: what waits in memory, and would from now on, is brought to the next owner by the SMSC."""
        self._is_ending = True
        for gathered in self._replies.overdue(now_s=float("inf")):
            _answer_all(gathered.answers, pdu.STATUS_TEMPORARY)
        for orphan in self._orphans:
            orphan.answer(pdu.STATUS_TEMPORARY)
        self._orphans.clear()

    def _adopt(self) -> None:
        """A submit was answered: let go of the oldest orphans that waited for no later one."""
        while self._orphans and self._is_over(self._orphans[0]):
            self._let_go(self._orphans.popleft())

    def _is_over(self, orphan: _Orphan) -> bool:
        return self._wire.has_answered(orphan.behind)

    def _is_known(self, orphan: _Orphan) -> bool:
        return bool(self._index.fill_in(orphan.receipt.event, orphan.receipt.text_id).message_id)

    def _let_go(self, orphan: _Orphan) -> None:
        """Store a receipt that need not wait, or no longer, with what is known of it by now."""
        filled = self._index.fill_in(orphan.receipt.event, orphan.receipt.text_id)
        if filled.recipient_id:
            self._store(filled, (orphan.answer,))
        else:
            detail = "the receipt names neither a phone nor an id of the receipt index"
            self._quarantine(orphan.body, "orphan-receipt", detail, (orphan.answer,))

    def _store_reply(self, whole: Gathered) -> None:
        now = wall_micros()
        event = reply_event(
            whole.parts,
            carrier=self._carrier,
            recipients=self._recipients,
            sealer=self._keyring.sealer(now),
            now=now,
        )
        log.info("reply.received", carrier=self._carrier, parts=len(whole.parts), action=event.action)
        self._store(event, whole.answers)

    def _quarantine(self, body: bytes, reason: str, detail: str, answers: tuple[Answer, ...]) -> None:
        """The wire has no coordinates: a name for the carrier's session and the time stand for them."""
        now = wall_micros()
        log.error("deliver_sm.quarantined", carrier=self._carrier, reason=reason)
        self._watch.unreadable(reason)
        record = facts.quarantined(
            source=(f"smpp.{self._carrier}", 0, now),
            timestamp=now,
            value=body,
            reason=reason,
            detail=detail,
            sealer=self._keyring.sealer(now),
            now=now,
        )
        self._store(record, answers, topic=topics.QUARANTINE, key=record.caused_by)

    def _store(
        self, event: Event, answers: tuple[Answer, ...], *, topic: str = topics.LIFECYCLE, key: str = ""
    ) -> None:
        self._number += 1
        number = self._number
        self._unstored[number] = (steady_s() + self._durable_within_s, answers)

        def stored(error: str) -> None:
            self._unstored.pop(number, None)
            if error:
                self._fatal(RuntimeError(f"{type(event).__name__} not written to {topic}: {error}"))
            _answer_all(answers, pdu.STATUS_TEMPORARY if error else pdu.STATUS_OK)

        self._outbox.send(topic, key or event.recipient_id, event, stored, self._watch.brought(event))


def _answer_all(answers: tuple[Answer, ...], status: int) -> None:
    for answer in answers:
        answer(status)
