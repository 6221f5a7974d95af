"""Contracts of the table of metrics: all of it is used, nothing else is, names follow OpenMetrics, README too."""

import ast
import re
from pathlib import Path

import pytest

from pipeline import metrics
from pipeline.metrics import Definition, definitions

ROOT = Path(__file__).parents[2]
PARTS = ("pipeline", "connectors", "analytics", "infra")
NAMES = {name: each for name, each in vars(metrics).items() if isinstance(each, Definition)}
BOUNDED = {"stage", "record", "topic", "reason", "outcome", "carrier", "lane", "answer", "state", "action"}


def _sources() -> list[Path]:
    found = [path for part in PARTS for path in (ROOT / part).rglob("*.py") if path != ROOT / "pipeline/metrics.py"]
    assert len(found) > 100
    return found


def _used(tree: ast.AST) -> set[str]:
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}


def test_every_metric_is_used_somewhere() -> None:
    used: set[str] = set()
    for path in _sources():
        text = path.read_text("utf-8")
        if "pipeline.metrics" in text:
            used |= _used(ast.parse(text))
    assert sorted(NAMES.keys() - used) == []


def test_nobody_makes_a_metric_beside_the_table() -> None:
    makers = re.compile(r"from prometheus_client import [^\n]*\b(Counter|Gauge|Histogram|Summary|Info|Enum)\b")
    assert [str(path) for path in _sources() if makers.search(path.read_text("utf-8"))] == []


@pytest.mark.parametrize("definition", definitions(), ids=lambda each: each.name)
def test_a_name_follows_openmetrics(definition: Definition) -> None:
    assert re.fullmatch(r"sluice_[a-z]+(_[a-z]+)+", definition.name)
    assert definition.name.endswith(f"_{definition.unit}"), "a name ends in its unit"
    assert not definition.name.endswith(("_total", "_count", "_sum", "_bucket", "_created", "_info")), "suffix is added"
    assert definition.meaning
    assert definition.rise


@pytest.mark.parametrize("definition", definitions(), ids=lambda each: each.name)
def test_labels_are_bounded(definition: Definition) -> None:
    assert set(definition.labels) <= BOUNDED


def test_names_are_given_once() -> None:
    names = [each.name for each in definitions()]
    assert sorted(set(names)) == sorted(names)


def test_the_readme_shows_the_table_as_it_is() -> None:
    readme = (ROOT / "pipeline/README.md").read_text("utf-8")
    missing = [row for row in metrics.table_rows() if row not in readme]
    assert missing == [], "put these lines into pipeline/README.md: python -m pipeline.metrics prints the table"
    shown = re.findall(r"^\| `(sluice_\w+)`", readme, re.MULTILINE)
    assert shown == [each.shown_as for each in definitions()]
