"""GET /metrics of one process: Prometheus text or OpenMetrics, as asked for. In threads: answers when all else hangs.

Who listens where stands in `processes/<name>.json`, from which `sluice endpoints` lists it.
"""

import os
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder

from infra.ports import HOST, free_port
from infra.running import Registration, Running
from pipeline.errors import ForTheUser
from pipeline.metrics import Metrics
from pipeline.spans import spans_of
from pipeline.telemetry import Telemetry

OFF = "off"
PATH = "/metrics"


class MetricsPortInvalid(ForTheUser, ValueError):
    """What was given as --metrics-port is none; the message says what is expected."""


@contextmanager
def observed(registration: Registration, port: str) -> Iterator[Telemetry]:
    """The telemetry of a process while the body runs: metrics served and announced, traces as the environment says.

    Raises MetricsPortInvalid, OSError if the port is taken, TracesMisconfigured.
    """
    place = parse_place(port)
    telemetry = Telemetry(metrics=Metrics(), spans=spans_of(os.environ, f"sluice-{registration.name}"))
    if place is None:
        yield telemetry
        return
    with serving(telemetry.metrics.registry, *place) as address:
        registration.serves_metrics(address)
        yield telemetry


@contextmanager
def serving(registry: CollectorRegistry, host: str, port: int) -> Iterator[str]:
    """Serve a registry while the body runs; gives the address `host:port`. Raises OSError if the port is taken."""
    try:
        server = ThreadingHTTPServer((host, port or free_port(host)), _handler(registry))
    except OSError as error:
        raise OSError(f"the metrics port {host}:{port} is taken, or is not ours to use: {error.strerror}") from error
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.1,), name="sluice-metrics", daemon=True).start()
    try:
        yield f"{host}:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def parse_place(given: str) -> tuple[str, int] | None:
    """(host, port) of '9100', '0.0.0.0:9100' or '0' (any free port); None for 'off'. Raises MetricsPortInvalid."""
    if given.lower() == OFF:
        return None
    host, _, port = given.rpartition(":")
    if not port.isdecimal() or int(port) > 65535:
        raise MetricsPortInvalid(f"metrics port {given!r}, expected off, 0 (any free one), a port, or host:port")
    return host.strip("[]") or HOST, int(port)


def file_sd(running: Iterable[Running]) -> list[dict[str, Any]]:
    """Who serves metrics, as Prometheus reads it from a file (`file_sd_configs`)."""
    return [
        {"targets": [each.metrics], "labels": {"job": "sluice", "process": each.name}}
        for each in running
        if each.metrics
    ]


def _handler(registry: CollectorRegistry) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path.partition("?")[0] != PATH:
                self.send_error(404, explain=f"expected {PATH}")
                return
            encode, content_type = choose_encoder(self.headers.get("Accept", ""))
            page = encode(registry)
            self.send_response(200)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(page)))
            self.end_headers()
            self.wfile.write(page)

        def log_message(self, *_: object) -> None:
            """A scrape is no news."""

    return Handler
