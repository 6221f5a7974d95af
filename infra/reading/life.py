"""A message's life: what its records say together, whether they were read from ClickHouse or from the log. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from pipeline.domain.money import format_micros
from pipeline.events.records import (
    Event,
    MessageAccepted,
    MessageRejected,
    MessageRouted,
    MessageStatusChanged,
    ReceiptReceived,
    UsageRecorded,
)

R = TypeVar("R", bound=Event)
SUBMITTED = "SubmitMessage"
_OF_SUBMISSION = (
    "reference", "idempotency_key", "message_class", "lane", "country", "network", "number_prefix", "sender",
    "campaign_id", "template_id", "encoding", "segment_count", "expires_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One record of a life, `at` its log time. `record` is None for the submission, which only its topic holds."""

    at: int
    event: str
    topic: str
    partition: int
    offset: int
    record: Event | None

    @property
    def coordinates(self) -> str:
        """`<topic>/<partition>/<offset>`."""
        return f"{self.topic}/{self.partition}/{self.offset}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """One message from its submission to the last that was heard of it; steps by log time."""

    message_id: str
    steps: tuple[Step, ...]

    @property
    def head(self) -> dict[str, Any]:
        """What is known of the message as a whole; only what is known. Times in UTC micros, amounts in words."""
        head: dict[str, Any] = {"message_id": self.message_id}
        head |= {name: _first(self, name) for name in ("account_id", "recipient_id")}
        head |= _status(self) | _submission(self) | _attempts(self) | _money(self) | _times(self)
        return {name: value for name, value in head.items() if value not in ("", 0, None)}


def life_of(message_id: str, steps: Iterable[Step]) -> Life:
    """A life in order, begun by its submission, which the first answer to it names."""
    known = list(steps)
    answer = next((step.record for step in known if isinstance(step.record, MessageAccepted | MessageRejected)), None)
    if answer is not None:
        submission = Step(
            at=answer.occurred_at,
            event=SUBMITTED,
            topic=answer.submitted_topic,
            partition=answer.submitted_partition,
            offset=answer.submitted_offset,
            record=None,
        )
        known.append(submission)
    return Life(message_id=message_id, steps=tuple(sorted(known, key=_order)))


def joins(receipt: ReceiptReceived, life: Life) -> bool:
    """Whether a receipt that names no message is of this one: routing billed a part under the same SMSC id."""
    return any(
        (usage.recipient_id, usage.carrier, usage.smsc_id) == (receipt.recipient_id, receipt.carrier, receipt.smsc_id)
        for usage in records(life, UsageRecorded)
    )


def records(life: Life, kind: type[R]) -> Sequence[R]:
    """The records of one kind in a life, by log time."""
    return [step.record for step in life.steps if isinstance(step.record, kind)]


def _order(step: Step) -> tuple[int, int, bool, str, int, int]:
    occurred_at = step.record.occurred_at if step.record else 0
    return step.at, occurred_at, step.record is not None, step.topic, step.partition, step.offset


def _first(life: Life, name: str) -> str:
    found = (str(getattr(step.record, name)) for step in life.steps if step.record is not None)
    return next(filter(None, found), "")


def _status(life: Life) -> dict[str, Any]:
    """The newest status by its sequence; before the first, what validation said."""
    told = max(records(life, MessageStatusChanged), key=lambda each: each.status_seq, default=None)
    if told is not None:
        names = ("status", "reason", "detail", "error_code", "first_message_id")
        return {name: getattr(told, name) for name in names} | {"is_final": told.is_final}
    rejected = next(iter(records(life, MessageRejected)), None)
    if rejected is not None:
        return {"status": "rejected", "reason": rejected.reason, "detail": rejected.detail}
    return {"status": "accepted"} if records(life, MessageAccepted) else {}


def _submission(life: Life) -> dict[str, Any]:
    answers = [*records(life, MessageAccepted), *records(life, MessageRejected), *records(life, MessageStatusChanged)]
    return {name: getattr(answers[0], name, "") for name in _OF_SUBMISSION} if answers else {}


def _attempts(life: Life) -> dict[str, Any]:
    routed = records(life, MessageRouted)
    if not routed:
        return {}
    return {"carrier": routed[-1].carrier, "attempts": routed[-1].attempt, "releases": max(r.release for r in routed)}


def _money(life: Life) -> dict[str, Any]:
    """Price of a part as routed; charge and cost as recorded, with the tariffs that set them."""
    routed, usage = records(life, MessageRouted), records(life, UsageRecorded)
    price = format_micros(routed[-1].price_micros, routed[-1].currency) if routed and routed[-1].currency else ""
    return {
        "price": price,
        "charge": _total((each.charge_micros, each.currency) for each in usage),
        "cost": _total((each.cost_micros, each.cost_currency) for each in usage),
        "tariff": ", ".join(sorted({each.tariff for each in usage} - {""})),
        "cost_tariff": ", ".join(sorted({each.cost_tariff for each in usage} - {""})),
    }


def _times(life: Life) -> dict[str, Any]:
    if not life.steps:
        return {}
    final = next((step.at for step in life.steps if getattr(step.record, "is_final", False)), 0)
    return {"received_at": life.steps[0].at, "final_at": final}


def _total(amounts: Iterable[tuple[int, str]]) -> str:
    """Amounts added up by currency: '0.21 CNY'; of several currencies with a plus between."""
    sums: dict[str, int] = {}
    for micros, currency in amounts:
        sums[currency] = sums.get(currency, 0) + micros
    return " + ".join(format_micros(micros, currency) for currency, micros in sorted(sums.items()) if currency)
