"""A carrier's profile in a rules file: what its SMSC wants and says, each field checked; `like` starts from a built-in.

What the fields mean stands in `pipeline.domain.profiles`. Numbers that YAML makes of 0x0400 are refused, since four
digits are then lost; a 2 for "2" is taken.
"""

import re
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from pipeline.domain.profiles import BUILT_IN, CarrierProfile
from pipeline.domain.smpp.receipt_states import ReceiptState
from pipeline.domain.smpp.statuses import StatusKind, StatusScope, parse_overrides
from pipeline.domain.text.national import UnknownLanguage, identifier_of

_STATE_NAME = re.compile(r"[!-)+-`{-~]{1,32}\*?")  # printable ASCII, no small letters; a star at the end alone
_COMMAND_STATUS = re.compile(r"0x[0-9A-Fa-f]{4,8}")
_STATES = [each.value for each in ReceiptState]
_NOT_OF_RESPONSES = (StatusKind.OK, StatusKind.BIND_FATAL, StatusKind.BIND_RETRY)  # a refusal is never made a yes
_OF_RESPONSES = [each.value for each in StatusKind if each not in _NOT_OF_RESPONSES]
_SCOPES = [each.value for each in StatusScope if each is not StatusScope.NONE]
_OF_A_MACHINE = ("localtime", "posixrules")  # another zone on another machine


def _like(value: str) -> str:
    if value not in BUILT_IN:
        raise ValueError(f"no built-in profile, expected one of {', '.join(BUILT_IN)}")
    return value


def _language(value: str) -> str:
    try:
        identifier = identifier_of(value)
    except UnknownLanguage as error:
        raise ValueError(str(error)) from None
    if not identifier:
        raise ValueError("0 is the default alphabet, expected a language such as tr")
    return value


def _receipt_ids(value: object) -> object:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _zone(value: str) -> str:
    try:
        if value in _OF_A_MACHINE:
            raise ValueError
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("no time zone, expected an IANA name such as Asia/Shanghai") from None
    return value


def _state_name(value: object) -> str:
    if not isinstance(value, str) or not _STATE_NAME.fullmatch(value):
        raise ValueError("expected a stat: token in capitals such as DELIVRD, or its beginning and '*'")
    return value


def _state(value: str) -> str:
    if value not in _STATES:
        raise ValueError(f"expected one of {', '.join(_STATES)}")
    return value


def _command_status(value: object) -> str:
    if not isinstance(value, str) or not _COMMAND_STATUS.fullmatch(value):
        raise ValueError('expected a command_status in quotes, of four or more hex digits, such as "0x0400"')
    return value


def _status_class(value: str) -> str:
    kind, slash, scope = value.partition("/")
    if kind not in _OF_RESPONSES or (slash and scope not in _SCOPES):
        raise ValueError(f"expected one of {', '.join(_OF_RESPONSES)}, or with a scope such as permanent/sender")
    if slash and kind != StatusKind.PERMANENT:
        raise ValueError(f"only {StatusKind.PERMANENT} has a scope ({', '.join(_SCOPES)})")
    return value


class ProfileModel(BaseModel):
    """One carrier's ways; what is not said is as in the profile that it is `like`, else as in the specification."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    like: Annotated[str, AfterValidator(_like)] = "standard"
    concat: Literal["udh8", "udh16", "sar"] = "udh8"
    default_charset: Literal["gsm7", "latin1", "ascii", "utf8"] = "gsm7"
    is_packed: bool = False
    ucs2_data_coding: Annotated[int, Field(ge=1, le=255)] = 8
    national: list[Annotated[str, AfterValidator(_language)]] = []
    receipt_ids: Annotated[Literal["0", "1", "2", "3", "string", "lenient"], BeforeValidator(_receipt_ids)] = "string"
    receipt_zone: Annotated[str, AfterValidator(_zone)] = "UTC"
    plain_receipts: bool = False
    receipt_states: dict[Annotated[str, BeforeValidator(_state_name)], Annotated[str, AfterValidator(_state)]] = {}
    statuses: dict[Annotated[str, BeforeValidator(_command_status)], Annotated[str, AfterValidator(_status_class)]] = {}

    @model_validator(mode="after")
    def _fits_together(self) -> "ProfileModel":
        profile = self.profile()
        if profile.default_charset != "gsm7" and (profile.is_packed or profile.national):
            said = "is_packed" if profile.is_packed else "national"
            raise ValueError(f"{said} is of septets, expected default_charset gsm7")
        if profile.concat == "sar" and profile.national:
            raise ValueError("national tables travel in a header, expected concat udh8 or udh16")
        parse_overrides(profile.statuses)  # as the connector will: none that it would stumble over gets in
        return self

    def profile(self) -> CarrierProfile:
        """The whole profile: what is said here over what it is like."""
        said: dict[str, Any] = self.model_dump(exclude_unset=True, exclude={"like"})
        if "national" in said:
            first: dict[int, str] = {}
            for each in said["national"]:
                first.setdefault(identifier_of(each), each)
            said["national"] = tuple(first.values())
        return msgspec.structs.replace(BUILT_IN[self.like], **said)
