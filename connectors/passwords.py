"""Passwords of carriers: named in the rules, kept outside them."""

import os
from pathlib import Path


class SecretMissing(ValueError):
    """A carrier's password_ref leads nowhere; the message names the reference, never the secret."""


def read_secret(reference: str, home: Path) -> str:
    """The secret of `file:<path below the home>` or `env:<NAME>`. Raises SecretMissing."""
    kind, _, name = reference.partition(":")
    if kind == "file" and name:
        path = (home / name).resolve()
        if not path.is_relative_to(home.resolve()) or not path.is_file():
            raise SecretMissing(f"password_ref={reference!r}: no such file below the home {home}")
        return path.read_text().strip()
    if kind == "env" and name in os.environ:
        return os.environ[name]
    raise SecretMissing(f"password_ref={reference!r}, expected file:<path> or env:<NAME that is set>")
