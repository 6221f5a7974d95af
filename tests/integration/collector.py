"""An OpenTelemetry collector in a thread: takes OTLP/HTTP, keeps the spans. For tests and for looking by hand."""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


@dataclass(frozen=True, slots=True)
class Seen:
    """One span as it came; ids in hex, '' for no parent."""

    name: str
    trace_id: str
    span_id: str
    parent_id: str
    attributes: dict[str, Any]
    links: tuple[str, ...]
    service: str
    raw: str


@dataclass
class Collector:
    url: str = ""
    spans: list[Seen] = field(default_factory=list)

    def wait_for(self, is_met: Any, timeout_s: float = 20.0) -> list[Seen]:
        """Spans so far, once the condition on them holds. Raises TimeoutError with what there was."""
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            spans = list(self.spans)
            if is_met(spans):
                return spans
            time.sleep(0.1)
        raise TimeoutError("\n".join(f"{each.trace_id} {each.parent_id} {each.span_id} {each.name}" for each in spans))

    def take(self, body: bytes) -> None:
        request = ExportTraceServiceRequest.FromString(body)
        for resource in request.resource_spans:
            service = next(a.value.string_value for a in resource.resource.attributes if a.key == "service.name")
            for scope in resource.scope_spans:
                self.spans += [_seen(span, service) for span in scope.spans]


@contextmanager
def a_collector(port: int = 0) -> Iterator[Collector]:
    """A collector that runs while the body does."""
    collector = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            collector.take(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    collector.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield collector
    finally:
        server.shutdown()
        server.server_close()


def _seen(span: Any, service: str) -> Seen:
    values = {each.key: each.value.string_value or each.value.int_value for each in span.attributes}
    links = tuple(link.trace_id.hex() for link in span.links)
    return Seen(
        span.name, span.trace_id.hex(), span.span_id.hex(), span.parent_span_id.hex(), values, links, service, str(span)
    )


if __name__ == "__main__":
    with a_collector(int(sys.argv[1])) as running:
        while True:
            time.sleep(1)
            for each in running.spans:
                sys.stdout.write(
                    f"{each.trace_id} {each.parent_id or '-':16} {each.span_id} {each.service} {each.name} "
                    f"{each.attributes.get('sluice.written', each.attributes.get('sluice.answer', ''))}\n"
                )
            sys.stdout.flush()
            running.spans.clear()
