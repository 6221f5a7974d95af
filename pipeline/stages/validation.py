"""Validation: is this submission sound, and what will go to the phone? Stateless and pure.

The whole stage is `decide`: raw Kafka value in, `MessageAccepted` or `MessageRejected` out, always one of
them, and `RecordQuarantined` besides where the value could not be read. The Faust shell, the preflight
command and a replay call the same function.
"""

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from pipeline.domain.classes import Lane, MessageClass, default_validity_s, lane_of, max_validity_s
from pipeline.domain.facts import FACTS_VERSION
from pipeline.domain.ids import message_id, recipient_id, unparsable_recipient_id
from pipeline.domain.numbers import InvalidNumber, InvalidSender, Recipient, parse_recipient, parse_sender
from pipeline.domain.rules import Account, Carrier, Rules
from pipeline.domain.sealing import seal
from pipeline.domain.segments import Segmentation, TextTooLong, UnencodableText, segment
from pipeline.domain.templates import TemplateError, render
from pipeline.events import topics
from pipeline.events.codec import Codec, Poison
from pipeline.events.headers import coordinates
from pipeline.events.records import (
    MessageAccepted,
    MessageRejected,
    RecordQuarantined,
    SealedContent,
    SubmitMessage,
)
from pipeline.stages.decision import Decision, Emit

STAGE = "validation"
SECOND_US = 1_000_000
_CLASSES = frozenset(each.value for each in MessageClass)
_WORD = re.compile(r"[A-Za-z][A-Za-z_-]{0,30}")  # what an error may repeat: a name, never digits nor a sentence
MAX_AHEAD_S = 366 * 24 * 3600  # not_before further away than a year is a mistake in units


class KeyRing(Protocol):
    """The keys that validation needs; `pipeline.keys.KeyVault` is one."""

    def recipient_key(self) -> tuple[int, bytes]: ...

    def data_key(self, owner: str, day: str) -> bytes: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """One raw record of a submitted topic. `account_header` is the trusted gateway's word for whose it is."""

    topic: str
    partition: int
    offset: int
    timestamp_us: int
    value: bytes | None
    account_header: str = ""


class Rejected(Exception):
    """The business *no* inside this stage: becomes a MessageRejected with this reason and detail."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


def decide(submission: Submission, *, now: int, rules: Rules, keys: KeyRing, cluster_id: str, codec: Codec) -> Decision:
    """Accept or reject one submission; `now` is its log time in UTC micros.

    Never raises on any value. Emits to sms.lifecycle, keyed by recipient, and first to sms.quarantine if the
    value could not be read.
    """
    case = _Case(submission, now, rules, keys, cluster_id)
    try:
        submitted = codec.decode(submission.value, SubmitMessage)
    except Poison as poison:
        return Decision(events=(case.quarantined(poison), case.rejected(poison.reason, poison.detail, None)))
    try:
        return Decision(events=(_accepted(case, submitted, codec),))
    except Rejected as no:
        return Decision(events=(case.rejected(no.reason, no.detail, submitted),))


class _Case:
    """One submission with its identity: who, where from, under which key."""

    def __init__(self, submission: Submission, now: int, rules: Rules, keys: KeyRing, cluster_id: str) -> None:
        self.submission = submission
        self.now = now
        self.rules = rules
        self.keys = keys
        named, self.lane = topics.account_and_lane(submission.topic)
        self.account_id = submission.account_header if named == topics.GATEWAY else named
        self.message_id = message_id(cluster_id, submission.topic, submission.partition, submission.offset)
        self.key_day = datetime.fromtimestamp(submission.timestamp_us // SECOND_US, UTC).date().isoformat()
        self.caused_by = coordinates(submission.topic, submission.partition, submission.offset)

    @property
    def key_owner(self) -> str:
        """Whose data key seals this: the account's if it is known, else the platform's."""
        return self.account_id if self.account_id in self.rules.accounts else "platform"

    def seal(self, plaintext: bytes, associated: str) -> bytes:
        return seal(self.keys.data_key(self.key_owner, self.key_day), plaintext, associated.encode())

    def recipient_of(self, submitted: SubmitMessage | None) -> str:
        """The recipient id of a submission that was not accepted: of its number if that can be read."""
        generation, key = self.keys.recipient_key()
        if submitted is None:
            return unparsable_recipient_id(key, generation, self.caused_by)
        try:
            return recipient_id(key, generation, parse_recipient(submitted.to, submitted.default_region).e164)
        except InvalidNumber:
            return unparsable_recipient_id(key, generation, submitted.to)

    def rejected(self, reason: str, detail: str, submitted: SubmitMessage | None) -> Emit:
        recipient = self.recipient_of(submitted)
        record = MessageRejected(
            message_id=self.message_id,
            account_id=self.account_id,
            recipient_id=recipient,
            caused_by=self.caused_by,
            occurred_at=self.now,
            reference=(submitted.reference or "") if submitted else "",
            idempotency_key=(submitted.idempotency_key or "") if submitted else "",
            message_class=submitted.message_class if submitted and submitted.message_class in _CLASSES else "",
            lane=self.lane,
            country="",
            campaign_id=(submitted.campaign_id or "") if submitted else "",
            reason=reason,
            detail=detail,
            submitted_topic=self.submission.topic,
            submitted_partition=self.submission.partition,
            submitted_offset=self.submission.offset,
            control_offset=self.rules.control_offset,
            facts_version=FACTS_VERSION,
            key_day=self.key_day,
            sealed_submission=self.seal(self.submission.value or b"", self.message_id),
        )
        return Emit(topic=topics.LIFECYCLE, key=recipient, record=record)

    def quarantined(self, poison: Poison) -> Emit:
        value = self.submission.value or b""
        record = RecordQuarantined(
            message_id=self.message_id,
            account_id=self.account_id,
            caused_by=self.caused_by,
            occurred_at=self.now,
            reader=STAGE,
            source_topic=self.submission.topic,
            source_partition=self.submission.partition,
            source_offset=self.submission.offset,
            source_timestamp=self.submission.timestamp_us,
            reason=poison.reason,
            detail=poison.detail,
            value_size=len(value),
            value_sha256=hashlib.sha256(value).hexdigest(),
            key_day=self.key_day,
            sealed_value=self.seal(value, self.caused_by),
        )
        return Emit(topic=topics.QUARANTINE, key=self.caused_by, record=record)


def _accepted(case: _Case, submitted: SubmitMessage, codec: Codec) -> Emit:
    account = _account(case)
    message_class = _message_class(case, submitted)
    recipient = _recipient(submitted)
    text, template_version = _text(case, submitted)
    sender = _sender(submitted.sender or account.default_sender)
    parts = _parts(case, recipient, text)
    _require_served(case.rules, account, recipient.region, message_class)
    expires_at = _expires_at(case, submitted, message_class)
    generation, key = case.keys.recipient_key()
    recipient_key = recipient_id(key, generation, recipient.e164)
    content = SealedContent(to=recipient.e164, sender=sender, text=text)
    record = MessageAccepted(
        message_id=case.message_id,
        account_id=case.account_id,
        recipient_id=recipient_key,
        caused_by=case.caused_by,
        occurred_at=case.now,
        reference=submitted.reference or "",
        idempotency_key=submitted.idempotency_key or "",
        message_class=message_class,
        lane=case.lane,
        sender=sender,
        country=recipient.region,
        number_prefix=recipient.prefix,
        encoding=parts.encoding.value,
        segment_count=parts.count,
        campaign_id=submitted.campaign_id or "",
        payload_hash=payload_hash(key, submitted),
        template_id=submitted.template_id or "",
        template_version=template_version,
        not_before=max(submitted.not_before or 0, 0),
        expires_at=expires_at,
        submitted_topic=case.submission.topic,
        submitted_partition=case.submission.partition,
        submitted_offset=case.submission.offset,
        control_offset=case.rules.control_offset,
        facts_version=FACTS_VERSION,
        key_day=case.key_day,
        sealed_submission=case.seal(case.submission.value or b"", case.message_id),
        sealed_content=case.seal(codec.encode(content), case.message_id),
    )
    return Emit(topic=topics.LIFECYCLE, key=recipient_key, record=record)


def _account(case: _Case) -> Account:
    account = case.rules.accounts.get(case.account_id)
    if account is None:
        raise Rejected("unknown-account", f"account {case.account_id!r} is not in the rules")
    return account


def _message_class(case: _Case, submitted: SubmitMessage) -> MessageClass:
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


def _recipient(submitted: SubmitMessage) -> Recipient:
    if not submitted.to.strip():
        raise Rejected("missing-field", "to='', expected an E.164 number")
    try:
        return parse_recipient(submitted.to, submitted.default_region)
    except InvalidNumber as error:
        raise Rejected(error.code, error.detail) from None


def _text(case: _Case, submitted: SubmitMessage) -> tuple[str, int]:
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
        raise Rejected("template-params", f"template {name}: {error.detail}") from None


def _sender(sender: str) -> str:
    if not sender:
        return ""
    try:
        return parse_sender(sender).address
    except InvalidSender as error:
        raise Rejected("invalid-field", f"sender: {error}") from None


def _parts(case: _Case, recipient: Recipient, text: str) -> Segmentation:
    policy = case.rules.policy
    try:
        return segment(text, force_ucs2=recipient.region in policy.ucs2_countries, max_parts=policy.max_parts)
    except TextTooLong as error:
        raise Rejected("text-too-long", f"{error.parts} parts, expected at most {policy.max_parts}") from None
    except UnencodableText as error:
        raise Rejected("unencodable-text", str(error)) from None


def _require_served(rules: Rules, account: Account, country: str, message_class: MessageClass) -> None:
    if account.price_micros(country) is None:
        raise Rejected("country-not-served", f"account {account.id} has no price for country {country}")
    for route in rules.routes.values():
        if not route.takes(country, message_class):
            continue
        carriers = (rules.carriers.get(name) for name in route.carriers)
        if any(carrier is not None and _carries(carrier, country, message_class) for carrier in carriers):
            return
    raise Rejected("country-not-served", f"no carrier takes class {message_class} to country {country}")


def _carries(carrier: Carrier, country: str, message_class: MessageClass) -> bool:
    return message_class in carrier.classes and carrier.cost_micros(country) is not None


def _expires_at(case: _Case, submitted: SubmitMessage, message_class: MessageClass) -> int:
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
