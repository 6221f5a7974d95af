"""What a syntax tree may hold."""

import pytest

from analytics.guard import Refused, check_query, check_tree

READS = """SelectWithUnionQuery (children 1)
 ExpressionList (children 1)
  SelectQuery (children 2)
   ExpressionList (children 1)
    Function count (alias n) (children 1)
   TablesInSelectQuery (children 1)
    TablesInSelectQueryElement (children 1)
     TableExpression (children 1)
      {source}
"""


@pytest.mark.parametrize(
    "source",
    [
        "TableIdentifier messages",
        "TableIdentifier sluice.messages (alias m)",
        "TableIdentifier system.tables",
        "Function numbers (children 1)",
        "Subquery (children 1)",
    ],
)
def test_a_reading_tree_is_allowed(source: str) -> None:
    check_tree(READS.format(source=source))


@pytest.mark.parametrize(
    "source",
    [
        "TableIdentifier default./etc/hostname",
        "TableIdentifier other.t",
        "Function merge (children 1)",
        "Function URL (children 1)",
        "Function unheardOf (children 1)",
    ],
)
def test_other_sources_are_refused(source: str) -> None:
    with pytest.raises(Refused):
        check_tree(READS.format(source=source))


@pytest.mark.parametrize("root", ["DropQuery  x", "SYSTEM query", "Set", "InsertQuery   (children 1)", ""])
def test_statements_that_do_more_than_read_are_refused(root: str) -> None:
    with pytest.raises(Refused):
        check_tree(root)


@pytest.mark.parametrize("name", ["file", "FILE", "aiGenerate", "AIEmbed"])
def test_functions_that_reach_outside_are_refused(name: str) -> None:
    with pytest.raises(Refused, match="not allowed"):
        check_tree(READS.format(source="Subquery") + f"       Function {name} (children 1)\n")


def test_the_format_is_cut_from_what_is_looked_at_but_not_from_literals() -> None:
    asked: list[str] = []

    def ask(sql: str, parameters: dict[str, str]) -> str:
        asked.append(sql)
        return "SELECT ' FORMAT X' FORMAT JSON\n" if "formatQuery" in sql else "SelectWithUnionQuery (children 1)"

    checked = check_query("select ' FORMAT X' format JSON", {}, ask)
    assert (checked.output_format, checked.bare_sql) == ("JSON", "SELECT ' FORMAT X'")
    assert asked[1] == "EXPLAIN AST SELECT ' FORMAT X'"
