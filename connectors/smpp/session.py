"""One SMPP session as a transceiver: from the TCP connection to its end. Reconnecting is the supervisor's.

Responses are matched by sequence number, in any order, and a submit's by their kind too. A submit that goes
unanswered drops the session, and everything unanswered then is Indeterminate. A deliver_sm is handed on and answered
only when told so.
Sources: SMPP 3.4 section 2, 4; DOMAIN 2.3 - 2.5, 2.14, 2.17; FINDINGS 4 (TCP_NODELAY).
"""

import asyncio
import contextlib
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import structlog

from connectors.smpp import pdu
from connectors.smpp.outcomes import (
    CONNECTION_LOST,
    RESPONSE_TIMEOUT,
    UNKNOWN_ERROR,
    Indeterminate,
    NotSent,
    Outcome,
    answers_submit,
    read_outcome,
)
from pipeline.domain.smpp.statuses import Overrides, StatusClass, classify_bind

log = structlog.get_logger(__name__)

Answer = Callable[[int], None]
OnDeliver = Callable[[pdu.Frame, Answer], None]
OnOutcome = Callable[[Outcome], None]


class Timer(Protocol):
    def cancel(self) -> None: ...


CallLater = Callable[[float, Callable[[], None]], Timer]


class BindRefused(Exception):
    """The SMSC does not let us in; `status` says whether to try again (bind_retry) or to call a person."""

    def __init__(self, status: StatusClass) -> None:
        super().__init__(status.name)
        self.status = status


class SessionLost(ConnectionError):
    """The connection ended before the bind was answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionOptions:
    """How a session behaves. Times in seconds; `statuses` is what this carrier means by some statuses."""

    system_id: str
    password: str
    window: int = 10
    response_timeout_s: float = 30
    enquire_link_s: float = 30
    statuses: Overrides = field(default_factory=dict)


@dataclass(slots=True)
class _Pending:
    resolve: Callable[[pdu.Frame | None, str], None]
    timer: Timer
    is_answer: Callable[[pdu.Frame], bool]


class Session(asyncio.Protocol):
    """An ESME's transceiver session over one connection.

    `on_deliver(frame, answer)` is called for each deliver_sm: it must not block, and calls `answer(status)` once
    the event is durable (0) or cannot be stored (0x64). `on_free()` is called whenever a window slot is free again
    or the session ends. `call_later` is the loop's, or a test's.
    """

    def __init__(
        self, options: SessionOptions, *, on_deliver: OnDeliver, on_free: Callable[[], None], call_later: CallLater
    ) -> None:
        self.options = options
        self.is_bound = False
        self.lost_because = ""
        self._on_deliver = on_deliver
        self._on_free = on_free
        self._call_later = call_later
        self._framer = pdu.Framer()
        self._transport: asyncio.Transport | None = None
        self._pending: dict[int, _Pending] = {}
        self._sequence = 0
        self._slots_used = 0
        self._link_timer: Timer | None = None
        self._heard = False
        self._is_stopping = False
        self._closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._unanswered_delivers = 0

    # --- the window -------------------------------------------------------------------------------------------

    @property
    def free_slots(self) -> int:
        """Submits that may be reserved now; 0 unless bound."""
        return self.options.window - self._slots_used if self.is_bound and not self._is_stopping else 0

    @property
    def slots_used(self) -> int:
        return self._slots_used

    def reserve(self) -> bool:
        """Take a slot of the window for a submit to come. False if there is none."""
        if self.free_slots <= 0:
            return False
        self._slots_used += 1
        return True

    def release(self) -> None:
        """Give back a slot that was reserved and is not used after all."""
        self._slots_used -= 1
        self._on_free()

    def submit(self, submit: pdu.SubmitSm, on_outcome: OnOutcome) -> None:
        """Send in a reserved slot; `on_outcome` is called exactly once, later or (NotSent) at once."""
        if not self.is_bound or self._transport is None or self._transport.is_closing():
            self.release()
            on_outcome(NotSent())
            return
        sequence = self._next_sequence()
        octets = pdu.write_submit_sm(sequence, submit)

        def resolve(frame: pdu.Frame | None, reason: str) -> None:
            self._slots_used -= 1
            on_outcome(Indeterminate(reason) if frame is None else read_outcome(frame, self.options.statuses))
            self._on_free()

        self._expect(sequence, resolve, answers_submit)
        self._transport.write(octets)

    # --- life -------------------------------------------------------------------------------------------------

    async def bind(self) -> None:
        """Bind as a transceiver. Raises BindRefused, or SessionLost if the connection ends or nothing is answered."""
        done: asyncio.Future[pdu.Frame | None] = asyncio.get_running_loop().create_future()
        sequence = self._next_sequence()
        octets = pdu.write_bind(sequence, system_id=self.options.system_id, password=self.options.password)
        if self._transport is None:
            raise SessionLost("not connected")
        self._expect(sequence, lambda frame, _: None if done.done() else done.set_result(frame))
        self._transport.write(octets)
        frame = await done
        if frame is None:
            raise SessionLost(self.lost_because or CONNECTION_LOST)
        if frame.status != pdu.STATUS_OK or frame.command_id == pdu.GENERIC_NACK:
            self.drop("bind refused")
            raise BindRefused(classify_bind(frame.status or UNKNOWN_ERROR, self.options.statuses))
        self.is_bound = True
        self._arm_link()
        self._on_free()

    async def wait_closed(self) -> None:
        """Wait until the connection has ended."""
        await asyncio.shield(self._closed)

    async def unbind(self, timeout_s: float) -> None:
        """Graceful end: nothing more is submitted, answers are awaited, deliver_sm still answered, then unbind.

        At most `timeout_s` seconds for the answers and the response timeout for the unbind. Never raises.
        """
        self._is_stopping = True
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout_s
        while (self._slots_used or self._unanswered_delivers) and not self._closed.done() and loop.time() < deadline:
            await asyncio.sleep(0.02)
        if self.is_bound and self._transport is not None and not self._transport.is_closing():
            done: asyncio.Future[None] = loop.create_future()
            sequence = self._next_sequence()
            self._expect(sequence, lambda _frame, _reason: None if done.done() else done.set_result(None))
            self._transport.write(pdu.write_unbind(sequence))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(done, min(timeout_s, self.options.response_timeout_s))
        self.drop("unbound")

    def drop(self, reason: str) -> None:
        """End the connection now; what is unanswered becomes Indeterminate."""
        self.lost_because = self.lost_because or reason
        if self._transport is not None:
            self._transport.abort()
        self._end()

    # --- asyncio.Protocol -------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        raw: socket.socket | None = transport.get_extra_info("socket")
        if raw is not None:
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def data_received(self, data: bytes) -> None:
        self._heard = True
        try:
            for frame in self._framer.feed(data):
                self._handle(frame)
                if self._closed.done():
                    return
        except pdu.BrokenStream as error:
            log.error("smpp.stream_broken", system_id=self.options.system_id, detail=str(error))
            self.drop(f"broken stream: {error}")

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost_because = self.lost_because or (str(exc) if exc else "closed by the SMSC")
        self._end()

    # --- inside -----------------------------------------------------------------------------------------------

    def _handle(self, frame: pdu.Frame) -> None:
        if frame.is_response:
            pending = self._pending.get(frame.sequence)
            if pending is None or not pending.is_answer(frame):
                log.warning("smpp.response_unmatched", command_id=hex(frame.command_id), sequence=frame.sequence)
                return
            del self._pending[frame.sequence]
            pending.timer.cancel()
            pending.resolve(frame, "")
            return
        match frame.command_id:
            case pdu.DELIVER_SM:
                self._unanswered_delivers += 1
                self._on_deliver(frame, self._answer_once(frame))
            case pdu.ENQUIRE_LINK:
                self._write(pdu.write_response(frame.command_id, pdu.STATUS_OK, frame.sequence))
            case pdu.UNBIND:
                self._write(pdu.write_response(frame.command_id, pdu.STATUS_OK, frame.sequence))
                self.lost_because = "unbound by the SMSC"
                self.is_bound = False  # answers still on their way may come until the SMSC closes
                self._call_later(self.options.response_timeout_s, lambda: self.drop(self.lost_because))
            case pdu.OUTBIND | pdu.ALERT_NOTIFICATION:
                log.info("smpp.request_ignored", command_id=hex(frame.command_id))
            case _:
                self._write(pdu.write_generic_nack(pdu.STATUS_INVALID_COMMAND, frame.sequence))

    def _answer_once(self, frame: pdu.Frame) -> Answer:
        is_answered = False

        def answer(status: int) -> None:
            nonlocal is_answered
            if is_answered:
                return
            is_answered = True
            self._unanswered_delivers -= 1
            self._write(pdu.write_response(frame.command_id, status, frame.sequence))

        return answer

    def _write(self, octets: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(octets)

    def _next_sequence(self) -> int:
        while True:
            self._sequence = self._sequence + 1 if self._sequence < pdu.LAST_SEQUENCE else 1
            if self._sequence not in self._pending:
                return self._sequence

    def _expect(
        self,
        sequence: int,
        resolve: Callable[[pdu.Frame | None, str], None],
        is_answer: Callable[[pdu.Frame], bool] = lambda _: True,
    ) -> None:
        timer = self._call_later(self.options.response_timeout_s, lambda: self._time_out(sequence))
        self._pending[sequence] = _Pending(resolve, timer, is_answer)

    def _time_out(self, sequence: int) -> None:
        pending = self._pending.pop(sequence, None)
        if pending is None:
            return
        log.error("smpp.response_missing", system_id=self.options.system_id, after_s=self.options.response_timeout_s)
        self.lost_because = self.lost_because or RESPONSE_TIMEOUT
        pending.resolve(None, RESPONSE_TIMEOUT)
        self.drop(RESPONSE_TIMEOUT)

    def _arm_link(self) -> None:
        self._heard = False
        self._link_timer = self._call_later(self.options.enquire_link_s, self._check_link)

    def _check_link(self) -> None:
        if self._closed.done():
            return
        if not self._heard:
            sequence = self._next_sequence()
            self._expect(sequence, lambda _frame, _reason: None)
            self._write(pdu.write_enquire_link(sequence))
        self._arm_link()

    def _end(self) -> None:
        if self._closed.done():
            return
        self._closed.set_result(None)
        self.is_bound = False
        if self._link_timer is not None:
            self._link_timer.cancel()
        pending, self._pending = self._pending, {}
        for each in pending.values():
            each.timer.cancel()
            each.resolve(None, CONNECTION_LOST)
        self._on_free()
