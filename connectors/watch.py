"""What one carrier's connector lets others see: counts, levels, and the spans of the wire.

Called by the sender, the intake and the inbound side at the few points where something happened; decides nothing. What
it returns are headers for the record that tells of it, none while traces are off.
"""

from collections.abc import Mapping, Sequence

from opentelemetry.trace import SpanKind

from connectors.clock import wall_micros
from connectors.intake import Job, PartJob
from connectors.smpp.outcomes import Accepted, Indeterminate, NotSent, Outcome, Refused
from pipeline.events.codec import AnyRecord
from pipeline.events.records import ReceiptReceived, ReplyReceived
from pipeline.metrics import (
    BINDS,
    INTENTS,
    RECEIPTS,
    REFUSED,
    REPLIES,
    RESPONSES,
    ROUND_TRIP,
    SUBMITS,
    UNREADABLE,
    WAITING,
    WINDOW,
)
from pipeline.telemetry import Telemetry
from pipeline.tracing import Header, message_id_in


class WireWatch:
    """The telemetry of one carrier account."""

    def __init__(self, carrier: str, telemetry: Telemetry | None = None) -> None:
        self._carrier = carrier
        telemetry = telemetry or Telemetry()
        self._metrics = telemetry.metrics
        self._spans = telemetry.spans

    def intended(self, count: int) -> None:
        """So many intents were made durable in one transaction."""
        if count:
            self._metrics.observe(INTENTS, count, carrier=self._carrier)

    def sent(self, lane: str, count: int) -> None:
        """So many parts went out."""
        if count:
            self._metrics.add(SUBMITS, count, carrier=self._carrier, lane=lane)

    def answered(self, part: PartJob, sent_at: int, outcome: Outcome, now: int) -> list[Header]:
        """What became of one part; times are UTC micros."""
        answer = answer_of(outcome)
        self._metrics.add(RESPONSES, carrier=self._carrier, answer=answer)
        if isinstance(outcome, Accepted | Refused):
            self._metrics.observe(ROUND_TRIP, max(0, now - sent_at) / 1_000_000, carrier=self._carrier)
        job = part.job
        about: dict[str, str | int] = {
            "sluice.part": part.part,
            "sluice.wire_try": part.wire_try,
            "sluice.answer": answer,
        }
        where = ("wire", job.caused_by, part.part, part.wire_try)
        return self._span("submit_sm", job.dispatch.message_id, job.headers, where, sent_at, about, SpanKind.CLIENT)

    def refused(self, job: Job, parts: Sequence[int], reason: str) -> list[Header]:
        """Parts of a dispatch that are not sent."""
        self._metrics.add(REFUSED, len(parts), carrier=self._carrier, reason=reason)
        where = ("refusal", job.caused_by, *parts)
        about = {"sluice.reason": reason}
        return self._span("refuse", job.dispatch.message_id, job.headers, where, wall_micros(), about)

    def brought(self, event: AnyRecord) -> list[Header]:
        """The carrier brought a receipt or a reply, which is about to be stored."""
        about: dict[str, str | int] = {}
        match event:
            case ReceiptReceived():
                self._metrics.add(RECEIPTS, carrier=self._carrier, state=event.state)
                about = {"sluice.part": event.part, "sluice.state": event.state}
            case ReplyReceived():
                self._metrics.add(REPLIES, carrier=self._carrier, action=event.action or "none")
                about = {"sluice.action": event.action or "none"}
            case _:
                return []
        where = (type(event).__name__, self._carrier, event.message_id, event.occurred_at, *about.values())
        return self._span("deliver_sm", message_id_in(event), None, where, event.occurred_at, about)

    def unreadable(self, reason: str) -> None:
        """Something went to quarantine."""
        self._metrics.add(UNREADABLE, carrier=self._carrier, reason=reason)

    def levels(self, *, binds: int, slots_used: int, waiting: dict[str, int]) -> None:
        """How things stand right now; `waiting` is by lane."""
        self._metrics.set(BINDS, binds, carrier=self._carrier)
        self._metrics.set(WINDOW, slots_used, carrier=self._carrier)
        for lane, count in waiting.items():
            self._metrics.set(WAITING, count, carrier=self._carrier, lane=lane)

    def _span(
        self,
        name: str,
        message_id: str,
        headers: Sequence[tuple[str, bytes | None]] | None,
        where: tuple[object, ...],
        start_us: int,
        about: Mapping[str, str | int],
        kind: SpanKind = SpanKind.INTERNAL,
    ) -> list[Header]:
        if self._spans is None:
            return []
        hop = self._spans.wire(message_id, headers, *where)
        attributes = {"sluice.carrier": self._carrier, **about}
        self._spans.end(hop, f"{self._carrier} {name}", start_us=start_us, attributes=attributes, kind=kind)
        return hop.headers_of(message_id)


def answer_of(outcome: Outcome) -> str:
    """The class of an outcome, as metrics and spans name it."""
    match outcome:
        case Accepted():
            return "accepted"
        case Refused():
            return outcome.status.cls.value
        case Indeterminate():
            return "unknown"
        case NotSent():
            return "not-sent"
