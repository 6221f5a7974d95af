"""`sluice inspect KIND`: ask the rules of the field, by JSON lines or by one text."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from typer.core import TyperCommand

from infra.errors import UserError

if TYPE_CHECKING:
    from infra.inspecting.kind import Kind, Profiles

KindName = Literal[
    "text", "number", "sender", "receipt", "receipt-match", "status", "reply", "otp", "content", "window", "pdu"
]


_JSON = ("{", "[", '"')
_WORDS = {"null": None, "true": True, "false": False}


class _WithExamples(TyperCommand):
    """Its --help ends with each KIND's question and answer, read only then."""

    def format_epilog(self, ctx: Any, formatter: Any) -> None:  # typer has its own copy of click's types
        from infra.inspecting.kinds import NAMES, kind_of

        for name in NAMES:
            kind = kind_of(name)
            formatter.write(f"\n{name}: {kind.about}\n  {kind.example_in}\n  {kind.example_out}\n")
            formatter.write(f"  TEXT is `{kind.argument}`.\n")


def add_to(app: typer.Typer) -> None:
    """Hang this command on the app."""
    app.command("inspect", cls=_WithExamples)(inspect)


def inspect(
    kind: Annotated[KindName, typer.Argument(help="What is asked.", metavar="KIND")],
    text: Annotated[str | None, typer.Argument(help="One text to ask about; the answer is for people.")] = None,
    fields: Annotated[
        list[str] | None, typer.Option("--set", help="With TEXT: any other field of the question as name=value.")
    ] = None,
    rules: Annotated[
        Path | None,
        typer.Option("--rules", help="A rules file, whose carriers a question may name.", dir_okay=False),
    ] = None,
) -> None:
    """Ask the rules of SMS. JSON lines on stdin are answered in order, one line each; exit code 1 if any had an error.

    A line that has no answer gets {"error": {"code", "detail"}}, and the rest go on. Fields that a KIND does not know
    are ignored, so that a line may carry an id of its own. What is in force is not asked: see `sluice preflight`.
    """
    from infra.inspecting.kinds import kind_of
    from infra.inspecting.lines import answer_lines

    asked, profiles = kind_of(kind), _profiles(rules)
    if text is not None:
        raise typer.Exit(_for_people(asked, profiles, text, fields or []))
    if fields:
        raise typer.BadParameter("--set goes with TEXT; in JSON lines the fields stand in the line")
    if sys.stdin is None or sys.stdout is None:
        raise UserError("stdin or stdout is closed: expected JSON lines to read, and somebody to answer")
    try:
        errors = answer_lines(asked, profiles, sys.stdin.fileno(), _write)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise UserError(f"the answers cannot be written, or the questions not read: {error.strerror}") from error
    raise typer.Exit(1 if errors else 0)


def _write(octets: bytes) -> None:
    sys.stdout.buffer.write(octets)
    sys.stdout.buffer.flush()


def _for_people(kind: "Kind", profiles: "Profiles", text: str, fields: list[str]) -> int:
    """Print the answer to one text, a field a line; the exit code."""
    from infra.inspecting.lines import answerer

    others = dict(_field(each) for each in fields)
    if kind.argument in others:
        raise typer.BadParameter(f"--set {kind.argument}: that is what TEXT says")
    question = {kind.argument: text, **others}
    line, is_error = answerer(kind, profiles, strict=False)(json.dumps(question).encode())
    said = json.loads(line)
    if kind.for_people is not None:
        said = kind.for_people(said)
    width = max(map(len, said), default=0)
    for name, value in said.items():
        typer.echo(f"{name:{width}}  {value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}")
    return 1 if is_error else 0


def _field(given: str) -> tuple[str, Any]:
    """name=value; the value a JSON object, list or text in quotes, or plain: a number where the field is one."""
    name, equals, value = given.partition("=")
    if not equals or not name:
        raise typer.BadParameter(f"--set {given!r}, expected name=value")
    if not value.startswith(_JSON):
        return name, _WORDS.get(value, value)
    try:
        return name, json.loads(value)
    except (ValueError, RecursionError):
        return name, value


def _profiles(rules: Path | None) -> "Profiles":
    from infra.inspecting.profiles import profiles_of

    return profiles_of(rules)
