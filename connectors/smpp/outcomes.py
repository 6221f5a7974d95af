"""What may become of one submit_sm. Types, so that no policy reads strings. Pure.

Sources: SMPP 3.4 2.7 - 2.9, 4.3, 4.4.2; DOMAIN 2.3 - 2.5.
"""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from connectors.smpp import pdu
from pipeline.domain.smpp.statuses import Overrides, StatusClass, classify

RESPONSE_TIMEOUT: Final = "response-timeout"
CONNECTION_LOST: Final = "connection-lost"
INDETERMINATE: Final = MappingProxyType(
    {
        RESPONSE_TIMEOUT: "the PDU went out and no answer came in time; one of another PDU's kind counts as none",
        CONNECTION_LOST: "the connection ended, or its stream broke, while the answer was still out",
    }
)
"""Each reason for which nobody knows whether the SMSC has taken a message."""
UNKNOWN_ERROR: Final = 0xFF  # what a negative answer that carries status 0 is read as


@dataclass(frozen=True, slots=True)
class Accepted:
    """The SMSC took it under this id ('' if it gave none: then no receipt can be matched)."""

    smsc_id: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The SMSC answered no; it has not taken it."""

    command_status: int
    status: StatusClass


@dataclass(frozen=True, slots=True)
class Indeterminate:
    """The PDU went out and no answer came: taken or not, nobody knows. `reason` is one of INDETERMINATE."""

    reason: str


@dataclass(frozen=True, slots=True)
class NotSent:
    """Nothing was written: the session was gone already. Sure to be safe to send elsewhere."""


Outcome = Accepted | Refused | Indeterminate | NotSent


def answers_submit(frame: pdu.Frame) -> bool:
    """Whether a response with a submit's sequence number can be the answer to it.

    An SMSC that answers with another PDU's kind has said neither yes nor no of this message.
    """
    return frame.command_id in (pdu.SUBMIT_SM | pdu.RESPONSE, pdu.GENERIC_NACK)


def read_outcome(frame: pdu.Frame, overrides: Overrides) -> Outcome:
    """What a submit_sm_resp or generic_nack says. Never raises.

    ESME_ROK is a yes with any body: without a message_id, and with one that lacks its NUL. A generic_nack is a no even
    with status 0: the SMSC could not read the PDU, so it has not taken it.
    """
    if frame.status == pdu.STATUS_OK and frame.command_id != pdu.GENERIC_NACK:
        return Accepted(pdu.read_message_id(frame.body))
    status = frame.status or UNKNOWN_ERROR
    return Refused(status, classify(status, overrides))
