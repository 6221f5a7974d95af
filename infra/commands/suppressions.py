"""Suppressions - list, add, remove, import, export."""

import typer


def add_to(app: typer.Typer) -> None:
    """Hang these commands on the app."""
