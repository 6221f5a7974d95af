"""What end-to-end tests share: one home, in which each run meets what the earlier ones left."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One home for all runs of the demo; absent until the first."""
    return tmp_path_factory.mktemp("demo") / "home"
