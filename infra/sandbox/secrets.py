"""Passwords of simulated carriers: made at random on first use, kept below the home, never in the rules."""

import contextlib
import os
import secrets
from pathlib import Path

OCTETS = 4  # eight hex digits: SMPP 3.4 5.2.2 allows 8 characters of password


def password_of(home: Path, reference: str) -> str:
    """The password that `file:<path below the home>` names, made if absent; whoever is first makes it.

    Raises ValueError for a reference of another kind: only who gave that secret knows it.
    """
    kind, _, place = reference.partition(":")
    if kind != "file" or not place:
        raise ValueError(f"password_ref {reference!r}, expected file:<path below the home>")
    path = home / place
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists():
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_hex(OCTETS), "ascii")
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    return path.read_text("ascii").strip()
