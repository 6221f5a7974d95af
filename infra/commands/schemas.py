"""Schemas - list, check, register."""

import typer


def add_to(app: typer.Typer) -> None:
    """Hang these commands on the app."""
