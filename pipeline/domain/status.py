"""States of a message, and which of two news about it counts.

Sources: DOMAIN 9.1 - 9.3.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class MessageState(StrEnum):
    """Where a message's life stands, as its producer sees it."""

    ACCEPTED = "accepted"
    SCHEDULED = "scheduled"
    HELD = "held"
    QUEUED = "queued"
    SUBMITTED = "submitted"
    DELIVERED = "delivered"
    FAILED = "failed"
    EXPIRED = "expired"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


FINAL_STATES: Final = frozenset(
    {
        MessageState.DELIVERED,
        MessageState.FAILED,
        MessageState.EXPIRED,
        MessageState.REJECTED,
        MessageState.CANCELLED,
    }
)

_RANK: Mapping[MessageState, int] = MappingProxyType(
    {
        MessageState.ACCEPTED: 0,
        MessageState.SCHEDULED: 1,
        MessageState.HELD: 1,
        MessageState.QUEUED: 2,
        MessageState.SUBMITTED: 3,
        MessageState.UNKNOWN: 4,
        MessageState.FAILED: 5,
        MessageState.EXPIRED: 5,
        MessageState.REJECTED: 5,
        MessageState.CANCELLED: 5,
        MessageState.DELIVERED: 6,
    }
)


def is_final(state: MessageState) -> bool:
    """Whether nothing more is done for the message. Later news may still correct it: see `outranks`."""
    return state in FINAL_STATES


def outranks(new: MessageState, old: MessageState) -> bool:
    """Whether news of `new` replaces `old`, in whatever order the two arrive.

    Intermediate < unknown < failed, expired, rejected, cancelled < delivered. Equals do not replace each
    other, so a repeat changes nothing; nothing replaces delivered. A retry's step back from submitted to
    queued is routing's own decision and no news: it does not ask here. Source: DOMAIN 9.3.
    """
    return _RANK[new] > _RANK[old]
