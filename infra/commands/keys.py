"""Keys - list, rotate, destroy, and the keeper."""

import typer


def add_to(app: typer.Typer) -> None:
    """Hang these commands on the app."""
