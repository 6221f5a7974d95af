"""Questions to ClickHouse from commands: the SQL front of the sink that runs in the home, or a server.

Both speak ClickHouse's HTTP interface, so one client does; only `analytics` knows the engine itself.
"""

import json
import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from pipeline.errors import ForTheUser

SERVER = "SLUICE_CLICKHOUSE"
"""Environment variable: a server as http://user:password@host:port/, instead of the home's front."""

TIMEOUT_S = 120.0
_NO_URL = f"{SERVER} is no URL, expected http://user:password@host:port/database"  # without it: it holds a password


class SqlFailed(ForTheUser):
    """ClickHouse did not answer, or answered with an error; the message says which and what to do."""


def ask(home: Path, sql: str, **parameters: str | int) -> list[dict[str, Any]]:
    """The rows of a SELECT, as dicts. `parameters` are named {name:Type} in the SQL, never pasted into it.

    64-bit numbers come as int. Raises SqlFailed, and EndpointMissing if no sink runs in the home.
    """
    text = ask_text(home, sql, "JSONEachRow", **parameters)
    return [json.loads(line) for line in text.splitlines() if line]


def ask_text(home: Path, sql: str, output_format: str, **parameters: str | int) -> str:
    """The answer to a query in a ClickHouse output format. Raises as `ask`."""
    from infra.endpoints import read_endpoints

    server = os.environ.get(SERVER, "")
    try:
        url, database = _split(server) if server else (read_endpoints(home).require("sql").url, "")
    except ValueError:
        raise SqlFailed(_NO_URL) from None
    query = {
        "default_format": output_format,
        "output_format_json_quote_64bit_integers": "0",
        **{f"param_{name}": str(value) for name, value in parameters.items()},
    }
    if database:
        query["database"] = database
    try:
        answer = httpx.post(url, params=query, content=sql.encode(), timeout=TIMEOUT_S)
    except httpx.InvalidURL:
        raise SqlFailed(_NO_URL) from None
    except httpx.HTTPError as error:
        who = "ClickHouse" if server else "the SQL front"
        raise SqlFailed(f"{who} at {_bare(url)} does not answer ({error}); start it: sluice sink run") from error
    if answer.status_code != httpx.codes.OK:
        raise SqlFailed(answer.text.strip() or f"ClickHouse at {_bare(url)} answered {answer.status_code}")
    return answer.text


def _split(server: str) -> tuple[str, str]:
    """The URL to ask, and the database, which is the path of the one given."""
    parts = urlsplit(server)
    return parts._replace(path="/").geturl(), parts.path.strip("/") or "sluice"


def _bare(url: str) -> str:
    """A URL without its password."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname}:{parts.port}"
