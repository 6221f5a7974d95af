"""What would become of one message: validation and routing are asked themselves, over an empty state.

Nothing is decided here. The submission is encoded as a producer would, `validation.decide` answers it, and what it
accepts goes through `Routing`. From one row to the next only idempotency keys are remembered, so that a key that stands
twice in a file is found.
"""

from dataclasses import dataclass

import msgspec

from infra.config.times import iso
from infra.preflight.advice import advice_on
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
from infra.preflight.keys import ThrowAwayKeys
from infra.preflight.living import Life, RoutingAsked
from infra.submitting.rows import lane_of_message
from pipeline.domain.ids import is_name
from pipeline.domain.numbers import InvalidNumber, Recipient, parse_recipient
from pipeline.domain.rules import Rules
from pipeline.domain.sealing import unseal
from pipeline.domain.senders import InvalidSender, parse_sender
from pipeline.domain.status import MessageState
from pipeline.events import topics
from pipeline.events.codec import Codec
from pipeline.events.records import MessageAccepted, MessageRejected, RouteCandidate, SealedContent, SubmitMessage
from pipeline.stages import validation
from pipeline.stages.soundness import parts_of
from pipeline.stages.validation import Submission

CLUSTER = "preflight"
NOT_BEFORE = "not-before"


@dataclass(slots=True, kw_only=True)
class _Case:
    """What the questions of soundness want to know of a submission. Implements `soundness.Case`."""

    account_id: str
    lane: str
    now: int
    rules: Rules


class Preflight:
    """Foresees the messages of one account, one after the other, all at the moment of the basis."""

    def __init__(self, basis: Basis, account_id: str) -> None:
        self._basis = basis
        self._account_id = account_id
        self._rules = basis.snapshot(basis.at).rules
        self._codec = Codec()
        self._keys = ThrowAwayKeys()
        self._routing = RoutingAsked(basis)

    def foresee(self, line: int, submitted: SubmitMessage) -> Foreseen:
        """What would become of a message. Never raises on any that a producer can write."""
        decision = validation.decide(
            self._submission(line, submitted),
            now=self._basis.at,
            rules=self._rules,
            keys=self._keys,
            cluster_id=CLUSTER,
            codec=self._codec,
        )
        answer = decision.events[-1].record
        base = self._base(line, submitted)
        if isinstance(answer, MessageRejected):
            return msgspec.structs.replace(
                base,
                outcome=REJECTED,
                reason=answer.reason,
                detail=answer.detail,
                stage=validation.STAGE,
                statuses=(MessageState.REJECTED.value,),
                warnings=advice_on(self._rules, self._account_id, submitted, None),
            )
        assert isinstance(answer, MessageAccepted), f"validation answered {type(answer).__name__}"
        return self._accepted(base, submitted, answer, self._routing.live(line, answer))

    def _submission(self, line: int, submitted: SubmitMessage) -> Submission:
        """The record as it would stand in the account's own topic, or in the gateway's if it has none."""
        account = self._rules.accounts.get(self._account_id)
        is_own = account.is_direct if account else is_name(self._account_id)
        return Submission(
            topic=topics.submitted(self._account_id if is_own else topics.GATEWAY, lane_of_message(submitted).value),
            partition=0,
            offset=line,
            timestamp_us=self._basis.at,
            value=self._codec.encode(submitted),
            account_header="" if is_own else self._account_id,
        )

    def _base(self, line: int, submitted: SubmitMessage) -> Foreseen:
        recipient = _recipient(submitted)
        return Foreseen(
            line=line,
            outcome=ACCEPTED,
            reference=submitted.reference or "",
            to=recipient.e164 if recipient else None,
            country=recipient.region if recipient else None,
            number_type=recipient.number_type if recipient else None,
            message_class=submitted.message_class,
            lane=lane_of_message(submitted).value,
            template_id=submitted.template_id,
            template_version=submitted.template_version,
        )

    def _accepted(self, base: Foreseen, submitted: SubmitMessage, accepted: MessageAccepted, life: Life) -> Foreseen:
        rejection, rules = life.rejection, self._basis.snapshot(life.decided_at).rules
        content = self._content(accepted)
        sender = _shown_sender(rules, content.sender, life)
        foreseen = msgspec.structs.replace(
            base,
            outcome=REJECTED if rejection else ACCEPTED,
            reason=rejection.reason if rejection else "",
            detail=rejection.detail if rejection else "",
            stage="routing",
            to=content.to,
            country=accepted.country,
            sender=sender,
            sender_kind=_kind(sender),
            template_version=accepted.template_version or None,
            text=content.text,
            encoding=accepted.encoding,
            segment_count=accepted.segment_count,
            units=self._units(submitted, accepted, content.text),
            statuses=tuple(each.status for each in life.told),
            holds=_holds(accepted, life),
            expires_at=iso(accepted.expires_at),
            candidates=tuple(_candidate(rules, each, accepted.country, life.decided_at) for each in life.candidates),
        )
        foreseen = foreseen if rejection else self._priced(foreseen, submitted, accepted, life)
        warnings = advice_on(self._rules, self._account_id, submitted, foreseen)
        return msgspec.structs.replace(foreseen, warnings=warnings)

    def _priced(self, foreseen: Foreseen, submitted: SubmitMessage, accepted: MessageAccepted, life: Life) -> Foreseen:
        """With the account's price and the chosen carrier's cost, and what else holds of a message that goes on."""
        message, routed = life.message, life.routed
        assert message is not None, f"routing goes on with {accepted.message_id} and has forgotten it"
        count = accepted.segment_count
        changes = changes_until(
            self._basis,
            accepted.expires_at,
            tariff=message.tariff,
            country=accepted.country,
            candidates=life.candidates,
        )
        priced = msgspec.structs.replace(
            foreseen,
            price_micros=message.price_micros,
            currency=message.currency,
            tariff=message.tariff,
            total_price_micros=message.price_micros * count,
            changes=changes,
            unknown=_unknown(submitted, life),
        )
        if routed is None:
            return priced
        return msgspec.structs.replace(
            priced,
            carrier=routed.carrier,
            cost_micros=routed.cost_micros,
            cost_currency=routed.cost_currency,
            cost_tariff=message.cost_tariff,
            total_cost_micros=routed.cost_micros * count,
        )

    def _content(self, accepted: MessageAccepted) -> SealedContent:
        """Number, sender and text as validation sealed them for the connector."""
        account_id, day = accepted.account_id, accepted.key_day
        key = self._keys.data_key(account_id, day)
        octets = unseal(key, accepted.sealed_content, accepted.message_id.encode())
        return self._codec.decode(octets, SealedContent)

    def _units(self, submitted: SubmitMessage, accepted: MessageAccepted, text: str) -> int:
        """The length of the text as it is counted: septets, or UTF-16 code units."""
        case = _Case(account_id=self._account_id, lane=accepted.lane, now=self._basis.at, rules=self._rules)
        return parts_of(case, accepted.country, accepted.message_class, text).units


def _recipient(submitted: SubmitMessage) -> Recipient | None:
    try:
        return parse_recipient(submitted.to, submitted.default_region)
    except InvalidNumber:
        return None


def _shown_sender(rules: Rules, sender: str, life: Life) -> str | None:
    """What the phone shows: the message's sender, else the chosen carrier's; None where the carrier puts in its own."""
    if sender or life.routed is None:
        return sender or None
    return rules.carriers[life.routed.carrier].default_sender or None


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


def _holds(accepted: MessageAccepted, life: Life) -> tuple[Hold, ...]:
    holds = []
    if any(each.status == MessageState.SCHEDULED for each in life.told):
        holds.append(Hold(reason=NOT_BEFORE, until=iso(accepted.not_before)))
    holds += [Hold(reason=each.reason) for each in life.told if each.status == MessageState.HELD]
    return tuple(holds)


def _unknown(submitted: SubmitMessage, life: Life) -> tuple[str, ...]:
    is_later = life.routed is None or any(each.status == MessageState.SCHEDULED for each in life.told)
    return (
        *((IDEMPOTENCY,) if submitted.idempotency_key else ()),
        SUPPRESSION,
        ACCOUNT_RATE,
        *((HEALTH,) if is_later else ()),
    )
