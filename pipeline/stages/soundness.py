"""Is one submission sound? Each question a function; a *no* is `Rejected` with a stable reason. Pure.

The reasons are part of the contract with producers: they stand in MessageRejected and in the status topic.
"""

import hashlib
import hmac
import re
from functools import lru_cache
from typing import Protocol

from pipeline.domain.abilities import AbilitiesByRoute, reserve_of
from pipeline.domain.classes import Lane, MessageClass, default_validity_s, lane_of, max_validity_s
from pipeline.domain.numbers import InvalidNumber, InvalidSender, Recipient, parse_recipient, parse_sender
from pipeline.domain.rules import Account, Carrier, Rules
from pipeline.domain.senders import skeleton, spelled
from pipeline.domain.templates import TemplateError, render
from pipeline.domain.text.segments import Segmentation, TextTooLong, UnencodableText, segment
from pipeline.domain.text.smart import smart
from pipeline.events.records import SubmitMessage

SECOND_US = 1_000_000
MAX_AHEAD_S = 366 * 24 * 3600  # not_before further away than a year is a mistake in units
MAX_NAME = 255  # characters; these are echoed in every status and remembered with the recipient
CLASSES = frozenset(each.value for each in MessageClass)
_WORD = re.compile(r"[A-Za-z][A-Za-z_-]{0,30}")  # what an error may repeat: a name, never digits nor a sentence

_WRONG = {
    "template-syntax": "",
    "template-parameter-missing": "missing parameters: ",
    "template-parameter-unused": "parameters without a place: ",
}


_ABILITIES = AbilitiesByRoute()


class Case(Protocol):
    """What is known of a submission beside its fields; `now` in UTC micros."""

    account_id: str
    lane: str
    now: int
    rules: Rules


class Rejected(Exception):
    """The business *no* inside this stage: becomes a MessageRejected with this reason and detail."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


def name_or_nothing(name: str | None) -> str:
    """A producer's reference, key or campaign as it is echoed: '' where none was given, or one too long to keep."""
    return name if name and len(name) <= MAX_NAME else ""


def require_short_names(submitted: SubmitMessage) -> None:
    """Names that are echoed and remembered may not be arbitrarily long."""
    for field in ("reference", "idempotency_key", "campaign_id"):
        length = len(getattr(submitted, field) or "")
        if length > MAX_NAME:
            raise Rejected("invalid-field", f"{field} has {length} characters, expected at most {MAX_NAME}")


def account_of(case: Case) -> Account:
    account = case.rules.accounts.get(case.account_id)
    if account is None:
        raise Rejected("unknown-account", f"account {case.account_id!r} is not in the rules")
    return account


def message_class_of(case: Case, submitted: SubmitMessage) -> MessageClass:
    try:
        message_class = MessageClass(submitted.message_class)
    except ValueError:
        wanted = ", ".join(MessageClass)
        reason = "invalid-field" if submitted.message_class else "missing-field"
        raise Rejected(reason, f"message_class={_shown(submitted.message_class)}, expected one of {wanted}") from None
    if lane_of(message_class) != Lane(case.lane):
        lane = lane_of(message_class).value
        raise Rejected("class-not-of-lane", f"message_class={message_class} on lane {case.lane}, expected lane {lane}")
    return message_class


def _shown(name: str) -> str:
    """A producer's name for an error text. What could be a text or a number in the wrong field is not repeated."""
    return repr(name) if not name or _WORD.fullmatch(name) else f"({len(name)} characters)"


def recipient_of(submitted: SubmitMessage) -> Recipient:
    if not submitted.to.strip():
        raise Rejected("missing-field", "to='', expected an E.164 number")
    try:
        return parse_recipient(submitted.to, submitted.default_region)
    except InvalidNumber as error:
        raise Rejected(error.code, error.detail) from None


def text_of(case: Case, submitted: SubmitMessage) -> tuple[str, int]:
    """(the text to send, version of the template or 0)."""
    if submitted.text is not None and submitted.template_id is not None:
        raise Rejected("invalid-field", "text and template_id are both given, expected one of them")
    if submitted.text is not None:
        if not submitted.text:
            raise Rejected("missing-field", "text='', expected at least one character")
        if submitted.params:
            raise Rejected("invalid-field", "params are given without template_id")
        return submitted.text, 0
    if not submitted.template_id:
        raise Rejected("missing-field", "neither text nor template_id is given, expected one of them")
    name = f"{_shown(submitted.template_id)}, version {submitted.template_version or 'newest'}"
    template = case.rules.template(case.account_id, submitted.template_id, submitted.template_version)
    if template is None:
        raise Rejected("unknown-template", f"template {name} of account {case.account_id} is not in the rules")
    try:
        return render(template.text, submitted.params), template.version
    except TemplateError as error:
        raise Rejected("template-params", f"template {name}: {_WRONG[error.code]}{error.detail}") from None


def sender_of(sender: str) -> str:
    """The sender as it is sealed for the connector, which reads it as of the same kind again; '' if none is given."""
    if not sender:
        return ""
    try:
        return spelled(parse_sender(sender))
    except InvalidSender as error:
        raise Rejected("invalid-field", f"sender: {error}") from None


def sent_text_of(case: Case, account: Account, country: str, message_class: str, text: str) -> str:
    """What goes to the phone: the text, or its plain look-alike if the account wants that and it then goes as GSM-7."""
    if not account.smart_encoding or country in case.rules.policy.ucs2_countries:
        return text
    plain = smart(text)
    return plain if _ABILITIES.of(case.rules, country, message_class).carry(plain) else text


def parts_of(case: Case, country: str, message_class: str, text: str) -> Segmentation:
    """The parts that every carrier can send which may carry a message of this class to this country."""
    policy = case.rules.policy
    able = _ABILITIES.of(case.rules, country, message_class)
    try:
        return segment(
            text,
            force_ucs2=country in policy.ucs2_countries or (bool(able.charsets) and not able.carry(text)),
            max_parts=policy.max_parts,
            concat=able.concat,
            national=able.national,
            reserve=reserve_of(policy, country),
        )
    except TextTooLong as error:
        raise Rejected("text-too-long", f"{error.parts} parts, expected at most {policy.max_parts}") from None
    except UnencodableText as error:
        raise Rejected("unencodable-text", str(error)) from None


def require_served(case: Case, account: Account, country: str, message_class: MessageClass) -> None:
    """The account has a price for it now, and some carrier takes it at a cost."""
    rules = case.rules
    if rules.price(account.tariff, country, case.now) is None:
        raise Rejected("country-not-served", f"account {account.id} has no price for country {country}")
    for route in rules.routes.values():
        if not route.takes(country, message_class):
            continue
        carriers = (rules.carriers.get(name) for name in route.carriers)
        if any(carrier is not None and _carries(case, carrier, country, message_class) for carrier in carriers):
            return
    raise Rejected("country-not-served", f"no carrier takes class {message_class} to country {country}")


def _carries(case: Case, carrier: Carrier, country: str, message_class: MessageClass) -> bool:
    return message_class in carrier.classes and case.rules.price(carrier.tariff, country, case.now) is not None


def require_registered(case: Case, account: Account, sender: str, country: str, message_class: MessageClass) -> None:
    """An account that may show none but its registered senders shows one of them, where and for what it may."""
    if not account.only_registered_senders:
        return
    registered = case.rules.sender(account.id, sender)
    if registered is None or not registered.covers(country, message_class):
        what = f"sender {_shown(sender)}" if sender else "a message without a sender"
        raise Rejected(
            "sender-not-registered",
            f"{what} is not registered by account {account.id} for class {message_class} to country {country}",
        )


def require_unprotected(case: Case, account: Account, sender: str, country: str, message_class: MessageClass) -> None:
    """A protected name, and what looks like one, is shown by an account that registered it in just this writing."""
    names = case.rules.policy.protected_names
    if not names or not sender or skeleton(sender) not in _looks(names):
        return
    registered = case.rules.sender(account.id, sender)
    if registered is None or not registered.covers(country, message_class):
        raise Rejected(
            "sender-protected",
            f"sender {_shown(sender)} is a protected name or looks like one, and is not registered by account "
            f"{account.id} for class {message_class} to country {country}",
        )


@lru_cache(maxsize=4)
def _looks(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(map(skeleton, names))


def expires_at_of(case: Case, submitted: SubmitMessage, message_class: MessageClass) -> int:
    """End of validity, UTC micros. A producer's clock that runs ahead lengthens nothing."""
    valid_for_s = default_validity_s(message_class) if submitted.valid_for_s is None else submitted.valid_for_s
    if not 1 <= valid_for_s <= max_validity_s(message_class):
        raise Rejected("invalid-field", f"valid_for_s={valid_for_s}, expected 1..{max_validity_s(message_class)}")
    created_at = submitted.created_at or case.now
    not_before = submitted.not_before or 0
    if created_at > case.now + MAX_AHEAD_S * SECOND_US or not_before > case.now + MAX_AHEAD_S * SECOND_US:
        raise Rejected("invalid-field", "created_at or not_before is more than a year ahead: expected microseconds")
    expires_at = max(min(created_at, case.now), 0) + valid_for_s * SECOND_US
    if expires_at <= case.now:
        late_s = (case.now - expires_at) // SECOND_US
        raise Rejected("expired-on-arrival", f"validity of {valid_for_s} s was over {late_s} s before arrival")
    if not_before >= expires_at:
        raise Rejected("invalid-field", "not_before is after the end of validity")
    return expires_at


def payload_hash(key: bytes, submitted: SubmitMessage) -> str:
    """32 hex digits over all submitted fields but created_at (a repeat is made again, at another time).

    Keyed, since a one-time password has too few digits for a bare hash to hide it.
    """
    digest = hmac.new(key, b"payload", hashlib.sha256)
    fields = (
        submitted.to,
        submitted.default_region,
        submitted.sender,
        submitted.text,
        submitted.template_id,
        submitted.template_version,
        sorted(submitted.params.items()),
        submitted.message_class,
        submitted.reference,
        submitted.campaign_id,
        submitted.not_before,
        submitted.valid_for_s,
        submitted.consent_ref,
        sorted(submitted.metadata.items()),
    )
    digest.update(repr(fields).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()[:32]
