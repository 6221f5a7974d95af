"""A message's life: asked for, accepted or rejected, routed, put off or refused; what is told and billed of it."""

import msgspec

from pipeline.events.records.kinds import Event, Record


class SubmitMessage(Record, frozen=True, kw_only=True, gc=False):
    """A business asks for one message to one phone.

    Written by producers to sms.submitted.<account>.<lane>, subject <topic>-value. Give text, or
    template_id with params.
    """

    to: str
    default_region: str | None = None
    sender: str | None = None
    text: str | None = None
    template_id: str | None = None
    template_version: int | None = None
    params: dict[str, str] = msgspec.field(default_factory=dict)
    message_class: str
    idempotency_key: str | None = None
    reference: str | None = None
    campaign_id: str | None = None
    not_before: int | None = None
    valid_for_s: int | None = None
    consent_ref: str | None = None
    created_at: int | None = None
    metadata: dict[str, str] = msgspec.field(default_factory=dict)


class MessageAccepted(Event, frozen=True, kw_only=True, gc=False):
    """Validation found the submission sound."""

    reference: str = ""
    idempotency_key: str = ""
    message_class: str = ""
    lane: str = ""
    sender: str = ""
    country: str = ""
    network: str = ""
    number_prefix: str = ""
    encoding: str = ""
    segment_count: int = 0
    campaign_id: str = ""
    payload_hash: str = ""
    template_id: str = ""
    template_version: int = 0
    not_before: int = 0
    expires_at: int = 0
    submitted_topic: str = ""
    submitted_partition: int = 0
    submitted_offset: int = 0
    control_offset: int = 0
    facts_version: str = ""
    key_day: str = ""
    sealed_submission: bytes = b""
    sealed_content: bytes = b""


class MessageRejected(Event, frozen=True, kw_only=True, gc=False):
    """Validation refused the submission; final."""

    reference: str = ""
    idempotency_key: str = ""
    message_class: str = ""
    lane: str = ""
    country: str = ""
    campaign_id: str = ""
    reason: str = ""
    detail: str = ""
    submitted_topic: str = ""
    submitted_partition: int = 0
    submitted_offset: int = 0
    control_offset: int = 0
    facts_version: str = ""
    key_day: str = ""
    sealed_submission: bytes = b""


class TimerFired(Event, frozen=True, kw_only=True, gc=False):
    """A timer of a message went off; written by the partition's owner to its own input partition."""

    timer_seq: int = 0
    due: int = 0


class RouteCandidate(Record, frozen=True, kw_only=True, gc=False):
    """One carrier that was considered."""

    carrier: str = ""
    is_eligible: bool = False
    score: int = 0
    reason: str = ""


class MessageRouted(Event, frozen=True, kw_only=True, gc=False):
    """Routing let a message (or some parts of it) go towards a carrier."""

    attempt: int = 0
    release: int = 0
    carrier: str = ""
    candidates: tuple[RouteCandidate, ...] = ()
    message_class: str = ""
    lane: str = ""
    sender: str = ""
    country: str = ""
    network: str = ""
    number_prefix: str = ""
    encoding: str = ""
    segment_count: int = 0
    parts: tuple[int, ...] = ()
    concat_reference: int = 0
    campaign_id: str = ""
    price_micros: int = 0
    currency: str = ""
    cost_micros: int = 0
    cost_currency: str = ""
    reason: str = ""
    expires_at: int = 0
    send_before: int = 0
    control_offset: int = 0
    health_offset: int = 0
    key_day: str = ""
    sealed_content: bytes = b""


class MessageDeferred(Event, frozen=True, kw_only=True, gc=False):
    """Throttling puts a released message off; routing waits and lets it go again."""

    attempt: int = 0
    release: int = 0
    lane: str = ""
    until: int = 0
    reason: str = ""
    bucket: str = ""


class MessageRefused(Event, frozen=True, kw_only=True, gc=False):
    """Throttling refuses a released message; final for this message."""

    attempt: int = 0
    release: int = 0
    lane: str = ""
    reason: str = ""
    detail: str = ""
    bucket: str = ""


class MessageStatusChanged(Event, frozen=True, kw_only=True, gc=False):
    """What the account is told of its message; status_seq orders them."""

    reference: str = ""
    idempotency_key: str = ""
    status: str = ""
    status_seq: int = 0
    is_final: bool = False
    reason: str = ""
    detail: str = ""
    first_message_id: str = ""
    message_class: str = ""
    carrier: str = ""
    attempt: int = 0
    segment_count: int = 0
    encoding: str = ""
    country: str = ""
    error_code: str = ""
    price_micros: int = 0
    currency: str = ""
    campaign_id: str = ""
    submitted_topic: str = ""
    submitted_partition: int = 0
    submitted_offset: int = 0


class UsageRecorded(Event, frozen=True, kw_only=True, gc=False):
    """One billing event of one part; an invoice is a fold over these."""

    carrier: str = ""
    attempt: int = 0
    release: int = 0
    part: int = 0
    event: str = ""
    smsc_id: str = ""
    message_class: str = ""
    country: str = ""
    network: str = ""
    sender: str = ""
    campaign_id: str = ""
    charge_micros: int = 0
    currency: str = ""
    cost_micros: int = 0
    cost_currency: str = ""
    control_offset: int = 0
    tariff: str = ""
    cost_tariff: str = ""


class SealedContent(Record, frozen=True, kw_only=True, gc=False):
    """Plaintext of sealed_content:

    what only validation and connectors may read. Never a Kafka value by itself.
    """

    to: str
    sender: str
    text: str
