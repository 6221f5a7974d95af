"""The keeper: makes data keys ahead, so that at midnight nobody waits for a KMS. `sluice keys run`.

Workers make a key that they miss themselves (create-if-absent), so nothing stops while no keeper runs, and any
number may run. It destroys nothing: it says which keys are older than they are to be kept.
"""

import contextlib
import signal
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import structlog

from infra.key_destruction import overdue
from pipeline.domain.rules import Rules
from pipeline.events import topics
from pipeline.events.codec import Codec
from pipeline.kafka.client import Client
from pipeline.kafka.rules_log import RulesLog
from pipeline.keys import PLATFORM, KekUnavailable, KeyDestroyed, KeyVault
from pipeline.keys.inventory import inventory
from pipeline.metrics import KEYS_MADE, Metrics

log = structlog.get_logger(__name__)

POLL_S = 0.5
RETRY_S = 5.0
DAYS_AHEAD = 2
Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeeperSettings:
    """`keep_days`: after so many days a key is reported as overdue for destruction; 0: never."""

    client: Client
    days_ahead: int = DAYS_AHEAD
    keep_days: int = 0
    control: str = topics.CONTROL


def wanted_keys(accounts: Iterable[str], now: datetime, days_ahead: int) -> list[tuple[str, str]]:
    """(owner, day) of every key that is to be there: today's of all first, the platform's first of a day.

    `now` is UTC.
    """
    days = [(now.date() + timedelta(days=ahead)).isoformat() for ahead in range(days_ahead + 1)]
    return [(owner, day) for day in days for owner in (PLATFORM, *sorted(accounts))]


class Keeper:
    """Keeps the keys of one vault ahead of the rules and the clock. `turn` again and again; it costs nothing idle."""

    def __init__(self, vault: KeyVault, now: Clock, settings: KeeperSettings, metrics: Metrics | None = None) -> None:
        self._vault = vault
        self._now = now
        self._settings = settings
        self._metrics = metrics or Metrics()
        self._done: tuple[int, date] | None = None
        self._told: date | None = None

    def turn(self, rules: Rules) -> list[tuple[str, str]]:
        """Make what is missing; (owner, day) of what was made. Raises KekUnavailable: try again later."""
        now = self._now()
        if self._done == (rules.control_offset, now.date()):
            return []
        self._vault.recipient_key()
        wanted = wanted_keys(rules.accounts, now, self._settings.days_ahead)
        made = [(owner, day) for owner, day in wanted if self._make(owner, day)]
        if made:
            days = sorted({day for _, day in made})
            log.info("keys.made", keys=len(made), owners=sorted({owner for owner, _ in made}), days=days)
        self._done = rules.control_offset, now.date()
        self._tell_overdue(now.date())
        return made

    def _make(self, owner: str, day: str) -> bool:
        if self._vault.has_data_key(owner, day):
            return False
        with contextlib.suppress(KeyDestroyed):  # since we looked
            self._vault.data_key(owner, day)
            self._metrics.add(KEYS_MADE)
        return True

    def _tell_overdue(self, today: date) -> None:
        if not self._settings.keep_days or self._told == today:
            return
        self._told = today
        found = overdue(inventory(self._vault), today, self._settings.keep_days)
        if found:
            owners = sorted({each.owner for each in found})
            log.warning("keys.overdue", keys=len(found), owners=owners, oldest=min(each.day for each in found))


def run_keeper(
    vault: KeyVault,
    settings: KeeperSettings,
    now: Clock,
    *,
    ready: Callable[[], None],
    stop: threading.Event | None = None,
    metrics: Metrics | None = None,
) -> None:
    """Run until SIGTERM or SIGINT (or `stop`). `ready` is called once today's keys are there.

    Raises KeyMissing, LogUnreadable; a KMS that does not answer is waited for.
    """
    stop = stop or _stop_on_signals()
    rules = RulesLog({**settings.client, "log_level": 2}, Codec(), topic=settings.control)
    rules.start()
    try:
        rules.wait_ready()
        _keep(Keeper(vault, now, settings, metrics), rules, ready, stop)
    finally:
        rules.close()
        log.info("keeper.stopped")


def _keep(keeper: Keeper, rules: RulesLog, ready: Callable[[], None], stop: threading.Event) -> None:
    is_ready = False
    while not stop.is_set():
        try:
            keeper.turn(rules.newest())
        except KekUnavailable as error:
            log.error("keys.unavailable", detail=str(error))
            stop.wait(RETRY_S)
            continue
        if not is_ready:
            is_ready = True
            log.info("keeper.started")
            ready()
        stop.wait(POLL_S)


def _stop_on_signals() -> threading.Event:
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop
