"""`python -m connectors.simulator --settings X.yaml`: one JSON line with the ports on stdout, logs on stderr."""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import logging
import signal
import sys
from pathlib import Path

import structlog
import uvloop

from connectors.simulator import (
    Endpoints,
    Settings,
    SimulatorError,
    load_settings,
    run_simulator,
)


def main() -> int:
    """Run until SIGTERM or SIGINT. Exit 0 after a clean stop, 2 if it cannot start."""
    parser = argparse.ArgumentParser(prog="simulator", description="An SMPP 3.4 carrier with moods.")
    parser.add_argument("--settings", type=Path, required=True, help="a YAML file, see README.md")
    _log_to_stderr()
    try:
        settings = load_settings(parser.parse_args().settings)
        gc.set_threshold(100_000, 20, 100)  # phones only grow: the default would walk all of them again and again
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_run(settings))
    except SimulatorError as error:
        sys.stderr.write(f"simulator: {error}\n")
        return 2
    return 0


async def _run(settings: Settings) -> None:
    stop = asyncio.Event()
    for signum in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(signum, stop.set)
    await run_simulator(settings, ready=_announce, stop=stop)


def _announce(endpoints: Endpoints) -> None:
    ports = {"smpp_port": endpoints.smpp_port, "control_port": endpoints.control_port}
    sys.stdout.write(json.dumps(ports) + "\n")
    sys.stdout.flush()


def _log_to_stderr() -> None:
    renderer = structlog.dev.ConsoleRenderer() if sys.stderr.isatty() else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


if __name__ == "__main__":
    sys.exit(main())
