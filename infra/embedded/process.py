"""The node as a process of its own: run it, publish where it is, stop it when asked."""

from __future__ import annotations

import signal
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import structlog

from infra.access.client_file import FILE_NAME, client_file_text
from infra.embedded.errors import KafkaFailed
from infra.embedded.jvm import terminate
from infra.embedded.kafka import EmbeddedKafka
from infra.endpoints import Endpoint, claim_port, publish, withdraw
from infra.private_files import write_private
from pipeline.kafka.client import BOOTSTRAP, Client

NAME = "kafka"

_log = structlog.get_logger("infra.kafka")


def run_kafka(home: Path, *, port: int | None = None, is_secure: bool = False) -> int:
    """Run the node of `home` until SIGTERM or SIGINT; for the main thread.

    A secure one leaves in the home the file that makes every command there its operator's.
    Returns 0 when it was asked to stop, 1 when the node died by itself. Raises EmbeddedError, whose
    message is for the user, when the node cannot be started.
    """
    kafka = EmbeddedKafka(home / NAME, port=port, choose_port=lambda: claim_port(home, NAME), is_secure=is_secure)
    published: list[Endpoint] = []

    def on_ready() -> None:
        if kafka.is_secure:
            write_operators_file(home, kafka.client)
        published.append(publish(home, NAME, kafka.port, now=datetime.now(UTC)))
        _log.info("kafka.started", bootstrap=kafka.bootstrap, pid=kafka.pid, log=str(kafka.log))

    try:
        code = run_in_foreground(kafka, on_ready)
    finally:
        for endpoint in published:
            withdraw(home, endpoint)
    if code == 0:
        _log.info("kafka.stopped")
    else:
        _log.error("kafka.died", last_lines=kafka.last_lines())
    return code


def write_operators_file(home: Path, client: Client) -> None:
    """Leave in a home how the operator reaches its Kafka; the address is in the endpoints, since it may change."""
    settings = {name: value for name, value in client.items() if name != BOOTSTRAP}
    write_private(home / FILE_NAME, client_file_text(settings).encode())


def run_in_foreground(kafka: EmbeddedKafka, on_ready: Callable[[], None]) -> int:
    """Start the node, say so, and wait; SIGTERM and SIGINT reach it as a clean stop.

    Returns 0 when it was asked to stop, else 1. Raises what `EmbeddedKafka.start` raises.
    """
    kafka.prepare()  # before the handlers: Ctrl-C breaks off a download, which is resumed next time
    asked: list[int] = []

    def forward(number: int, _frame: object) -> None:
        asked.append(number)
        if kafka.pid is not None:
            terminate(kafka.pid)

    previous = {number: signal.signal(number, forward) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        kafka.start()
        if not asked:
            on_ready()
            kafka.wait()
    except KafkaFailed:
        if not asked:
            raise
    finally:
        kafka.stop()
        for number, handler in previous.items():
            signal.signal(number, handler)
    return 0 if asked else 1
