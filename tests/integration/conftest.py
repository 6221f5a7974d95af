"""What integration tests share: one embedded Kafka and one schema registry a session, stopped at its end."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from infra.embedded.kafka import EmbeddedKafka
from infra.ports import free_port
from infra.registry.endpoint import registry_app
from infra.registry.process import serve
from pipeline.events.schema_store import SchemaStore, default_store
from tests.containers import ContainerKafka, a_kafka


@pytest.fixture(scope="session")
def kafka(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[EmbeddedKafka | ContainerKafka]:
    """A running node on a free port; `.bootstrap` is its address. Make topics with names of your own.

    The embedded one, or with `--containers` Apache's own image: the tests are the same.
    """
    if request.config.getoption("--containers"):
        with a_kafka() as container:
            yield container
        return
    with EmbeddedKafka(tmp_path_factory.mktemp("kafka")) as node:
        yield node


@pytest.fixture(scope="session")
def registry() -> Iterator[str]:
    """The address (`http://host:port`) of a schema registry over the `schemas/` folder."""
    with a_registry(default_store()) as url:
        yield url


@contextmanager
def a_registry(store: SchemaStore) -> Iterator[str]:
    """Serve a store from a thread with a loop of its own: the clients under test block theirs."""
    loop = asyncio.new_event_loop()
    port = free_port()
    runner = loop.run_until_complete(serve(registry_app(store), port))
    thread = threading.Thread(target=loop.run_forever, name="registry")
    thread.start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
