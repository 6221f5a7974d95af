"""The simulator is a second opinion: it shares no code with what it is meant to test."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import connectors.simulator

FILES = sorted(Path(connectors.simulator.__path__[0]).glob("*.py"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_it_imports_neither_the_connectors_codec_nor_the_pipeline_nor_smpplib(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        for name in names:
            assert name.split(".")[0] not in ("pipeline", "smpplib", "analytics", "infra")
            assert not name.startswith("connectors.") or name.startswith("connectors.simulator")
