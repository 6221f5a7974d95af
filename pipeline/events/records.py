"""The records of Sluice as frozen structs, one for each `schemas/*.avsc`, fields in schema order.

Timestamps are UTC microseconds (int), money is micros (int), absent is '' or 0. No behaviour lives
here; the codec turns these into Kafka values and back. A contract test holds every struct to its schema.
"""

import msgspec


class Event(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What every event of a message carries: whose it is, which record led to it, and when."""

    message_id: str = ""
    account_id: str = ""
    recipient_id: str = ""
    caused_by: str = ""
    occurred_at: int = 0


class Record(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A record that speaks of no single message."""


class RouteCandidate(Record, frozen=True, kw_only=True, gc=False):
    """One carrier that was considered."""

    carrier: str = ""
    is_eligible: bool = False
    score: int = 0
    reason: str = ""


class CarrierHealth(Record, frozen=True, kw_only=True, gc=False):
    """Health of one carrier account."""

    carrier: str = ""
    is_bound: bool = False
    bind_count: int = 0
    reason: str = ""
    changed_at: int = 0


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


class SnapshotAdopted(Event, frozen=True, kw_only=True, gc=False):
    """The owner of a partition uses these rules and this health from this record on."""

    control_offset: int = 0
    health_offset: int = 0
    stage: str = ""


class TimerFired(Event, frozen=True, kw_only=True, gc=False):
    """A timer of a message went off; written by the partition's owner to its own input partition."""

    timer_seq: int = 0
    due: int = 0


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


class DispatchMessage(Event, frozen=True, kw_only=True, gc=False):
    """A lease: this carrier's connector may send these parts before send_before."""

    attempt: int = 0
    release: int = 0
    carrier: str = ""
    message_class: str = ""
    lane: str = ""
    sender: str = ""
    country: str = ""
    encoding: str = ""
    segment_count: int = 0
    parts: tuple[int, ...] = ()
    concat_reference: int = 0
    expires_at: int = 0
    send_before: int = 0
    key_day: str = ""
    sealed_content: bytes = b""


class IntentRecorded(Event, frozen=True, kw_only=True, gc=False):
    """The connector is about to put one part on the wire. No durable intent, no PDU."""

    attempt: int = 0
    release: int = 0
    part: int = 0
    carrier: str = ""
    dispatch_offset: int = 0
    wire_try: int = 0


class SubmitSucceeded(Event, frozen=True, kw_only=True, gc=False):
    """The carrier took one part (positive submit_sm_resp)."""

    attempt: int = 0
    release: int = 0
    part: int = 0
    carrier: str = ""
    smsc_id: str = ""
    sent_at: int = 0


class SubmitFailed(Event, frozen=True, kw_only=True, gc=False):
    """The carrier refused one part."""

    attempt: int = 0
    release: int = 0
    part: int = 0
    carrier: str = ""
    command_status: int = 0
    status_name: str = ""
    failure_class: str = ""
    scope: str = ""
    sent_at: int = 0
    detail: str = ""


class SubmitOutcomeUnknown(Event, frozen=True, kw_only=True, gc=False):
    """A part may or may not have reached the carrier."""

    attempt: int = 0
    release: int = 0
    part: int = 0
    carrier: str = ""
    reason: str = ""


class DispatchRefused(Event, frozen=True, kw_only=True, gc=False):
    """The connector did not send: nothing of this release went on the wire (or no more of it will)."""

    attempt: int = 0
    release: int = 0
    carrier: str = ""
    parts: tuple[int, ...] = ()
    reason: str = ""
    detail: str = ""


class ReceiptReceived(Event, frozen=True, kw_only=True, gc=False):
    """A delivery receipt (DLR) came from a carrier."""

    carrier: str = ""
    smsc_id: str = ""
    state: str = ""
    stat: str = ""
    error_code: str = ""
    done_at: int = 0
    attempt: int = 0
    part: int = 0


class ReplyReceived(Event, frozen=True, kw_only=True, gc=False):
    """A message came from a phone (MO)."""

    carrier: str = ""
    destination: str = ""
    carrier_reference: str = ""
    action: str = ""
    keyword: str = ""
    country: str = ""
    encoding: str = ""
    segment_count: int = 0
    key_day: str = ""
    sealed_text: bytes = b""


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


class ReplyForwarded(Event, frozen=True, kw_only=True, gc=False):
    """A phone answered an account."""

    carrier: str = ""
    destination: str = ""
    action: str = ""
    keyword: str = ""
    country: str = ""
    key_day: str = ""
    sealed_text: bytes = b""


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


class RecallRequested(Event, frozen=True, kw_only=True, gc=False):
    """Routing takes a dispatched message back."""

    attempt: int = 0
    reason: str = ""


class ControlRecorded(Record, frozen=True, kw_only=True, gc=False):
    """One change of the rules, or (kind revision) the mark that ends a set of changes.

    Only revisions may be adopted.
    """

    kind: str = ""
    id: str = ""
    revision: int = 0
    effective_at: int = 0
    occurred_at: int = 0
    author: str = ""
    reason: str = ""
    is_deleted: bool = False
    body: str = ""


class HealthSnapshot(Record, frozen=True, kw_only=True, gc=False):
    """The whole health of all carriers, numbered."""

    number: int = 0
    occurred_at: int = 0
    caused_by: str = ""
    carriers: tuple[CarrierHealth, ...] = ()


class CarrierBindChanged(Record, frozen=True, kw_only=True, gc=False):
    """A connector says how its binds stand: at each change, and every few seconds."""

    carrier: str = ""
    process_id: str = ""
    is_bound: bool = False
    bind_count: int = 0
    occurred_at: int = 0
    detail: str = ""


class ReceiptIndexed(Event, frozen=True, kw_only=True, gc=False):
    """Which part an SMSC id names; value of sms.receipt-index.<carrier>, key '<carrier>/<smsc_id>'."""

    carrier: str = ""
    smsc_id: str = ""
    attempt: int = 0
    part: int = 0


class RecordQuarantined(Event, frozen=True, kw_only=True, gc=False):
    """A reader could not read a record; it is kept here and nobody stops."""

    reader: str = ""
    source_topic: str = ""
    source_partition: int = 0
    source_offset: int = 0
    source_timestamp: int = 0
    reason: str = ""
    detail: str = ""
    value_size: int = 0
    value_sha256: str = ""
    key_day: str = ""
    sealed_value: bytes = b""


class SuppressionChanged(Event, frozen=True, kw_only=True, gc=False):
    """An operator's command: this phone is to be written to no more (or again); account_id '*' = all accounts."""

    sender: str = ""
    is_suppressed: bool = False
    includes_otp: bool = False
    reason: str = ""
    author: str = ""
    detail: str = ""


class SuppressionRecorded(Event, frozen=True, kw_only=True, gc=False):
    """Routing suppressed a phone for an account and sender, or lifted that; the newest holds."""

    sender: str = ""
    is_suppressed: bool = False
    includes_otp: bool = False
    reason: str = ""
    origin: str = ""
    author: str = ""
    detail: str = ""


class AccountServed(Event, frozen=True, kw_only=True, gc=False):
    """A validation worker began to read a topic of an account that nobody had read before."""

    lane: str = ""
    topic: str = ""
    control_offset: int = 0
    pause_us: int = 0


class AccountOpened(Event, frozen=True, kw_only=True, gc=False):
    """What an account is told when what it submits on a topic is read from now on."""

    lane: str = ""
    topic: str = ""
    control_offset: int = 0


class AuditRecorded(Record, frozen=True, kw_only=True, gc=False):
    """Somebody looked at, or changed, what not everybody may."""

    actor: str = ""
    action: str = ""
    subject: str = ""
    is_allowed: bool = False
    reason: str = ""
    detail: str = ""
    account_id: str = ""
    message_id: str = ""
    occurred_at: int = 0


class SealedContent(Record, frozen=True, kw_only=True, gc=False):
    """Plaintext of sealed_content:

    what only validation and connectors may read. Never a Kafka value by itself.
    """

    to: str
    sender: str
    text: str


RECORDS: dict[str, type[Event] | type[Record]] = {
    struct.__name__: struct
    for struct in (
        SubmitMessage,
        MessageAccepted,
        MessageRejected,
        SnapshotAdopted,
        TimerFired,
        MessageRouted,
        MessageDeferred,
        MessageRefused,
        DispatchMessage,
        IntentRecorded,
        SubmitSucceeded,
        SubmitFailed,
        SubmitOutcomeUnknown,
        DispatchRefused,
        ReceiptReceived,
        ReplyReceived,
        MessageStatusChanged,
        ReplyForwarded,
        UsageRecorded,
        RecallRequested,
        ControlRecorded,
        HealthSnapshot,
        CarrierBindChanged,
        ReceiptIndexed,
        RecordQuarantined,
        SuppressionChanged,
        SuppressionRecorded,
        AccountServed,
        AccountOpened,
        AuditRecorded,
        SealedContent,
    )
}
