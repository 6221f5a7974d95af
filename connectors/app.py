"""The connector process: a task for each carrier account of the rules. Called by the `sluice` command.

Follows `sms.control`: a carrier whose rules change is stopped in good order and started anew, unless it can go on
as it is bound; the others are not touched. What fails for good (fenced, too much poison, Kafka refusing) ends the whole
process with an error: its supervisor starts it again.
"""

import asyncio
import contextlib
import random
import signal
from collections.abc import Callable, Sequence

import structlog

from connectors.carrier import CarrierConnector
from connectors.keyring import Keyring
from connectors.settings import ConnectorSettings
from pipeline.domain.rules import Carrier, Policy, Rules
from pipeline.events.codec import Codec
from pipeline.kafka.rules_log import RulesLog
from pipeline.keys import KeyVault
from pipeline.pulse import Pulse
from pipeline.telemetry import Telemetry

__all__ = ["ConnectorSettings", "run_connectors"]

log = structlog.get_logger(__name__)

_LOOK_EVERY_S = 0.5
_STUCK_AFTER_S = 60.0
_IN_PLACE = frozenset({"tariff", "classes", "max_parts", "rate_per_s", "default_sender"})
"""What a carrier's rules may change without binding anew: a connector does not look at it, or takes it up at once."""


def run_connectors(
    settings: ConnectorSettings,
    carriers: Sequence[str] | None = None,
    *,
    ready: Callable[[], None] | None = None,
    telemetry: Telemetry | None = None,
) -> None:
    """Run the connectors of these carriers (None: all of the rules) until SIGTERM or SIGINT. Blocking.

    `ready` is called once the rules are read and the tasks run. Raises what ended a connector: exit non-zero.
    """
    telemetry = telemetry or Telemetry()
    try:
        asyncio.run(_main(settings, carriers, ready, telemetry))
    finally:
        telemetry.close()


async def _main(
    settings: ConnectorSettings,
    carriers: Sequence[str] | None,
    ready: Callable[[], None] | None,
    telemetry: Telemetry,
) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(RuntimeError, ValueError):
            loop.add_signal_handler(number, stopping.set)
    codec = Codec()
    rules_log = RulesLog(settings.client, codec)
    rules_log.start()
    try:
        await asyncio.to_thread(rules_log.wait_ready)
        fleet = _Fleet(settings, codec, carriers, telemetry)
        fleet.follow(rules_log.newest())
        if ready is not None:
            ready()
        pulse = Pulse("connectors", _STUCK_AFTER_S)
        pulse.start()
        try:
            while not stopping.is_set():
                pulse.beat()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stopping.wait(), _LOOK_EVERY_S)
                await fleet.check()
                fleet.follow(rules_log.newest())
        finally:
            pulse.close()
            await fleet.stop()
    finally:
        await asyncio.to_thread(rules_log.close)


class _Fleet:
    """The connectors that run in this process, by carrier."""

    def __init__(
        self,
        settings: ConnectorSettings,
        codec: Codec,
        carriers: Sequence[str] | None,
        telemetry: Telemetry,
        make: Callable[..., CarrierConnector] = CarrierConnector,
    ) -> None:
        self._settings, self._codec, self._make = settings, codec, make
        self._telemetry = telemetry
        self._wanted = None if carriers is None else frozenset(carriers)
        self._keyring = Keyring(KeyVault(settings.home / "keys"), codec)
        self._running: dict[str, tuple[CarrierConnector, asyncio.Task[None]]] = {}
        self._revision = -2

    def follow(self, rules: Rules) -> None:
        """Start what is new, ask what changed or went to stop; it is started anew once it has stopped."""
        carriers = {
            name: carrier
            for name, carrier in rules.carriers.items()
            if carrier.address and (self._wanted is None or name in self._wanted)
        }
        for name, (connector, _) in self._running.items():
            if connector.is_stopping:
                continue
            if name not in carriers:
                log.info("connector.removed", carrier=name, control_offset=rules.control_offset)
                connector.stop()
            elif carriers[name] != connector.rules:
                self._change(connector, carriers[name], rules)
            elif connector.policy != rules.policy:
                connector.follow(carriers[name], rules.policy)
        for name, carrier in carriers.items():
            if name not in self._running:
                self._start(carrier, rules.policy)
                log.info("connector.added", carrier=name, control_offset=rules.control_offset)
        if self._wanted is not None and rules.control_offset != self._revision:
            for name in sorted(self._wanted - carriers.keys()):
                log.warning("connector.unknown_carrier", carrier=name, control_offset=rules.control_offset)
        self._revision = rules.control_offset

    def _change(self, connector: CarrierConnector, carrier: Carrier, rules: Rules) -> None:
        """Take up what can be changed in place; else stop it, to be started anew."""
        fields = [
            name for name in carrier.__struct_fields__ if getattr(carrier, name) != getattr(connector.rules, name)
        ]
        is_rebound = not _IN_PLACE.issuperset(fields)
        told = {"carrier": carrier.id, "fields": fields, "control_offset": rules.control_offset}
        log.info("connector.changed", is_rebound=is_rebound, **told)
        if is_rebound:
            connector.stop()
        else:
            connector.follow(carrier, rules.policy)

    async def check(self) -> None:
        """Forget what has stopped. Raises what a connector failed with."""
        for name, (_, task) in list(self._running.items()):
            if task.done():
                del self._running[name]
                await self._result(name, task)

    async def stop(self) -> None:
        """Stop all in good order. Raises the first failure."""
        for connector, _ in self._running.values():
            connector.stop()
        tasks = {name: task for name, (_, task) in self._running.items()}
        self._running = {}
        if tasks:
            await asyncio.wait(tasks.values())
        for name, task in tasks.items():
            await self._result(name, task)

    def _start(self, carrier: Carrier, policy: Policy) -> None:
        seed = None if self._settings.seed is None else f"{self._settings.seed}/{carrier.id}"
        connector = self._make(
            rules=carrier,
            policy=policy,
            settings=self._settings,
            codec=self._codec,
            keyring=self._keyring,
            rng=random.Random(seed),
            telemetry=self._telemetry,
        )
        task = asyncio.create_task(connector.run(), name=f"connector-{carrier.id}")
        self._running[carrier.id] = (connector, task)

    async def _result(self, name: str, task: asyncio.Task[None]) -> None:
        try:
            await task
        except Exception as error:
            log.critical("connector.failed", carrier=name, detail=f"{type(error).__name__}: {error}")
            raise
