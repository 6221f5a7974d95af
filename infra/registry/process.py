"""The registry as a process of its own: claim a port, serve, publish the endpoint, stop when asked."""

from __future__ import annotations

import asyncio
import signal
from datetime import UTC, datetime
from pathlib import Path

import structlog
from aiohttp import web

from infra.endpoints import claim_port, publish, withdraw
from infra.ports import HOST
from infra.registry.endpoint import registry_app
from pipeline.events.schema_store import SchemaStore, default_store

NAME = "registry"
SHUTDOWN_S = 2.0  # for requests that are under way

_log = structlog.get_logger("infra.registry")


def run_registry(home: Path, *, port: int | None = None, store: SchemaStore | None = None) -> None:
    """Serve until SIGTERM or SIGINT. Raises OSError when the `port` that was asked for is taken."""
    asyncio.run(_run(home, port, store or default_store()))


async def serve(app: web.Application, port: int, host: str = HOST) -> web.AppRunner:
    """Listen; the caller ends it with `await runner.cleanup()`. Raises OSError when the port is taken."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN_S)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError:
        await runner.cleanup()
        raise
    return runner


async def _run(home: Path, port: int | None, store: SchemaStore) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    chosen = claim_port(home, NAME, port)
    runner = await serve(registry_app(store), chosen)
    endpoint = publish(home, NAME, chosen, now=datetime.now(UTC))
    _log.info("registry.started", url=endpoint.url, schemas=len(store.entries()))
    try:
        await stop.wait()
    finally:
        withdraw(home, endpoint)
        await runner.cleanup()
        _log.info("registry.stopped", url=endpoint.url)
