"""The registry's REST calls, over `Subjects`. No state: everything is answered from the folder.

Source: docs.confluent.io/platform/current/schema-registry/develop/api.html, and the calls that
confluent-kafka 2.16 makes.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from infra.registry.normal_form import Node, SchemaInvalid, normal_form
from infra.registry.subjects import Subjects
from pipeline.events.schema_store import SchemaEntry, SchemaStore

CONTENT_TYPE = "application/vnd.schemaregistry.v1+json"
COMPATIBILITY = "FULL_TRANSITIVE"
LATEST = ("latest", "-1")
READ_ONLY = "this registry is read-only: its schemas are the files of schemas/, under the ids of schemas/ids.yaml"

_SUBJECTS = web.AppKey("subjects", Subjects)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class RegistryError(Exception):
    """An answer other than 200: HTTP status, the registry's error code, a sentence."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.status = code if code < 1000 else code // 100  # 40401 is a kind of 404
        self.message = message


def registry_app(store: SchemaStore) -> web.Application:
    """The endpoint over one schema store, ready to be served."""
    app = web.Application(middlewares=[_errors_as_json])
    app[_SUBJECTS] = Subjects(store)
    app.add_routes(_ROUTES)
    return app


@web.middleware
async def _errors_as_json(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except RegistryError as error:
        return _answer({"error_code": error.code, "message": error.message}, status=error.status)
    except web.HTTPException as error:
        return _answer({"error_code": error.status, "message": f"HTTP {error.status} {error.reason}"}, error.status)


def _answer(content: object, status: int = 200) -> web.Response:
    return web.Response(text=json.dumps(content), status=status, content_type=CONTENT_TYPE)


async def _root(_: web.Request) -> web.Response:
    return _answer({})


async def _nothing(_: web.Request) -> web.Response:
    return _answer([])


async def _associations(_: web.Request) -> web.Response:
    """None: the serializer then falls back to `<topic>-value`."""
    return _answer([])


async def _types(_: web.Request) -> web.Response:
    return _answer(["AVRO"])


async def _list_subjects(request: web.Request) -> web.Response:
    return _answer(request.app[_SUBJECTS].listed(request.query.get("subjectPrefix", "").removeprefix(":*:")))


async def _list_versions(request: web.Request) -> web.Response:
    return _answer([entry.version for entry in _entries(request)])


async def _version(request: web.Request) -> web.Response:
    return _answer(_registered(request.match_info["subject"], _entry_of_version(request)))


async def _version_text(request: web.Request) -> web.Response:
    return _answer(_entry_of_version(request).json)


async def _look_up(request: web.Request) -> web.Response:
    _entries(request)
    form = await _given_form(request)
    entry = request.app[_SUBJECTS].equal(request.match_info["subject"], form)
    if entry is None:
        raise RegistryError(40403, f"Schema not found: {_named_difference(request, form)}")
    return _answer(_registered(request.match_info["subject"], entry))


async def _register(request: web.Request) -> web.Response:
    subject = request.match_info["subject"]
    _entries(request)
    form = await _given_form(request)
    entry = request.app[_SUBJECTS].equal(subject, form)
    if entry is None:
        raise RegistryError(
            409,
            f"Schema being registered under {subject} is not one of schemas/: {_named_difference(request, form)}. "
            "Use the schema that GET /subjects/.../versions/latest answers; new versions are reviewed files there.",
        )
    if (asked := (await _body(request)).get("id", entry.id)) != entry.id:
        raise RegistryError(42205, f"id {asked!r} for {subject}, where it has id {entry.id}; {READ_ONLY}")
    return _answer({"id": entry.id, "version": entry.version})


async def _schema(request: web.Request) -> web.Response:
    entry = _entry_of_id(request)
    answer: dict[str, object] = {"schema": _text(entry)}
    subject = request.query.get("subject", "")
    if entry in request.app[_SUBJECTS].versions(subject):
        answer = _registered(subject, entry)
    return _answer(answer)


async def _schema_text(request: web.Request) -> web.Response:
    return _answer(_entry_of_id(request).json)


async def _subjects_of_schema(request: web.Request) -> web.Response:
    return _answer(request.app[_SUBJECTS].holding(_entry_of_id(request)))


async def _versions_of_schema(request: web.Request) -> web.Response:
    entry = _entry_of_id(request)
    subjects = request.app[_SUBJECTS].holding(entry)
    return _answer([{"subject": subject, "version": entry.version} for subject in subjects])


async def _config(request: web.Request) -> web.Response:
    if "subject" in request.match_info:
        _entries(request)
    return _answer({"compatibilityLevel": COMPATIBILITY})


async def _set_config(request: web.Request) -> web.Response:
    """Accepts only what is set already: the rule is the folder's, held by its tests."""
    if "subject" in request.match_info:
        _entries(request)
    body = await _body(request)
    if body.get("compatibility") != COMPATIBILITY:
        raise RegistryError(42203, f"compatibility {body.get('compatibility')!r}, expected {COMPATIBILITY}")
    return _answer({"compatibility": COMPATIBILITY})


async def _mode(_: web.Request) -> web.Response:
    return _answer({"mode": "READONLY"})


async def _set_mode(request: web.Request) -> web.Response:
    """Refused but for what is so anyway: nothing is ever written here, and an importer is told so."""
    body = await _body(request)
    if body.get("mode") != "READONLY":
        raise RegistryError(42205, READ_ONLY)
    return _answer({"mode": "READONLY"})


async def _remove(_: web.Request) -> web.Response:
    raise RegistryError(42205, READ_ONLY)


async def _check(request: web.Request) -> web.Response:
    """Compatible means equal here: anything else would be a new version, which is a reviewed file."""
    entry = _entry_of_version(request) if "version" in request.match_info else _entries(request)[-1]
    difference = request.app[_SUBJECTS].difference(entry, await _given_form(request))
    return _answer({"is_compatible": difference is None, "messages": [difference] if difference else []})


def _entries(request: web.Request) -> tuple[SchemaEntry, ...]:
    subject = request.match_info["subject"]
    entries = request.app[_SUBJECTS].versions(subject)
    if not entries:
        raise RegistryError(40401, f"Subject '{subject}' not found: no topic of schemas/topics.yaml has it")
    return entries


def _entry_of_version(request: web.Request) -> SchemaEntry:
    entries = _entries(request)
    asked = request.match_info["version"]
    if asked in LATEST:
        return entries[-1]
    if not asked.isdecimal() or int(asked) < 1:
        raise RegistryError(42202, f"version {asked!r}, expected a number from 1 up, or latest")
    for entry in entries:
        if entry.version == int(asked):
            return entry
    raise RegistryError(40402, f"Version {asked} not found.")


def _entry_of_id(request: web.Request) -> SchemaEntry:
    asked = request.match_info["id"]
    entry = request.app[_SUBJECTS].by_id(int(asked)) if asked.isdecimal() else None
    if entry is None:
        raise RegistryError(40403, f"Schema {asked} not found")
    return entry


def _named_difference(request: web.Request, form: Node) -> str:
    newest = _entries(request)[-1]
    difference = request.app[_SUBJECTS].difference(newest, form)
    return f"against {newest.full_name} version {newest.version} (id {newest.id}), {difference}"


def _registered(subject: str, entry: SchemaEntry) -> dict[str, object]:
    return {"subject": subject, "version": entry.version, "id": entry.id, "schema": _text(entry)}


def _text(entry: SchemaEntry) -> str:
    return json.dumps(entry.json, separators=(",", ":"), ensure_ascii=False)


async def _body(request: web.Request) -> dict[str, Any]:
    try:
        body = json.loads(await request.text())
    except ValueError as error:
        raise RegistryError(400, f"the body is not JSON: {error}") from error
    if not isinstance(body, dict):
        raise RegistryError(400, "the body is not a JSON object")
    return body


async def _given_form(request: web.Request) -> Node:
    """The normal form of the body's `schema`. Raises RegistryError 42201 when it is none of Avro's."""
    body = await _body(request)
    text, kind = body.get("schema"), body.get("schemaType") or "AVRO"
    if kind != "AVRO" or body.get("references") or not isinstance(text, str):
        raise RegistryError(42201, "expected an AVRO schema as JSON text in `schema`, without references")
    try:
        return normal_form(text)
    except SchemaInvalid as error:
        raise RegistryError(42201, f"Invalid schema: {error}") from error


_SUBJECT = "/subjects/{subject}"
_ROUTES = [
    web.get("/", _root),
    web.get("/associations/resources/{namespace}/{name}", _associations),
    web.get("/subjects", _list_subjects),
    web.post(_SUBJECT, _look_up),
    web.get(f"{_SUBJECT}/versions", _list_versions),
    web.post(f"{_SUBJECT}/versions", _register),
    web.get(f"{_SUBJECT}/versions/{{version}}", _version),
    web.get(f"{_SUBJECT}/versions/{{version}}/schema", _version_text),
    web.get(f"{_SUBJECT}/versions/{{version}}/referencedby", _nothing),
    web.get("/schemas/types", _types),
    web.get("/schemas/ids/{id}", _schema),
    web.get("/schemas/ids/{id}/schema", _schema_text),
    web.get("/schemas/ids/{id}/subjects", _subjects_of_schema),
    web.get("/schemas/ids/{id}/versions", _versions_of_schema),
    web.get("/config", _config),
    web.get("/config/{subject}", _config),
    web.put("/config", _set_config),
    web.put("/config/{subject}", _set_config),
    web.get("/mode", _mode),
    web.get("/mode/{subject}", _mode),
    web.put("/mode", _set_mode),
    web.put("/mode/{subject}", _set_mode),
    web.delete(_SUBJECT, _remove),
    web.delete(f"{_SUBJECT}/versions/{{version}}", _remove),
    web.post(f"/compatibility{_SUBJECT}/versions", _check),
    web.post(f"/compatibility{_SUBJECT}/versions/{{version}}", _check),
]
