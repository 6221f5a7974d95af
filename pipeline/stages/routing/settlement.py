"""What the outcomes of all parts together mean: taken, refused, to be sent again, or in doubt."""

from pipeline.domain.smpp.receipts import ReceiptState
from pipeline.domain.status import MessageState
from pipeline.stages.routing.release import SECOND_US, release, wait_until
from pipeline.stages.routing.state import Outcome, Phase
from pipeline.stages.routing.turn import Turn

MAX_TRIES = 8
MAX_DOUBTS = 1  # DOMAIN 2.5: resend once; a carrier that takes and never answers must not flood a phone
RETRY_CAP_S = 60
RESEND = "resend"
HOLD = "hold"


def settle(turn: Turn, *, lease_is_over: bool = False) -> None:
    """Decide, once every part has an outcome or the lease is over, what becomes of the message at hand.

    A late acknowledgement also settles what waits for its time or is in doubt.
    """
    message = turn.message
    is_settled = message.phase == Phase.RECEIPTS and message.status != MessageState.UNKNOWN
    if message.phase == Phase.ENDED or is_settled:
        return
    outcomes = [part.outcome for part in message.parts]
    failed = next((part for part in message.parts if part.outcome == Outcome.PERMANENT), None)
    if failed is not None:
        turn.end(MessageState.FAILED, "carrier-refused", failed.error_code, error_code=failed.error_code)
    elif all(outcome == Outcome.ACKED for outcome in outcomes):
        _all_taken(turn)
    elif message.phase == Phase.WAITING:
        return  # what remains goes when its time has come
    elif Outcome.PENDING not in outcomes or lease_is_over or message.phase == Phase.RECEIPTS:
        _send_rest(turn)


def _all_taken(turn: Turn) -> None:
    message = turn.message
    has_unknown_receipt = any(part.receipt == ReceiptState.UNKNOWN for part in message.parts)
    if message.status == MessageState.UNKNOWN and not has_unknown_receipt:
        turn.tell(MessageState.SUBMITTED, "late-acknowledgement")
    else:
        turn.tell_if_higher(MessageState.SUBMITTED)
    _wait_for_receipts(turn)


def _wait_for_receipts(turn: Turn) -> None:
    grace_us = turn.snapshot.rules.policy.receipt_grace_s * SECOND_US
    turn.wait(Phase.RECEIPTS, turn.message.expires_at + grace_us)


def _send_rest(turn: Turn) -> None:
    """Some parts are temporary, unknown or were never sent: send them again, later, or hold by class policy."""
    message = turn.message
    worst = max(message.parts, key=lambda part: part.tries)
    if _is_held_in_doubt(turn):
        turn.tell_if_higher(MessageState.UNKNOWN, "outcome-unknown")
        _wait_for_receipts(turn)
    elif worst.tries > MAX_TRIES:
        turn.end(MessageState.FAILED, "carrier-busy", worst.error_code, error_code=worst.error_code)
    elif any(part.outcome == Outcome.TEMPORARY for part in message.parts):
        delay_s = min(2 ** (worst.tries - 1), RETRY_CAP_S)
        wait_until(turn, turn.now + delay_s * SECOND_US, "carrier-busy")
    else:
        release(turn, "resend")


def _is_held_in_doubt(turn: Turn) -> bool:
    unknown = [part for part in turn.message.parts if part.outcome == Outcome.UNKNOWN]
    if not unknown:
        return False
    return _unknown_policy(turn) != RESEND or any(part.doubts > MAX_DOUBTS for part in unknown)


def _unknown_policy(turn: Turn) -> str:
    message = turn.message
    rules = turn.snapshot.rules
    account = rules.accounts.get(message.account_id)
    if account is not None and message.message_class in account.on_unknown:
        return account.on_unknown[message.message_class]
    return rules.policy.on_unknown.get(message.message_class, HOLD)
