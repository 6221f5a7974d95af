"""What the agents do not decide and a person should know before sending: warnings beside the answer. Pure."""

from infra.preflight.foreseen import Advice, Foreseen
from pipeline.domain.rules import Rules
from pipeline.events.records import SubmitMessage

BEHIND_GATEWAY = "account-behind-gateway"


def advice_on(rules: Rules, account_id: str, submitted: SubmitMessage, foreseen: Foreseen | None) -> tuple[Advice, ...]:
    """Warnings on one message; `foreseen` is None where validation rejected it."""
    account = rules.accounts.get(account_id)
    if account is None or account.is_direct:
        return ()
    words = f"account {account_id} has no topic of its own: it submits by the gateway, and `sluice submit` cannot"
    return (Advice(code=BEHIND_GATEWAY, detail=words),)
