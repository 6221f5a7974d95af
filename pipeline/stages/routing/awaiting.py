"""What a receipt may speak of: the sendings that the recipient keeps, from release until the message is forgotten.

Each release of each part has an entry of its own: after a crash near the wire an earlier sending may be at the
carrier too, and its receipt must not be taken for another message's.
"""

from collections.abc import Sequence

import msgspec

from pipeline.stages.routing.state import MAX_AWAITING, Awaiting
from pipeline.stages.routing.turn import Turn


def expect(turn: Turn, numbers: Sequence[int]) -> None:
    """These parts of the message at hand are let go now."""
    message = turn.message
    fresh = tuple(
        Awaiting(message.carrier, "", message.message_id, number, False, message.release, turn.now)
        for number in numbers
    )
    turn.change_recipient(awaiting=(*turn.recipient.awaiting, *fresh)[-MAX_AWAITING:])


def name(turn: Turn, carrier: str, part: int, release: int, smsc_id: str) -> None:
    """The carrier has answered: from now on the id says whose a receipt is."""
    forget(turn, release, (part,))
    named = Awaiting(carrier, smsc_id, turn.message.message_id, part, False, release, turn.now)
    turn.change_recipient(awaiting=(*turn.recipient.awaiting, named)[-MAX_AWAITING:])


def doubt(turn: Turn, part: int, release: int) -> None:
    """Nobody knows whether the carrier has it: a receipt may still prove it."""
    changed = tuple(
        msgspec.structs.replace(each, is_unknown=True) if _is_of(turn, each, release, (part,)) else each
        for each in turn.recipient.awaiting
    )
    turn.change_recipient(awaiting=changed)


def forget(turn: Turn, release: int, numbers: Sequence[int]) -> None:
    """These parts of a release never reached the carrier (or have been named)."""
    kept = tuple(each for each in turn.recipient.awaiting if not _is_of(turn, each, release, numbers))
    turn.change_recipient(awaiting=kept)


def _is_of(turn: Turn, each: Awaiting, release: int, numbers: Sequence[int]) -> bool:
    is_dark = not each.smsc_id
    return is_dark and each.message_id == turn.message.message_id and each.release == release and each.part in numbers
