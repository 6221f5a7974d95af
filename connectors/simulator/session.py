"""One connection of an ESME: framing, binding, answering, delivering.

All PDUs of one read are decided, journalled with one write, and only then answered with one write. No task per
message: an asyncio protocol and shared timers. Created by `simulator`.
"""

from __future__ import annotations

import asyncio
import socket
import time
from typing import TYPE_CHECKING, NamedTuple, cast

import structlog

from connectors.simulator import codes, wire
from connectors.simulator.account import Account
from connectors.simulator.journal import JournalBroken
from connectors.simulator.moods import Verdict
from connectors.simulator.receipts import Delivery, written_id
from connectors.simulator.records import ConfirmRecord, CountRecord, SubmitRecord

if TYPE_CHECKING:
    from connectors.simulator.simulator import Simulator

log = structlog.get_logger(__name__)


class Taken(NamedTuple):
    """A submit that waits for its record to be durable."""

    record: SubmitRecord | CountRecord
    verdict: Verdict
    sequence: int


class Unanswered(NamedTuple):
    """A deliver_sm that waits for its answer until `deadline` (loop time)."""

    delivery: Delivery
    deadline: float


class Session(asyncio.Protocol):
    """The server's side of one connection."""

    def __init__(self, simulator: Simulator, number: int) -> None:
        self.id = number
        self.account: Account | None = None
        self.mode = ""
        self.peer = ""
        self.since_ms = 0
        self.unanswered_submits = 0
        self.unanswered: dict[int, Unanswered] = {}
        self._simulator = simulator
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._buffer = bytearray()
        self._out: list[bytes] = []
        self._batch: list[Taken] = []
        self._confirms: list[ConfirmRecord] = []
        self._sequence = 0
        self._heard_at = self._loop.time()
        self._asked_at = 0.0
        self._is_closing = False

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is no subclass
        endpoint = transport.get_extra_info("socket")
        if endpoint is not None:
            endpoint.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.peer = ":".join(map(str, (transport.get_extra_info("peername") or ("?",))[:2]))
        self.since_ms = time.time_ns() // 1_000_000
        self._simulator.sessions[self.id] = self

    def data_received(self, data: bytes) -> None:
        self._heard_at = self._loop.time()
        self._asked_at = 0.0
        self._buffer += data
        try:
            while not self._is_closing and (frames := wire.cut_frames(self._buffer)):
                for frame in frames:
                    self._handle(frame)
                    if self._is_closing or (self._batch and self._batch[-1].verdict.disconnect):
                        break
                self._commit()
        except wire.FramingError as error:
            log.warning("session.framing_broken", bind=self.id, peer=self.peer, error=str(error))
            self._queue(wire.pdu(codes.GENERIC_NACK, 0, status=codes.RINVCMDLEN))
            self.close("framing")
        self.flush()

    def connection_lost(self, exc: Exception | None) -> None:
        self._is_closing = True
        self._simulator.sessions.pop(self.id, None)
        self._leave()
        log.info("session.closed", bind=self.id, peer=self.peer, error=str(exc) if exc else None)

    def pause_writing(self) -> None:
        if self._transport:
            self._transport.pause_reading()

    def resume_writing(self) -> None:
        if self._transport and not self._is_closing:
            self._transport.resume_reading()

    # outbox.Bind

    @property
    def has_room(self) -> bool:
        return (
            not self._is_closing
            and self.mode in ("rx", "trx")
            and len(self.unanswered) < self._simulator.settings.deliver_window
        )

    def deliver(self, delivery: Delivery, body: bytes) -> None:
        sequence = self._next_sequence()
        deadline = self._loop.time() + self._simulator.settings.response_timeout_s
        self.unanswered[sequence] = Unanswered(delivery, deadline)
        self._queue(wire.pdu(codes.DELIVER_SM, sequence, body))

    def flush(self) -> None:
        """Write what is queued, in one write."""
        if self._out and self._transport:
            self._transport.write(b"".join(self._out))
            self._out.clear()

    # called by the simulator and the control API

    def close(self, why: str, *, is_abrupt: bool = False) -> None:
        """Close the connection, after writing what is queued unless it is abrupt."""
        if self._is_closing or not self._transport:
            return
        log.info("session.closing", bind=self.id, account=self._name(), why=why)
        if is_abrupt:
            self._is_closing = True
            self._transport.abort()
            return
        self.flush()
        self._is_closing = True
        self._transport.close()

    def unbind(self) -> None:
        """Ask the client to end the session (it is closed when the answer comes)."""
        if self.account and not self._is_closing:
            self._queue(wire.pdu(codes.UNBIND, self._next_sequence()))
            self.flush()
        else:
            self.close("stopping")

    def tick(self, now: float) -> None:
        """Look after timers: bind, enquire_link, answers to deliver_sm. Called about once a second."""
        settings = self._simulator.settings
        if self.account is None:
            if now - self._heard_at > settings.bind_timeout_s:
                self.close("not bound in time")
            return
        if self._asked_at and now - self._asked_at > settings.response_timeout_s:
            self.close("enquire_link not answered")
            return
        if settings.enquire_link_s and not self._asked_at and now - self._heard_at > settings.enquire_link_s:
            self._asked_at = now
            self._queue(wire.pdu(codes.ENQUIRE_LINK, self._next_sequence()))
            self.flush()
        late = [sequence for sequence, waiting in self.unanswered.items() if waiting.deadline <= now]
        for sequence in late:
            log.warning("deliver.unanswered", bind=self.id, account=self._name())
            self.account.outbox.returned(self.unanswered.pop(sequence).delivery, is_at_once=False)
        if late:
            self.account.outbox.pump()

    def answer(self, taken: Taken) -> None:
        """Queue the answer to a submit whose latency is over."""
        self.unanswered_submits -= taken.verdict.latency_ms > 0
        if not self._is_closing:
            self._queue(self._submit_response(taken))

    # PDUs

    def _handle(self, frame: wire.Frame) -> None:
        match frame.command:
            case codes.SUBMIT_SM:
                self._submit(frame)
            case codes.BIND_RECEIVER | codes.BIND_TRANSMITTER | codes.BIND_TRANSCEIVER:
                self._bind(frame)
            case codes.ENQUIRE_LINK:
                self._queue(wire.response(frame.command, frame.sequence))
            case codes.UNBIND:
                self._queue(wire.response(frame.command, frame.sequence))
                self._commit()
                self.close("unbound by the client")
            case _ if frame.command & codes.RESPONSE:
                self._response(frame)
            case _:
                log.warning("session.unknown_command", bind=self.id, command=hex(frame.command))
                self._queue(wire.pdu(codes.GENERIC_NACK, frame.sequence, status=codes.RINVCMDID))

    def _bind(self, frame: wire.Frame) -> None:
        try:
            bind = wire.parse_bind(frame.body)
        except wire.BodyError as error:
            self._refuse(frame, error.status, str(error))
            return
        account = self._simulator.accounts.get(bind.system_id)
        status = codes.RALYBND if self.account else _bind_status(account, bind)
        if status != codes.OK or account is None:
            self._refuse(frame, status, "bind refused")
            return
        self.account, self.mode = account, codes.BIND_MODES[frame.command]
        account.bind_count += 1
        self._queue(wire.bind_response(frame.command, frame.sequence, "sluice-sim"))
        log.info("session.bound", bind=self.id, account=self._name(), mode=self.mode, peer=self.peer)
        account.outbox.joined(self)

    def _submit(self, frame: wire.Frame) -> None:
        if self.account is None or self.mode == "rx":
            self._refuse(frame, codes.RINVBNDSTS, "submit_sm without a bind that transmits")
            return
        try:
            submit = wire.parse_submit(frame.body)
        except wire.BodyError as error:
            self._refuse(frame, error.status, str(error))
            return
        is_full = self.unanswered_submits >= self.account.settings.window
        now_ms = time.time_ns() // 1_000_000
        record, verdict = self.account.take(submit, self.id, now_ms=now_ms, is_window_full=is_full)
        self.unanswered_submits += verdict.latency_ms > 0
        self._simulator.journal.append(record)
        self._batch.append(Taken(record, verdict, frame.sequence))

    def _response(self, frame: wire.Frame) -> None:
        if frame.command == codes.UNBIND | codes.RESPONSE:
            self.close("unbound")
            return
        waiting = self.unanswered.pop(frame.sequence, None)
        if waiting is None or self.account is None:
            return
        if frame.command != codes.DELIVER_SM | codes.RESPONSE or frame.status != codes.OK:
            status = codes.status_name(frame.status)
            log.warning("deliver.refused", bind=self.id, account=self._name(), status=status)
            self.account.outbox.returned(waiting.delivery, is_at_once=False)
            return
        now_ms = time.time_ns() // 1_000_000
        confirm = ConfirmRecord(at_ms=now_ms, account=self._name(), key=waiting.delivery.key)
        self._simulator.journal.append(confirm)
        self._confirms.append(confirm)

    # after the journal

    def _commit(self) -> None:
        """Make the batch durable, let it take effect, answer it."""
        batch, self._batch = self._batch, []
        confirms, self._confirms = self._confirms, []
        if not batch and not confirms:
            return
        assert self.account is not None
        try:
            self._simulator.journal.flush()
        except JournalBroken as error:
            log.error("journal.write_failed", error=str(error))
            self._take_back(batch, confirms)
            return
        for confirm in confirms:
            self.account.confirm(confirm)
        for taken in batch:
            if isinstance(taken.record, SubmitRecord):
                self._simulator.submits.append(taken.record)
                self.account.settle(taken.record, self._simulator.journal)
        for taken in batch:
            self._enact(taken)
        self.flush()  # answers leave before the receipts of the same moment, whatever bind those take
        self.account.outbox.pump()

    def _take_back(self, batch: list[Taken], confirms: list[ConfirmRecord]) -> None:
        """Nothing of this batch is durable: refuse the submits, send the deliveries again."""
        for taken in batch:
            self.unanswered_submits -= taken.verdict.latency_ms > 0
            self._queue(wire.response(codes.SUBMIT_SM, taken.sequence, status=codes.RSYSERR))
        for confirm in confirms:
            assert self.account is not None
            self.account.outbox.returned(self.account.outbox.pending[confirm.key], is_at_once=False)

    def _enact(self, taken: Taken) -> None:
        verdict = taken.verdict
        if verdict.disconnect:
            if verdict.disconnect == "mid-pdu":
                whole = self._submit_response(taken)
                self._queue(whole[: len(whole) // 2])
            elif verdict.disconnect == "answered":
                self._queue(self._submit_response(taken))
            self.close(f"mood: disconnect {verdict.disconnect}")
        elif not verdict.answers:
            self.unanswered_submits -= verdict.latency_ms > 0
        elif verdict.latency_ms > 0:
            self._simulator.answers.add(verdict.latency_ms / 1000, (self, taken))
        else:
            self._queue(self._submit_response(taken))

    def _submit_response(self, taken: Taken) -> bytes:
        record, body = taken.record, b""
        if isinstance(record, SubmitRecord) and record.status == codes.OK and self.account:
            body = written_id(record.number, self.account.settings.message_id.response).encode() + b"\0"
        return wire.response(codes.SUBMIT_SM, taken.sequence, body, taken.verdict.status)

    def _leave(self) -> None:
        if self.account is None:
            return
        account, unanswered = self.account, self.unanswered
        account.bind_count -= 1
        self.unanswered = {}
        for waiting in unanswered.values():
            account.outbox.returned(waiting.delivery, is_at_once=True)
        account.outbox.left(self)

    def _refuse(self, frame: wire.Frame, status: int, why: str) -> None:
        name = codes.status_name(status)
        log.warning("session.refused", bind=self.id, account=self._name(), status=name, why=why)
        self._queue(wire.response(frame.command, frame.sequence, status=status))

    def _queue(self, octets: bytes) -> None:
        self._out.append(octets)

    def _next_sequence(self) -> int:
        self._sequence = self._sequence % wire.MAX_SEQUENCE + 1
        return self._sequence

    def _name(self) -> str:
        return self.account.settings.system_id if self.account else ""


def _bind_status(account: Account | None, bind: wire.Bind) -> int:
    if account is None:
        return codes.RINVSYSID
    if account.settings.password != bind.password:
        return codes.RINVPASWD
    if account.settings.bind_status != codes.OK:
        return account.settings.bind_status
    return codes.RALYBND if account.bind_count >= account.settings.max_binds else codes.OK
