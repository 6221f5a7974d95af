"""The phones: what each received, put together from its parts.

Pure state, no clock and no I/O; times come with the records. Parts belong together by (sender, handset,
reference, total). The same part again is counted and never shown as a new message; the same text again is
shown and marked with `repeat_of`. Called by `account` (receive) and `views` (reading).
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import NamedTuple

from connectors.simulator import alphabet
from connectors.simulator.parts import Part, read_part, reading_of
from connectors.simulator.records import MoRecord, SubmitRecord

REFERENCE_LIFE_MS = 24 * 3600 * 1000  # after this a phone takes a reference for a new message


class ReceivedPart(NamedTuple):
    """One part as it came."""

    part: Part
    at_ms: int

    @property
    def octets(self) -> bytes:
        """Its text, without a header."""
        return self.part.octets


@dataclass(slots=True, kw_only=True)
class Message:
    """A message on a handset, complete or not. `id` is the seq of the submit that brought its first part."""

    id: int
    account: str
    coding: alphabet.Coding
    source: str
    reference: int | None
    total: int
    data_coding: int
    first_at_ms: int
    completed_at_ms: int | None = None
    parts: dict[int, ReceivedPart] = field(default_factory=dict)
    duplicate_parts: int = 0
    repeat_of: int | None = None
    faults: list[str] = field(default_factory=list)

    @property
    def is_complete(self) -> bool:
        """True once all parts are there."""
        return len(self.parts) == self.total

    def content(self) -> bytes:
        """The octets so far, in the order of the parts."""
        if self.total == 1:
            return self.parts[1].octets
        return b"".join(self.parts[index].octets for index in sorted(self.parts))

    def reading(self) -> alphabet.Reading:
        """The text so far, each part read by itself as a phone does; a missing part shows as […]."""
        read = [
            reading_of(self.parts[index].part, self.data_coding, self.coding)
            if index in self.parts
            else alphabet.Reading("[…]", ())
            for index in range(1, self.total + 1)
        ]
        faults = tuple(self.faults) + tuple(fault for reading in read for fault in reading.faults)
        return alphabet.Reading("".join(reading.text for reading in read), faults)


@dataclass(slots=True)
class Handset:
    """One phone."""

    number: str
    messages: list[Message] = field(default_factory=list)  # a deque would take 700 octets a phone
    sent: list[MoRecord] = field(default_factory=list)
    received: int = 0
    last_account: str = ""
    last_at_ms: int = 0
    by_reference: dict[tuple[str, int, int], Message] = field(default_factory=dict)
    seen: dict[tuple[str, bytes], int] = field(default_factory=dict)


class Handsets:
    """All phones. At most `keep` messages are kept over all of them, the oldest go first; 0 = all."""

    def __init__(self, keep: int = 0) -> None:
        self.by_number: dict[str, Handset] = {}
        self._keep = keep
        self._order: deque[str] = deque()

    def handset(self, number: str) -> Handset:
        """The phone with this number (a leading + is ignored), created on first use."""
        digits = number.lstrip("+")
        found = self.by_number.get(digits)
        if found is None:
            found = self.by_number[digits] = Handset(digits)
        return found

    def receive(self, record: SubmitRecord, coding: alphabet.Coding) -> Message | None:
        """Take a submit that reaches its phone; the message if this part has completed it, else None."""
        handset = self.handset(record.destination.number)
        handset.last_account, handset.last_at_ms = record.account, record.at_ms
        part = read_part(record.payload, record.esm_class, record.sar)
        message = self._find(handset, record, part)
        if message is not None and part.sequence in message.parts:
            message.duplicate_parts += 1
            return None
        if message is None:
            message = self._begin(handset, record, part, coding)
        elif message.data_coding != record.data_coding:
            message.faults.append(f"part {part.sequence} has data_coding {record.data_coding}")
        message.parts[part.sequence] = ReceivedPart(part, record.at_ms)
        message.faults.extend(part.faults)
        return self._complete(handset, message, record.at_ms) if message.is_complete else None

    def _find(self, handset: Handset, record: SubmitRecord, part: Part) -> Message | None:
        """The message this part belongs to; None if it begins a new one."""
        if part.reference is None:
            return None
        message = handset.by_reference.get((record.source.number, part.reference, part.total))
        if message is None or record.at_ms - message.first_at_ms > REFERENCE_LIFE_MS:
            return None
        known = message.parts.get(part.sequence)
        if known is not None and known.octets != part.octets:
            return None
        return message

    def _begin(self, handset: Handset, record: SubmitRecord, part: Part, coding: alphabet.Coding) -> Message:
        message = Message(
            id=record.seq,
            account=record.account,
            coding=coding,
            source=record.source.number,
            reference=part.reference,
            total=part.total,
            data_coding=record.data_coding,
            first_at_ms=record.at_ms,
        )
        if part.reference is not None:
            handset.by_reference[(message.source, part.reference, part.total)] = message
        handset.messages.append(message)
        self._order.append(handset.number)
        if self._keep and len(self._order) > self._keep:
            self._forget_oldest()
        return message

    def _complete(self, handset: Handset, message: Message, at_ms: int) -> Message:
        message.completed_at_ms = at_ms
        handset.received += 1
        content = message.content()
        first = handset.seen.setdefault((message.source, content), message.id)
        message.repeat_of = first if first != message.id else None
        return message

    def _forget_oldest(self) -> None:
        handset = self.by_number[self._order.popleft()]
        gone = handset.messages.pop(0)
        if gone.reference is not None:
            key = (gone.source, gone.reference, gone.total)
            if handset.by_reference.get(key) is gone:
                del handset.by_reference[key]
        content = gone.content()
        if handset.seen.get((gone.source, content)) == gone.id:
            del handset.seen[(gone.source, content)]
        if not handset.messages and not handset.sent:
            del self.by_number[handset.number]
