"""`sluice inspect sender`: what kind a sender is, how SMPP writes it, and whether a country takes it."""

import re

import msgspec

from infra.inspecting.kind import CannotAnswer, Kind, Profiles
from pipeline.domain.classes import MessageClass
from pipeline.domain.countries import COUNTRIES, judge_sender
from pipeline.domain.senders import InvalidSender, SenderAddress, SenderKind, parse_sender

_OF_DIGITS = re.compile(r"\+[0-9]+|[0-9]{9,}")  # 3-8 digits alone are a short code


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """A sender; where (ISO 3166 alpha-2) and for which message class it is to be shown."""

    sender: str
    country: str | None = None
    message_class: str | None = None


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """`kind` is what it would be, also where it is not `allowed`; `reason` a stable code.

    `address` is SMPP's source_addr; null if no handset could show it, or none of our connectors can write it.
    """

    kind: SenderKind
    ton: int
    npi: int
    allowed: bool
    reason: str | None
    address: str | None


def answer(question: Question, _: Profiles) -> Answer:
    """The kind, type of number and numbering plan; and whether the country takes it."""
    country, message_class = _country(question.country), _class(question.message_class)
    try:
        read = parse_sender(question.sender)
    except InvalidSender as no:
        return _refused(question.sender, no.reason)
    is_allowed, reason = True, ""
    if country:
        verdict = judge_sender(question.sender, read.kind, country, message_class)
        is_allowed, reason = verdict.is_allowed, verdict.reason
    return Answer(
        kind=read.kind, ton=read.ton, npi=read.npi, allowed=is_allowed, reason=reason or None, address=_address(read)
    )


def _refused(sender: str, reason: str) -> Answer:
    """What no handset could show: an attempt at a number where it is of digits, else at a name."""
    if _OF_DIGITS.fullmatch(sender):
        return Answer(kind=SenderKind.LONG_CODE, ton=1, npi=1, allowed=False, reason=reason, address=None)
    return Answer(kind=SenderKind.ALPHANUMERIC, ton=5, npi=0, allowed=False, reason=reason, address=None)


def _address(read: SenderAddress) -> str | None:
    """What the connectors write: octets of Latin-1, and no '@', which is NUL in GSM-7 and would end the field."""
    is_written = "@" not in read.address and all(ord(character) < 0x100 for character in read.address)
    return read.address if is_written else None


def _country(given: str | None) -> str:
    country = (given or "").strip().upper()
    if country and country not in COUNTRIES:
        raise CannotAnswer("unknown-country", f"country={given!r}, expected an ISO 3166 alpha-2 code")
    return country


def _class(given: str | None) -> MessageClass | None:
    if not given:
        return None
    try:
        return MessageClass(given.strip().lower())
    except ValueError:
        wanted = ", ".join(MessageClass)
        raise CannotAnswer("unknown-class", f"message_class={given!r}, expected one of: {wanted}") from None


KIND = Kind(
    name="sender",
    about="What kind a sender is, how SMPP writes it, whether a country takes it for a message class.",
    question=Question,
    answer=answer,
    argument="sender",
    example_in='{"sender":"AD-Kumo","country":"AE","message_class":"marketing"}',
    example_out=(
        '{"kind":"alphanumeric","ton":5,"npi":0,"allowed":true,"reason":"registration-needed","address":"AD-Kumo"}'
    ),
)
