"""What the agents do not decide and a person should know before sending: warnings beside the answer. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from infra.preflight.foreseen import Advice
from pipeline.domain.classes import MessageClass
from pipeline.domain.content.checks import CHECKS, violations
from pipeline.domain.content.classification import LooksLike, looks
from pipeline.domain.content.redaction import redact, redact_params
from pipeline.domain.countries import judge_sender
from pipeline.domain.rules import Rules
from pipeline.domain.senders import InvalidSender, parse_sender

BEHIND_GATEWAY = "account-behind-gateway"
CLASS_MISMATCH = "class-mismatch"
TEXT_REPLACED = "text-replaced"
MASK = "*"
SHORTEST_SECRET = 3  # a shorter value stands in any text


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What would go to the phone; `asked` is the text before look-alikes were replaced."""

    text: str
    asked: str
    message_class: MessageClass
    country: str
    sender: str | None
    is_registered: bool
    """Whether the rules say that the account has registered this sender there, for this class."""


def advice_on_account(rules: Rules, account_id: str) -> tuple[Advice, ...]:
    """Warnings that hold for each message of an account."""
    account = rules.accounts.get(account_id)
    if account is None or account.is_direct:
        return ()
    words = f"account {account_id} has no topic of its own: it submits by the gateway, and `sluice submit` cannot"
    return (Advice(code=BEHIND_GATEWAY, detail=words),)


def advice_on(sent: Sent) -> tuple[Advice, ...]:
    """Warnings on one message: its sender and its text in this country, and whether it is of another class."""
    return (*_sender(sent), *_content(sent), *_class(sent), *_replaced(sent))


def without_codes(text: str, params: Mapping[str, str]) -> str:
    """A text as a person may see it: codes in asterisks, and whatever a parameter of the template keeps secret."""
    for name, shown in redact_params(dict(params)).items():
        if shown != params[name] and len(params[name]) >= SHORTEST_SECRET:
            text = text.replace(params[name], MASK * len(params[name]))
    return redact(text)


def _sender(sent: Sent) -> Iterator[Advice]:
    try:
        kind = parse_sender(sent.sender or "").kind
    except InvalidSender:  # none is known: the carrier puts in its own
        return
    verdict = judge_sender(sent.sender or "", kind, sent.country, sent.message_class)
    if verdict.reason and not (verdict.is_allowed and sent.is_registered):
        what = "wants somebody to know" if verdict.is_allowed else "does not take"
        words = (
            f"{sent.country} {what} the {kind.replace('_', ' ')} sender {sent.sender} for class {sent.message_class}"
        )
        yield Advice(code=verdict.reason, detail=words)


def _content(sent: Sent) -> Iterator[Advice]:
    for code in violations(sent.text, sent.message_class, sent.country):
        meaning = next(c.meaning for c in CHECKS if c.code == code and c.applies(sent.country, sent.message_class))
        yield Advice(code=code, detail=meaning)


def _class(sent: Sent) -> Iterator[Advice]:
    found = looks(sent.text)
    is_told = found.kind is not LooksLike.OTHER or sent.message_class is MessageClass.OTP  # opt-outs let codes pass
    if is_told and found.kind.value != sent.message_class.value:
        why = f" ({', '.join(found.reasons)})" if found.reasons else ""
        yield Advice(
            code=CLASS_MISMATCH, detail=f"class is {sent.message_class}, the text looks like {found.kind}{why}"
        )


def _replaced(sent: Sent) -> Iterator[Advice]:
    if sent.text != sent.asked:
        yield Advice(code=TEXT_REPLACED, detail="characters outside GSM-7 became look-alikes: smart encoding")
