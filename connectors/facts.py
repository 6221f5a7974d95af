"""The events that a connector writes about a dispatched message. Pure: time and coordinates are handed in."""

import hashlib
from typing import Any

from connectors.smpp.outcomes import Accepted, Refused
from pipeline.domain.smpp.statuses import StatusKind
from pipeline.events.records import (
    DispatchMessage,
    DispatchRefused,
    IntentRecorded,
    ReceiptIndexed,
    RecordQuarantined,
    SubmitFailed,
    SubmitOutcomeUnknown,
    SubmitSucceeded,
)

PROCESS_ENDED = "process-ended"


def intent(dispatch: DispatchMessage, part: int, *, offset: int, wire_try: int, caused_by: str, now: int) -> Any:
    """The intent of one part."""
    return IntentRecorded(
        **_about(dispatch, caused_by, now),
        release=dispatch.release,
        part=part,
        dispatch_offset=offset,
        wire_try=wire_try,
    )


def succeeded(
    dispatch: DispatchMessage, part: int, answer: Accepted, *, caused_by: str, sent_at: int, now: int
) -> SubmitSucceeded:
    """The carrier took a part."""
    return SubmitSucceeded(
        **_about(dispatch, caused_by, now),
        release=dispatch.release,
        part=part,
        smsc_id=answer.smsc_id,
        sent_at=sent_at,
    )


def indexed(dispatch: DispatchMessage, part: int, answer: Accepted, *, caused_by: str, now: int) -> ReceiptIndexed:
    """The entry of the receipt index for a part that was taken."""
    return ReceiptIndexed(**_about(dispatch, caused_by, now), part=part, smsc_id=answer.smsc_id)


def failed(
    dispatch: DispatchMessage, part: int, answer: Refused, *, caused_by: str, sent_at: int, now: int
) -> SubmitFailed:
    """The carrier refused a part. Whatever is not the message's fault is temporary."""
    is_permanent = answer.status.cls is StatusKind.PERMANENT
    return SubmitFailed(
        **_about(dispatch, caused_by, now),
        release=dispatch.release,
        part=part,
        command_status=answer.command_status,
        status_name=answer.status.name,
        failure_class="permanent" if is_permanent else "temporary",
        scope=answer.status.scope.value,
        sent_at=sent_at,
    )


def unknown(dispatch: DispatchMessage, part: int, reason: str, *, caused_by: str, now: int) -> SubmitOutcomeUnknown:
    """A part may have been taken."""
    return SubmitOutcomeUnknown(**_about(dispatch, caused_by, now), release=dispatch.release, part=part, reason=reason)


def left_behind(
    found: IntentRecorded, entry: ReceiptIndexed | None, *, caused_by: str, now: int
) -> SubmitSucceeded | SubmitOutcomeUnknown:
    """What a new owner says of a part of which a predecessor left an intent.

    With its entry in the receipt index the carrier took it; without, its intent is all that is known.
    """
    about: dict[str, Any] = {
        "message_id": found.message_id,
        "account_id": found.account_id,
        "recipient_id": found.recipient_id,
        "caused_by": caused_by,
        "occurred_at": now,
        "attempt": found.attempt,
        "release": found.release,
        "part": found.part,
        "carrier": found.carrier,
    }
    if entry is not None:
        return SubmitSucceeded(**about, smsc_id=entry.smsc_id, sent_at=entry.occurred_at)
    return SubmitOutcomeUnknown(**about, reason=PROCESS_ENDED)


def refused(
    dispatch: DispatchMessage, parts: tuple[int, ...], reason: str, detail: str, *, caused_by: str, now: int
) -> DispatchRefused:
    """Nothing (or no more) of a dispatch is sent."""
    return DispatchRefused(
        **_about(dispatch, caused_by, now), release=dispatch.release, parts=parts, reason=reason, detail=detail
    )


def quarantined(
    *, source: tuple[str, int, int], timestamp: int, value: bytes, reason: str, detail: str, sealer: Any, now: int
) -> RecordQuarantined:
    """What could not be read, sealed for the platform with its coordinates as associated data.

    `sealer` is a deliveries.Sealer.
    """
    topic, partition, offset = source
    caused_by = f"{topic}/{partition}/{offset}"
    return RecordQuarantined(
        caused_by=caused_by,
        occurred_at=now,
        reader="connector",
        source_topic=topic,
        source_partition=partition,
        source_offset=offset,
        source_timestamp=timestamp,
        reason=reason,
        detail=detail,
        value_size=len(value),
        value_sha256=hashlib.sha256(value).hexdigest(),
        key_day=sealer.day,
        sealed_value=sealer.seal(value, caused_by),
    )


def _about(dispatch: DispatchMessage, caused_by: str, now: int) -> dict[str, Any]:
    return {
        "message_id": dispatch.message_id,
        "account_id": dispatch.account_id,
        "recipient_id": dispatch.recipient_id,
        "caused_by": caused_by,
        "occurred_at": now,
        "attempt": dispatch.attempt,
        "carrier": dispatch.carrier,
    }
