"""One decision in the making: the state as it becomes, and the events in order.

A scratch pad that lives for one call of `decide`; what leaves it is an immutable Decision.
"""

from typing import Any

import msgspec

from pipeline.domain.status import MessageState, is_final, outranks
from pipeline.events import topics
from pipeline.events.records import Event, MessageStatusChanged
from pipeline.stages.decision import Decision, Emit, Moment, Snapshot, StateValue, StateView, Timer
from pipeline.stages.routing.state import (
    CORRECTION_US,
    Message,
    Phase,
    Recipient,
    message_key,
    recipient_key,
)


class Turn:
    """The recipient of the record at hand, at most one of its messages, and what follows."""

    def __init__(self, state: StateView, event: Event, at: Moment, now: int, snapshot: Snapshot) -> None:
        self.state = state
        self.at = at
        self.now = now
        self.snapshot = snapshot
        self.recipient_id = event.recipient_id
        self._recipient_before = state.get(recipient_key(event.recipient_id), Recipient)
        self.recipient = self._recipient_before or Recipient()
        self._messages: dict[str, Message | None] = {}
        self._message: Message | None = None
        self._others: dict[str, StateValue] = {}
        self._events: list[Emit] = []
        self._timers: list[Timer] = []
        if event.message_id:
            self.take_up(event.message_id)

    @property
    def message(self) -> Message:
        """The message at hand. Ask `has_message` first; AssertionError otherwise (a bug)."""
        assert self._message is not None, f"no message at hand at {self.at}"
        return self._message

    @property
    def has_message(self) -> bool:
        return self._message is not None

    def take_up(self, message_id: str) -> bool:
        """Make this message the one at hand; False if it is not known (any more)."""
        if message_id in self._messages:
            self._message = self._messages[message_id]
        else:
            self._message = self.state.get(message_key(message_id), Message)
        return self._message is not None

    def begin(self, message: Message) -> None:
        self._put(message)

    def change(self, **fields: Any) -> None:
        """Replace fields of the message at hand."""
        self._put(msgspec.structs.replace(self.message, **fields))

    def change_recipient(self, **fields: Any) -> None:
        self.recipient = msgspec.structs.replace(self.recipient, **fields)

    def remember(self, key: str, value: StateValue) -> None:
        """Put a value that is neither the recipient nor a message into the state."""
        self._others[key] = value

    def forget(self) -> None:
        """Remove the message at hand from the state."""
        self._messages[self.message.message_id] = None
        self._message = None

    def emit(self, topic: str, key: str, record: Any) -> None:
        self._events.append(Emit(topic=topic, key=key, record=record))

    def stamp(self) -> dict[str, Any]:
        """The common fields of an event about the message at hand."""
        return {
            "message_id": self.message.message_id,
            "account_id": self.message.account_id,
            "recipient_id": self.recipient_id,
            "caused_by": str(self.at),
            "occurred_at": self.now,
        }

    def status_topic(self, account_id: str) -> str:
        """Where an account reads: its own topic if it writes to Kafka itself, else the gateway's."""
        account = self.snapshot.rules.accounts.get(account_id)
        return topics.status(account_id if account is not None and account.is_direct else topics.GATEWAY)

    def tell(
        self, status: MessageState, reason: str = "", detail: str = "", *, error_code: str = "", **more: Any
    ) -> None:
        """Report a status of the message at hand to its account, with the next sequence number."""
        message = self.message
        self.change(status=status.value, status_seq=message.status_seq + 1)
        record = MessageStatusChanged(
            **self.stamp(),
            reference=message.reference,
            idempotency_key=message.idempotency_key,
            status=status.value,
            status_seq=message.status_seq + 1,
            is_final=is_final(status),
            reason=reason,
            detail=detail,
            message_class=message.message_class,
            carrier=message.carrier,
            attempt=message.attempt,
            segment_count=message.segment_count,
            encoding=message.encoding,
            country=message.country,
            error_code=error_code,
            price_micros=message.price_micros,
            currency=message.currency,
            campaign_id=message.campaign_id,
            submitted_topic=message.submitted_topic,
            submitted_partition=message.submitted_partition,
            submitted_offset=message.submitted_offset,
            **more,
        )
        self.emit(self.status_topic(message.account_id), message.message_id, record)

    def tell_if_higher(self, status: MessageState, reason: str = "", *, error_code: str = "") -> bool:
        """Report a status only if it outranks the last one told; whether it did."""
        told = self.message.status
        if told and not outranks(status, MessageState(told)):
            return False
        self.tell(status, reason, error_code=error_code)
        return True

    def wait(self, phase: Phase, due: int, why: str = "") -> None:
        """Set the message's one timer."""
        message = self.message
        seq = message.timer_seq + 1
        self.change(phase=phase.value, due=due, timer_seq=seq, why=why)
        self._timers = [timer for timer in self._timers if timer.message_id != message.message_id]
        self._timers.append(timer_of(self.message))

    def end(self, status: MessageState, reason: str, detail: str = "", *, error_code: str = "") -> None:
        """The message's end: told to its account; remembered for late corrections."""
        self.tell(status, reason, detail, error_code=error_code)
        self.wait(Phase.ENDED, self.now + CORRECTION_US)

    def decision(self) -> Decision:
        """What follows from the record. A message that began and ended in this turn leaves no trace in the state."""
        state: dict[str, StateValue | None] = dict(self._others)
        state |= {
            message_key(key): value
            for key, value in self._messages.items()
            if value is not None or self.state.get(message_key(key), Message) is not None
        }
        if self.recipient != (self._recipient_before or Recipient()):
            empty = self.recipient == Recipient()
            state[recipient_key(self.recipient_id)] = None if empty else self.recipient
        return Decision(state=state, events=tuple(self._events), wake_at=tuple(self._timers))

    def _put(self, message: Message) -> None:
        self._message = message
        self._messages[message.message_id] = message


def timer_of(message: Message) -> Timer:
    """The timer that a message has set."""
    return Timer(
        message_id=message.message_id,
        recipient_id=message.recipient_id,
        account_id=message.account_id,
        timer_seq=message.timer_seq,
        due=message.due,
    )
