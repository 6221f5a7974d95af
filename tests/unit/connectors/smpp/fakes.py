"""A transport and a clock that do only what a test says."""

import asyncio
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from connectors.smpp import pdu
from connectors.smpp.outcomes import Outcome
from connectors.smpp.session import Answer, Session, SessionOptions
from pipeline.domain.smpp.statuses import Overrides

PATIENCE_S = 5.0


@dataclass
class FakeTimer:
    due_s: float
    call: Callable[[], None]
    is_cancelled: bool = False

    def cancel(self) -> None:
        self.is_cancelled = True


@dataclass
class FakeClock:
    now_s: float = 0.0
    timers: list[FakeTimer] = field(default_factory=list)

    def call_later(self, delay_s: float, call: Callable[[], None]) -> FakeTimer:
        timer = FakeTimer(self.now_s + delay_s, call)
        self.timers.append(timer)
        return timer

    def advance(self, seconds: float) -> None:
        end_s = self.now_s + seconds
        while True:
            due = [timer for timer in self.timers if not timer.is_cancelled and timer.due_s <= end_s]
            if not due:
                break
            timer = min(due, key=lambda each: each.due_s)
            self.timers.remove(timer)
            self.now_s = timer.due_s
            timer.call()
        self.now_s = end_s


class FakeTransport(asyncio.Transport):
    def __init__(self) -> None:
        super().__init__()
        self.framer = pdu.Framer()
        self.sent: list[pdu.Frame] = []
        self.is_aborted = False
        self.written = asyncio.Event()

    def write(self, data: Any) -> None:
        self.sent += list(self.framer.feed(bytes(data)))
        self.written.set()

    def is_closing(self) -> bool:
        return self.is_aborted

    def abort(self) -> None:
        self.is_aborted = True

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return default


@dataclass
class Line:
    """A session with its fake surroundings; what happened is in lists."""

    session: Session
    transport: FakeTransport
    clock: FakeClock
    delivered: list[tuple[pdu.Frame, Answer]]
    outcomes: list[tuple[str, Outcome]]

    def receive(self, command_id: int, *, sequence: int, status: int = 0, body: bytes = b"") -> None:
        self.session.data_received(struct.pack(">IIII", 16 + len(body), command_id, status, sequence) + body)

    def submit(self, name: str) -> int:
        """Submit under a name; gives the sequence number."""
        assert self.session.reserve()
        self.session.submit(a_submit(), lambda outcome: self.outcomes.append((name, outcome)))
        return self.transport.sent[-1].sequence

    def sent(self, command_id: int) -> list[pdu.Frame]:
        return [frame for frame in self.transport.sent if frame.command_id == command_id]

    async def until_sent(self, command_id: int) -> None:
        """Wait for such a PDU; TimeoutError if it is never written."""
        async with asyncio.timeout(PATIENCE_S):
            while not self.sent(command_id):
                self.transport.written.clear()
                await self.transport.written.wait()


def a_submit(**more: Any) -> pdu.SubmitSm:
    fields: dict[str, Any] = {
        "source_ton": 3,
        "source_npi": 0,
        "source": "10690001",
        "destination": "8613800138000",
        "esm_class": 0,
        "data_coding": 0,
        "short_message": b"hi",
    }
    return pdu.SubmitSm(**{**fields, **more})


def a_line(*, window: int = 3, statuses: Overrides | None = None) -> Line:
    """A connected session that is not bound yet."""
    clock, transport = FakeClock(), FakeTransport()
    delivered: list[tuple[pdu.Frame, Answer]] = []
    session = Session(
        SessionOptions(
            system_id="us",
            password="pw",
            window=window,
            response_timeout_s=10,
            enquire_link_s=30,
            statuses=statuses or {},
        ),
        on_deliver=lambda frame, answer: delivered.append((frame, answer)),
        on_free=lambda: None,
        call_later=clock.call_later,
    )
    session.connection_made(transport)
    return Line(session, transport, clock, delivered, [])


async def a_bound_line(*, window: int = 3, statuses: Overrides | None = None) -> Line:
    line = a_line(window=window, statuses=statuses)
    binding = asyncio.create_task(line.session.bind())
    await asyncio.sleep(0)
    line.receive(pdu.BIND_TRANSCEIVER | pdu.RESPONSE, sequence=line.transport.sent[0].sequence, body=b"smsc\0")
    await binding
    return line
