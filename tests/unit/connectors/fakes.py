"""Kafka as lists: what was written, and when it is said to be durable is the test's business."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors.intents import IntentsAborted
from connectors.ledger import Mark
from pipeline.events.codec import AnyRecord


@dataclass
class Written:
    topic: str
    key: str
    record: AnyRecord
    on_stored: Callable[[str], None]


@dataclass
class FakeOutbox:
    written: list[Written] = field(default_factory=list)

    def send(
        self,
        topic: str,
        key: str,
        record: AnyRecord,
        on_stored: Callable[[str], None],
        headers: Sequence[tuple[str, bytes]] = (),
    ) -> None:
        self.written.append(Written(topic, key, record, on_stored))

    def records(self, kind: type[Any]) -> list[Any]:
        return [each.record for each in self.written if isinstance(each.record, kind)]

    def store(self, error: str = "") -> None:
        """All that was written so far is durable now."""
        waiting, self.written = self.written, []
        for each in waiting:
            each.on_stored(error)


@dataclass
class FakeIntentLog:
    """Intents in a list; `order` is shared with the session, so that a test sees what came first."""

    order: list[str]
    aborts: int = 0
    on_write: Callable[[], None] = lambda: None
    intents: list[Any] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)

    def write(self, intents: Sequence[Any], mark: Mark | None, _group: Any) -> None:
        self.on_write()
        if self.aborts:
            self.aborts -= 1
            raise IntentsAborted("test")
        self.intents += intents
        self.order += [f"intent {intent.part}" for intent in intents]
        if mark is not None:
            self.marks.append(mark)


@dataclass
class FakeMessage:
    """A Kafka message as confluent_kafka gives it."""

    _value: bytes | None
    _headers: list[tuple[str, bytes]]
    _offset: int = 0
    _partition: int = 0

    def value(self) -> bytes | None:
        return self._value

    def headers(self) -> list[tuple[str, bytes]]:
        return self._headers

    def offset(self) -> int:
        return self._offset

    def partition(self) -> int:
        return self._partition

    def timestamp(self) -> tuple[int, int]:
        return 2, 1_700_000_000_000
