"""The control API: ask what handsets received, write from a handset, change moods. JSON over HTTP.

Routes and their answers are in README.md. Bad input is answered 400 with what, value and expected. Called by
`simulator`.
"""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

import msgspec
import structlog
from aiohttp import web
from pydantic import Field, ValidationError

from connectors.simulator import views
from connectors.simulator.account import Account
from connectors.simulator.journal import JournalBroken
from connectors.simulator.masking import masked
from connectors.simulator.moods import Script
from connectors.simulator.records import MoodRecord
from connectors.simulator.settings import NumberMood, SettingsError, first_problem

if TYPE_CHECKING:
    from connectors.simulator.simulator import Simulator

log = structlog.get_logger(__name__)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
ScriptT = TypeVar("ScriptT", bound=Script)


class MobileOriginated(Script):
    """The body of POST /mo."""

    source: Annotated[str, Field(alias="from", pattern=r"^\+?[0-9]{1,20}$")]
    to: Annotated[str, Field(pattern=r"^\+?[!-~]{1,20}$")]
    text: str
    account: str | None = None
    coding: Literal["auto", "gsm7", "ucs2"] = "auto"


class NotFound(SettingsError):
    """What was named does not exist; the answer is 404."""


def now_ms() -> int:
    """The wall clock in epoch milliseconds."""
    return time.time_ns() // 1_000_000


class Front:
    """The HTTP server and its routes."""

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator
        app = web.Application(middlewares=[_errors_as_json])
        app.add_routes(
            [
                web.get("/health", self._health),
                web.get("/handsets", self._handsets),
                web.get("/handsets/{number}", self._handset),
                web.get("/submits", self._submits),
                web.post("/mo", self._mo),
                web.get("/moods", self._moods),
                web.put("/moods/{account}", self._change_mood),
                web.put("/moods/{account}/{match}", self._change_mood),
                web.delete("/moods/{account}", self._change_mood),
                web.delete("/moods/{account}/{match}", self._change_mood),
                web.get("/binds", self._binds),
                web.delete("/binds/{id}", self._cut_bind),
                web.get("/stats", self._stats),
            ]
        )
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)

    async def start(self, host: str, port: int) -> int:
        """Listen; returns the port. Raises OSError if it is taken."""
        if self._runner.server is None:
            await self._runner.setup()
        site = web.TCPSite(self._runner, host, port)
        await site.start()
        return int(self._runner.addresses[-1][1])

    async def stop(self) -> None:
        """Stop listening and close."""
        await self._runner.cleanup()

    async def _health(self, request: web.Request) -> web.Response:
        endpoints = self._simulator.endpoints
        ports = {"smpp_port": endpoints.smpp_port, "control_port": endpoints.control_port}
        return _json({"ok": True, **ports})

    async def _handsets(self, request: web.Request) -> web.Response:
        phones = self._simulator.handsets.by_number.values()
        return _json({"handsets": [views.handset_line(phone) for phone in phones]})

    async def _handset(self, request: web.Request) -> web.Response:
        number = request.match_info["number"].lstrip("+")
        if not number.isdigit() or len(number) > 20:
            raise SettingsError("number", request.match_info["number"], "1..20 digits, with or without +")
        phone = self._simulator.handsets.by_number.get(number)
        return _json(views.handset_page(number, phone, self._is_pending))

    async def _submits(self, request: web.Request) -> web.Response:
        since = _integer(request, "since", 0, 2**62, default=0)
        limit = _integer(request, "limit", 1, 10_000, default=1000)
        wanted = request.query.get("account")
        if wanted is not None:
            self._account(wanted, "query.account")
        newer = itertools.takewhile(lambda record: record.seq > since, reversed(self._simulator.submits))
        found = [record for record in newer if wanted in (None, record.account)][-limit:][::-1]
        accounts = self._simulator.accounts
        lines = [views.submit_line(record, accounts.get(record.account)) for record in found]
        return _json({"submits": lines, "last": found[-1].seq if found else since})

    async def _mo(self, request: web.Request) -> web.Response:
        body = _checked(MobileOriginated, await _json_body(request))
        account = self._mo_account(body)
        try:
            record = account.originate(body.source, body.to, body.text, body.coding, now_ms=now_ms())
        except ValueError as error:
            raise SettingsError("body.text", f"{len(body.text)} characters", str(error)) from error
        self._simulator.journal.append(record)
        self._simulator.journal.flush()
        account.dispatch(record)
        log.info("mo.commanded", account=record.account, handset=masked(record.source), parts=len(record.parts))
        coding = "gsm7" if record.data_coding == 0 else "ucs2"
        answer = {"id": record.number, "account": record.account, "parts": len(record.parts), "coding": coding}
        return _json(answer, status=201)

    async def _moods(self, request: web.Request) -> web.Response:
        accounts = self._simulator.accounts
        return _json({name: account.moods.as_data() for name, account in accounts.items()})

    async def _change_mood(self, request: web.Request) -> web.Response:
        account = self._account(request.match_info["account"], "account")
        match = request.match_info.get("match", "")
        body = None if request.method == "DELETE" else await _json_body(request)
        if match and body is not None:
            _checked(NumberMood, {"match": match, "mood": body})
        try:
            if not account.change_mood(match, body):
                raise NotFound("match", match, "an override of this account, see GET /moods")
        except ValidationError as error:
            raise first_problem(error, "body") from error
        raw = msgspec.Raw(msgspec.json.encode(body))
        name = account.settings.system_id
        self._simulator.journal.append(MoodRecord(at_ms=now_ms(), account=name, match=match, body=raw))
        self._simulator.journal.flush()
        log.info("mood.changed", account=name, match=masked(match) if match else "", is_dropped=body is None)
        return _json(account.moods.as_data())

    async def _binds(self, request: web.Request) -> web.Response:
        sessions = self._simulator.sessions.values()
        return _json({"binds": [views.bind_line(session) for session in sessions]})

    async def _cut_bind(self, request: web.Request) -> web.Response:
        given = request.match_info["id"]
        session = self._simulator.sessions.get(int(given)) if given.isascii() and given.isdigit() else None
        if session is None:
            raise NotFound("id", given, "the id of a bind, see GET /binds")
        session.close("control API", is_abrupt=True)
        return _json({"closed": session.id})

    async def _stats(self, request: web.Request) -> web.Response:
        accounts = self._simulator.accounts
        return _json({"accounts": {name: views.account_line(a) for name, a in accounts.items()}})

    def _account(self, name: str, what: str) -> Account:
        account = self._simulator.accounts.get(name)
        if account is None:
            raise NotFound(what, name, f"one of {', '.join(self._simulator.accounts)}")
        return account

    def _mo_account(self, body: MobileOriginated) -> Account:
        accounts = self._simulator.accounts
        name = body.account
        if name is None:
            phone = self._simulator.handsets.by_number.get(body.source.lstrip("+"))
            name = phone.last_account if phone else ""
            name = name or (next(iter(accounts)) if len(accounts) == 1 else "")
        if name not in accounts:
            raise SettingsError("body.account", body.account, f"one of {', '.join(accounts)}")
        return accounts[name]

    def _is_pending(self, account: str, key: str) -> bool:
        found = self._simulator.accounts.get(account)
        return found is not None and key in found.outbox.pending


@web.middleware
async def _errors_as_json(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except SettingsError as error:
        status = 404 if isinstance(error, NotFound) else 400
        problem = {"what": error.what, "value": error.value, "expected": error.expected}
    except JournalBroken as error:
        status, problem = 503, {"what": "journal", "value": None, "expected": str(error)}
    except web.HTTPException as error:
        status = error.status
        problem = {"what": "request", "value": f"{request.method} {request.path}", "expected": error.reason}
    return _json({"error": problem}, status=status)


def _json(data: dict[str, Any], status: int = 200) -> web.Response:
    body = json.dumps(data, ensure_ascii=False, default=str)
    return web.Response(text=body, status=status, content_type="application/json")


async def _json_body(request: web.Request) -> dict[str, Any]:
    raw = await request.read()
    try:
        body = json.loads(raw)
    except ValueError as error:
        raise SettingsError("body", raw[:80].decode("utf-8", "replace"), f"JSON ({error})") from error
    if not isinstance(body, dict):
        raise SettingsError("body", body, "a JSON object")
    return body


def _checked(model: type[ScriptT], body: dict[str, Any]) -> ScriptT:
    try:
        return model.model_validate(body)
    except ValidationError as error:
        raise first_problem(error, "body") from error


def _integer(request: web.Request, name: str, low: int, high: int, *, default: int) -> int:
    given = request.query.get(name)
    if given is None:
        return default
    if not (given.isascii() and given.isdigit() and low <= int(given) <= high):
        raise SettingsError(f"query.{name}", given, f"a number {low}..{high}")
    return int(given)
