"""Laws of sending, on fakes: intent before PDU, express first, nothing hidden."""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest

from connectors.clock import wall_micros
from connectors.intake import Job, PartitionState, PartJob
from connectors.intents import IntentLog
from connectors.keyring import Keyring
from connectors.leases import Recalls
from connectors.ledger import Ledger, Place
from connectors.on_the_wire import OnTheWire
from connectors.outbox import Outbox
from connectors.receipt_index import ReceiptIndex
from connectors.sender import Sender
from connectors.smpp.outcomes import Accepted, Indeterminate, NotSent, Outcome, Refused
from connectors.smpp.pdu import SubmitSm
from connectors.smpp.supervisor import BindPool
from pipeline.domain import sealing
from pipeline.domain.profiles import CarrierProfile
from pipeline.domain.rules import Carrier, Policy
from pipeline.domain.smpp.statuses import classify
from pipeline.domain.text.segments import Reserve, segment
from pipeline.events.codec import Codec
from pipeline.events.headers import Watermarks
from pipeline.events.records import (
    DispatchMessage,
    DispatchRefused,
    RecallRequested,
    ReceiptIndexed,
    SealedContent,
    SubmitFailed,
    SubmitOutcomeUnknown,
    SubmitSucceeded,
)
from pipeline.keys import KeyMissing, KeyVault
from tests.unit.connectors.fakes import FakeIntentLog, FakeOutbox

CODEC = Codec()
DAY = "2026-11-22"


class AtOnce(Executor):
    """Runs in the caller's thread: a test has one thread."""

    def submit(self, call: Any, /, *arguments: Any, **named: Any) -> Any:
        future: Future[Any] = Future()
        try:
            future.set_result(call(*arguments, **named))
        except Exception as error:  # noqa: BLE001 - handed on, as an executor does
            future.set_exception(error)
        return future


@dataclass
class FakeLink:
    """A pool of one session: slots, and what was submitted in them."""

    capacity: int
    order: list[str]
    free_slots: int = 0
    sent: list[tuple[SubmitSm, Callable[[Outcome], None]]] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.free_slots = self.capacity

    def reserve(self) -> "FakeLink | None":
        if self.free_slots <= 0:
            return None
        self.free_slots -= 1
        return self

    def release(self) -> None:
        self.free_slots += 1

    def drop(self, reason: str) -> None:
        self.dropped.append(reason)

    def submit(self, submit: SubmitSm, on_outcome: Callable[[Outcome], None]) -> None:
        part = submit.short_message[5] if submit.esm_class else 1
        self.order.append(f"pdu {part}")
        self.sent.append((submit, on_outcome))

    def answer(self, outcome: Outcome) -> None:
        """Answer the oldest submit."""
        self.free_slots += 1
        self.sent.pop(0)[1](outcome)


class World:
    def __init__(self, home: Path, *, capacity: int = 10, intent_max_age_s: float = 2.0) -> None:
        self.order: list[str] = []
        self.vault = KeyVault(home)
        self.outbox = FakeOutbox()
        self.link = FakeLink(capacity, self.order)
        self.recalls = Recalls(keep_micros=10**12)
        self.index = ReceiptIndex(100)
        self.wire = OnTheWire()
        self.places = [Place("express", 0), Place("bulk", 0)]
        self.states = {
            place: PartitionState(ledger=Ledger(0, Watermarks()), marks=Watermarks()) for place in self.places
        }
        self.logs = {place: FakeIntentLog(self.order) for place in self.places}
        self.failures: list[BaseException] = []
        self.offset = -1
        self.sender = Sender(
            rules=Carrier(id="aurora", tariff="t", rate_per_s=100_000),
            pool=cast(BindPool, self.link),
            outbox=cast(Outbox, self.outbox),
            keyring=Keyring(self.vault, CODEC),
            recalls=self.recalls,
            index=self.index,
            wire=self.wire,
            states=self.states,
            intent_logs=cast("dict[Place, IntentLog]", self.logs),
            group=None,
            executor=AtOnce(),
            intent_max_age_s=intent_max_age_s,
            fatal=self.failures.append,
        )

    @property
    def log(self) -> FakeIntentLog:
        return self.logs[self.places[0]]

    def offer(self, text: str = "hello", *, lane: str = "express", **more: Any) -> Job:
        self.offset += 1
        cut = segment(text)
        sealed = sealing.seal(
            self.vault.data_key("acme", DAY),
            CODEC.encode(SealedContent(to="+8613800138000", sender="10690001", text=text)),
            b"m",
        )
        fields: dict[str, Any] = {
            "message_id": "m",
            "account_id": "acme",
            "recipient_id": "r",
            "attempt": 1,
            "carrier": "aurora",
            "lane": lane,
            "encoding": cut.encoding.value,
            "segment_count": cut.count,
            "parts": tuple(range(1, cut.count + 1)),
            "expires_at": wall_micros() + 60_000_000,
            "send_before": wall_micros() + 60_000_000,
            "key_day": DAY,
            "sealed_content": sealed,
        }
        dispatch = DispatchMessage(**{**fields, **more})
        place = Place(lane, 0)
        parts = set(dispatch.parts)
        job = Job(
            place=place, offset=self.offset, caused_by="t/0/0", dispatch=dispatch, open_parts=parts, waiting=set(parts)
        )
        self.states[place].ledger.open(self.offset, None)
        for part in dispatch.parts:
            self.sender.offer(PartJob(job, part))
        return job

    async def send(self) -> None:
        """One turn of the sending loop."""
        batch = self.sender._choose()
        if batch:
            await self.sender._intend_and_send(batch)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    return tmp_path


async def test_no_pdu_goes_before_its_intent_is_durable(home: Path) -> None:
    world = World(home)
    world.offer("x" * 200)
    await world.send()
    assert world.order == ["intent 1", "intent 2", "pdu 1", "pdu 2"]


async def test_parts_are_cut_by_the_profile_and_the_policy_in_force(home: Path) -> None:
    world = World(home)
    carrier = Carrier(id="aurora", tariff="t", rate_per_s=100_000, profile=CarrierProfile(concat="udh16"))
    world.sender.follow(carrier, Policy(reserved_units={"FR": Reserve(prefix=10)}))
    world.offer("x" * 200, country="FR")
    world.offer("x" * 200, country="GB")
    await world.send()
    headers = {submit.short_message[:3] for submit, _ in world.link.sent}
    assert headers == {bytes((6, 8, 4))}
    assert [len(submit.short_message) - 7 for submit, _ in world.link.sent] == [142, 58, 152, 48]


async def test_a_text_that_the_carrier_cannot_write_is_refused_by_name(home: Path) -> None:
    world = World(home)
    latin1 = Carrier(id="aurora", tariff="t", profile=CarrierProfile(default_charset="latin1"))
    world.sender.follow(latin1, Policy())
    world.offer("10 €")
    await world.send()
    (refused,) = world.outbox.records(DispatchRefused)
    assert (refused.reason, refused.parts) == ("encoding-not-carried", (1,))
    assert world.link.sent == []


async def test_a_submit_is_on_the_wire_until_the_index_knows_its_id(home: Path) -> None:
    world = World(home)
    known: list[int] = []
    world.wire.on_answer = lambda: known.append(len(world.index))
    world.offer()
    await world.send()
    assert (world.wire.count, world.wire.has_answered(1)) == (1, False)
    world.link.sent[0][1](Accepted("77"))
    assert world.wire.has_answered(1)
    assert known == [1]


async def test_aborted_intents_send_nothing_and_are_made_again(home: Path) -> None:
    world = World(home)
    world.log.aborts = 1
    world.offer()
    await world.send()
    assert (world.order, world.link.free_slots) == ([], 10)
    await world.send()
    assert world.order == ["intent 1", "pdu 1"]
    assert [intent.wire_try for intent in world.log.intents] == [2]


async def test_an_intent_that_grew_too_old_is_not_sent_and_made_again(home: Path) -> None:
    world = World(home, intent_max_age_s=0.0)
    world.offer()
    await world.send()
    await world.send()
    assert world.order == ["intent 1", "intent 1"]
    assert [intent.wire_try for intent in world.log.intents] == [1, 2]
    assert world.link.free_slots == 10


async def test_a_lease_that_ends_while_its_intent_is_written_is_refused(home: Path) -> None:
    world = World(home)
    end = wall_micros() + 200_000
    world.log.on_write = lambda: _pass_time(end)
    world.offer(send_before=end)
    await world.send()
    assert world.link.sent == []
    assert [(event.reason, event.parts) for event in world.outbox.records(DispatchRefused)] == [("lease-expired", (1,))]


async def test_express_goes_first_and_bulk_never_takes_the_last_slot(home: Path) -> None:
    world = World(home, capacity=3)
    for n in range(5):
        world.offer(f"bulk {n}", lane="bulk")
    world.offer("express")
    await world.send()
    assert [submit.short_message for submit, _ in world.link.sent] == [b"express", b"bulk 0"]
    assert world.link.free_slots == 1
    world.offer("second")
    await world.send()
    assert world.link.sent[-1][0].short_message == b"second"


async def test_a_dispatch_is_settled_when_all_its_outcomes_and_index_entries_are_durable(home: Path) -> None:
    world = World(home)
    world.offer("x" * 200)
    await world.send()
    world.link.answer(Accepted("id-1"))
    world.outbox.store()
    assert world.states[world.places[0]].ledger.due() is None
    world.link.answer(Accepted("id-2"))
    assert [entry.smsc_id for entry in world.outbox.records(ReceiptIndexed)] == ["id-2"]
    assert world.states[world.places[0]].ledger.due() is None
    world.outbox.store()
    await world.sender.commit()
    assert [mark.offset for mark in world.log.marks] == [1]


@pytest.mark.parametrize("status", [0x58, 0x14])
async def test_a_throttled_part_is_sent_again_with_a_new_intent_before_all_others(home: Path, status: int) -> None:
    world = World(home, capacity=1)
    world.offer("first")
    world.offer("second")
    await world.send()
    world.link.answer(Refused(status, classify(status)))
    assert world.outbox.written == []
    world.sender._pace._paused_until_s = 0.0
    await world.send()
    assert [submit.short_message for submit, _ in world.link.sent] == [b"first"]
    assert [intent.wire_try for intent in world.log.intents] == [1, 2]


async def test_outcomes_are_said_as_what_they_are(home: Path) -> None:
    world = World(home)
    for text in ("a", "b", "c", "d"):
        world.offer(text)
    await world.send()
    world.link.answer(Accepted(""))
    world.link.answer(Refused(0x0B, classify(0x0B)))
    world.link.answer(Refused(0x08, classify(0x08)))
    world.link.answer(Indeterminate("connection-lost"))
    (succeeded,) = world.outbox.records(SubmitSucceeded)
    assert (succeeded.smsc_id, succeeded.part, succeeded.attempt) == ("", 1, 1)
    assert [event.failure_class for event in world.outbox.records(SubmitFailed)] == ["permanent", "temporary"]
    assert [event.reason for event in world.outbox.records(SubmitOutcomeUnknown)] == ["connection-lost"]
    assert world.outbox.records(ReceiptIndexed) == []


async def test_what_was_not_sent_or_hit_a_wrong_session_is_sent_again(home: Path) -> None:
    world = World(home)
    world.offer()
    await world.send()
    world.link.answer(NotSent())
    await world.send()
    world.link.answer(Refused(0x04, classify(0x04)))
    await world.send()
    assert [intent.wire_try for intent in world.log.intents] == [1, 2, 3]
    assert world.link.dropped == ["ESME_RINVBNDSTS"]
    assert world.outbox.written == []


async def test_waiting_parts_are_refused_together_and_those_on_the_wire_are_not(home: Path) -> None:
    world = World(home, capacity=1)
    job = world.offer("x" * 400)
    await world.send()
    world.recalls.add(RecallRequested(message_id="m", occurred_at=wall_micros(), reason="cancelled"))
    world.sender.sweep()
    world.sender.sweep()
    (refused,) = world.outbox.records(DispatchRefused)
    assert (refused.parts, refused.reason) == ((2, 3), "recalled")
    world.outbox.store()
    assert job.open_parts == {1}
    world.link.answer(Accepted("id"))
    world.outbox.store()
    due = world.states[world.places[0]].ledger.due()
    assert due is not None
    assert due.offset == 1


async def test_a_broken_seal_refuses_the_dispatch_before_any_intent(home: Path) -> None:
    world = World(home)
    world.offer("x" * 200, sealed_content=b"\0" * 50)
    await world.send()
    assert [(event.reason, event.parts) for event in world.outbox.records(DispatchRefused)] == [("unsealable", (1, 2))]
    assert world.order == []


async def test_a_key_that_is_not_here_ends_the_connector_and_settles_nothing(home: Path) -> None:
    world = World(home)
    world.offer(key_day="2026-11-21")
    with pytest.raises(KeyMissing):
        await world.send()
    assert (world.outbox.written, world.order) == ([], [])
    assert world.states[world.places[0]].ledger.due() is None


async def test_an_outcome_that_cannot_be_written_ends_the_connector(home: Path) -> None:
    world = World(home)
    world.offer()
    await world.send()
    world.link.answer(Accepted("id"))
    world.outbox.store("disk full")
    assert world.failures
    assert world.states[world.places[0]].ledger.due() is None


async def test_the_loop_ends_when_told_to(home: Path) -> None:
    world = World(home)
    running = asyncio.create_task(world.sender.run())
    world.offer()
    while not world.link.sent:
        await asyncio.sleep(0)
    world.sender.stop()
    await running


def _pass_time(until: int) -> None:
    while wall_micros() < until:
        pass
