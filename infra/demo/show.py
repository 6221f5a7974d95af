"""What the demo prints: with colours on a terminal, as plain lines elsewhere."""

import os
import shlex
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from infra.demo.lives import Life
from infra.endpoints import sluice_home
from pipeline.domain.content.redaction import redact

COLOURS = {
    "delivered": "green",
    "failed": "red",
    "expired": "yellow",
    "rejected": "magenta",
    "held": "yellow",
    "submitted": "cyan",
}
WIDTH_ELSEWHERE = 150


class Show:
    """The demo's output."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(width=None if os.isatty(1) else WIDTH_ELSEWHERE, highlight=False)

    def step(self, words: str) -> None:
        """One thing that the demo does now."""
        self.console.print(f"[bold]·[/bold] {escape(words)}")

    def warn(self, words: str) -> None:
        """Something that the person should do or know."""
        self.console.print(f"[bold yellow]![/bold yellow] {escape(words)}")

    def title(self, words: str) -> None:
        """Begins a part."""
        self.console.print(f"\n[bold]{escape(words)}[/bold]")

    def heard(self, life: Life, record: Mapping[str, Any], at_s: float) -> None:
        """One line of a life."""
        if "status" in record:
            status = str(record["status"])
            said = [str(record["reason"]), str(record["carrier"])]
            if record["segment_count"] > 1:
                said.append(f"{record['segment_count']} parts")
        else:
            status, said = "reply", [f"{record['keyword'] or 'text'} ({record['action'] or 'no keyword'})"]
        colour = COLOURS.get(status, "white")
        words = ", ".join(word for word in said if word)
        self.console.print(
            f"{at_s:7.2f} s  {life.submission.account:<13} {life.submission.name:<15} "
            f"[{colour}]{status:<10}[/{colour}] {escape(words)}"
        )

    def outcomes(self, lives: Sequence[Life], problems: Mapping[str, Sequence[str]]) -> None:
        """The table of outcomes against what was written."""
        table = Table(box=None, pad_edge=False, header_style="bold")
        for name in ("message", "what it shows", "expected", "outcome", "ms", ""):
            table.add_column(name, justify="right" if name == "ms" else "left", overflow="fold")
        for life in lives:
            expected, last = life.submission.row.expect, life.last
            wanted = " ".join(word for word in (expected.status, expected.reason) if word)
            got = " ".join(str(last.get(name, "")) for name in ("status", "reason")).strip() or "nothing"
            millis = f"{(life.ended_at - life.started_at) * 1000:.0f}" if life.ended_at else ""
            verdict = "[red]✗[/red]" if problems.get(life.submission.name) else "[green]✓[/green]"
            table.add_row(life.submission.name, escape(life.submission.row.shows), wanted, got, millis, verdict)
        self.console.print(table)

    def timeline(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """One life from its first record to its last."""
        table = Table(box=None, pad_edge=False, header_style="bold")
        for name, justify in (
            ("ms", "right"),
            ("+ms", "right"),
            ("event", "left"),
            ("topic", "left"),
            ("partition", "right"),
            ("offset", "right"),
            ("detail", "left"),
        ):
            table.add_column(name, justify="right" if justify == "right" else "left", no_wrap=name != "detail")
        times = [datetime.fromisoformat(str(row["at"])) for row in rows]
        for index, row in enumerate(rows):
            since = (times[index] - times[0]).total_seconds() * 1000
            step = (times[index] - times[max(index - 1, 0)]).total_seconds() * 1000
            event = f"{row['event']} {row['status']}".strip() if row["event"] != "MessageAccepted" else row["event"]
            where = (str(row["topic"]), str(row["partition"]), str(row["offset"]))
            table.add_row(f"{since:.0f}", f"{step:.0f}", event, *where, escape(str(row["detail"])))
        self.console.print(table)

    def rows(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """An answer of ClickHouse."""
        if not rows:
            self.console.print("  (no rows)")
            return
        table = Table(box=None, pad_edge=False, header_style="bold")
        for name, value in rows[0].items():
            table.add_column(name, justify="left" if isinstance(value, str) and not _is_number(value) else "right")
        for row in rows:
            table.add_row(*(escape(str(value)) for value in row.values()))
        self.console.print(table)

    def handsets(self, shown: Iterable[tuple[str, Mapping[str, Any]]]) -> None:
        """What stood on the phones: whose, from which sender, through whom, how many parts, the text, codes masked."""
        table = Table(box=None, pad_edge=False, header_style="bold")
        for name in ("phone", "from", "through", "parts", "text"):
            table.add_column(name, overflow="fold")
        for phone, message in shown:
            text = escape(redact(str(message["text"])))
            words = [message["sender"], message["account"], str(message["parts"]), text]
            table.add_row(phone, *words)
        self.console.print(table)

    def how_to_go_on(self, home: Path) -> None:
        """The commands for what still runs under this home."""
        self.title("All of it still runs")
        front = home_in_front(home)
        for words in (
            ".venv/bin/sluice endpoints                                   what listens where",
            '.venv/bin/sluice query "SELECT status, count() FROM messages GROUP BY status"',
            '.venv/bin/sluice query "SELECT * FROM coverage"              is every record held, exactly once?',
            "make demo                                                    the scenario again, on what runs",
            ".venv/bin/sluice down                                        stop it all",
        ):
            self.console.print(f"  {front}{words}", markup=False, soft_wrap=True)
        self.console.print(f"  logs: {home / 'logs'}", markup=False, soft_wrap=True)


def home_in_front(home: Path) -> str:
    """What stands before a command so that it finds this home from here; nothing where it is the usual one."""
    return "" if home == sluice_home({}) else f"SLUICE_HOME={shlex.quote(str(home))} "


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).isdigit()
