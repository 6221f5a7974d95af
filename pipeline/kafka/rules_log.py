"""Rules and health as every process knows them: the folds of sms.control and sms.health, by offset.

A stage asks for the snapshot of *exactly* one offset, so each is kept: all revisions of the rules, and the newest
snapshots of health (an older one is read again from the topic). Unsound records are logged and
reported, never fatal: one bad rule must not stop every process there is.
"""

import asyncio
import contextlib
import time
from abc import ABC, abstractmethod
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

import structlog
from confluent_kafka import Message

from pipeline.domain.rules import CarrierState, Health, Rules
from pipeline.events import topics
from pipeline.events.codec import Codec, Poison
from pipeline.events.headers import coordinates
from pipeline.events.records import ControlRecorded, HealthSnapshot
from pipeline.kafka.follower import Config, Follower
from pipeline.stages.decision import Snapshot
from pipeline.stages.revisions import Revisions, in_force, next_change

log = structlog.get_logger(__name__)

HEALTH_WINDOW = 1000
SECOND_US = 1_000_000
Report = Callable[[str, str], None]
"""Told of each unsound control or health record: (its coordinates, what is wrong)."""


class SnapshotUnknown(Exception):
    """The log has gone past this offset and holds no snapshot there: it is not one, or retention took it."""


def wall_now_us() -> int:
    """The wall clock, UTC micros."""
    return time.time_ns() // 1000


class _Followed(ABC):
    """What the logs have in common: a thread that follows the topic."""

    def __init__(self, config: Config, topic: str, *, tail: int | None = None) -> None:
        self._follower = Follower(config, topic, self._fold, tail=tail)

    def start(self) -> None:
        self._follower.start()

    def close(self) -> None:
        self._follower.close()

    def wait_ready(self, timeout_s: float = 30.0) -> None:
        """Block until what was there at the start is known. Raises TimeoutError, LogUnreadable."""
        self._follower.wait_ready(timeout_s)

    @abstractmethod
    def _fold(self, message: Message) -> None:
        """Take the next record of the topic. On the thread that follows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _InForce:
    """What is in force, as of so many known revisions, until `due` (UTC micros; None: until another is written)."""

    rules: Rules
    known: int
    due: int | None


class RulesLog(_Followed):
    """The rules of every revision. `start`, then wait until ready; `newest` and `at` never block.

    A revision that is written ahead of its time is known at once by its offset (`at`, `wait_for`: a replay asks, or
    somebody whose clock is ahead of ours), and in force (`newest`, `wait_change`) once its time has come.
    """

    def __init__(
        self,
        config: Config,
        codec: Codec,
        *,
        topic: str = topics.CONTROL,
        report: Report | None = None,
        now_us: Callable[[], int] = wall_now_us,
    ) -> None:
        super().__init__(config, topic)
        self._codec = codec
        self._report = report
        self._now_us = now_us
        self._revisions = Revisions()
        self._at: dict[int, Rules] = {-1: Rules()}
        self._in_force = _InForce(rules=Rules(), known=0, due=None)
        self.unsound: list[tuple[str, str]] = []

    def newest(self) -> Rules:
        """The rules in force; Rules() before the first. Raises LogUnreadable if the log can no longer be followed."""
        self._follower.check()
        return self._look().rules

    @property
    def in_force_offset(self) -> int:
        """Of the revision that was in force at the last look. Looks not itself: any thread may ask."""
        return self._in_force.rules.control_offset

    def at(self, offset: int) -> Rules | None:
        """The rules of exactly this revision; None if it is not loaded (yet)."""
        return self._at.get(offset)

    async def wait_for(self, offset: int) -> Rules:
        """As `at`, but waits for a revision to come. Raises SnapshotUnknown if this offset is no revision."""
        await self._follower.wait_until(lambda: offset in self._at or self._follower.has_passed(offset))
        found = self._at.get(offset)
        if found is None:
            raise SnapshotUnknown(f"{self._follower.topic}/0/{offset} is not a revision")
        return found

    async def wait_change(self, known: int) -> Rules:
        """The rules in force, once they are newer than the revision `known`: written anew, or their time has come."""
        while (now := self._look()).rules.control_offset <= known:
            timeout_s = None if now.due is None else max(0.0, (now.due - self._now_us()) / SECOND_US)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._follower.wait_until(lambda now=now: self._look() is not now), timeout_s)  # type: ignore[misc]
        return now.rules

    def _look(self) -> _InForce:
        """What is in force by now; never one before what was in force at the last look, should the clock go back."""
        before, revisions, now = self._in_force, self._revisions.all, self._now_us()
        known = len(revisions)
        if known == before.known and (before.due is None or now < before.due):
            return before
        found = in_force(revisions[:known], now)
        is_later = found is not None and found.offset > before.rules.control_offset
        rules = found.rules if found is not None and is_later else before.rules
        self._in_force = _InForce(rules=rules, known=known, due=next_change(revisions[:known], now))
        if is_later:
            log.info("control.in_force", control_offset=rules.control_offset)
        return self._in_force

    def _fold(self, message: Message) -> None:
        where = coordinates(message.topic(), message.partition(), message.offset())
        try:
            revision = self._revisions.take(message.offset(), self._codec.decode(message.value(), ControlRecorded))
        except (Poison, ValueError) as error:
            log.error("control.unsound", source=where, detail=str(error))
            self.unsound.append((where, str(error)))
            if self._report is not None:
                self._report(where, str(error))
            return
        if revision is not None:
            self._at[revision.offset] = revision.rules
            log.info("control.loaded", control_offset=revision.offset, revision=revision.number)


class HealthLog(_Followed):
    """The newest health snapshots, and any older one on request."""

    def __init__(self, config: Config, codec: Codec, *, topic: str = topics.HEALTH, window: int = HEALTH_WINDOW):
        super().__init__(config, topic, tail=window)
        self._codec = codec
        self._window = window
        self._newest = Health()
        self._at: OrderedDict[int, Health] = OrderedDict({-1: self._newest})

    def newest(self) -> Health:
        """The newest snapshot; Health() before the first. Raises LogUnreadable if it can no longer be followed."""
        self._follower.check()
        return self._newest

    def at(self, offset: int) -> Health | None:
        """The snapshot of exactly this offset; None if it is not in the window (yet, or any more)."""
        return Health() if offset == -1 else self._at.get(offset)

    async def wait_for(self, offset: int) -> Health:
        """As `at`, but waits, and reads again what has left the window.

        Raises SnapshotUnknown if the log has none there.
        """
        await self._follower.wait_until(lambda: self.at(offset) is not None or self._follower.has_passed(offset))
        found = self.at(offset)
        if found is not None:
            return found
        message = await asyncio.to_thread(self._follower.fetch, offset)
        health = None if message is None else self._read(message)
        if health is None:
            raise SnapshotUnknown(f"{self._follower.topic}/0/{offset} is not a health snapshot, or is gone")
        return health

    def _fold(self, message: Message) -> None:
        health = self._read(message)
        if health is None:
            return
        self._at[health.health_offset] = health
        self._newest = health
        while len(self._at) > self._window:
            self._at.popitem(last=False)

    def _read(self, message: Message) -> Health | None:
        try:
            record = self._codec.decode(message.value(), HealthSnapshot)
        except Poison as poison:
            where = coordinates(message.topic(), message.partition(), message.offset())
            log.error("health.unsound", source=where, detail=str(poison))
            return None
        carriers = {each.carrier: CarrierState(is_bound=each.is_bound, reason=each.reason) for each in record.carriers}
        return Health(health_offset=message.offset(), carriers=carriers)


class Snapshots:
    """Rules and health together, as a partition's fold asks for them. Implements `fold.RulesSource`."""

    def __init__(self, rules: RulesLog, health: HealthLog) -> None:
        self.rules = rules
        self.health = health

    def newest(self) -> tuple[int, int]:
        """(control offset, health offset) of the newest known; -1 where none is."""
        return self.rules.newest().control_offset, self.health.newest().health_offset

    def at(self, control_offset: int, health_offset: int) -> Snapshot | None:
        """The snapshot of exactly these offsets, if both are loaded."""
        rules = self.rules.at(control_offset)
        health = self.health.at(health_offset)
        return None if rules is None or health is None else Snapshot(rules=rules, health=health)

    async def wait_for(self, control_offset: int, health_offset: int) -> Snapshot:
        """As `at`, but waits. Raises SnapshotUnknown for an offset that never held one, LogUnreadable."""
        return Snapshot(
            rules=await self.rules.wait_for(control_offset), health=await self.health.wait_for(health_offset)
        )
