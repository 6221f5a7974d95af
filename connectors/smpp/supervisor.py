"""Binds kept up: connect, bind, wait for the end, wait a little, again. And the pool that a carrier's binds make.

Backoff is decorrelated jitter from a given random source (DOMAIN 7.1). A bind refused for its credentials is not
hammered: a long pause and a loud log, since too many wrong passwords lock an account (DOMAIN 2.7).
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog

from connectors.smpp.session import BindRefused, OnDeliver, Session, SessionOptions
from pipeline.domain.smpp.statuses import StatusKind

log = structlog.get_logger(__name__)

OnChange = Callable[[str], None]
ReadOptions = Callable[[], SessionOptions]


@dataclass(frozen=True, slots=True, kw_only=True)
class Backoff:
    """Pauses between attempts, seconds."""

    base_s: float = 0.5
    cap_s: float = 30.0
    fatal_s: float = 300.0
    connect_timeout_s: float = 10.0

    def next(self, previous_s: float, rng: random.Random) -> float:
        """The pause after one of `previous_s`: min(cap, uniform(base, 3 * previous))."""
        return min(self.cap_s, rng.uniform(self.base_s, max(self.base_s, previous_s * 3)))


class BindPool:
    """The binds of one carrier account, each kept up by a task of its own.

    `on_change(detail)` is called after each bind and each loss; `on_free` as in Session. `read_options` is asked
    before each attempt, so that a new password file counts.
    """

    def __init__(
        self,
        *,
        carrier: str,
        host: str,
        port: int,
        read_options: ReadOptions,
        on_deliver: OnDeliver,
        on_change: OnChange,
        on_free: Callable[[], None],
        rng: random.Random,
        backoff: Backoff | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._carrier = carrier
        self._host, self._port = host, port
        self._read_options = read_options
        self._on_deliver, self._on_change, self._on_free = on_deliver, on_change, on_free
        self._rng = rng
        self._backoff = backoff or Backoff()
        self._sleep = sleep
        self._sessions: set[Session] = set()
        self._keepers: list[asyncio.Task[None]] = []

    def start(self, binds: int) -> None:
        """Keep this many binds up until `stop`."""
        self._keepers = [asyncio.create_task(self._keep(), name=f"bind-{self._carrier}-{n}") for n in range(binds)]

    @property
    def failed(self) -> BaseException | None:
        """What ended a keeper, if one ended on its own: a bug, to be raised by the owner."""
        return next((k.exception() for k in self._keepers if k.done() and not k.cancelled()), None)

    @property
    def bind_count(self) -> int:
        """Binds that can submit."""
        return sum(session.is_bound for session in self._sessions)

    @property
    def slots_used(self) -> int:
        return sum(session.slots_used for session in self._sessions)

    @property
    def capacity(self) -> int:
        """All window slots of the binds that are up."""
        return sum(session.options.window for session in self._sessions if session.is_bound)

    @property
    def free_slots(self) -> int:
        return sum(session.free_slots for session in self._sessions)

    def reserve(self) -> Session | None:
        """A session with a slot of its window taken, the least loaded one; None if there is none."""
        best = max(self._sessions, key=lambda session: session.free_slots, default=None)
        return best if best is not None and best.reserve() else None

    async def stop(self, timeout_s: float) -> None:
        """Unbind all gracefully; at most about `timeout_s` seconds for the answers that are still out."""
        for keeper in self._keepers:
            keeper.cancel()
        await asyncio.gather(*self._keepers, return_exceptions=True)
        await asyncio.gather(*(session.unbind(timeout_s) for session in list(self._sessions)))
        self._sessions.clear()

    def drop(self, reason: str) -> None:
        """End all connections at once."""
        for keeper in self._keepers:
            keeper.cancel()
        for session in list(self._sessions):
            session.drop(reason)

    async def _keep(self) -> None:
        pause_s = 0.0
        while True:
            try:
                session = await self._connect()
            except BindRefused as refused:
                pause_s = self._after_refusal(refused, pause_s)
                await self._sleep(pause_s)
                continue
            except (OSError, TimeoutError, ValueError) as error:  # ValueError: a credential that cannot be
                log.warning("smpp.bind_failed", carrier=self._carrier, detail=f"{type(error).__name__}: {error}")
                pause_s = self._backoff.next(pause_s, self._rng)
                await self._sleep(pause_s)
                continue
            log.info("smpp.bound", carrier=self._carrier, address=f"{self._host}:{self._port}")
            self._on_change("bound")
            await session.wait_closed()
            self._sessions.discard(session)
            log.warning("smpp.bind_lost", carrier=self._carrier, detail=session.lost_because)
            self._on_change(session.lost_because)
            pause_s = self._backoff.next(0.0, self._rng)
            await self._sleep(pause_s)

    async def _connect(self) -> Session:
        loop = asyncio.get_running_loop()
        options = self._read_options()
        async with asyncio.timeout(self._backoff.connect_timeout_s + options.response_timeout_s):
            _, session = await loop.create_connection(
                lambda: Session(
                    options, on_deliver=self._on_deliver, on_free=self._on_free, call_later=loop.call_later
                ),
                self._host,
                self._port,
            )
            self._sessions.add(session)
            try:
                await session.bind()
            except BaseException:
                self._sessions.discard(session)
                session.drop("bind not completed")
                raise
        return session

    def _after_refusal(self, refused: BindRefused, pause_s: float) -> float:
        if refused.status.cls is StatusKind.BIND_FATAL:
            log.critical(
                "smpp.bind_refused_for_good",
                carrier=self._carrier,
                status=refused.status.name,
                detail="the carrier refuses our credentials: look at system_id and password_ref",
                pause_s=self._backoff.fatal_s,
            )
            self._on_change(refused.status.name)
            return self._backoff.fatal_s
        log.warning("smpp.bind_refused", carrier=self._carrier, status=refused.status.name)
        self._on_change(refused.status.name)
        return self._backoff.next(pause_s, self._rng)
