"""Spans to an OpenTelemetry collector: made from hops, sent in the background. Off unless the environment asks for it.

A span never holds text, numbers or recipients: coordinates, record types, stable reasons. A collector that is slow or
away costs spans and nothing else: the queue is bounded, and what does not fit is dropped.
"""

import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence

import structlog
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import Link, SpanContext, SpanKind, TraceFlags

from pipeline.errors import ForTheUser
from pipeline.tracing import Hop, TraceContext, first_hop, hop_of, message_id_in, span_id_of

log = structlog.get_logger(__name__)

Attributes = Mapping[str, str | int]
Headers = Iterable[tuple[str, bytes | None]] | None
CLOSE_S = 2.0
_SCOPE = InstrumentationScope("sluice")
_ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
_ON, _OFF = frozenset({"on", "1", "true"}), frozenset({"off", "0", "false"})


class TracesMisconfigured(ForTheUser, ValueError):
    """A variable of the environment is not what it may be; the message names it."""


class Spans:
    """The tracing of one process. `export` gets each finished span that is sampled, and must not block."""

    def __init__(
        self,
        export: Callable[[ReadableSpan], None],
        *,
        service: str,
        ratio: float = 1.0,
        now_ns: Callable[[], int] = time.time_ns,
        close: Callable[[], None] = lambda: None,
    ) -> None:
        self.ratio = ratio
        self._export = export
        self._resource = Resource.create({"service.name": service})
        self._now_ns = now_ns
        self._close = close

    def decision(self, event: object, topic: str, partition: int, offset: int, headers: Headers) -> Hop:
        """The step of deciding on the event that stands at these coordinates."""
        return hop_of(message_id_in(event), span_id_of(topic, partition, offset), headers, ratio=self.ratio)

    def decided(
        self,
        hop: Hop,
        stage: str,
        event: object,
        topic: str,
        partition: int,
        offset: int,
        written: Sequence[object],
        *,
        start_us: int,
    ) -> None:
        """A stage has decided on an event, and these records are handed over. `start_us`: log time of the event.

        No event: a submission, of which validation gives no record away.
        """
        others = {message_id_in(each) for each in written}
        if not hop.is_sampled and not any(each != hop.message_id and hop.is_seen(each) for each in others):
            return
        record = "SubmitMessage" if event is None else type(event).__name__
        about = record_attributes(topic, partition, offset, stage, record) | outcome_attributes(written)
        self.end(hop, f"{stage} {record}", start_us=start_us, attributes=about, others=others)

    def validation(self, message_id: str, headers: Headers) -> Hop:
        """The step of validating a submission; `headers` are its producer's."""
        return first_hop(message_id, headers, ratio=self.ratio)

    def wire(self, message_id: str, headers: Headers, *coordinates: object) -> Hop:
        """A step at the carrier's side, named by whatever tells it from all others."""
        return hop_of(message_id, span_id_of(*coordinates), headers, ratio=self.ratio)

    def end(
        self,
        hop: Hop,
        name: str,
        *,
        start_us: int,
        attributes: Attributes,
        kind: SpanKind = SpanKind.CONSUMER,
        others: Iterable[str] = (),
    ) -> None:
        """A step is done. In the trace of each message that it wrote about (`others`) it is a span of its own.

        Never raises: a span that cannot be made is told in the log and is lost, and the work goes on.
        """
        try:
            self._end(hop, name, start_us, attributes, kind, others)
        except Exception as error:  # noqa: BLE001  (whoever looks on must not stop what is looked at)
            log.warning("span.lost", span=name, detail=f"{type(error).__name__}: {error}")

    def _end(
        self, hop: Hop, name: str, start_us: int, attributes: Attributes, kind: SpanKind, others: Iterable[str]
    ) -> None:
        for message_id in {hop.message_id, *others}:
            context = hop.context_of(message_id)
            if context is None or not context.is_sampled:
                continue
            is_own = message_id == hop.message_id
            parent = TraceContext(context.trace_id, hop.parent_id, True) if is_own and hop.parent_id else None
            link = hop.link if is_own else hop.context_of(hop.message_id)
            self._export(
                ReadableSpan(
                    name,
                    context=_span_context(context, is_remote=False),
                    parent=None if parent is None else _span_context(parent, is_remote=True),
                    resource=self._resource,
                    attributes=attributes,
                    links=() if link is None else (Link(_span_context(link, is_remote=True)),),
                    kind=kind,
                    start_time=start_us * 1000,
                    end_time=max(self._now_ns(), start_us * 1000),
                    instrumentation_scope=_SCOPE,
                )
            )

    def close(self) -> None:
        """Send what is left, for a moment; a collector that is away holds up nobody."""
        closing = threading.Thread(target=self._close, name="sluice-spans-close", daemon=True)
        closing.start()
        closing.join(CLOSE_S)


def record_attributes(topic: str, partition: int, offset: int, group: str, record: str) -> dict[str, str | int]:
    """What a span says of the record it is about (OpenTelemetry's conventions for messaging)."""
    return {
        "messaging.system": "kafka",
        "messaging.operation.type": "process",
        "messaging.operation.name": "decide",
        "messaging.destination.name": topic,
        "messaging.destination.partition.id": str(partition),
        "messaging.kafka.offset": offset,
        "messaging.consumer.group.name": group,
        "sluice.record": record,
    }


def outcome_attributes(records: Iterable[object]) -> dict[str, str | int]:
    """What a span says of what came out: record types in order, and the first stable reason among them."""
    written = list(records)
    reason = next((str(why) for each in written if (why := getattr(each, "reason", ""))), "")
    found: dict[str, str | int] = {"sluice.written": ",".join(type(each).__name__ for each in written) or "nothing"}
    return found | {"sluice.reason": reason} if reason else found


def is_wanted(environment: Mapping[str, str]) -> bool:
    """Whether to trace: SLUICE_TRACES=on|off, else if an OTLP endpoint is named. Raises TracesMisconfigured."""
    said = environment.get("SLUICE_TRACES", "").lower()
    if said and said not in _ON | _OFF:
        raise TracesMisconfigured(f"SLUICE_TRACES={said!r}, expected on or off")
    if environment.get("OTEL_SDK_DISABLED", "").lower() == "true" or said in _OFF:
        return False
    return said in _ON or any(environment.get(name) for name in _ENDPOINTS)


def ratio_of(environment: Mapping[str, str]) -> float:
    """The share of messages to follow: OTEL_TRACES_SAMPLER_ARG, 1 by default. Raises TracesMisconfigured."""
    said = environment.get("OTEL_TRACES_SAMPLER_ARG", "1")
    try:
        ratio = float(said)
    except ValueError:
        ratio = -1.0
    if not 0.0 <= ratio <= 1.0:
        raise TracesMisconfigured(f"OTEL_TRACES_SAMPLER_ARG={said!r}, expected a number from 0 to 1")
    return ratio


def spans_of(environment: Mapping[str, str], service: str) -> Spans | None:
    """Tracing as the environment wants it (the exporter reads its OTEL_EXPORTER_OTLP_* itself), None if it is off."""
    if not is_wanted(environment):
        return None
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # 0.1 s that few processes need

    batches = BatchSpanProcessor(OTLPSpanExporter())
    ratio = ratio_of(environment)
    log.info("traces.on", service=service, ratio=ratio)
    return Spans(batches.on_end, service=service, ratio=ratio, close=batches.shutdown)


def _span_context(context: TraceContext, *, is_remote: bool) -> SpanContext:
    flags = TraceFlags(TraceFlags.SAMPLED if context.is_sampled else TraceFlags.DEFAULT)
    return SpanContext(int(context.trace_id, 16), int(context.span_id, 16), is_remote, flags)
