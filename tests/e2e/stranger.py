"""A person who knows the READMEs only: types commands, reads what they print."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import yaml

from tests.e2e.up_run import ROOT, sluice

PHONE = "+16465550177"


class Stranger:
    """Types commands into one home, of the code in `root`."""

    def __init__(self, home: Path, root: Path = ROOT) -> None:
        self.home = home
        self.root = root

    def does(self, *words: str, code: int = 0, stdin: str | None = None) -> str:
        """What the command prints; its exit code has to be `code`."""
        done = sluice(self.home, *words, stdin=stdin, root=self.root)
        assert done.returncode == code, f"sluice {' '.join(words)}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout + done.stderr

    def asks(self, *words: str) -> list[dict[str, Any]]:
        """The objects that a command with --json prints."""
        return [json.loads(line) for line in self.does(*words, "--json").splitlines()]

    def sql(self, query: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.does("query", query, "--format", "JSONEachRow").splitlines()]

    def sql_until(self, query: str, rows: int = 1) -> list[dict[str, Any]]:
        """The answer once it has so many rows: the sink is a moment behind."""
        deadline = time.monotonic() + 30
        while len(found := self.sql(query)) < rows:
            assert time.monotonic() < deadline, f"{query}: {found}"
            time.sleep(0.3)
        return found

    def delivers(self, account: str, *words: str) -> str:
        """Submit to the phone and see it delivered; the message id."""
        said = self.does("submit", "-a", account, "--to", PHONE, "--class", "service", "--wait", "30", *words)
        assert "delivered" in said
        return said.split()[0]

    def rules(self) -> dict[str, Any]:
        """The rules in force, as the file that they would be."""
        found: dict[str, Any] = yaml.safe_load(self.does("config", "show"))
        return found

    def applies(self, rules: dict[str, Any], reason: str) -> str:
        rules.pop("version", None)
        file = self.home.parent / "rules.yaml"
        file.write_text(yaml.safe_dump(rules, allow_unicode=True, sort_keys=False))
        self.does("config", "check", str(file))
        self.does("config", "diff", str(file))
        return self.does("config", "apply", str(file), "--reason", reason)
