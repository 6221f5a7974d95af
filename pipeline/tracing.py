"""Trace context that needs no state: every id follows from the message id and from coordinates. Pure.

The trace of a message is its message id (16 octets). The span of a decision is named by the coordinates of the record
decided on; the span of validation by the first half of the message id, so that what has no source record (a timer, a
receipt) finds its parent too. Deciding again gives the same ids, and the same headers.
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

TRACEPARENT = "traceparent"
_FORM = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})")
_MESSAGE_ID = re.compile(r"[0-9a-f]{32}")
_SPAN_HEX = 16
_SAMPLED = 1

Header = tuple[str, bytes]


class TraceContext(NamedTuple):
    """What a `traceparent` header says (W3C Trace Context, version 00)."""

    trace_id: str
    span_id: str
    is_sampled: bool

    def header(self) -> Header:
        """As a Kafka header."""
        return TRACEPARENT, f"00-{self.trace_id}-{self.span_id}-{_SAMPLED if self.is_sampled else 0:02x}".encode()


def read_traceparent(headers: Iterable[tuple[str, bytes | None]] | None) -> TraceContext | None:
    """The context in a record's headers; None if there is none, or one that the standard has ignored."""
    raw = next((value for name, value in headers or () if name == TRACEPARENT and value), b"")
    found = _FORM.fullmatch(raw.decode("ascii", "replace"))
    if found is None or not int(found[1], 16) or not int(found[2], 16):
        return None
    return TraceContext(found[1], found[2], bool(int(found[3], 16) & _SAMPLED))


def message_id_in(record: object) -> str:
    """The message that a record is about, '' if none."""
    return getattr(record, "message_id", "")


def trace_id_of(message_id: str) -> str:
    """The trace of a message; '' for what is no message id."""
    return message_id if _MESSAGE_ID.fullmatch(message_id) and int(message_id, 16) else ""


def root_span_id(message_id: str) -> str:
    """The span of a message's validation: the parent of all that has no other."""
    return message_id[:_SPAN_HEX]


def span_id_of(*coordinates: object) -> str:
    """The span of what happened at these coordinates: 16 hex digits."""
    named = "/".join(map(str, coordinates))
    return hashlib.blake2b(named.encode(), digest_size=_SPAN_HEX // 2).hexdigest()


def is_in_sample(message_id: str, ratio: float) -> bool:
    """Whether a message is sampled: the same everywhere, by its last 8 octets, as OpenTelemetry's TraceIdRatioBased."""
    return int(message_id[_SPAN_HEX:], 16) < round(ratio * (1 << 64))


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """One step in a message's life: its span, the span before it, and whether it is seen at all.

    `link` is a context of another trace, such as a producer's own. `parent_id` is '' for the first step.
    """

    message_id: str
    span_id: str
    parent_id: str
    is_sampled: bool
    link: TraceContext | None
    ratio: float

    def context_of(self, message_id: str) -> TraceContext | None:
        """The context of what this step wrote about a message (mostly its own); None for what is no message."""
        trace_id = trace_id_of(message_id)
        return TraceContext(trace_id, self.span_id, self.is_seen(message_id)) if trace_id else None

    def is_seen(self, message_id: str) -> bool:
        """Whether the trace of this message is sampled, as far as this step can know."""
        if message_id == self.message_id:
            return self.is_sampled
        return bool(trace_id_of(message_id)) and is_in_sample(message_id, self.ratio)

    def headers_of(self, message_id: str) -> list[Header]:
        """The headers that a record about a message gets from this step: one or none."""
        context = self.context_of(message_id)
        return [] if context is None else [context.header()]


def hop_of(message_id: str, span_id: str, headers: Iterable[tuple[str, bytes | None]] | None, *, ratio: float) -> Hop:
    """The step that follows a record with these headers (None or foreign: it hangs under the validation)."""
    found = read_traceparent(headers)
    if found is not None and found.trace_id == message_id:
        return Hop(
            message_id=message_id,
            span_id=span_id,
            parent_id=found.span_id,
            is_sampled=found.is_sampled,
            link=None,
            ratio=ratio,
        )
    return Hop(
        message_id=message_id,
        span_id=span_id,
        parent_id=root_span_id(message_id),
        is_sampled=bool(trace_id_of(message_id)) and is_in_sample(message_id, ratio),
        link=found,
        ratio=ratio,
    )


def first_hop(message_id: str, headers: Iterable[tuple[str, bytes | None]] | None, *, ratio: float) -> Hop:
    """Validation: a producer's context becomes a link, and its sampled flag makes us sample too."""
    link = read_traceparent(headers)
    is_ours = bool(trace_id_of(message_id)) and is_in_sample(message_id, ratio)
    return Hop(
        message_id=message_id,
        span_id=root_span_id(message_id),
        parent_id="",
        is_sampled=is_ours or (link is not None and link.is_sampled),
        link=link,
        ratio=ratio,
    )
