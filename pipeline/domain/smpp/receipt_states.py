"""What the states that carriers write in receipts mean, and how final they are.

Names and numbers of the specification have one meaning; a carrier's own names, and where it means something else
by a common one, stand in `receipt_states` of its profile. Sources: SMPP 3.4 5.2.28 and appendix B, SMPP 5.0 4.7.15;
DOMAIN 3.5, 3.11.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class ReceiptState(StrEnum):
    """What a receipt says of one part. INTERMEDIATE and UNKNOWN are not final."""

    DELIVERED = "delivered"
    FAILED = "failed"
    EXPIRED = "expired"
    REJECTED = "rejected"
    DELETED = "deleted"
    INTERMEDIATE = "intermediate"
    UNKNOWN = "unknown"


_BY_NUMBER: Final = {
    0: ReceiptState.INTERMEDIATE,  # SCHEDULED (SMPP 5.0)
    1: ReceiptState.INTERMEDIATE,  # ENROUTE
    2: ReceiptState.DELIVERED,
    3: ReceiptState.EXPIRED,
    4: ReceiptState.DELETED,
    5: ReceiptState.FAILED,  # UNDELIVERABLE
    6: ReceiptState.INTERMEDIATE,  # ACCEPTED: by the SMSC, not by the handset
    7: ReceiptState.UNKNOWN,
    8: ReceiptState.REJECTED,
    9: ReceiptState.REJECTED,  # SKIPPED (SMPP 5.0): never attempted
}
_NAMES_OF_NUMBER: Final = {
    0: ("SCHEDLD", "SCHEDULED"),
    1: ("ENROUTE",),
    2: ("DELIVRD", "DELIVERED"),
    3: ("EXPIRED",),
    4: ("DELETED",),
    5: ("UNDELIV", "UNDELIVERABLE"),
    6: ("ACCEPTD", "ACCEPTED"),
    7: ("UNKNOWN",),
    8: ("REJECTD", "REJECTED"),
    9: ("SKIPPED",),
}
_BY_NAME: Final = {
    **{name: _BY_NUMBER[number] for number, names in _NAMES_OF_NUMBER.items() for name in names},
    "DELIVERD": ReceiptState.DELIVERED,
    "UNDELIVERED": ReceiptState.FAILED,
    "FAILED": ReceiptState.FAILED,  # in the field: jasmin issue 447; vumi's table
    "BUFFRED": ReceiptState.INTERMEDIATE,  # this and the next three: Kannel
    "BUFFERD": ReceiptState.INTERMEDIATE,
    "BUFFERED": ReceiptState.INTERMEDIATE,
    "ACKED": ReceiptState.INTERMEDIATE,
}
_BY_WORD: Final = {state.value: state for state in ReceiptState}
NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


def state_of(message_state: int | None, stat: str, overrides: Mapping[str, str] = NOTHING) -> ReceiptState:
    """The state that a receipt's message_state and `stat:` token mean to one carrier. Never raises.

    The number wins over the token, and a number that no specification names says nothing. `overrides` are the
    profile's: by name in capitals, or by its beginning before '*'. They speak of the number by its names (so
    ACCEPTD means the same in the text and in the TLV), and of a token that is no common name even beside a number:
    the carrier's own code says more. What nobody names is UNKNOWN, which is neither delivered nor failed.
    """
    name = stat.upper()
    by_number = None if message_state is None else _BY_NUMBER.get(message_state)
    if overrides:
        names = _NAMES_OF_NUMBER[message_state] if by_number is not None and message_state is not None else ()
        if name and (by_number is None or name not in _BY_NAME):
            names = (name, *names)
        for each in names:
            word = _override(each, overrides)
            if word is not None:
                return _BY_WORD.get(word, ReceiptState.UNKNOWN)
    return by_number or _BY_NAME.get(name, ReceiptState.UNKNOWN)


def _override(name: str, overrides: Mapping[str, str]) -> str | None:
    """The profile's word for a name: of the name itself, else of its longest beginning."""
    word = overrides.get(name)
    if word is not None:
        return word
    beginnings = [each for each in overrides if each[-1:] == "*" and name.startswith(each[:-1])]
    return overrides[max(beginnings, key=len)] if beginnings else None
