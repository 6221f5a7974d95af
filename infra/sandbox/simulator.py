"""The simulator as it runs here: its accounts are the carriers of the sandbox's rules."""

import asyncio
import signal
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from connectors.simulator import Endpoints, Settings, SimulatorError, load_settings, parse_settings, run_simulator
from infra.config.rules_file import load_rules
from infra.endpoints import Endpoint, claim_port, publish, withdraw
from infra.errors import UserError
from infra.ports import HOST
from infra.sandbox import MOODS, RULES, SMPP_PLACEHOLDER
from infra.sandbox.secrets import password_of

SMPP, CONTROL = "smpp", "simulator"


def sandbox_settings(home: Path, smpp_port: int, control_port: int) -> Settings:
    """Settings for the carriers of the sandbox, with the passwords that the connectors will give."""
    rules = load_rules(RULES, {SMPP_PLACEHOLDER: f"{HOST}:{smpp_port}"})
    moods: dict[str, dict[str, Any]] = yaml.safe_load(MOODS.read_text("utf-8"))
    accounts = [
        {
            "system_id": carrier.system_id,
            "password": password_of(home, carrier.password_ref),
            "window": carrier.window,
            **moods.get(carrier.id, {}),
        }
        for carrier in rules.carriers.values()
    ]
    folder = home / "simulator"
    folder.mkdir(parents=True, exist_ok=True)
    return parse_settings(
        {
            "host": HOST,
            "smpp_port": smpp_port,
            "control_port": control_port,
            "free_port_if_busy": True,
            "journal": str(folder / "journal.jsonl"),
            "accounts": accounts,
        }
    )


def run(home: Path, settings_file: Path | None, port: int | None, ready: Callable[[], None]) -> None:
    """Run until SIGTERM or SIGINT; publishes `smpp` and `simulator` (its control API) as endpoints.

    Raises UserError for all that the simulator, which knows nothing of Sluice, calls a SimulatorError.
    """
    try:
        _run_published(home, settings_file, port, ready)
    except SimulatorError as error:
        raise UserError(str(error)) from error


def _run_published(home: Path, settings_file: Path | None, port: int | None, ready: Callable[[], None]) -> None:
    if settings_file is not None:
        settings = load_settings(settings_file)
        if port is not None:
            settings = settings.model_copy(update={"smpp_port": port})
    else:
        settings = sandbox_settings(home, claim_port(home, SMPP, port), claim_port(home, CONTROL))
    published: list[Endpoint] = []

    def on_ready(endpoints: Endpoints) -> None:
        for name, number in ((CONTROL, endpoints.control_port), (SMPP, endpoints.smpp_port)):
            published.append(publish(home, name, number, now=datetime.now(UTC), host=settings.host))
        ready()

    try:
        asyncio.run(_run(settings, on_ready))
    finally:
        for endpoint in published:
            withdraw(home, endpoint)


async def _run(settings: Settings, on_ready: Callable[[Endpoints], None]) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await run_simulator(settings, ready=on_ready, stop=stop)
