"""Where the parts of one Sluice listen: `.sluice/endpoints.json`, written by each, read by every command.

Each process claims a port, listens, then publishes its own endpoint; the file is merged under a lock
and replaced whole, so a reader never sees half of it. A stopped part keeps its entry without a pid,
so that it comes back on the port that others still have in mind.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from infra.ports import HOST, free_port, is_free
from pipeline.errors import ForTheUser

PREFERRED_PORTS: Mapping[str, int] = {"kafka": 9092, "registry": 8081, "sql": 8123, "smpp": 2775, "status": 8090}
STARTED_BY: Mapping[str, str] = {
    "kafka": "sluice kafka run",
    "registry": "sluice registry run",
    "sql": "sluice sink run",
    "smpp": "sluice simulator run",
    "simulator": "sluice simulator run",
    "status": "sluice up",
}
FILE_NAME = "endpoints.json"

_ADDRESS = re.compile(r"^(\[[0-9a-fA-F:]+\]|[A-Za-z0-9._-]+):([0-9]{1,5})$")


class EndpointsInvalid(ForTheUser, ValueError):
    """The file or an address is not what it should be; the message names place, value, expectation."""


class EndpointMissing(ForTheUser, LookupError):
    """The part that is needed does not run here; the message says how to start it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One listening part. `pid` None: it has stopped. `published_at` is UTC."""

    name: str
    host: str
    port: int
    pid: int | None
    published_at: datetime

    @property
    def address(self) -> str:
        """`host:port`."""
        return f"{self.host}:{self.port}"

    @property
    def url(self) -> str:
        """`http://host:port`, for the parts that speak HTTP."""
        return f"http://{self.address}"


@dataclass(frozen=True, slots=True)
class Endpoints:
    """What is published under one home, by name."""

    home: Path
    by_name: Mapping[str, Endpoint]

    def find(self, name: str) -> Endpoint | None:
        """The endpoint of that name if it is published and has not been withdrawn."""
        endpoint = self.by_name.get(name)
        return endpoint if endpoint is not None and endpoint.pid is not None else None

    def require(self, name: str) -> Endpoint:
        """As `find`; raises EndpointMissing when there is none."""
        endpoint = self.find(name)
        if endpoint is None:
            state = "was stopped" if name in self.by_name else "was never started"
            raise EndpointMissing(
                f"{name} {state} under {self.home}; start it (`{STARTED_BY.get(name, name)}`), "
                "or set SLUICE_HOME to where it runs"
            )
        return endpoint


class _Entry(BaseModel):
    """One value of the file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: Annotated[str, Field(min_length=1)]
    port: Annotated[int, Field(ge=1, le=65535)]
    pid: Annotated[int, Field(gt=0)] | None
    published_at: AwareDatetime


_ENTRIES = TypeAdapter(dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,40}$")], _Entry])


def sluice_home(environ: Mapping[str, str] | None = None) -> Path:
    """The folder of all that runs here: SLUICE_HOME, else `.sluice` under the current directory."""
    env = os.environ if environ is None else environ
    return Path(env.get("SLUICE_HOME") or ".sluice").expanduser().absolute()


def read_endpoints(home: Path) -> Endpoints:
    """What is published under `home`; nothing when the file is not there. Raises EndpointsInvalid."""
    file = home / FILE_NAME
    try:
        content = file.read_bytes()
    except FileNotFoundError:
        return Endpoints(home, {})
    try:
        entries = _ENTRIES.validate_json(content)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"])) or "the whole"
        raise EndpointsInvalid(
            f"{file}: {place}: {first['msg']}, found {first.get('input')!r}; "
            "stop what runs here, remove the file and start again"
        ) from error
    return Endpoints(home, {name: Endpoint(name=name, **entry.model_dump()) for name, entry in entries.items()})


def claim_port(home: Path, name: str, wanted: int | None = None) -> int:
    """Choose a port to listen on: `wanted`, else the one this part had before, the preferred, any free one.

    A `wanted` port that is taken raises OSError: who asks for one means it. A choice reserves nothing:
    who loses the race for it fails to listen and may claim again.
    """
    if wanted is not None:
        if not is_free(wanted):
            raise OSError(f"port {wanted} on {HOST} is taken; stop what listens there or give {name} another port")
        return wanted
    before = read_endpoints(home).by_name.get(name)
    for port in (before.port if before else None, PREFERRED_PORTS.get(name)):
        if port is not None and is_free(port):
            return port
    return free_port()


def publish(home: Path, name: str, port: int, *, now: datetime, host: str = HOST, pid: int | None = None) -> Endpoint:
    """Write this process's (or `pid`'s) endpoint into the file, leaving the others as they are."""
    endpoint = Endpoint(name=name, host=host, port=port, pid=pid or os.getpid(), published_at=now.astimezone(UTC))
    with _merging(home) as by_name:
        by_name[name] = endpoint
    return endpoint


def withdraw(home: Path, endpoint: Endpoint) -> None:
    """Say that this endpoint has stopped, unless a successor has published its own by now."""
    with _merging(home) as by_name:
        published = by_name.get(endpoint.name)
        if published == endpoint:
            by_name[endpoint.name] = Endpoint(
                name=endpoint.name,
                host=endpoint.host,
                port=endpoint.port,
                pid=None,
                published_at=endpoint.published_at,
            )


def bootstrap_servers(home: Path, given: str | None = None, environ: Mapping[str, str] | None = None) -> str:
    """The Kafka to talk to: `given` (`--bootstrap`), else SLUICE_BOOTSTRAP, else the one published here.

    Raises EndpointsInvalid when it is not `host:port[,host:port...]`, EndpointMissing when there is none.
    """
    env = os.environ if environ is None else environ
    outside = given or env.get("SLUICE_BOOTSTRAP")
    if outside:
        return parse_bootstrap(outside)
    return read_endpoints(home).require("kafka").address


def parse_bootstrap(text: str) -> str:
    """Check `host:port[,host:port...]` and return it without blanks. Raises EndpointsInvalid."""
    servers = [server.strip() for server in text.split(",")]
    for server in servers:
        match = _ADDRESS.match(server)
        if match is None or not 1 <= int(match[2]) <= 65535:
            raise EndpointsInvalid(f"bootstrap: {server!r}, expected host:port[,host:port...]")
    return ",".join(servers)


@contextmanager
def _merging(home: Path) -> Iterator[dict[str, Endpoint]]:
    """Read, let the caller change, replace atomically; one process at a time."""
    home.mkdir(parents=True, exist_ok=True)
    with (home / f"{FILE_NAME}.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        by_name = dict(read_endpoints(home).by_name)
        yield by_name
        content = {
            name: {"host": e.host, "port": e.port, "pid": e.pid, "published_at": e.published_at.isoformat()}
            for name, e in sorted(by_name.items())
        }
        with tempfile.NamedTemporaryFile("w", dir=home, delete=False) as file:
            file.write(json.dumps(content, indent=2) + "\n")
        Path(file.name).chmod(0o644)
        Path(file.name).replace(home / FILE_NAME)
