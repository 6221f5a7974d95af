"""Options that say one message, or a file of them: what `submit` and `preflight` have in common."""

from pathlib import Path
from typing import Annotated, Any

import typer

Account = Annotated[str, typer.Option("--account", "-a", help="The account that sends.")]
To = Annotated[str, typer.Option("--to", help="The phone, as +<country code>...")]
Sender = Annotated[str, typer.Option("--sender", help="Else the account's default.")]
Reference = Annotated[str, typer.Option("--reference", "-r", help="Yours; echoed in every status.")]
JsonLines = Annotated[
    Path | None, typer.Option("--json-lines", help="A file of JSON objects, one a line; - reads stdin.")
]
Csv = Annotated[
    Path | None,
    typer.Option("--csv", help="A CSV file with a header: to, text, message_class, param.<name>, ...; - reads stdin."),
]
Text = Annotated[str, typer.Option("--text", help="The text; or use --template.")]
Class = Annotated[str, typer.Option("--class", "-c", help="otp, transactional, service, conversational or marketing.")]
Template = Annotated[str, typer.Option("--template", help="Name of a template of the account.")]
Param = Annotated[list[str] | None, typer.Option("--param", help="name=value for the template; may be repeated.")]
Field = Annotated[
    list[str] | None,
    typer.Option("--set", help="Any other field of SubmitMessage as name=value, such as valid_for_s=300."),
]


def given_fields(*, params: list[str] | None, more: list[str] | None, **fields: str) -> dict[str, Any]:
    """The fields of SubmitMessage that the options say. Raises BadParameter for a pair that is none."""
    given: dict[str, Any] = {name: value for name, value in fields.items() if value}
    pairs = _pairs(params, "--param")
    return {**given, **_pairs(more, "--set"), **({"params": pairs} if pairs else {})}


def require_one_source(to: str, json_lines: Path | None, csv: Path | None) -> None:
    """Raises BadParameter unless exactly one of the three says what the messages are."""
    if sum((bool(to), json_lines is not None, csv is not None)) != 1:
        raise typer.BadParameter("expected one of --to, --json-lines and --csv")


def _pairs(given: list[str] | None, option: str) -> dict[str, str]:
    pairs = {}
    for each in given or ():
        name, equals, value = each.partition("=")
        if not equals or not name:
            raise typer.BadParameter(f"{option} {each!r}, expected name=value")
        pairs[name] = value
    return pairs
