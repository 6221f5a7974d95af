"""What a status means by the PDU that carries it, and whether sending again helps: on the same route, on another.

Sources: SMPP 3.4 5.1.2, 5.1.3; SMPP 5.0 4.7.5; DOMAIN 2.6, 2.7, 7.4.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from pipeline.domain.smpp.statuses import (
    Overrides,
    StatusClass,
    StatusKind,
    StatusScope,
    classify,
    classify_bind,
    classify_link,
)

_BINDS: Final = ("bind", "bind_transmitter", "bind_receiver", "bind_transceiver", "outbind")
_LINKS: Final = ("enquire_link", "unbind")
_SUBMISSIONS: Final = ("submit_sm", "submit_multi", "data_sm", "deliver_sm", "broadcast_sm", "alert_notification")
_LATER: Final = ("query_sm", "cancel_sm", "replace_sm", "query_broadcast_sm", "cancel_broadcast_sm")
"""About a message that one carrier has already: no other route knows of it."""
_NO_LETTER: Final = re.compile(r"[\s_-]+")
_NACK: Final = "generic_nack"
_NACKED_OK: Final = 0xFF  # a nack that carries ESME_ROK is still a no: read as ESME_RUNKNOWNERR

_READERS: Final[Mapping[str, Callable[[int, Overrides], StatusClass]]] = MappingProxyType(
    {
        **dict.fromkeys(_BINDS, classify_bind),
        **dict.fromkeys(_LINKS, classify_link),
        **dict.fromkeys((*_SUBMISSIONS, *_LATER, _NACK), classify),
    }
)
COMMANDS: Final = tuple(_READERS)
_BY_LETTERS: Final = {name.replace("_", ""): name for name in COMMANDS}
"""PDUs by name, without '_resp'."""


class UnknownCommand(ValueError):
    """No PDU has this name."""


@dataclass(frozen=True, slots=True)
class Remedy:
    """Whether the same message may be sent again. True means that it may help, not that it must be done at once."""

    same_route: bool
    other_route: bool


REMEDIES: Final[Mapping[tuple[StatusKind, StatusScope], Remedy]] = MappingProxyType(
    {
        (StatusKind.OK, StatusScope.NONE): Remedy(False, False),
        # slower, after a pause; another route only if waiting here would exceed what the class allows (7.4)
        (StatusKind.THROTTLED, StatusScope.NONE): Remedy(True, True),
        (StatusKind.TEMPORARY, StatusScope.NONE): Remedy(True, True),
        (StatusKind.PERMANENT, StatusScope.REQUEST): Remedy(False, False),  # the same PDU is wrong everywhere
        (StatusKind.PERMANENT, StatusScope.SENDER): Remedy(False, True),  # at once
        (StatusKind.PERMANENT, StatusScope.DESTINATION): Remedy(False, False),
        (StatusKind.PERMANENT, StatusScope.AMBIGUOUS): Remedy(False, True),  # once
        (StatusKind.SESSION, StatusScope.NONE): Remedy(True, False),  # after a new bind
        (StatusKind.BIND_FATAL, StatusScope.NONE): Remedy(False, True),  # until a person has mended the credentials
        (StatusKind.BIND_RETRY, StatusScope.NONE): Remedy(True, True),
    }
)


def command_of(name: str) -> str:
    """The command that a PDU's name speaks of: 'Submit-SM_resp' and 'SubmitSmResp' are 'submit_sm'.

    Raises UnknownCommand.
    """
    command = _BY_LETTERS.get(_NO_LETTER.sub("", name).lower().removesuffix("resp"))
    if command is None:
        raise UnknownCommand(f"pdu={name!r}, expected one of: {', '.join(COMMANDS)}, with or without _resp")
    return command


def classify_in(command: str, command_status: int, overrides: Overrides | None = None) -> StatusClass:
    """Read a status in the answer to `command`, one of COMMANDS. Raises KeyError for another name."""
    own = overrides or {}
    read = _READERS[command](command_status, own)
    if command != _NACK or command_status != 0:
        return read
    unknown = classify(_NACKED_OK, own)
    return StatusClass(name=read.name, cls=unknown.cls, scope=unknown.scope)


def remedy_of(command: str, status: StatusClass) -> Remedy:
    """Whether sending again helps. What asks about or changes a message already sent has no other route."""
    remedy = REMEDIES[status.cls, status.scope]
    return Remedy(remedy.same_route, False) if command in _LATER else remedy
