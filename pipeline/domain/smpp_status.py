"""SMPP command_status values: their names and what each asks of the sender.

A carrier profile may override any of them. A receipt's `err:` is another matter and never looked up here.
Sources: SMPP 3.4 5.1.3 table 5-2; DOMAIN 2.6, 2.7.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class StatusKind(StrEnum):
    """The remedy that a status asks for."""

    OK = "ok"
    THROTTLED = "throttled"
    """Slow this bind down, send the same again."""
    TEMPORARY = "temporary"
    """Send the same again later."""
    PERMANENT = "permanent"
    """This carrier will never take it; `scope` says whose fault."""
    SESSION = "session"
    """The bind is not in the state we think: bind anew, then send again."""
    BIND_FATAL = "bind_fatal"
    """Stop binding and call a person: credentials are wrong."""
    BIND_RETRY = "bind_retry"
    """Bind again after a pause."""


class StatusScope(StrEnum):
    """Whose fault a permanent refusal is: another route may take what only this SENDER or route may not."""

    NONE = ""
    REQUEST = "request"
    SENDER = "sender"
    DESTINATION = "destination"
    AMBIGUOUS = "ambiguous"
    """The carrier did not say: final here, may be tried once on another route."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusClass:
    """A status, read. `name` is the specification's, or VENDOR_0x... or RESERVED_0x... where it has none."""

    name: str
    cls: StatusKind
    scope: StatusScope


_PERMANENT_REQUEST = (StatusKind.PERMANENT, StatusScope.REQUEST)
_PERMANENT_SENDER = (StatusKind.PERMANENT, StatusScope.SENDER)
_PERMANENT_DESTINATION = (StatusKind.PERMANENT, StatusScope.DESTINATION)
_AMBIGUOUS = (StatusKind.PERMANENT, StatusScope.AMBIGUOUS)

_TABLE: Final[dict[int, tuple[str, tuple[StatusKind, StatusScope]]]] = {
    0x00: ("ESME_ROK", (StatusKind.OK, StatusScope.NONE)),
    0x01: ("ESME_RINVMSGLEN", _PERMANENT_REQUEST),
    0x02: ("ESME_RINVCMDLEN", _PERMANENT_REQUEST),
    0x03: ("ESME_RINVCMDID", _PERMANENT_REQUEST),
    0x04: ("ESME_RINVBNDSTS", (StatusKind.SESSION, StatusScope.NONE)),
    0x05: ("ESME_RALYBND", (StatusKind.BIND_RETRY, StatusScope.NONE)),
    0x06: ("ESME_RINVPRTFLG", _PERMANENT_REQUEST),
    0x07: ("ESME_RINVREGDLVFLG", _PERMANENT_REQUEST),
    0x08: ("ESME_RSYSERR", (StatusKind.TEMPORARY, StatusScope.NONE)),
    0x0A: ("ESME_RINVSRCADR", _PERMANENT_SENDER),
    0x0B: ("ESME_RINVDSTADR", _PERMANENT_DESTINATION),
    0x0C: ("ESME_RINVMSGID", _PERMANENT_REQUEST),
    0x0D: ("ESME_RBINDFAIL", (StatusKind.BIND_RETRY, StatusScope.NONE)),
    0x0E: ("ESME_RINVPASWD", (StatusKind.BIND_FATAL, StatusScope.NONE)),
    0x0F: ("ESME_RINVSYSID", (StatusKind.BIND_FATAL, StatusScope.NONE)),
    0x11: ("ESME_RCANCELFAIL", _PERMANENT_REQUEST),
    0x13: ("ESME_RREPLACEFAIL", _PERMANENT_REQUEST),
    0x14: ("ESME_RMSGQFUL", (StatusKind.THROTTLED, StatusScope.NONE)),
    0x15: ("ESME_RINVSERTYP", _PERMANENT_REQUEST),
    0x33: ("ESME_RINVNUMDESTS", _PERMANENT_REQUEST),
    0x34: ("ESME_RINVDLNAME", _PERMANENT_REQUEST),
    0x40: ("ESME_RINVDESTFLAG", _PERMANENT_REQUEST),
    0x42: ("ESME_RINVSUBREP", _PERMANENT_REQUEST),
    0x43: ("ESME_RINVESMCLASS", _PERMANENT_REQUEST),
    0x44: ("ESME_RCNTSUBDL", _PERMANENT_REQUEST),
    0x45: ("ESME_RSUBMITFAIL", _AMBIGUOUS),
    0x48: ("ESME_RINVSRCTON", _PERMANENT_SENDER),
    0x49: ("ESME_RINVSRCNPI", _PERMANENT_SENDER),
    0x50: ("ESME_RINVDSTTON", _PERMANENT_DESTINATION),
    0x51: ("ESME_RINVDSTNPI", _PERMANENT_DESTINATION),
    0x53: ("ESME_RINVSYSTYP", (StatusKind.BIND_FATAL, StatusScope.NONE)),
    0x54: ("ESME_RINVREPFLAG", _PERMANENT_REQUEST),
    0x55: ("ESME_RINVNUMMSGS", _PERMANENT_REQUEST),
    0x58: ("ESME_RTHROTTLED", (StatusKind.THROTTLED, StatusScope.NONE)),
    0x61: ("ESME_RINVSCHED", _PERMANENT_REQUEST),
    0x62: ("ESME_RINVEXPIRY", _PERMANENT_REQUEST),
    0x63: ("ESME_RINVDFTMSGID", _PERMANENT_REQUEST),
    0x64: ("ESME_RX_T_APPN", (StatusKind.TEMPORARY, StatusScope.NONE)),
    0x65: ("ESME_RX_P_APPN", _PERMANENT_REQUEST),
    0x66: ("ESME_RX_R_APPN", _PERMANENT_REQUEST),
    0x67: ("ESME_RQUERYFAIL", _PERMANENT_REQUEST),
    0xC0: ("ESME_RINVOPTPARSTREAM", _PERMANENT_REQUEST),
    0xC1: ("ESME_ROPTPARNOTALLWD", _PERMANENT_REQUEST),
    0xC2: ("ESME_RINVPARLEN", _PERMANENT_REQUEST),
    0xC3: ("ESME_RMISSINGOPTPARAM", _PERMANENT_REQUEST),
    0xC4: ("ESME_RINVOPTPARAMVAL", _PERMANENT_REQUEST),
    0xFE: ("ESME_RDELIVERYFAILURE", _AMBIGUOUS),
    0xFF: ("ESME_RUNKNOWNERR", _AMBIGUOUS),
}
_BIND_FATAL = frozenset({0x0E, 0x0F, 0x53})


def classify(command_status: int) -> StatusClass:
    """Read the status of a response to a submission. Never raises.

    A value that the specification does not name, the vendors' 0x400-0x4FF among them, is permanent and
    ambiguous: to send again what was refused for a reason unknown would repeat for ever, and no refusal that
    asks for patience is unnamed (Kannel too rejects all but 08, 14, 58 and 64). Map it in the carrier profile.
    """
    known = _TABLE.get(command_status)
    if known is None:
        return StatusClass(name=_unnamed(command_status), cls=_AMBIGUOUS[0], scope=_AMBIGUOUS[1])
    name, (kind, scope) = known
    return StatusClass(name=name, cls=kind, scope=scope)


def classify_bind(command_status: int) -> StatusClass:
    """Read the status of a response to a bind: ok, bind_fatal or bind_retry. Never raises.

    Whatever does not blame the credentials is tried again after a pause (05, 08, 0D, 58 by DOMAIN 2.7, and
    what is not named there, since a refused bind loses no message).
    """
    read = classify(command_status)
    if command_status == 0:
        return read
    kind = StatusKind.BIND_FATAL if command_status in _BIND_FATAL else StatusKind.BIND_RETRY
    return StatusClass(name=read.name, cls=kind, scope=StatusScope.NONE)


def _unnamed(command_status: int) -> str:
    family = "VENDOR" if 0x400 <= command_status <= 0x4FF else "RESERVED"
    return f"{family}_0x{command_status & 0xFFFFFFFF:08X}"
