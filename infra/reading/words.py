"""One record in a few words for a person. Pure; no text and no whole number is in any of it."""

from infra.times import iso_us
from pipeline.domain.money import format_micros
from pipeline.events.codec import AnyRecord
from pipeline.events.records import (
    AccountOpened,
    AccountServed,
    AuditRecorded,
    ControlRecorded,
    DispatchMessage,
    DispatchRefused,
    HealthSnapshot,
    IntentRecorded,
    MessageAccepted,
    MessageDeferred,
    MessageRefused,
    MessageRejected,
    MessageRouted,
    MessageStatusChanged,
    RecallRequested,
    ReceiptReceived,
    RecordQuarantined,
    ReplyForwarded,
    ReplyReceived,
    SubmitFailed,
    SubmitOutcomeUnknown,
    SubmitSucceeded,
    SuppressionChanged,
    SuppressionRecorded,
    TimerFired,
    UsageRecorded,
)


def words_of(record: AnyRecord) -> str:
    """What a record says beyond its name; '' for one of which nothing short can be said."""
    match record:
        case MessageAccepted():
            return (
                f"{record.message_class}, {record.lane}, {record.country}, {record.encoding} x{record.segment_count}, "
                f"rules at {record.control_offset}"
            )
        case MessageRejected() | MessageRefused() | DispatchRefused():
            return _joined(": ", record.reason, record.detail)
        case MessageRouted():
            return f"attempt {record.attempt}, release {record.release}, {_joined(', ', record.reason, record.carrier)}"
        case MessageDeferred():
            return f"{record.reason} ({record.bucket}) until {iso_us(record.until)}"
        case DispatchMessage():
            return f"{len(record.parts)} parts, send before {iso_us(record.send_before)}"
        case IntentRecorded():
            return f"part {record.part}, wire try {record.wire_try}"
        case SubmitSucceeded():
            return f"part {record.part}, smsc id {record.smsc_id}"
        case SubmitFailed():
            said = f"part {record.part}, {record.status_name} ({record.failure_class}, {record.scope})"
            return _joined(": ", said, record.detail)
        case SubmitOutcomeUnknown():
            return f"part {record.part}, {record.reason}"
    return _of_what_came_back(record)


def _of_what_came_back(record: AnyRecord) -> str:
    match record:
        case ReceiptReceived():
            error = f"error {record.error_code}" if record.error_code else ""
            return _joined(", ", f"part {record.part}", record.stat, error, f"smsc id {record.smsc_id}")
        case MessageStatusChanged():
            said = _joined(", ", record.reason, record.detail, record.carrier)
            return _joined(", ", said, f"repeats {record.first_message_id}" if record.first_message_id else "")
        case UsageRecorded():
            cost = format_micros(record.cost_micros, record.cost_currency)
            charge = format_micros(record.charge_micros, record.currency)
            tariff = f"tariff {record.tariff}" if record.tariff else ""
            return _joined(", ", f"part {record.part} {record.event}", f"charge {charge}", f"cost {cost}", tariff)
        case ReplyReceived() | ReplyForwarded():
            return _joined(", ", record.keyword or "text", record.action or "no keyword", f"to {record.destination}")
        case RecallRequested() | TimerFired():
            return record.reason if isinstance(record, RecallRequested) else f"timer {record.timer_seq}"
        case RecordQuarantined():
            return f"{record.reader}: {record.reason} at {record.caused_by}"
    return _of_the_house(record)


def _of_the_house(record: AnyRecord) -> str:
    match record:
        case ControlRecorded():
            removed = "removed" if record.is_deleted else ""
            return _joined(
                ", ", f"{record.kind} {record.id}", removed, f"revision {record.revision} by {record.author}"
            )
        case HealthSnapshot():
            return f"number {record.number}, {len(record.carriers)} carriers"
        case SuppressionChanged() | SuppressionRecorded():
            verb = "suppressed" if record.is_suppressed else "lifted"
            return _joined(", ", verb, record.reason, record.author)
        case AccountServed() | AccountOpened():
            return record.topic
        case AuditRecorded():
            allowed = "" if record.is_allowed else "refused"
            return _joined(", ", record.actor, record.action, record.subject, allowed, record.reason)
    return ""


def _joined(between: str, *words: str) -> str:
    return between.join(word for word in words if word)
