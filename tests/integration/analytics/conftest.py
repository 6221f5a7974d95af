"""One embedded engine for all tests of this folder: a process can open only one directory."""

from collections.abc import Iterator

import pytest

from tests.integration.analytics.engine_rig import Journal


@pytest.fixture(scope="session")
def engine_journal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Journal]:
    """The raw tables and views, migrated and empty."""
    journal = Journal(tmp_path_factory.mktemp("engine") / "clickhouse")
    yield journal
    journal.engine.close()


@pytest.fixture
def journal(engine_journal: Journal) -> Iterator[Journal]:
    """The same, empty before and after each test."""
    engine_journal.clear()
    yield engine_journal
    engine_journal.clear()
