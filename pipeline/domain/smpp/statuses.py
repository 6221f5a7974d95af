"""SMPP command_status values: their names and what each asks of the sender.

The same value means another thing in the answer to a bind than in the answer to a message: `classify`, `classify_bind`
and `classify_link` read the three, `commands` says which PDU is which. A carrier profile may override the values
of its SMSC. A receipt's `err:` is another matter and never looked up here.
Sources: SMPP 3.4 5.1.3 table 5-2; SMPP 5.0 4.7.6 (0x0100-0x0112); DOMAIN 2.6, 2.7.
"""

import re
from collections.abc import Mapping
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


Verdict = tuple[StatusKind, StatusScope]
"""What a status means, without its name."""
Overrides = Mapping[int, Verdict]
"""What one carrier means by some statuses, by command_status; see `parse_overrides`."""


class InvalidStatusOverride(ValueError):
    """An override of a carrier profile that cannot be: the message says which, and what was expected."""


_PERMANENT_REQUEST = (StatusKind.PERMANENT, StatusScope.REQUEST)
_PERMANENT_SENDER = (StatusKind.PERMANENT, StatusScope.SENDER)
_PERMANENT_DESTINATION = (StatusKind.PERMANENT, StatusScope.DESTINATION)
_AMBIGUOUS = (StatusKind.PERMANENT, StatusScope.AMBIGUOUS)

_TABLE: Final[dict[int, tuple[str, Verdict]]] = {
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
    0x100: ("ESME_RSERTYPUNAUTH", _PERMANENT_SENDER),
    0x101: ("ESME_RPROHIBITED", _PERMANENT_SENDER),
    0x102: ("ESME_RSERTYPUNAVAIL", (StatusKind.TEMPORARY, StatusScope.NONE)),
    0x103: ("ESME_RSERTYPDENIED", _PERMANENT_REQUEST),
    0x104: ("ESME_RINVDCS", _PERMANENT_REQUEST),
    0x105: ("ESME_RINVSRCADDRSUBUNIT", _PERMANENT_SENDER),
    0x106: ("ESME_RINVDSTADDRSUBUNIT", _PERMANENT_DESTINATION),
    0x107: ("ESME_RINVBCASTFREQINT", _PERMANENT_REQUEST),
    0x108: ("ESME_RINVBCASTALIAS_NAME", _PERMANENT_REQUEST),
    0x109: ("ESME_RINVBCASTAREAFMT", _PERMANENT_REQUEST),
    0x10A: ("ESME_RINVNUMBCAST_AREAS", _PERMANENT_REQUEST),
    0x10B: ("ESME_RINVBCASTCNTTYPE", _PERMANENT_REQUEST),
    0x10C: ("ESME_RINVBCASTMSGCLASS", _PERMANENT_REQUEST),
    0x10D: ("ESME_RBCASTFAIL", _PERMANENT_REQUEST),
    0x10E: ("ESME_RBCASTQUERYFAIL", _PERMANENT_REQUEST),
    0x10F: ("ESME_RBCASTCANCELFAIL", _PERMANENT_REQUEST),
    0x110: ("ESME_RINVBCAST_REP", _PERMANENT_REQUEST),
    0x111: ("ESME_RINVBCASTSRVGRP", _PERMANENT_REQUEST),
    0x112: ("ESME_RINVBCASTCHANIND", _PERMANENT_REQUEST),
}
_BIND_FATAL: Final = frozenset({0x0E, 0x0F, 0x53})
_NONE: Final[Overrides] = {}
_KEY: Final = re.compile(r"0[xX][0-9a-fA-F]{1,8}")


def classify(command_status: int, overrides: Overrides = _NONE) -> StatusClass:
    """Read the status of a response to a message (submit_sm, data_sm, query_sm, ... and generic_nack). Never raises.

    A value that the specification does not name, the vendors' 0x400-0x4FF among them, is permanent and
    ambiguous: to send again what was refused for a reason unknown would repeat for ever, and no refusal that
    asks for patience is unnamed (Kannel too rejects all but 08, 14, 58 and 64). Map it in the carrier profile.
    """
    kind, scope = overrides.get(command_status) or _verdict(command_status)
    return StatusClass(name=name_of(command_status), cls=kind, scope=scope)


def classify_bind(command_status: int, overrides: Overrides = _NONE) -> StatusClass:
    """Read the status of a response to a bind: ok, bind_fatal or bind_retry. Never raises.

    Whatever does not blame the credentials is tried again after a pause (05, 08, 0D, 58 by DOMAIN 2.7, and
    what is not named there, since a refused bind loses no message). An override that asks for patience
    (throttled, temporary, session) means bind_retry here; a permanent one speaks of messages and says nothing.
    """
    name = name_of(command_status)
    if command_status == 0:
        return StatusClass(name=name, cls=StatusKind.OK, scope=StatusScope.NONE)
    kind = StatusKind.BIND_FATAL if command_status in _BIND_FATAL else StatusKind.BIND_RETRY
    overridden = overrides.get(command_status)
    if overridden is not None and overridden[0] is not StatusKind.PERMANENT:
        kind = StatusKind.BIND_FATAL if overridden[0] is StatusKind.BIND_FATAL else StatusKind.BIND_RETRY
    return StatusClass(name=name, cls=kind, scope=StatusScope.NONE)


def classify_link(command_status: int, overrides: Overrides = _NONE) -> StatusClass:
    """Read the status of a response to enquire_link or unbind: ok, throttled, temporary or session. Never raises.

    There is no message to be at fault: what is neither ok nor a plea for patience means that the SMSC sees the bind
    in another state than we do.
    """
    read = classify(command_status, overrides)
    if read.cls in (StatusKind.OK, StatusKind.THROTTLED, StatusKind.TEMPORARY):
        return read
    return StatusClass(name=read.name, cls=StatusKind.SESSION, scope=StatusScope.NONE)


def name_of(command_status: int) -> str:
    """The specification's name of a status, or VENDOR_0x... (0x400-0x4FF) or RESERVED_0x.... Never raises."""
    known = _TABLE.get(command_status)
    if known is not None:
        return known[0]
    family = "VENDOR" if 0x400 <= command_status <= 0x4FF else "RESERVED"
    return f"{family}_0x{command_status & 0xFFFFFFFF:08X}"


def parse_override(status: str, meaning: str) -> tuple[int, Verdict]:
    """One entry of `CarrierProfile.statuses`, such as ('0x00000045', 'permanent/destination').

    `status` is '0x' and one to eight hex digits, `meaning` a StatusKind other than 'ok', 'permanent' with a
    scope after '/' or (ambiguous) without. Raises InvalidStatusOverride. ESME_ROK cannot be overridden, and
    nothing can be made ok: a refusal that counts as accepted would be a message that is never sent.
    """
    if not _KEY.fullmatch(status):
        raise InvalidStatusOverride(f"status={status!r}, expected '0x' and one to eight hex digits")
    command_status = int(status, 16)
    kind, _, scope = meaning.partition("/")
    if command_status == 0:
        raise InvalidStatusOverride(f"status={status!r}, expected another than ESME_ROK")
    if kind not in _OVERRIDING or (scope and kind != StatusKind.PERMANENT) or meaning.endswith("/"):
        raise InvalidStatusOverride(f"{status}={meaning!r}, expected one of: {', '.join(MEANINGS)}")
    if kind != StatusKind.PERMANENT:
        return command_status, (StatusKind(kind), StatusScope.NONE)
    if scope and scope not in _SCOPES:
        raise InvalidStatusOverride(f"{status}={meaning!r}, expected one of: {', '.join(MEANINGS)}")
    return command_status, (StatusKind.PERMANENT, StatusScope(scope) if scope else StatusScope.AMBIGUOUS)


def parse_overrides(statuses: Mapping[str, str]) -> Overrides:
    """All of `CarrierProfile.statuses`. Raises InvalidStatusOverride, also where one status is given twice."""
    overrides: dict[int, Verdict] = {}
    for status, meaning in statuses.items():
        command_status, verdict = parse_override(status, meaning)
        if command_status in overrides:
            raise InvalidStatusOverride(f"status={status!r} is given twice, expected each status once")
        overrides[command_status] = verdict
    return overrides


def _verdict(command_status: int) -> Verdict:
    known = _TABLE.get(command_status)
    return _AMBIGUOUS if known is None else known[1]


_OVERRIDING: Final = tuple(kind.value for kind in StatusKind if kind is not StatusKind.OK)
_SCOPES: Final = tuple(scope.value for scope in StatusScope if scope is not StatusScope.NONE)
MEANINGS: Final = (*_OVERRIDING, *(f"{StatusKind.PERMANENT.value}/{scope}" for scope in _SCOPES))
"""All that an override may say."""
