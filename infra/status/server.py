"""The status page for programs: GET /health (200 or 503, the facts as JSON) and GET /ready, on 127.0.0.1."""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread

import structlog
from aiohttp import web

from infra.endpoints import claim_port, publish, withdraw
from infra.registry.process import serve
from infra.status.look import Look
from infra.status.processes import process_facts, read_processes
from infra.status.show import as_object
from infra.status.verdict import verdict

NAME = "status"
FRESH_S = 2.0
"""Who asks more often gets the same answer again: no look at Kafka for each question."""

log = structlog.get_logger("infra.status")


def status_app(home: Path, bootstrap: str | None, *, fresh_s: float = FRESH_S) -> web.Application:
    """The two pages."""
    look = Look(home, bootstrap)
    one_at_a_time = asyncio.Lock()
    newest: tuple[float, dict[str, object]] = (-fresh_s, {})

    async def health(_: web.Request) -> web.Response:
        nonlocal newest
        async with one_at_a_time:
            if time.monotonic() - newest[0] > fresh_s or not newest[1]:
                facts = await asyncio.to_thread(look.facts)
                newest = (time.monotonic(), as_object(facts, verdict(facts)))
        return web.json_response(newest[1], status=200 if newest[1]["is_well"] else 503)

    async def ready(_: web.Request) -> web.Response:
        seen = await asyncio.to_thread(read_processes, home)
        waiting = [each.name for each in process_facts(seen, seen, has_kafka=not bootstrap) if not each.is_ready]
        return web.json_response({"is_ready": not waiting, "waiting": waiting}, status=503 if waiting else 200)

    app = web.Application()
    app.router.add_get("/health", health)
    app.router.add_get("/ready", ready)
    return app


async def serve_status(
    home: Path,
    bootstrap: str | None,
    port: int | None,
    stop: Callable[[], bool],
    ready: Callable[[], None] = lambda: None,
) -> None:
    """Serve until `stop`; published as the endpoint `status`, then `ready` is called.

    Raises OSError when the `port` asked for is taken.
    """
    chosen = claim_port(home, NAME, port)
    runner = await serve(status_app(home, bootstrap), chosen)
    endpoint = publish(home, NAME, chosen, now=datetime.now(UTC))
    ready()
    try:
        while not stop():
            await asyncio.sleep(0.1)
    finally:
        withdraw(home, endpoint)
        await runner.cleanup()


@contextmanager
def status_served(home: Path, bootstrap: str | None) -> Iterator[None]:
    """Serve from a thread while the body runs. What goes wrong there is logged and stops nothing."""
    stop = Event()

    def run() -> None:
        try:
            asyncio.run(serve_status(home, bootstrap, None, stop.is_set))
        except OSError as error:
            log.error("status.failed", error=str(error))

    thread = Thread(target=run, name="status", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(5)
