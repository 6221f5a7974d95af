"""ClickHouse's HTTP interface over the embedded engine, in the sink's process: for curl, clickhouse-connect, BI.

Reading only. Every query runs in one of a few threads; when all are taken the answer is 503, so that no analyst can
slow the sink by asking. Paths: `/` and `/query` (queries), `/ping`, `/health`.
"""

import asyncio
import json
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import structlog
from aiohttp import web

from analytics.asking import Answer, AskLimits, Question, answer, cancel, new_query_id
from analytics.guard import Refused
from analytics.wire import (
    MAX_BODY_OCTETS,
    BadBody,
    choose_encoding,
    compress,
    decompress,
    error_code,
    error_text,
    http_status,
)

log = structlog.get_logger("analytics.front")

TOO_MANY_QUERIES = 202
NOT_IMPLEMENTED = 48
CANNOT_DECOMPRESS = 271
_RESERVED = frozenset({"query", "database", "default_format", "user", "password"})
_TYPES = {
    "JSON": "application/json; charset=UTF-8",
    "JSONCompact": "application/json; charset=UTF-8",
    "JSONEachRow": "application/x-ndjson; charset=UTF-8",
    "CSV": "text/csv; charset=UTF-8; header=absent",
    "CSVWithNames": "text/csv; charset=UTF-8; header=present",
    "TabSeparated": "text/tab-separated-values; charset=UTF-8",
    "Native": "application/octet-stream",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontOptions:
    """Where the front listens and how much it gives."""

    host: str = "127.0.0.1"
    port: int = 0
    threads: int = 4
    limits: AskLimits = field(default_factory=AskLimits)


class Front:
    """Serves one data directory that this process has open. `health` gives the facts of `/health`."""

    def __init__(self, data_dir: Path, options: FrontOptions, health: Callable[[], Mapping[str, Any]]) -> None:
        self._data_dir = data_dir
        self._options = options
        self._health = health
        self._threads = ThreadPoolExecutor(options.threads, thread_name_prefix="query")
        self._free = asyncio.Semaphore(options.threads)
        self._runner: web.AppRunner | None = None

    async def start(self) -> int:
        """Listen; returns the port. Raises OSError when the port is taken."""
        app = web.Application(client_max_size=MAX_BODY_OCTETS)
        app.router.add_get("/ping", self._ping)
        app.router.add_get("/health", self._tell_health)
        for path in ("/", "/query"):
            app.router.add_get(path, self._query)
            app.router.add_post(path, self._query)
        self._runner = web.AppRunner(app, access_log=None, handler_cancellation=True, auto_decompress=False)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._options.host, self._options.port)
        await site.start()
        port: int = self._runner.addresses[0][1]
        return port

    async def stop(self) -> None:
        """Answer what is being answered, then close."""
        if self._runner is not None:
            await self._runner.cleanup()
        await asyncio.to_thread(self._threads.shutdown)

    async def _ping(self, _: web.Request) -> web.Response:
        return web.Response(text="Ok.\n")

    async def _tell_health(self, _: web.Request) -> web.Response:
        facts = self._health()
        return web.json_response(dict(facts), status=200 if facts.get("is_well", True) else 503)

    async def _query(self, request: web.Request) -> web.Response:
        query_id = request.query.get("query_id") or new_query_id()
        try:
            question = await _question(request, query_id)
            if not question.sql.strip() and request.method == "GET" and request.path == "/":
                return web.Response(text="Ok.\n")
            found = await self._answer(question)
        except Refused as error:
            return _error(error.code, str(error), query_id)
        except BadBody as error:
            return _error(CANNOT_DECOMPRESS, str(error), query_id)
        except RuntimeError as error:  # chdb's own error is one
            return _error(error_code(str(error)), str(error), query_id)
        encoding = ""
        if request.query.get("enable_http_compression", "0") in ("1", "true"):
            encoding = choose_encoding(request.headers.get("Accept-Encoding", ""))
        return _response(found, query_id, encoding)

    async def _answer(self, question: Question) -> Answer:
        if self._free.locked():
            raise Refused(TOO_MANY_QUERIES, f"Too many simultaneous queries. Maximum: {self._options.threads}")
        loop = asyncio.get_running_loop()
        async with self._free:
            running = loop.run_in_executor(self._threads, answer, self._data_dir, question, self._options.limits)
            try:
                return await asyncio.shield(running)
            except asyncio.CancelledError:  # the client went away
                await asyncio.to_thread(cancel, self._data_dir, question.query_id)
                running.add_done_callback(lambda done: done.exception())  # nobody waits for it any more
                raise


async def _question(request: web.Request, query_id: str) -> Question:
    fields: dict[str, str] = dict(request.query)
    body = ""
    if request.content_type == "multipart/form-data":
        for name, value in (await request.post()).items():
            if not isinstance(value, str):
                raise Refused(NOT_IMPLEMENTED, "external data is not supported by this front")
            fields[name] = value
    elif request.method == "POST":
        raw = decompress(await request.read(), request.headers.get("Content-Encoding", ""))
        body = raw.decode(errors="replace")
    if fields.get("compress", "0") not in ("0", "false") or fields.get("decompress", "0") not in ("0", "false"):
        raise Refused(NOT_IMPLEMENTED, "compress=1 is not supported by this front: use Accept-Encoding")
    return Question(
        sql="\n".join(part for part in (fields.get("query", ""), body) if part),
        database=str(fields.get("database") or request.headers.get("X-ClickHouse-Database", "")),
        default_format=str(fields.get("default_format") or request.headers.get("X-ClickHouse-Format", "")),
        settings={
            name: value for name, value in fields.items() if name not in _RESERVED and not name.startswith("param_")
        },
        parameters={name[len("param_") :]: value for name, value in fields.items() if name.startswith("param_")},
        query_id=query_id,
    )


def _response(found: Answer, query_id: str, encoding: str) -> web.Response:
    summary = {
        "read_rows": str(found.read_rows),
        "read_bytes": str(found.read_octets),
        "written_rows": "0",
        "written_bytes": "0",
        "result_bytes": str(len(found.body)),
        "elapsed_ns": str(found.elapsed_ns),
    }
    headers = {
        "Content-Type": _TYPES.get(found.output_format, "text/plain; charset=UTF-8"),
        "X-ClickHouse-Query-Id": query_id,
        "X-ClickHouse-Format": found.output_format,
        "X-ClickHouse-Timezone": "UTC",
        "X-ClickHouse-Server-Display-Name": "sluice",
        "X-ClickHouse-Summary": json.dumps(summary, separators=(",", ":")),
    }
    if encoding:
        headers["Content-Encoding"] = encoding
    return web.Response(body=compress(found.body, encoding), headers=headers)


def _error(code: int, message: str, query_id: str) -> web.Response:
    log.info("query.refused", code=code, query_id=query_id)
    headers = {"X-ClickHouse-Exception-Code": str(code), "X-ClickHouse-Query-Id": query_id}
    return web.Response(status=http_status(code), text=error_text(code, message), headers=headers)
