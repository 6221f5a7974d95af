"""An accepted message in the words of an answer: content, routes, money, what it waits for. Pure."""

from dataclasses import dataclass

import msgspec

from infra.preflight.advice import Sent, advice_on, without_codes
from infra.preflight.basis import Basis
from infra.preflight.coming import changes_until
from infra.preflight.foreseen import (
    ACCEPTED,
    ACCOUNT_RATE,
    HEALTH,
    IDEMPOTENCY,
    REJECTED,
    SUPPRESSION,
    Candidate,
    Foreseen,
    Hold,
)
from infra.preflight.living import Life
from infra.times import iso
from pipeline.domain.classes import MessageClass
from pipeline.domain.rules import Rules
from pipeline.domain.senders import InvalidSender, parse_sender
from pipeline.domain.status import MessageState
from pipeline.domain.text.segments import Segmentation
from pipeline.events.records import MessageAccepted, MessageRejected, RouteCandidate, SealedContent, SubmitMessage

NOT_BEFORE = "not-before"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What the stages said of an accepted message. `content` is what the connector would open; `asked` the text before
    look-alikes were replaced, and `parts` the text that goes, cut.
    """

    basis: Basis
    submitted: SubmitMessage
    accepted: MessageAccepted
    life: Life
    content: SealedContent
    asked: str
    parts: Segmentation


def rejected(base: Foreseen, answer: MessageRejected) -> Foreseen:
    """The answer to what validation rejected: its reason and detail, word for word."""
    return msgspec.structs.replace(
        base,
        outcome=REJECTED,
        reason=answer.reason,
        detail=answer.detail,
        stage="validation",
        statuses=(MessageState.REJECTED.value,),
    )


def accepted(base: Foreseen, decided: Decided, *, shows_codes: bool) -> Foreseen:
    """The answer to what validation accepted, by what routing then made of it."""
    life, country = decided.life, decided.accepted.country
    rules = decided.basis.snapshot(life.decided_at).rules
    rejection = life.rejection
    answer = msgspec.structs.replace(
        _with_content(base, decided, rules, shows_codes=shows_codes),
        outcome=REJECTED if rejection else ACCEPTED,
        reason=rejection.reason if rejection else "",
        detail=rejection.detail if rejection else "",
        stage="routing",
        statuses=tuple(each.status for each in life.told),
        holds=_holds(decided),
        expires_at=iso(decided.accepted.expires_at),
        candidates=tuple(_candidate(rules, each, country, life.decided_at) for each in life.candidates),
    )
    return answer if rejection else _with_cost(_with_price(answer, decided), decided)


def _with_content(base: Foreseen, decided: Decided, rules: Rules, *, shows_codes: bool) -> Foreseen:
    answer, text = decided.accepted, decided.content.text
    sender = _shown_sender(rules, decided)
    registered = rules.sender(answer.account_id, sender or "")
    sent = Sent(
        text=text,
        asked=decided.asked,
        message_class=MessageClass(answer.message_class),
        country=answer.country,
        sender=sender,
        is_registered=registered is not None and registered.covers(answer.country, answer.message_class),
    )
    return msgspec.structs.replace(
        base,
        to=decided.content.to,
        country=answer.country,
        sender=sender,
        sender_kind=_kind(sender),
        template_version=answer.template_version or None,
        text=text if shows_codes else without_codes(text, decided.submitted.params),
        encoding=answer.encoding,
        segment_count=answer.segment_count,
        units=decided.parts.units,
        warnings=(*base.warnings, *advice_on(sent)),
    )


def _with_price(answer: Foreseen, decided: Decided) -> Foreseen:
    """With the account's price, which is pinned at the acceptance, and what else is known of one that goes on."""
    message, accepted = decided.life.message, decided.accepted
    assert message is not None, f"routing goes on with {accepted.message_id} and has forgotten it"
    return msgspec.structs.replace(
        answer,
        price_micros=message.price_micros,
        currency=message.currency,
        tariff=message.tariff,
        total_price_micros=message.price_micros * accepted.segment_count,
        changes=changes_until(
            decided.basis,
            accepted.expires_at,
            tariff=message.tariff,
            country=accepted.country,
            candidates=decided.life.candidates,
        ),
        unknown=_unknown(decided),
    )


def _with_cost(answer: Foreseen, decided: Decided) -> Foreseen:
    """With the chosen carrier and its cost, if one is chosen."""
    message, routed = decided.life.message, decided.life.routed
    if routed is None or message is None:
        return answer
    return msgspec.structs.replace(
        answer,
        carrier=routed.carrier,
        cost_micros=routed.cost_micros,
        cost_currency=routed.cost_currency,
        cost_tariff=message.cost_tariff,
        total_cost_micros=routed.cost_micros * routed.segment_count,
    )


def _shown_sender(rules: Rules, decided: Decided) -> str | None:
    """What the phone shows: the message's sender, else the chosen carrier's; None where the carrier puts in its own."""
    sender, routed = decided.content.sender, decided.life.routed
    if sender or routed is None:
        return sender or None
    return rules.carriers[routed.carrier].default_sender or None


def _kind(sender: str | None) -> str | None:
    try:
        return parse_sender(sender).kind.value if sender else None
    except InvalidSender:
        return None


def _candidate(rules: Rules, found: RouteCandidate, country: str, at: int) -> Candidate:
    cost = rules.price(rules.carriers[found.carrier].tariff, country, at)
    return Candidate(
        carrier=found.carrier,
        is_eligible=found.is_eligible,
        score=found.score,
        reason=found.reason,
        cost_micros=cost.micros if cost else None,
        cost_currency=cost.currency if cost else "",
        cost_tariff=cost.tariff if cost else "",
    )


def _holds(decided: Decided) -> tuple[Hold, ...]:
    told = decided.life.told
    schedule = Hold(reason=NOT_BEFORE, until=iso(decided.accepted.not_before))
    return (
        *(schedule for each in told if each.status == MessageState.SCHEDULED),
        *(Hold(reason=each.reason) for each in told if each.status == MessageState.HELD),
    )


def _unknown(decided: Decided) -> tuple[str, ...]:
    life = decided.life
    is_later = life.routed is None or any(each.status == MessageState.SCHEDULED for each in life.told)
    return (
        *((IDEMPOTENCY,) if decided.submitted.idempotency_key else ()),
        SUPPRESSION,
        ACCOUNT_RATE,
        *((HEALTH,) if is_later else ()),
    )
