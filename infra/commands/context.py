"""What commands share: the options that several have, what is read for them, and logs to stderr."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated, Literal, TextIO

import typer

from infra.errors import UserError

Home = Annotated[
    Path | None,
    typer.Option("--home", envvar="SLUICE_HOME", help="Folder of all that runs here.", show_default=".sluice"),
]
Bootstrap = Annotated[
    str | None,
    typer.Option(
        "--bootstrap", envvar="SLUICE_BOOTSTRAP", help="Kafka as host:port; else the one that runs in the home."
    ),
]

Profile = Annotated[
    Literal["laptop", "cluster", "production"], typer.Option("--profile", help="Partitions and copies of topics.")
]


def home_of(given: Path | None) -> Path:
    """The absolute home."""
    return (given or Path(".sluice")).expanduser().absolute()


@contextmanager
def opened(path: Path | None, *, errors: Literal["strict", "surrogateescape"] = "strict") -> Iterator[TextIO]:
    """A file of text, or stdin for '-' and None, in UTF-8 with or without its mark; line ends as they are.

    Raises UserError if what is read there is not UTF-8; under 'surrogateescape' its readers find what is not.
    """
    try:
        if path is None or str(path) == "-":
            yield _stdin(errors)
            return
        with path.open(encoding="utf-8-sig", errors=errors, newline="") as file:
            yield file
    except UnicodeDecodeError as error:
        raise UserError(f"{path}: {error.reason}, expected UTF-8 text") from error


def _stdin(errors: str) -> TextIO:
    if sys.stdin is None:
        raise UserError("stdin is closed, expected something to read there")
    if isinstance(sys.stdin, TextIOWrapper):
        sys.stdin.reconfigure(encoding="utf-8-sig", errors=errors, newline="")
    return sys.stdin


def moment(given: str, option: str) -> int | None:
    """The time that an option says, in UTC micros; None if it says nothing. Raises BadParameter."""
    from infra.times import micros_of

    if not given:
        return None
    try:
        return micros_of(given)
    except ValueError as error:
        raise typer.BadParameter(f"{option} {given!r}, {error}") from None


def log_to_stderr() -> None:
    """structlog to stderr, masked: JSON, or colours on a terminal."""
    from pipeline.logs import configure

    configure()
