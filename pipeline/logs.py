"""Logs of every process: structlog to stderr, JSON unless a terminal, masked; others' logs come through it too.

librdkafka and Python's own `logging` say the same thing twenty times a second while something is away: of each kind one
line passes in five seconds, and says how many it stands for.
"""

import logging
import sys
import threading
import time
from collections.abc import Callable, MutableMapping
from typing import Any, TextIO

import structlog

from pipeline.masking import masked_event

EVERY_S = 5.0
KINDS = 1_000  # some libraries put what happened into the form itself, so that each line is a kind of its own
_LEVELS = {"critical": logging.CRITICAL, "error": logging.ERROR, "warning": logging.WARNING, "info": logging.INFO}


def configure(stream: TextIO | None = None) -> None:
    """Set up the logs of this process. `stream` is stderr by default."""
    stream = stream or sys.stderr
    renderer = structlog.dev.ConsoleRenderer() if stream.isatty() else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.format_exc_info,
            mask,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(stream),
    )
    logging.basicConfig(level=logging.WARNING, handlers=[Through()], force=True)


def mask(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The structlog processor that takes out texts and phone numbers. Stands behind whatever adds text."""
    return masked_event(event)


class Sieve:
    """Lets one of many through. Any thread may ask."""

    def __init__(self, every_s: float = EVERY_S, clock: Callable[[], float] = time.monotonic) -> None:
        self._every_s = every_s
        self._clock = clock
        self._lock = threading.Lock()
        self._passed: dict[str, float] = {}
        self._held: dict[str, int] = {}

    def count(self, kind: str) -> int:
        """How many of this kind a line stands for that may be written now; 0: hold it back."""
        with self._lock:
            now = self._clock()
            if len(self._passed) >= KINDS:
                self._forget(now)
            held = self._held.pop(kind, 0) + 1
            if now - self._passed.get(kind, -self._every_s) < self._every_s:
                self._held[kind] = held
                return 0
            self._passed[kind] = now
            return held

    def _forget(self, now: float) -> None:
        """Drop kinds that have been silent; should all be new, all of them."""
        alive = {kind: at for kind, at in self._passed.items() if now - at < self._every_s}
        self._passed = alive if len(alive) < KINDS else {}
        self._held = {kind: count for kind, count in self._held.items() if kind in self._passed}


class ClientLog:
    """The `logger` of a librdkafka client: one line of each client in five seconds, through structlog.

    librdkafka calls it from `poll` or `consume`; a client that is never polled says nothing.
    """

    def __init__(self, client: str, sieve: Sieve | None = None) -> None:
        self._log = structlog.get_logger("librdkafka").bind(client=client)
        self._sieve = sieve or Sieve()

    def log(self, level: int, form: str, *arguments: object) -> None:
        """As `logging.Logger.log`."""
        count = self._sieve.count("")
        if count:
            _say(self._log, level, "kafka.client", detail=form % arguments if arguments else form, count=count)


class Through(logging.Handler):
    """Python's own logging (Faust, aiokafka, OpenTelemetry) through structlog: masked, sieved by origin and form."""

    def __init__(self, sieve: Sieve | None = None) -> None:
        super().__init__()
        self._sieve = sieve or Sieve()

    def emit(self, record: logging.LogRecord) -> None:
        count = self._sieve.count(f"{record.name}/{record.msg}")
        if count:
            log = structlog.get_logger(record.name).bind(logger=record.name, count=count)
            _say(log, record.levelno, "library.said", detail=record.getMessage(), exc_info=record.exc_info or None)


def _say(log: Any, level: int, event: str, **facts: object) -> None:
    method = next((name for name, least in _LEVELS.items() if level >= least), "debug")
    getattr(log, method)(event, **{key: value for key, value in facts.items() if value is not None})
