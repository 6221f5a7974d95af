"""Validation: is this submission sound, and what will go to the phone? Stateless and pure.

The whole stage is `decide`: raw Kafka value in, `MessageAccepted` or `MessageRejected` out, always one of
them, and `RecordQuarantined` besides where the value could not be read. The Faust shell, the preflight
command and a replay call the same function.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from pipeline.domain.facts import FACTS_VERSION
from pipeline.domain.ids import message_id, recipient_id, unparsable_recipient_id
from pipeline.domain.numbers import InvalidNumber, parse_recipient
from pipeline.domain.rules import Rules
from pipeline.domain.sealing import seal
from pipeline.domain.senders import bare
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
from pipeline.stages.soundness import (
    CLASSES,
    SECOND_US,
    Rejected,
    account_of,
    expires_at_of,
    message_class_of,
    name_or_nothing,
    parts_of,
    payload_hash,
    recipient_of,
    require_registered,
    require_served,
    require_short_names,
    require_unprotected,
    sender_of,
    sent_text_of,
    text_of,
)

STAGE = "validation"
MAX_VALUE_OCTETS = 256 * 1024  # what is derived holds it up to three times, and a Kafka record ends at a megabyte


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


def decide(submission: Submission, *, now: int, rules: Rules, keys: KeyRing, cluster_id: str, codec: Codec) -> Decision:
    """Accept or reject one submission; `now` is its log time in UTC micros.

    Never raises on any value. Emits to sms.lifecycle, keyed by recipient, and first to sms.quarantine if the
    value could not be read.
    """
    case = _Case(submission, now, rules, keys, cluster_id)
    try:
        _require_size(submission.value)
        submitted = codec.decode(submission.value, SubmitMessage)
    except Poison as poison:
        return Decision(events=(case.quarantined(poison), case.rejected(poison.reason, poison.detail, None)))
    try:
        return Decision(events=(_accepted(case, submitted, codec),))
    except Rejected as no:
        return Decision(events=(case.rejected(no.reason, no.detail, submitted),))


def _require_size(value: bytes | None) -> None:
    size = len(value or b"")
    if size > MAX_VALUE_OCTETS:
        raise Poison("value-too-large", f"value of {size} octets, expected at most {MAX_VALUE_OCTETS}")


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

    @property
    def sealed_submission(self) -> bytes:
        """The value as it was written; nothing of one too large to be copied, which stays at its coordinates."""
        value = self.submission.value or b""
        return self.seal(value, self.message_id) if len(value) <= MAX_VALUE_OCTETS else b""

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
            reference=name_or_nothing(submitted.reference) if submitted else "",
            idempotency_key=name_or_nothing(submitted.idempotency_key) if submitted else "",
            message_class=submitted.message_class if submitted and submitted.message_class in CLASSES else "",
            lane=self.lane,
            country="",
            campaign_id=name_or_nothing(submitted.campaign_id) if submitted else "",
            reason=reason,
            detail=detail,
            submitted_topic=self.submission.topic,
            submitted_partition=self.submission.partition,
            submitted_offset=self.submission.offset,
            control_offset=self.rules.control_offset,
            facts_version=FACTS_VERSION,
            key_day=self.key_day,
            sealed_submission=self.sealed_submission,
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
            sealed_value=self.seal(value, self.caused_by) if len(value) <= MAX_VALUE_OCTETS else b"",
        )
        return Emit(topic=topics.QUARANTINE, key=self.caused_by, record=record)


def _accepted(case: _Case, submitted: SubmitMessage, codec: Codec) -> Emit:
    account = account_of(case)
    require_short_names(submitted)
    message_class = message_class_of(case, submitted)
    recipient = recipient_of(submitted)
    text, template_version = text_of(case, submitted)
    sender = sender_of(submitted.sender or account.default_sender)
    text = sent_text_of(case, account, recipient.region, message_class, text)
    parts = parts_of(case, recipient.region, message_class, text)
    require_served(case, account, recipient.region, message_class)
    require_registered(case, account, sender, recipient.region, message_class)
    require_unprotected(case, account, sender, recipient.region, message_class)
    expires_at = expires_at_of(case, submitted, message_class)
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
        sender=bare(sender),
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
        sealed_submission=case.sealed_submission,
        sealed_content=case.seal(codec.encode(content), case.message_id),
    )
    return Emit(topic=topics.LIFECYCLE, key=recipient_key, record=record)
