"""The simulator put together: listeners, accounts, phones, journal, timers.

`run_simulator` is the only entrance; it returns once `stop` is set and everything is closed. Called by
`__main__`, the `sluice` command and tests.
"""

from __future__ import annotations

import asyncio
import errno
import itertools
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from connectors.simulator import control
from connectors.simulator.account import Account
from connectors.simulator.agenda import Agenda
from connectors.simulator.errors import SimulatorError
from connectors.simulator.handsets import Handsets
from connectors.simulator.journal import Journal, open_journal
from connectors.simulator.records import AnyRecord, SubmitRecord
from connectors.simulator.session import Session, Taken
from connectors.simulator.settings import Settings

log = structlog.get_logger(__name__)
_UNBIND_WAIT_S = 1.0


class PortBusy(SimulatorError):
    """A port cannot be had; free it, choose another, or set free_port_if_busy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoints:
    """Where the simulator listens."""

    host: str
    smpp_port: int
    control_port: int


class Simulator:
    """All state of one running simulator; sessions and the control API work on it."""

    journal: Journal
    answers: Agenda[tuple[Session, Taken]]
    endpoints: Endpoints

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.handsets = Handsets(settings.keep)
        self.submits: deque[SubmitRecord] = deque(maxlen=settings.keep or None)
        self.sessions: dict[int, Session] = {}
        self._last_seq = 0
        self._session_ids = itertools.count(1)
        self.accounts = {
            account.system_id: Account(account, settings, self.handsets, self._next_seq)
            for account in settings.accounts
        }

    def recover(self) -> None:
        """Open the journal and rebuild what it holds. Raises JournalBroken."""
        self.journal = open_journal(self.settings.journal, is_synced=self.settings.fsync, replay=self._replay)

    def begin(self, now_ms: int) -> None:
        """Start the timers, in the running event loop, and deliver what recovery left pending."""
        self.answers = Agenda(self._answer)
        for account in self.accounts.values():
            account.outbox.start(now_ms)

    def new_session(self) -> Session:
        """The protocol of a new connection."""
        return Session(self, next(self._session_ids))

    def tick(self, now: float) -> None:
        """Let every session look after its timers."""
        for session in list(self.sessions.values()):
            session.tick(now)

    async def end(self) -> None:
        """Unbind all sessions, wait a moment for their answers, close everything."""
        for session in list(self.sessions.values()):
            session.unbind()
        deadline = asyncio.get_running_loop().time() + _UNBIND_WAIT_S
        while self.sessions and asyncio.get_running_loop().time() < deadline:
            await asyncio.sleep(0.02)
        for session in list(self.sessions.values()):
            session.close("stopping", is_abrupt=True)
        while self.sessions:
            await asyncio.sleep(0)
        self.answers.close()
        for account in self.accounts.values():
            account.outbox.close()

    def _next_seq(self) -> int:
        self._last_seq += 1
        return self._last_seq

    def _replay(self, record: AnyRecord) -> None:
        if isinstance(record, SubmitRecord):
            self._last_seq = max(self._last_seq, record.seq)
            self.submits.append(record)
        account = self.accounts.get(record.account)
        if account is not None:  # an account that the settings no longer name has no say
            account.replay(record)

    def _answer(self, due: list[tuple[Session, Taken]]) -> None:
        for session, taken in due:
            session.answer(taken)
        for session in {session for session, _ in due}:
            session.flush()


async def run_simulator(
    settings: Settings,
    *,
    ready: Callable[[Endpoints], None] | None = None,
    stop: asyncio.Event,
) -> None:
    """Serve until `stop` is set. `ready` is called once both ports listen.

    Raises JournalBroken and PortBusy before `ready`; afterwards nothing but a bug.
    """
    simulator = Simulator(settings)
    simulator.recover()
    try:
        await _serve(simulator, ready, stop)
    finally:
        simulator.journal.close()


async def _serve(simulator: Simulator, ready: Callable[[Endpoints], None] | None, stop: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    settings = simulator.settings
    server, front = None, None
    try:
        simulator.begin(control.now_ms())
        server = await _listen(simulator, settings.smpp_port)
        front, control_port = await _serve_control(simulator)
        simulator.endpoints = Endpoints(
            host=settings.host, smpp_port=server.sockets[0].getsockname()[1], control_port=control_port
        )
        log.info("simulator.started", smpp_port=simulator.endpoints.smpp_port, control_port=control_port)
        if ready:
            ready(simulator.endpoints)
        interval_s = min(1.0, settings.response_timeout_s / 4, settings.bind_timeout_s / 4)
        while not stop.is_set():
            try:
                await asyncio.wait_for(stop.wait(), interval_s)
            except TimeoutError:
                simulator.tick(loop.time())
    finally:
        if server:
            server.close()
        await simulator.end()
        if front:
            await front.stop()
        log.info("simulator.stopped")


async def _listen(simulator: Simulator, port: int) -> asyncio.Server:
    loop, settings = asyncio.get_running_loop(), simulator.settings
    try:
        return await loop.create_server(simulator.new_session, settings.host, port, backlog=256)
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise PortBusy(f"SMPP address {settings.host}:{port}: {error.strerror}") from error
        if not settings.free_port_if_busy or not port:
            raise PortBusy(f"SMPP port {port} is taken, expected a free one (0 = any)") from error
    log.info("simulator.port_busy", port=port)
    return await _listen(simulator, 0)


async def _serve_control(simulator: Simulator) -> tuple[control.Front, int]:
    settings = simulator.settings
    front = control.Front(simulator)
    try:
        return front, await front.start(settings.host, settings.control_port)
    except OSError as error:
        if not settings.free_port_if_busy or not settings.control_port:
            raise PortBusy(f"control port {settings.control_port}: {error.strerror}") from error
    return front, await front.start(settings.host, 0)
