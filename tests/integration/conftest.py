"""What integration tests share: one embedded Kafka a session, stopped at its end."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from infra.embedded.errors import JarsUnavailable, JavaMissing
from infra.embedded.kafka import EmbeddedKafka


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedKafka]:
    """A running node on a free port; `.bootstrap` is its address. Make topics with names of your own."""
    node = EmbeddedKafka(tmp_path_factory.mktemp("kafka"))
    try:
        node.start()
    except (JarsUnavailable, JavaMissing) as missing:
        pytest.skip(str(missing))
    yield node
    node.stop()
