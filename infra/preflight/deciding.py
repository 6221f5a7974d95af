"""What would become of one message: validation and routing are asked themselves, over an empty state.

Nothing is decided here. The submission is encoded as a producer would, `validation.decide` answers it, and what it
accepts goes through `Routing`. From one row to the next only idempotency keys are remembered, so that a key that stands
twice in a file is found.
"""

from dataclasses import dataclass

from infra.preflight.advice import advice_on_account
from infra.preflight.basis import Basis
from infra.preflight.foreseen import ACCEPTED, Foreseen
from infra.preflight.keys import ThrowAwayKeys
from infra.preflight.living import RoutingAsked
from infra.preflight.telling import Decided, accepted, rejected
from infra.submitting.rows import lane_of_message
from pipeline.domain.ids import is_name
from pipeline.domain.numbers import InvalidNumber, Recipient, parse_recipient
from pipeline.domain.rules import Rules
from pipeline.domain.sealing import unseal
from pipeline.events import topics
from pipeline.events.codec import Codec
from pipeline.events.records import MessageAccepted, MessageRejected, SealedContent, SubmitMessage
from pipeline.stages import validation
from pipeline.stages.soundness import parts_of, text_of
from pipeline.stages.validation import Submission

CLUSTER = "preflight"


@dataclass(slots=True, kw_only=True)
class _Case:
    """What the questions of soundness want to know of a submission. Implements `soundness.Case`."""

    account_id: str
    lane: str
    now: int
    rules: Rules


class Preflight:
    """Foresees the messages of one account, one after the other, all at the moment of the basis."""

    def __init__(self, basis: Basis, account_id: str, *, shows_codes: bool = False) -> None:
        """Texts are shown with their one-time codes masked, unless `shows_codes`."""
        self._basis = basis
        self._account_id = account_id
        self._rules = basis.snapshot(basis.at).rules
        self._codec = Codec()
        self._keys = ThrowAwayKeys()
        self._routing = RoutingAsked(basis)
        self._shows_codes = shows_codes
        self._advice = advice_on_account(self._rules, account_id)

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
            return rejected(base, answer)
        assert isinstance(answer, MessageAccepted), f"validation answered {type(answer).__name__}"
        return accepted(base, self._decided(line, submitted, answer), shows_codes=self._shows_codes)

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
            warnings=self._advice,
        )

    def _decided(self, line: int, submitted: SubmitMessage, answer: MessageAccepted) -> Decided:
        case = _Case(account_id=self._account_id, lane=answer.lane, now=self._basis.at, rules=self._rules)
        content = self._content(answer)
        return Decided(
            basis=self._basis,
            submitted=submitted,
            accepted=answer,
            life=self._routing.live(line, answer),
            content=content,
            asked=text_of(case, submitted)[0],
            parts=parts_of(case, answer.country, answer.message_class, content.text),
        )

    def _content(self, accepted: MessageAccepted) -> SealedContent:
        """Number, sender and text as validation sealed them for the connector."""
        account_id, day = accepted.account_id, accepted.key_day
        key = self._keys.data_key(account_id, day)
        octets = unseal(key, accepted.sealed_content, accepted.message_id.encode())
        return self._codec.decode(octets, SealedContent)


def _recipient(submitted: SubmitMessage) -> Recipient | None:
    try:
        return parse_recipient(submitted.to, submitted.default_region)
    except InvalidNumber:
        return None
