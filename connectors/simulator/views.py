"""The simulator's state as JSON-ready data. Pure; called by `control`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from connectors.simulator import alphabet, codes
from connectors.simulator.account import Account
from connectors.simulator.handsets import Handset, Message
from connectors.simulator.parts import UDHI, read_part, reading_of
from connectors.simulator.receipts import written_id
from connectors.simulator.records import MoRecord, SubmitRecord
from connectors.simulator.session import Session

Data = dict[str, Any]


def iso(at_ms: int | None) -> str | None:
    """An instant as ISO 8601 UTC with milliseconds."""
    if not at_ms:
        return None
    return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def handset_line(handset: Handset) -> Data:
    """One phone in the list of all."""
    return {
        "number": handset.number,
        "received": handset.received,
        "incomplete": sum(not message.is_complete for message in handset.messages),
        "sent": len(handset.sent),
        "last_at": iso(handset.last_at_ms),
    }


def handset_page(number: str, handset: Handset | None, is_pending: Callable[[str, str], bool]) -> Data:
    """All that a phone received and sent; `is_pending(account, key)` knows what is not confirmed yet."""
    if handset is None:
        return {"number": number, "messages": [], "sent": []}
    return {
        "number": handset.number,
        "messages": [_message(message) for message in handset.messages],
        "sent": [_sent(record, is_pending) for record in handset.sent],
    }


def submit_line(record: SubmitRecord, account: Account | None) -> Data:
    """One submit_sm as it came and how it was answered."""
    part = read_part(record.payload, record.esm_class, record.sar)
    reading = reading_of(part, record.data_coding, account.settings.coding if account else alphabet.USUAL)
    form = account.settings.message_id.response if account else "decimal"
    return {
        "seq": record.seq,
        "at": iso(record.at_ms),
        "account": record.account,
        "message_id": written_id(record.number, form) if record.number else None,
        "status": codes.status_name(record.status),
        "source": record.source.number,
        "destination": record.destination.number,
        "part": part.sequence,
        "parts": part.total,
        "reference": part.reference,
        "text": reading.text,
        "data_coding": record.data_coding,
        "esm_class": record.esm_class,
        "registered_delivery": record.registered_delivery,
        "octets": len(record.payload),
        "receipt_state": record.state or None,
        "faults": [*part.faults, *reading.faults],
    }


def bind_line(session: Session) -> Data:
    """One connection."""
    return {
        "id": session.id,
        "account": session.account.settings.system_id if session.account else None,
        "mode": session.mode or None,
        "peer": session.peer,
        "since": iso(session.since_ms),
        "unanswered_submits": session.unanswered_submits,
        "unanswered_delivers": len(session.unanswered),
    }


def account_line(account: Account) -> Data:
    """What one account did so far."""
    pending = account.outbox.pending
    mo_pending = sum(key.startswith("mo/") for key in pending)
    return {
        "submits": account.by_status.total(),
        "accepted": account.by_status[codes.OK],
        "by_status": {codes.status_name(status): count for status, count in sorted(account.by_status.items())},
        "receipts_pending": len(pending) - mo_pending,
        "receipts_confirmed": account.confirmed["receipt"],
        "mo_pending": mo_pending,
        "mo_confirmed": account.confirmed["mo"],
        "resent": account.outbox.resent,
        "binds": account.bind_count,
    }


def _message(message: Message) -> Data:
    reading = message.reading()
    return {
        "id": message.id,
        "account": message.account,
        "sender": message.source,
        "text": reading.text,
        "complete": message.is_complete,
        "parts": message.total,
        "parts_received": len(message.parts),
        "first_at": iso(message.first_at_ms),
        "completed_at": iso(message.completed_at_ms),
        "reference": message.reference,
        "data_coding": message.data_coding,
        "duplicate_parts": message.duplicate_parts,
        "repeat_of": message.repeat_of,
        "faults": list(reading.faults),
    }


def _sent(record: MoRecord, is_pending: Callable[[str, str], bool]) -> Data:
    texts = [
        alphabet.read_text(read_part(part, UDHI, None).octets if len(record.parts) > 1 else part, record.data_coding)
        for part in record.parts
    ]
    confirmed = sum(not is_pending(record.account, f"mo/{record.number}/{i}") for i in range(len(record.parts)))
    return {
        "id": record.number,
        "account": record.account,
        "to": record.destination,
        "text": "".join(reading.text for reading in texts),
        "parts": len(record.parts),
        "confirmed_parts": confirmed,
        "at": iso(record.at_ms),
    }
