"""YAML that knows its lines: the data, and where each value stands, so that an error can name the line."""

from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from pipeline.errors import ForTheUser

Place = tuple[str | int, ...]
"""Keys and indexes from the root to a value, as pydantic's `loc`."""


class RulesInvalid(ForTheUser, ValueError):
    """A rules file is unsound; `problems` holds one line each: file:line: place: what, value, expected."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Located:
    """Parsed YAML and the line (from 1) of every value."""

    name: str
    data: Any
    lines: dict[Place, int]

    def problem(self, place: Place, what: str) -> str:
        """One error line for a person; a place that is not in the file (missing) is named by its parent's line."""
        known = place
        while known and known not in self.lines:
            known = known[:-1]
        where = ".".join(map(str, place))
        return f"{self.name}:{self.lines.get(known, 1)}: {where + ': ' if where else ''}{what}"


def read_located(text: str, name: str) -> Located:
    """Parse one YAML document. Raises RulesInvalid for broken syntax and for a key given twice."""
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        data = yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise RulesInvalid([f"{name}:{line}: not YAML: {error.problem}"]) from error
    except yaml.YAMLError as error:
        raise RulesInvalid([f"{name}:1: not YAML: {error}"]) from error
    lines: dict[Place, int] = {}
    twice: list[str] = []
    for place, node, line in _walk(root, ()):
        if place in lines and node is not None:
            twice.append(f"{name}:{line}: {'.'.join(map(str, place))}: given twice, first in line {lines[place]}")
        lines.setdefault(place, line)
    if twice:
        raise RulesInvalid(twice)
    return Located(name, data, lines)


def _walk(node: yaml.Node | None, place: Place) -> Iterator[tuple[Place, yaml.Node | None, int]]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            below = (*place, _key(key))
            yield below, value, key.start_mark.line + 1
            yield from _walk(value, below)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            below = (*place, index)
            yield below, value, value.start_mark.line + 1
            yield from _walk(value, below)


def _key(node: yaml.Node) -> str | int:
    """A key as safe_load reads it, since NO (Norway) and 1 are not text in YAML."""
    loader = yaml.SafeLoader("")
    value: Hashable = loader.construct_object(node, deep=True)
    return value if isinstance(value, int) and not isinstance(value, bool) else str(value)
