"""One engine for all tests of this folder (a process can open only one directory); `--containers`: a server."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from analytics.engine import open_embedded, open_server
from tests.containers import a_clickhouse
from tests.integration.analytics.engine_rig import Journal


@pytest.fixture(scope="session")
def engine_journal(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Journal]:
    """The raw tables and views, migrated and empty."""
    with ExitStack() as stack:
        if request.config.getoption("--containers"):
            journal = Journal(open_server(stack.enter_context(a_clickhouse())))
        else:
            data_dir = tmp_path_factory.mktemp("engine") / "clickhouse"
            journal = Journal(open_embedded(data_dir), data_dir)
        yield journal
        journal.engine.close()


@pytest.fixture
def journal(engine_journal: Journal) -> Iterator[Journal]:
    """The same, empty before and after each test."""
    engine_journal.clear()
    yield engine_journal
    engine_journal.clear()
