"""`run_simulator` inside a running event loop, as a composition root uses it."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from connectors.simulator import Endpoints, JournalBroken, PortBusy, load_settings, parse_settings, run_simulator

pytestmark = pytest.mark.integration
ACCOUNT = {"system_id": "aurora", "password": "secret"}
BIND = b"aurora\0secret\0\0\x34\0\0\0"
EXAMPLES = Path(__file__).resolve().parents[2] / "connectors" / "simulator" / "examples"


@asynccontextmanager
async def running(**settings: Any) -> AsyncIterator[Endpoints]:
    stop, ready = asyncio.Event(), asyncio.get_running_loop().create_future()
    whole = parse_settings({"smpp_port": 0, "accounts": [ACCOUNT], **settings})
    task = asyncio.create_task(run_simulator(whole, ready=ready.set_result, stop=stop))
    await asyncio.wait([task, ready], return_when=asyncio.FIRST_COMPLETED)
    try:
        if task.done():
            await task
        yield await ready
    finally:
        stop.set()
        await asyncio.gather(task, return_exceptions=True)


async def bound(endpoints: Endpoints) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection(endpoints.host, endpoints.smpp_port)
    writer.write(struct.pack(">IIII", 16 + len(BIND), 9, 0, 1) + BIND)
    assert await received(reader) == (0x80000009, 0, 1)
    return reader, writer


def submit(sequence: int) -> bytes:
    head = b"\0" + b"\1\1" + b"12345\0" + b"\1\1" + b"8613800138000\0" + b"\0\0\0" + b"\0\0"
    body = head + b"\1\0\0\0\2hi"
    return struct.pack(">IIII", 16 + len(body), 4, 0, sequence) + body


async def received(reader: asyncio.StreamReader) -> tuple[int, int, int]:
    """Command, status and sequence of the next PDU."""
    length, command, status, sequence = struct.unpack(">IIII", await reader.readexactly(16))
    await reader.readexactly(length - 16)
    return command, status, sequence


async def test_it_runs_without_a_journal_and_stops_when_told() -> None:
    async with running() as endpoints:
        url = f"http://127.0.0.1:{endpoints.control_port}"
        async with httpx.AsyncClient(base_url=url) as http:
            assert (await http.get("/health")).json()["smpp_port"] == endpoints.smpp_port
    with pytest.raises(ConnectionError):
        await asyncio.open_connection(endpoints.host, endpoints.smpp_port)
    assert len(asyncio.all_tasks()) == 1


async def test_a_busy_port_is_an_error_unless_a_free_one_may_be_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        for which in ("smpp_port", "control_port"):
            with pytest.raises(PortBusy, match=str(port)):
                async with running(**{which: port}):
                    pass
            async with running(**{which: port, "free_port_if_busy": True}) as endpoints:
                assert getattr(endpoints, which) not in (0, port)


async def test_two_simulators_do_not_share_a_journal(tmp_path: Path) -> None:
    journal = str(tmp_path / "journal.jsonl")
    async with running(journal=journal):
        with pytest.raises(JournalBroken, match="another simulator"):
            async with running(journal=journal):
                pass


async def test_a_connection_that_never_binds_is_closed() -> None:
    async with running(bind_timeout_s=0.1) as endpoints:
        reader, writer = await asyncio.open_connection(endpoints.host, endpoints.smpp_port)
        assert await asyncio.wait_for(reader.read(), 5) == b""
        writer.close()


async def test_a_bind_can_be_cut_by_the_control_api() -> None:
    async with running() as endpoints:
        reader, writer = await bound(endpoints)
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{endpoints.control_port}") as http:
            [bind] = (await http.get("/binds")).json()["binds"]
            assert (bind["account"], bind["mode"]) == ("aurora", "trx")
            assert (await http.delete(f"/binds/{bind['id']}")).status_code == 200
            with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
                await reader.readexactly(1)
            assert (await http.get("/binds")).json() == {"binds": []}
        writer.close()


async def test_many_submits_in_one_write_are_all_answered_in_order_before_their_receipts() -> None:
    account = {**ACCOUNT, "mood": {"receipt": {"delay_ms": 0}}}
    async with running(accounts=[account], deliver_window=1000) as endpoints:
        reader, writer = await bound(endpoints)
        writer.write(b"".join(submit(n) for n in range(2, 202)))
        commands, answered = [], []
        while len(commands) < 400:
            command, status, sequence = await received(reader)
            assert status == 0
            commands.append(command)
            if command == 0x80000004:
                answered.append(sequence)
        assert answered == list(range(2, 202))
        assert commands[0] == 0x80000004
        writer.close()


async def test_no_more_receipts_are_open_than_the_deliver_window() -> None:
    account = {**ACCOUNT, "mood": {"receipt": {"delay_ms": 0}}}
    async with running(accounts=[account], deliver_window=2) as endpoints:
        reader, writer = await bound(endpoints)
        writer.write(b"".join(submit(n) for n in range(2, 7)))
        found = [await received(reader) for _ in range(7)]
        assert [command for command, _, _ in found].count(5) == 2
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{endpoints.control_port}") as http:
            stats = (await http.get("/stats")).json()["accounts"]["aurora"]
            [bind] = (await http.get("/binds")).json()["binds"]
        assert (stats["receipts_pending"], bind["unanswered_delivers"]) == (5, 2)
        writer.write(struct.pack(">IIII", 17, 0x80000005, 0, found[-1][2]) + b"\0")
        assert (await received(reader))[0] == 5
        writer.close()


async def test_a_submit_that_cannot_be_journalled_is_refused_and_leaves_no_trace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(fd: int) -> None:
        raise OSError(28, "No space left on device")

    async with running(journal=str(tmp_path / "journal.jsonl"), fsync=True) as endpoints:
        reader, writer = await bound(endpoints)
        with monkeypatch.context() as broken:
            broken.setattr("os.fdatasync", full)
            writer.write(submit(2))
            assert await received(reader) == (0x80000004, 0x08, 2)
        writer.write(submit(3))
        assert await received(reader) == (0x80000004, 0, 3)
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{endpoints.control_port}") as http:
            submits = (await http.get("/submits")).json()["submits"]
        assert [line["status"] for line in submits] == ["ESME_ROK"]
        writer.close()
    assert (tmp_path / "journal.jsonl").read_bytes().count(b'"t":"submit"') == 1


async def test_a_client_that_unbinds_is_answered_and_closed() -> None:
    async with running() as endpoints:
        reader, writer = await bound(endpoints)
        writer.write(struct.pack(">IIII", 16, 6, 0, 9))
        assert await received(reader) == (0x80000006, 0, 9)
        assert await reader.read() == b""
        writer.close()


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.yaml")), ids=lambda path: path.name)
def test_every_example_is_read(path: Path) -> None:
    assert load_settings(path).accounts
