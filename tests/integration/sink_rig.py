"""The sink in a process of its own, and what tests ask of it. Run as a module it is that process."""

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import clickhouse_connect
import httpx
from confluent_kafka import Producer

from pipeline.events.codec import AnyRecord
from pipeline.events.headers import Source, headers_of
from tests.integration.kafka_tools import CODEC, WorkerProcess

MODULE = "tests.integration.sink_rig"


class SinkProcess:
    """A sink that can be killed and started again on the same directory."""

    def __init__(self, bootstrap: str, home: Path) -> None:
        self.home = home
        self._bootstrap = bootstrap
        self._starts = 0
        self.worker: WorkerProcess | None = None
        self.port = 0

    def start(self) -> None:
        self._starts += 1
        self.start_as(f"sink-{self._starts}")

    def start_as(self, name: str) -> None:
        """Start with a log of this name."""
        log = self.home / f"{name}.log"
        self.home.mkdir(parents=True, exist_ok=True)
        log.touch()
        self.worker = WorkerProcess(MODULE, [self._bootstrap, str(self.home)], log)

    def wait_ready(self) -> None:
        assert self.worker is not None
        self.worker.wait_for("front-port=")
        self.port = int(self.worker.log.read_text().split("front-port=")[1].split()[0])

    def kill(self) -> None:
        assert self.worker is not None
        self.worker.kill()

    def rows(self, sql: str) -> list[dict[str, Any]]:
        """Rows of a query, asked over HTTP."""
        answer = httpx.post(
            f"http://127.0.0.1:{self.port}/",
            params={"default_format": "JSON", "output_format_json_quote_64bit_integers": "0"},
            content=sql,
            timeout=60,
        )
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["data"]
        return found

    def one(self, sql: str) -> Any:
        """The only value of a query."""
        rows = self.rows(sql)
        assert len(rows) == 1
        return next(iter(rows[0].values()))

    def wait_until(self, sql: str, is_right: Callable[[Any], bool], *, timeout_s: float = 40.0) -> Any:
        """The only value of a query once it is right. Raises AssertionError with the last one if it never is."""
        deadline = time.monotonic() + timeout_s
        while not is_right(value := self.one(sql)):
            assert time.monotonic() < deadline, f"{sql}: {value!r}"
            time.sleep(0.1)
        return value

    def close(self) -> None:
        if self.worker is not None:
            self.worker.close()


@contextmanager
def a_sink(bootstrap: str, home: Path) -> Iterator[SinkProcess]:
    """A running sink, killed at the end."""
    sink = SinkProcess(bootstrap, home)
    sink.start()
    try:
        sink.wait_ready()
        yield sink
    finally:
        sink.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class Fed:
    """A record to write: `record` may be octets that are no record."""

    record: AnyRecord | bytes
    partition: int = 0
    source: Source | None = None
    epoch: str = "live"


def feed(bootstrap: str, topic: str, records: Iterable[Fed]) -> None:
    """Write records, each to its partition with its headers; returns when all are durable."""
    producer = Producer({"bootstrap.servers": bootstrap, "enable.idempotence": True, "linger.ms": 5})
    produce(producer, topic, records)
    assert producer.flush(20) == 0


def produce(producer: Producer, topic: str, records: Iterable[Fed]) -> None:
    """Hand records to a producer."""
    for fed in records:
        value = fed.record if isinstance(fed.record, bytes) else CODEC.encode(fed.record)
        headers = headers_of(fed.source, fed.epoch)
        producer.produce(topic, value, b"key", fed.partition, headers=headers)
        producer.poll(0)


def genuine_client(port: int, **options: Any) -> Any:
    """clickhouse-connect's own HTTP client."""
    return clickhouse_connect.get_client(host="127.0.0.1", port=port, **options)


def main() -> None:
    from analytics.app import SinkSettings, run_sink

    settings = SinkSettings(bootstrap=sys.argv[1], home=Path(sys.argv[2]), http_port=0)
    run_sink(settings, on_ready=lambda port: print(f"front-port={port}", flush=True))  # noqa: T201


if __name__ == "__main__":
    main()
