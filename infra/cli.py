"""The `sluice` command: one small file a group of commands in infra/commands; each imports what it needs when called.

Exit codes: 0 done, 1 it did not work (the message says what, which value, what is expected), 2 wrong usage.
"""

import sys

import typer

from infra.commands import (
    access,
    carriers,
    config,
    demo,
    inspect,
    keys,
    look,
    messages,
    preflight,
    quarantine,
    run,
    schemas,
    submit,
    suppressions,
    topics,
    up,
)

app = typer.Typer(
    name="sluice",
    help="An SMS aggregator built as an event log: Kafka, Faust, SMPP, ClickHouse.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for group in (
    up, demo, run, config, access, topics, carriers, submit, preflight, inspect, messages, suppressions, quarantine,
    look, schemas, keys,
):  # fmt: skip
    group.add_to(app)


def main() -> None:
    """Entry point. What a user can set right is one line on stderr and exit code 1, never a traceback."""
    from infra.errors import explained

    try:
        app()
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:
        words = explained(error)
        if words is None:
            raise
        sys.stderr.write(f"sluice: {words}\n")
        sys.exit(1)


if __name__ == "__main__":
    main()
