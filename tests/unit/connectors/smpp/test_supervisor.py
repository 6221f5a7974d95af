"""Laws of keeping binds up, against a server of a few lines on a socket of its own."""

import asyncio
import contextlib
import random
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from connectors.smpp.session import SessionOptions
from connectors.smpp.supervisor import Backoff, BindPool
from tests.unit.connectors.smpp.fakes import PATIENCE_S

OPTIONS = SessionOptions(system_id="us", password="pw", window=4, response_timeout_s=2)


@asynccontextmanager
async def a_server(statuses: list[int]) -> AsyncIterator[tuple[int, list[asyncio.StreamWriter]]]:
    """Answers each bind with the next status (the last one for ever); gives its port and its connections."""
    connections: list[asyncio.StreamWriter] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.append(writer)
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                length, command, _, sequence = struct.unpack(">IIII", await reader.readexactly(16))
                await reader.readexactly(length - 16)
                status = (statuses.pop(0) if len(statuses) > 1 else statuses[0]) if command == 9 else 0
                writer.write(struct.pack(">IIII", 16, command | 0x80000000, status, sequence))
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1], connections
    finally:
        server.close()


class Changes:
    """What a pool has told so far."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self._fresh = asyncio.Event()

    def tell(self, change: str) -> None:
        self.told.append(change)
        self._fresh.set()

    async def until(self, count: int) -> None:
        """Wait until so many were told; TimeoutError if they never are."""
        async with asyncio.timeout(PATIENCE_S):
            while len(self.told) < count:
                self._fresh.clear()
                await self._fresh.wait()


def a_pool(port: int, changes: Changes, pauses: list[float]) -> BindPool:
    async def sleep(seconds: float) -> None:
        pauses.append(seconds)
        await asyncio.sleep(0)

    return BindPool(
        carrier="aurora",
        host="127.0.0.1",
        port=port,
        read_options=lambda: OPTIONS,
        on_deliver=lambda _frame, _answer: None,
        on_change=changes.tell,
        on_free=lambda: None,
        rng=random.Random(1),
        backoff=Backoff(base_s=1, cap_s=8, fatal_s=300),
        sleep=sleep,
    )


async def test_all_binds_come_up_and_slots_are_taken_from_the_least_loaded() -> None:
    changes = Changes()
    async with a_server([0]) as (port, _connections):
        pool = a_pool(port, changes, [])
        pool.start(2)
        await changes.until(2)
        assert (pool.bind_count, pool.capacity) == (2, 8)
        first, second = pool.reserve(), pool.reserve()
        assert first is not second
        for session in (first, second):
            assert session is not None
            session.release()
        await pool.stop(1)
        assert pool.bind_count == 0


async def test_a_lost_bind_is_bound_again_and_both_are_told() -> None:
    changes = Changes()
    async with a_server([0]) as (port, connections):
        pool = a_pool(port, changes, [])
        pool.start(1)
        await changes.until(1)
        connections[0].transport.abort()
        await changes.until(3)
        assert changes.told[0] == changes.told[2] == "bound"
        await pool.stop(1)


async def test_wrong_credentials_are_not_hammered() -> None:
    changes = Changes()
    pauses: list[float] = []
    async with a_server([0x0D, 0x0E, 0]) as (port, _connections):
        pool = a_pool(port, changes, pauses)
        pool.start(1)
        await changes.until(3)
        assert changes.told == ["ESME_RBINDFAIL", "ESME_RINVPASWD", "bound"]
        assert 1 <= pauses[0] <= 8
        assert pauses[1] == 300
        await pool.stop(1)


def test_pauses_are_jittered_capped_and_repeat_with_the_seed() -> None:
    backoff = Backoff(base_s=0.5, cap_s=30)

    def pauses(seed: int) -> list[float]:
        rng, pause, found = random.Random(seed), 0.0, []
        for _ in range(200):
            pause = backoff.next(pause, rng)
            found.append(pause)
        return found

    assert pauses(1) == pauses(1) != pauses(2)
    assert all(0.5 <= pause <= 30 for pause in pauses(1))
