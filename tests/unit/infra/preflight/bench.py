"""The agents asked by hand, and preflight beside them: what each says of one submission, in the same words."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from infra.preflight.basis import Basis
from infra.preflight.deciding import Preflight
from infra.submitting.rows import lane_of_message
from infra.times import iso
from pipeline.domain.ids import is_name
from pipeline.domain.rules import Health, Rules
from pipeline.domain.sealing import unseal
from pipeline.domain.status import MessageState
from pipeline.events.records import (
    MessageAccepted,
    MessageRejected,
    MessageRouted,
    MessageStatusChanged,
    RouteCandidate,
    SealedContent,
    SubmitMessage,
)
from pipeline.stages.decision import Snapshot
from pipeline.stages.revisions import Revision, in_force
from pipeline.stages.routing import Routing
from pipeline.stages.routing.state import Message
from pipeline.stages.validation import decide
from tests.builders import CLUSTER, CODEC, NOW, SECOND, FakeKeyRing, a_health, a_rules, a_submission
from tests.fold import Fold

Said = dict[str, Any]


def a_revision(number: int, rules: Rules, effective_at: int = 0) -> Revision:
    return Revision(
        number=number, effective_at=effective_at, occurred_at=0, author="ana", reason="why", changes=(), rules=rules
    )


def a_basis(*revisions: Revision, health: Health | None = None, at: int = NOW) -> Basis:
    """What is in force; the builders' rules, from ever, if no revision is given."""
    return Basis(
        revisions=revisions or (a_revision(1, a_rules()),),
        health=a_health() if health is None else health,
        at=at,
        source="tests",
    )


@dataclass
class Agents:
    """Validation and routing as their workers call them, with rules that are looked up as time passes."""

    basis: Basis
    account: str = "acme"

    def say(self, submitted: SubmitMessage) -> Said:
        """What becomes of one submission up to the carrier."""
        account = self._snapshot(self.basis.at).rules.accounts.get(self.account)
        is_direct = account.is_direct if account else is_name(self.account)
        submission = a_submission(
            submitted,
            account=self.account if is_direct else "gateway",
            account_header="" if is_direct else self.account,
            lane=lane_of_message(submitted).value,
        )
        rules = self._snapshot(self.basis.at).rules
        keys = FakeKeyRing()
        decision = decide(submission, now=self.basis.at, rules=rules, keys=keys, cluster_id=CLUSTER, codec=CODEC)
        answer = decision.events[-1].record
        if isinstance(answer, MessageRejected):
            return _rejected(answer.reason, answer.detail, (MessageState.REJECTED,))
        assert isinstance(answer, MessageAccepted)
        octets = unseal(
            keys.data_key(answer.account_id, answer.key_day), answer.sealed_content, answer.message_id.encode()
        )
        return self._routed(answer, CODEC.decode(octets, SealedContent))

    def _routed(self, accepted: MessageAccepted, content: SealedContent) -> Said:
        fold = Fold(Routing(), self._snapshot(self.basis.at))
        fold.now = self.basis.at
        fold.give(accepted)
        told = fold.all(MessageStatusChanged)
        if told[-1].status == MessageState.SCHEDULED:
            fold.snapshot = self._snapshot(accepted.not_before)
            (timer,) = fold.timers.values()
            fold.now = timer.due
            fold.fire(timer)
            told = fold.all(MessageStatusChanged)
        statuses = tuple(each.status for each in told)
        if told[-1].is_final:
            return _rejected(told[-1].reason, told[-1].detail, statuses)
        (message,) = (value for value in fold.state.values() if isinstance(value, Message))
        routed = next(iter(fold.all(MessageRouted)), None)
        return {
            "outcome": "accepted",
            "statuses": statuses,
            "content": (content.to, content.text, accepted.country),
            "sender": content.sender or (fold.snapshot.rules.carriers[routed.carrier].default_sender if routed else ""),
            "reasons": tuple(each.reason for each in told if each.status == MessageState.HELD),
            "encoding": accepted.encoding,
            "segment_count": accepted.segment_count,
            "expires_at": iso(accepted.expires_at),
            "price": (message.price_micros, message.currency, message.tariff),
            "total_price": message.price_micros * accepted.segment_count,
            "carrier": routed.carrier if routed else None,
            "candidates": tuple(map(_candidate, routed.candidates)) if routed else None,
            "cost": (routed.cost_micros, routed.cost_currency, message.cost_tariff) if routed else None,
        }

    def _snapshot(self, at: int) -> Snapshot:
        found = in_force(self.basis.revisions, at)
        assert found is not None
        return Snapshot(rules=found.rules, health=self.basis.health)


def preflight_says(basis: Basis, submitted: SubmitMessage, account: str = "acme") -> Said:
    """The same of preflight's answer."""
    said = Preflight(basis, account, shows_codes=True).foresee(1, submitted)
    if said.outcome == "rejected":
        return _rejected(said.reason, said.detail, said.statuses)
    return {
        "outcome": said.outcome,
        "statuses": said.statuses,
        "content": (said.to, said.text, said.country),
        "sender": said.sender or "",
        "reasons": tuple(each.reason for each in said.holds if each.reason != "not-before"),
        "encoding": said.encoding,
        "segment_count": said.segment_count,
        "expires_at": said.expires_at,
        "price": (said.price_micros, said.currency, said.tariff),
        "total_price": said.total_price_micros,
        "carrier": said.carrier,
        "candidates": tuple(map(_candidate, said.candidates)) if said.carrier else None,
        "cost": (said.cost_micros, said.cost_currency, said.cost_tariff) if said.carrier else None,
    }


def disagreements(
    preflight: Basis, agents: Basis, submissions: Iterable[tuple[str, SubmitMessage]]
) -> list[tuple[Said, Said]]:
    """(what preflight says, what the agents say) wherever they differ; each submission with its account."""
    found = []
    for account, submitted in submissions:
        foreseen, decided = preflight_says(preflight, submitted, account), Agents(agents, account).say(submitted)
        if foreseen != decided:
            found.append((foreseen, decided))
    return found


def _candidate(each: Any) -> tuple[str, bool, int, str]:
    assert isinstance(each, RouteCandidate) or hasattr(each, "cost_micros")
    return each.carrier, each.is_eligible, each.score, each.reason


def _rejected(reason: str, detail: str, statuses: tuple[str, ...]) -> Said:
    return {"outcome": "rejected", "reason": reason, "detail": detail, "statuses": statuses}


LATER = NOW + 60 * SECOND
