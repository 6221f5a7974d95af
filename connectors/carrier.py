"""One carrier account in one process: stand by, be active while the lead is ours, hand over in good order."""

import asyncio
import contextlib
import random
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import structlog
from confluent_kafka import KafkaException

from connectors.active import Active
from connectors.intents import IntentsStuck
from connectors.keyring import Keyring
from connectors.leadership import Leadership
from connectors.passwords import SecretMissing, read_secret
from connectors.settings import ConnectorSettings
from pipeline.domain.profiles import CarrierProfile
from pipeline.domain.rules import Carrier, Policy
from pipeline.domain.smpp.receipt_ids import MODES
from pipeline.domain.smpp.statuses import parse_overrides
from pipeline.events.codec import Codec
from pipeline.kafka.passing import passes
from pipeline.telemetry import Telemetry

log = structlog.get_logger(__name__)

_PAUSE_S = 1.0
_USUAL_POLICY = Policy()


class ProfileUnknown(ValueError):
    """This build cannot read what a later one, or one with newer time zones, wrote; the message says which field."""


def require_known(profile: CarrierProfile) -> None:
    """Receipts and statuses are read as the profile says, so all of it has to be known. Raises ProfileUnknown.

    What it says of texts is looked at with each message, which is refused by name.
    """
    try:
        parse_overrides(profile.statuses)
        ZoneInfo(profile.receipt_zone)
    except (ValueError, ZoneInfoNotFoundError) as error:
        raise ProfileUnknown(f"profile: {error}") from error
    if profile.receipt_ids not in MODES:
        raise ProfileUnknown(
            f"profile: receipt_ids={profile.receipt_ids!r}, expected one of {', '.join(sorted(MODES))}"
        )


class CarrierConnector:
    """Runs until `stop` is called or something fails that only a new process mends."""

    def __init__(
        self,
        *,
        rules: Carrier,
        policy: Policy = _USUAL_POLICY,
        settings: ConnectorSettings,
        codec: Codec,
        keyring: Keyring,
        rng: random.Random,
        telemetry: Telemetry | None = None,
    ) -> None:
        self.rules, self.policy = rules, policy
        self._settings, self._codec, self._keyring, self._rng = settings, codec, keyring, rng
        self._telemetry = telemetry
        self._stopping = asyncio.Event()
        self._active: Active | None = None

    @property
    def is_stopping(self) -> bool:
        return self._stopping.is_set()

    def follow(self, rules: Carrier, policy: Policy) -> None:
        """Take up rules that differ in nothing that a bind depends on, and what holds for all."""
        self.rules, self.policy = rules, policy
        if self._active is not None:
            self._active.follow(rules, policy)

    def stop(self) -> None:
        """Ask for a graceful end."""
        self._stopping.set()

    async def run(self) -> None:
        """Stand by and be active in turn. Raises Fenced, PoisonFlood, KafkaException: end the process, loudly.

        A password that is not there (yet), or a profile of a later build, concerns this carrier alone: it waits,
        unbound, and the others go on.
        """
        await self._can_begin()
        if self._stopping.is_set():
            return
        lead = Leadership(
            client=self._settings.client,
            carrier=self.rules.id,
            session_timeout_ms=self._settings.session_timeout_ms,
        )
        lead.start()
        log.info("connector.standing_by", carrier=self.rules.id)
        try:
            while not self._stopping.is_set():
                await _first(lead.is_ours, lead.is_over, self._stopping)
                if lead.failure is not None:
                    raise lead.failure
                if lead.is_ours.is_set():
                    await self._lead(lead)
                lead.is_over.clear()
        finally:
            await lead.close()

    async def _can_begin(self) -> None:
        told = ""
        while not self._stopping.is_set():
            try:
                read_secret(self.rules.password_ref, self._settings.home)
                require_known(self.rules.profile)
                return
            except (SecretMissing, ProfileUnknown) as error:
                if str(error) != told:
                    why = "secret_missing" if isinstance(error, SecretMissing) else "profile_unknown"
                    log.error(f"connector.{why}", carrier=self.rules.id, detail=str(error))
                    told = str(error)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), _PAUSE_S)

    async def _lead(self, lead: Leadership) -> None:
        lead.taken()
        active = Active(
            rules=self.rules,
            policy=self.policy,
            settings=self._settings,
            codec=self._codec,
            keyring=self._keyring,
            rng=self._rng,
            telemetry=self._telemetry,
        )
        self._active = active
        ended = asyncio.create_task(_first(lead.is_over, self._stopping))
        work = asyncio.create_task(self._work(active))
        try:
            await asyncio.wait([ended, work], return_when=asyncio.FIRST_COMPLETED)
            if work.done():
                await work  # it never ends but by failing
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)
            if lead.is_lost or lead.failure is not None:
                log.critical("connector.lead_lost", carrier=self.rules.id, detail="the group believes us dead")
                await active.abandon()
            else:
                await active.stop()
                log.info("connector.stopped", carrier=self.rules.id)
        except (IntentsStuck, KafkaException) as error:
            await active.abandon()
            if not _passes(error):
                raise
            log.critical("connector.begins_anew", carrier=self.rules.id, detail=str(error))
            await asyncio.sleep(_PAUSE_S)
            if not lead.is_over.is_set():
                lead.is_ours.set()
        except BaseException:
            await active.abandon()
            raise
        finally:
            self._active = None
            ended.cancel()
            lead.handed_over()

    async def _work(self, active: Active) -> None:
        await active.start()
        await active.run()


def _passes(error: Exception) -> bool:
    """Whether beginning anew may help: Kafka was away, or a call into it never came back."""
    if isinstance(error, KafkaException):
        return passes(error)
    return True


async def _first(*events: asyncio.Event) -> None:
    """Wait until one of the events is set."""
    waits = [asyncio.create_task(event.wait()) for event in events]
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for each in waits:
            each.cancel()
