"""KIND status: what an SMPP command_status asks of the sender, by the PDU that carries it."""

import re
from typing import Annotated, Final

import msgspec

from infra.inspecting.kind import CannotAnswer, Kind, Profiles, profile_of
from pipeline.domain.smpp.commands import UnknownCommand, classify_in, command_of, remedy_of
from pipeline.domain.smpp.statuses import InvalidStatusOverride, Overrides, parse_overrides

_HIGHEST: Final = 0xFFFFFFFF
_NUMBER: Final = re.compile(r"0[xX][0-9a-fA-F]+|[0-9]+")


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """`pdu` by its name; `command_status` a number, or a text such as '0x58' or '88'."""

    command_status: Annotated[int, msgspec.Meta(ge=0, le=_HIGHEST)] | str
    pdu: str = "submit_sm_resp"
    carrier: str | None = None


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """`cls` is a StatusKind; `scope` a StatusScope, null unless permanent; the booleans say whether sending again may
    help there.
    """

    name: str
    cls: str
    scope: str | None
    retry_same_route: bool
    try_other_route: bool


def _answer(question: Question, profiles: Profiles) -> Answer:
    try:
        command = command_of(question.pdu)
    except UnknownCommand as error:
        raise CannotAnswer("unknown-pdu", str(error)) from None
    status = classify_in(command, _number(question.command_status), _overrides(question.carrier, profiles))
    remedy = remedy_of(command, status)
    return Answer(
        name=status.name,
        cls=status.cls.value,
        scope=status.scope.value or None,
        retry_same_route=remedy.same_route,
        try_other_route=remedy.other_route,
    )


def _overrides(carrier: str | None, profiles: Profiles) -> Overrides | None:
    statuses = profile_of(carrier, profiles).statuses
    if not statuses:
        return None
    try:
        return parse_overrides(statuses)
    except InvalidStatusOverride as error:
        raise CannotAnswer("invalid-profile", f"carrier={carrier!r}: {error}") from None


def _number(given: int | str) -> int:
    if isinstance(given, int):
        return given
    text = given.strip()
    number = int(text, 16 if text[1:2] in ("x", "X") else 10) if _NUMBER.fullmatch(text) and len(text) < 20 else -1
    if not 0 <= number <= _HIGHEST:
        raise CannotAnswer("invalid-status", f"command_status={given!r}, expected 0..0xFFFFFFFF, decimal or 0x and hex")
    return number


KIND = Kind(
    name="status",
    about="What an SMPP command_status asks of the sender, by the PDU that carries it.",
    question=Question,
    answer=_answer,
    argument="command_status",
    example_in='{"pdu":"submit_sm_resp","command_status":88}',
    example_out='{"name":"ESME_RTHROTTLED","cls":"throttled","scope":null,"retry_same_route":true,"try_other_route":true}',
)
