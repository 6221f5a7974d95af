"""Message classes, the lane each travels in, and how long each is worth sending.

Sources: DESIGN section 2 (lanes); DOMAIN 2.10, 5, 6.2, 7.2.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class MessageClass(StrEnum):
    """What a message is for: decides lane, validity, policy and retries."""

    OTP = "otp"
    TRANSACTIONAL = "transactional"
    SERVICE = "service"
    CONVERSATIONAL = "conversational"
    MARKETING = "marketing"


class Lane(StrEnum):
    """Two roads through every stage, so that a campaign never delays a one-time password."""

    EXPRESS = "express"
    BULK = "bulk"


_HOUR_S = 3600

DEFAULT_VALIDITY_S: Final[Mapping[MessageClass, int]] = MappingProxyType(
    {
        MessageClass.OTP: 300,  # the usual life of a code
        MessageClass.TRANSACTIONAL: 6 * _HOUR_S,
        MessageClass.SERVICE: 6 * _HOUR_S,
        MessageClass.CONVERSATIONAL: 24 * _HOUR_S,  # a person waits; DOMAIN 7.2 names none
        MessageClass.MARKETING: 24 * _HOUR_S,  # or the end of the sending window, which routing knows
    }
)
"""Seconds from submission to expiry when the producer gives no `valid_for_s`. Source: DOMAIN 7.2."""

MAX_VALIDITY_S: Final[Mapping[MessageClass, int]] = MappingProxyType(
    {
        MessageClass.OTP: _HOUR_S,  # no code should live longer
        MessageClass.TRANSACTIONAL: 72 * _HOUR_S,
        MessageClass.SERVICE: 72 * _HOUR_S,
        MessageClass.CONVERSATIONAL: 72 * _HOUR_S,
        MessageClass.MARKETING: 72 * _HOUR_S,
    }
)
"""Longest `valid_for_s`: 72 h is the longest an SMSC commonly keeps a message. Source: DOMAIN 2.10."""


def lane_of(message_class: MessageClass) -> Lane:
    """The lane that this class travels in; a submission on the other one is rejected."""
    return Lane.BULK if message_class is MessageClass.MARKETING else Lane.EXPRESS


def default_validity_s(message_class: MessageClass) -> int:
    """Seconds that a message of this class stays worth sending when its producer says nothing."""
    return DEFAULT_VALIDITY_S[message_class]


def max_validity_s(message_class: MessageClass) -> int:
    """The most seconds that a producer may ask for."""
    return MAX_VALIDITY_S[message_class]
