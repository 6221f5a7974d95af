"""One analyst's query on the embedded engine: a fresh handle, its limits, readonly last, then the query.

Called by the front in a thread. A handle costs a third of a millisecond and nothing that a query sets outlives it.
"""

import json
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import chdb

from analytics.guard import READONLY, Refused, check_query
from analytics.wire import empty_native

DEFAULT_DATABASE = "sluice"
UNKNOWN_SETTING = 115
UNKNOWN_DATABASE = 81
TOO_MANY_OCTETS = 396

# fmt: off
_IGNORED = frozenset(
    {
        "session_id", "session_timeout", "session_check", "query_id", "quota_key", "compress", "decompress",
        "wait_end_of_query", "buffer_size", "client_protocol_version", "role", "send_progress_in_http_headers",
        "http_headers_progress_interval_ms", "enable_http_compression",
        "cancel_http_readonly_queries_on_client_close", "async_insert", "http_response_buffer_size",
        "log_queries", "user", "password", "allow_experimental_analyzer", "log_comment",
    }
)
# fmt: on
"""Settings of the transport, or without meaning here: accepted and not passed on."""
# fmt: off
_ACCEPTED = frozenset(
    {
        "max_block_size", "max_threads", "max_execution_time", "max_result_rows", "max_result_bytes",
        "result_overflow_mode", "extremes", "join_use_nulls", "date_time_input_format",
        "date_time_output_format", "session_timezone", "limit", "offset", "max_rows_to_read",
        "cast_string_to_dynamic_use_inference", "union_default_mode", "use_query_cache", "join_algorithm",
        "readonly",
    }
)
# fmt: on
_ACCEPTED_PREFIXES = ("output_format_", "format_csv_", "format_tsv_")
_NEVER = "schema"  # format_schema and output_format_schema name files; format_template_* too, and are not accepted
_HANDSHAKE = re.compile(r"\s*SELECT name, value, readonly FROM system\.settings LIMIT 10000\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class AskLimits:
    """What one query may use."""

    execution_s: int = 30
    memory_octets: int = 1_000_000_000
    result_octets: int = 256_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A query as it came: `settings` and `parameters` (without 'param_') are texts."""

    sql: str
    database: str
    default_format: str
    settings: Mapping[str, str]
    parameters: Mapping[str, str]
    query_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A result: octets in `output_format`, and what was read for it."""

    body: bytes
    output_format: str
    read_rows: int
    read_octets: int
    elapsed_ns: int


def is_accepted(setting: str) -> bool:
    """Whether a request may bring this setting."""
    if setting in _ACCEPTED or setting in _IGNORED:
        return True
    return setting.startswith(_ACCEPTED_PREFIXES) and _NEVER not in setting


def new_query_id() -> str:
    """A name for a query that came without one."""
    return str(uuid.uuid4())


def answer(data_dir: Path, question: Question, limits: AskLimits) -> Answer:
    """Run a query. Raises Refused, or the engine's own error with 'Code: N.' in its text."""
    handle = chdb.connect(str(data_dir))
    try:
        _confine(handle, question, limits)
        checked = check_query(
            _plain(question.sql), question.parameters, lambda sql, parameters: _text(handle, sql, parameters)
        )
        output_format = checked.output_format or question.default_format or "TabSeparated"
        sql = _tell_accepted(checked.sql)
        result = handle.query(sql, output_format, params=dict(question.parameters))
        body = result.bytes() or b""
        if len(body) > limits.result_octets:  # the engine counts a repeated value once
            raise Refused(TOO_MANY_OCTETS, f"Limit for result exceeded: {len(body)} octets of {limits.result_octets}")
        if not body and output_format == "Native":
            body = empty_native(_columns(handle, checked.bare_sql, question.parameters))
        return Answer(
            body=body,
            output_format=output_format,
            read_rows=int(result.storage_rows_read() or 0),
            read_octets=int(result.storage_bytes_read() or 0),
            elapsed_ns=int(float(result.elapsed() or 0) * 1e9),
        )
    finally:
        handle.close()


def cancel(data_dir: Path, query_id: str) -> None:
    """Stop a running query, if it still runs."""
    handle = chdb.connect(str(data_dir))
    try:
        handle.query(f"KILL QUERY WHERE Settings['log_comment'] = {_quoted(query_id)} ASYNC", "Null")
    finally:
        handle.close()


def _confine(handle: Any, question: Question, limits: AskLimits) -> None:
    database = question.database or DEFAULT_DATABASE
    if database == "default":
        database = DEFAULT_DATABASE
    if database not in ("sluice", "system", "information_schema", "INFORMATION_SCHEMA"):
        raise Refused(UNKNOWN_DATABASE, f"Database {database} does not exist")
    handle.query(f"USE {database}")
    chosen: dict[str, str] = {
        "max_memory_usage": str(limits.memory_octets),
        "max_execution_time": str(limits.execution_s),
        "max_result_bytes": str(limits.result_octets),
        "result_overflow_mode": "throw",
        "log_comment": question.query_id,
    }
    for name, value in question.settings.items():
        if not is_accepted(name):
            raise Refused(UNKNOWN_SETTING, f"Setting {name} is not accepted by this front")
        if name not in _IGNORED and name != "readonly":
            chosen[name] = _bounded(name, value, chosen)
    for name, value in chosen.items():
        handle.query(f"SET {name} = {_quoted(value)}")
    handle.query("SET readonly = 1")  # last: from here on no setting can change


def _bounded(name: str, value: str, ceilings: Mapping[str, str]) -> str:
    """A request may lower a limit of ours, not lift it."""
    if name not in ("max_execution_time", "max_result_bytes"):
        return value
    ceiling = ceilings[name]
    try:
        asked = float(value)
    except ValueError:
        raise Refused(READONLY, f"Setting {name}: {value!r} is not a number") from None
    return value if 0 < asked <= float(ceiling) else ceiling


def _tell_accepted(sql: str) -> str:
    """The handshake of clickhouse-connect asks which settings it may send; the engine would answer: none."""
    bare = re.sub(r" FORMAT \w+$", "", sql)
    if not _HANDSHAKE.fullmatch(bare):
        return sql
    names = ", ".join(_quoted(name) for name in sorted(_ACCEPTED | _IGNORED))
    prefixes = " AND ".join(f"NOT startsWith(name, '{prefix}')" for prefix in _ACCEPTED_PREFIXES)
    is_refused = f"name NOT IN ({names}) AND ({prefixes} OR position(name, '{_NEVER}') > 0)"
    told = f"SELECT name, value, toUInt8({is_refused}) AS readonly FROM system.settings"
    return told + " LIMIT 10000" + sql[len(bare) :]


def _columns(handle: Any, sql: str, parameters: Mapping[str, str]) -> list[tuple[str, str]]:
    if not re.match(r"(SELECT|WITH|\()", sql):
        return []
    described = handle.query(f"DESCRIBE TABLE ({sql})", "JSONEachRow", params=dict(parameters))
    columns = [json.loads(line) for line in (described.bytes() or b"").decode().splitlines()]
    return [(column["name"], re.sub(r"\n\s*", " ", column["type"])) for column in columns]


def _text(handle: Any, sql: str, parameters: Mapping[str, str]) -> str:
    result = handle.query(sql, "TabSeparatedRaw", params=dict(parameters))
    return (result.bytes() or b"").decode(errors="replace")


def _plain(sql: str) -> str:
    return sql.strip().removesuffix(";")


def _quoted(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
