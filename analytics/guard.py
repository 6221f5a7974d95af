"""What an analyst may ask of the embedded engine, which has no users of its own: reading, and nothing outside it.

`readonly=1` refuses writes and most ways out, but not INTO OUTFILE, the scalar file(), merge(), or functions that
call the network. So a query is first put into the engine's own canonical form (no comments, one statement), whose
syntax tree is held against a list of what is allowed. The canonical form is what runs.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

DATABASES = frozenset({"sluice", "system", "information_schema"})
TABLE_FUNCTIONS = frozenset(
    {"numbers", "numbers_mt", "zeros", "zeros_mt", "generateseries", "generate_series", "values", "view", "null"}
)
FORBIDDEN_FUNCTIONS = frozenset({"file", "catboostevaluate", "showcertificate", "joinget", "joingetornull"})
_NETWORK_FUNCTION = re.compile(r"ai[a-z]+", re.IGNORECASE)
"""aiGenerate and its family send rows to a service."""
_STATEMENT = re.compile(
    r"SelectWithUnionQuery|SelectQuery|SelectIntersectExceptQuery|Explain|DescribeQuery|Exists\w+|"
    r"Show(Tables|Columns|Indexes|Functions|Setting\w*|Create\w+|Engine\w*|ProcesslistQuery)"
)
_QUOTED = re.compile(r"'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`|\"(?:[^\"\\]|\\.)*\"", re.DOTALL)
_FORMAT = re.compile(r" FORMAT (\w+)(?= SETTINGS |$)")

READONLY = 164
SYNTAX_ERROR = 62

Ask = Callable[[str, dict[str, str]], str]
"""Runs a query that we wrote, with parameters, and gives its tab-separated answer."""


class Refused(Exception):
    """The query is not allowed here, or cannot be read. `code` is ClickHouse's."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A query that may run: its canonical text, the text without FORMAT, and the format it names ('' if none)."""

    sql: str
    bare_sql: str
    output_format: str


def check_query(sql: str, parameters: Mapping[str, str], ask: Ask) -> Checked:
    """The canonical form of an allowed query; its parameters are looked at in their places.

    Raises Refused, or what `ask` raises on a syntax error.
    """
    canonical = _line(ask("SELECT formatQuerySingleLine({query:String})", {"query": _escape(sql)}))
    blanked = _QUOTED.sub(lambda match: "'" + "_" * (len(match[0]) - 2) + "'", canonical)
    if re.search(r"\bINTO OUTFILE\b", blanked):
        raise Refused(READONLY, "INTO OUTFILE is not allowed: the result comes over HTTP")
    if re.match(r"(INSERT|WITH .* INSERT)\b", blanked):
        raise Refused(READONLY, "Cannot execute query in readonly mode: the front only reads")
    named = _FORMAT.search(blanked)
    bare = canonical if named is None else canonical[: named.start()] + canonical[named.end() :]
    check_tree(ask(f"EXPLAIN AST {bare}", dict(parameters)))
    return Checked(sql=canonical, bare_sql=bare, output_format=named[1] if named else "")


def check_tree(tree: str) -> None:
    """Raises Refused if a syntax tree (the text of EXPLAIN AST) holds anything that is not allowed."""
    lines = tree.splitlines()
    if not lines or not _STATEMENT.match(lines[0].strip()):
        what = lines[0].split(" (")[0].strip() if lines else "nothing"
        raise Refused(READONLY, f"Cannot execute query in readonly mode: {what} is not a query that reads")
    for number, line in enumerate(lines):
        node = line.strip()
        if node.startswith("Function "):
            _check_function(_function_name(node))
        elif node.startswith("TableIdentifier "):
            _check_table(node.removeprefix("TableIdentifier ").split(" (")[0])
        elif node.startswith("TableExpression"):
            _check_source(lines[number + 1 : number + 2])


def _check_function(name: str) -> None:
    if name in FORBIDDEN_FUNCTIONS or _NETWORK_FUNCTION.fullmatch(name):
        raise Refused(READONLY, f"function {name} is not allowed here: it reads outside the database")


def _check_source(child: list[str]) -> None:
    """A table function is the first child of its table expression."""
    node = child[0].strip() if child else ""
    if node.startswith("Function ") and (name := _function_name(node)) not in TABLE_FUNCTIONS:
        raise Refused(READONLY, f"table function {name} is not allowed here")


def _check_table(name: str) -> None:
    database, dot, _ = name.partition(".")
    if dot and database.lower() not in DATABASES:
        raise Refused(READONLY, f"database {database} is not open to queries, expected one of {sorted(DATABASES)}")


def _function_name(node: str) -> str:
    return node.removeprefix("Function ").split(" (")[0].lower()


def _escape(sql: str) -> str:
    """A query parameter's value is read as tab-separated text."""
    return sql.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")


def _line(answer: str) -> str:
    """The one value of a raw tab-separated answer."""
    return answer.removesuffix("\n")
