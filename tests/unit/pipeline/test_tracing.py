"""Laws of trace ids: they follow from the message and from coordinates, and are the same whenever asked again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.sampling import TraceIdRatioBased

from pipeline.domain.ids import message_id
from pipeline.events.records import MessageAccepted, MessageRouted, ReplyReceived
from pipeline.spans import Spans, TracesMisconfigured, is_wanted, ratio_of, spans_of
from pipeline.tracing import (
    TRACEPARENT,
    TraceContext,
    first_hop,
    hop_of,
    is_in_sample,
    read_traceparent,
    root_span_id,
    span_id_of,
    trace_id_of,
)

MESSAGE = message_id("cluster", "sms.submitted.acme.express", 0, 7)
OTHER = message_id("cluster", "sms.submitted.acme.express", 0, 8)
IDS = st.text("0123456789abcdef", min_size=32, max_size=32).filter(lambda each: int(each, 16) > 0)


def _ours(span: ReadableSpan) -> tuple[str, str, str]:
    context = span.get_span_context()
    assert context is not None
    parent = "" if span.parent is None else f"{span.parent.span_id:016x}"
    return f"{context.trace_id:032x}", parent, f"{context.span_id:016x}"


def test_the_header_is_that_of_the_w3c() -> None:
    name, value = TraceContext("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7", True).header()
    assert (name, value) == (TRACEPARENT, b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")


@given(IDS, st.booleans())
def test_what_is_written_is_read_back(trace_id: str, is_sampled: bool) -> None:
    context = TraceContext(trace_id, span_id_of("t", 0, 1), is_sampled)
    assert read_traceparent([("source", b"t/0/1/0"), context.header()]) == context


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"\xff\xfe",
        b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
        b"00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        b"00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        b"00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        b"+491712345678",
    ],
)
def test_a_malformed_header_is_as_none(value: bytes) -> None:
    assert read_traceparent([(TRACEPARENT, value)]) is None


def test_a_step_hangs_under_the_step_that_wrote_its_record() -> None:
    first = first_hop(MESSAGE, (), ratio=1)
    second = hop_of(MESSAGE, span_id_of("sms.lifecycle", 3, 9), first.headers_of(MESSAGE), ratio=1)
    assert (first.parent_id, second.parent_id) == ("", first.span_id)
    assert first.span_id == root_span_id(MESSAGE)


def test_what_has_no_source_record_hangs_under_the_validation() -> None:
    timer = hop_of(MESSAGE, span_id_of("sms.lifecycle", 3, 99), (), ratio=1)
    assert timer.parent_id == first_hop(MESSAGE, (), ratio=1).span_id


def test_deciding_again_writes_the_same_headers() -> None:
    def once() -> list[tuple[str, bytes]]:
        return hop_of(MESSAGE, span_id_of("sms.lifecycle", 3, 9), (), ratio=0.3).headers_of(MESSAGE)

    assert once() == once()


def test_a_sampled_producer_is_linked_and_followed_whatever_the_ratio() -> None:
    theirs = TraceContext("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7", True)
    hop = first_hop(MESSAGE, [theirs.header()], ratio=0)
    assert (hop.link, hop.is_sampled, hop.parent_id) == (theirs, True, "")
    after = hop_of(MESSAGE, span_id_of("t", 0, 0), hop.headers_of(MESSAGE), ratio=0)
    assert after.is_sampled, "every later step follows what the first one said"


@given(IDS, st.floats(0, 1))
def test_who_is_sampled_is_what_opentelemetry_would_say(trace_id: str, ratio: float) -> None:
    said = TraceIdRatioBased(ratio).should_sample(None, int(trace_id, 16), "x").decision.is_sampled()
    assert is_in_sample(trace_id, ratio) == said


@pytest.mark.parametrize("no_id", ["", "m1", "0" * 32, MESSAGE.upper(), MESSAGE + "0"])
def test_what_is_no_message_id_makes_no_trace(no_id: str) -> None:
    assert trace_id_of(no_id) == ""
    assert hop_of(no_id, span_id_of("t", 0, 0), (), ratio=1).headers_of(no_id) == []


def test_a_decision_about_another_message_is_a_linked_span_in_its_trace_too() -> None:
    spans: list[ReadableSpan] = []
    tracer = Spans(spans.append, service="test", now_ns=lambda: 5_000_000)
    event, written = MessageAccepted(message_id=MESSAGE), [MessageRouted(message_id=OTHER)]
    hop = tracer.decision(event, "sms.lifecycle", 0, 1, ())
    tracer.decided(hop, "routing", event, "sms.lifecycle", 0, 1, written, start_us=1_000)
    own, other = sorted(spans, key=lambda each: _ours(each)[0] != MESSAGE)
    assert _ours(own) == (MESSAGE, root_span_id(MESSAGE), hop.span_id)
    assert _ours(other) == (OTHER, "", hop.span_id)
    assert [f"{link.context.trace_id:032x}" for link in other.links] == [MESSAGE]


def test_a_record_without_a_message_that_leads_to_one_makes_a_span_there() -> None:
    spans: list[ReadableSpan] = []
    tracer = Spans(spans.append, service="test")
    hop = tracer.decision(ReplyReceived(), "sms.lifecycle", 0, 1, ())
    written = [MessageRouted(message_id=OTHER)]
    tracer.decided(hop, "routing", ReplyReceived(), "sms.lifecycle", 0, 1, written, start_us=1)
    assert [_ours(each)[0] for each in spans] == [OTHER]


def test_what_is_not_sampled_is_not_exported_but_says_so_in_its_header() -> None:
    spans: list[ReadableSpan] = []
    tracer = Spans(spans.append, service="test", ratio=0)
    event = MessageAccepted(message_id=MESSAGE)
    hop = tracer.decision(event, "sms.lifecycle", 0, 1, ())
    tracer.decided(hop, "routing", event, "sms.lifecycle", 0, 1, [], start_us=1)
    assert spans == []
    assert hop.headers_of(MESSAGE)[0][1].endswith(b"-00")


def test_an_exporter_that_raises_stops_nobody() -> None:
    def broken(_: ReadableSpan) -> None:
        raise OSError("no room")

    tracer = Spans(broken, service="test")
    event = MessageAccepted(message_id=MESSAGE)
    hop = tracer.decision(event, "sms.lifecycle", 0, 1, ())
    tracer.decided(hop, "routing", event, "sms.lifecycle", 0, 1, [], start_us=1)


@pytest.mark.parametrize(
    ("environment", "is_on"),
    [
        ({}, False),
        ({"SLUICE_TRACES": "on"}, True),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318"}, True),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://c:4318/v1/traces"}, True),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318", "SLUICE_TRACES": "off"}, False),
        ({"SLUICE_TRACES": "on", "OTEL_SDK_DISABLED": "true"}, False),
    ],
)
def test_the_environment_says_whether_to_trace(environment: dict[str, str], is_on: bool) -> None:
    assert is_wanted(environment) is is_on


def test_traces_are_off_by_default() -> None:
    assert spans_of({}, "test") is None


@pytest.mark.parametrize("environment", [{"SLUICE_TRACES": "perhaps"}])
def test_a_wrong_switch_is_named(environment: dict[str, str]) -> None:
    with pytest.raises(TracesMisconfigured, match="SLUICE_TRACES='perhaps'"):
        is_wanted(environment)


@pytest.mark.parametrize("ratio", ["much", "1.5", "-1", "nan"])
def test_a_wrong_ratio_is_named(ratio: str) -> None:
    with pytest.raises(TracesMisconfigured, match="OTEL_TRACES_SAMPLER_ARG"):
        ratio_of({"OTEL_TRACES_SAMPLER_ARG": ratio})
