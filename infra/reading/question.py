"""What is asked of messages, and what answers it in one line."""

import re
from dataclasses import dataclass

MANY = 50
"""So many messages are listed; more are said to be there."""

MESSAGE_ID = re.compile(r"[0-9a-f]{32}")


class QuestionInvalid(ValueError):
    """What was asked for cannot name a message; the message says what was expected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Which messages: by id, by the producer's reference, or by recipient ids; of one account or ('') of any."""

    message_id: str = ""
    reference: str = ""
    recipient_ids: tuple[str, ...] = ()
    account_id: str = ""

    def __post_init__(self) -> None:
        given = [each for each in (self.message_id, self.reference, self.recipient_ids) if each]
        if len(given) != 1:
            raise QuestionInvalid("give one of: a message id, --reference R, --to NUMBER")
        if self.message_id and not MESSAGE_ID.fullmatch(self.message_id):
            raise QuestionInvalid(f"message id {self.message_id!r}, expected 32 hex digits; else --reference or --to")

    @property
    def octets(self) -> tuple[bytes, ...]:
        """What a record must hold, as it stands in Avro, to be of such a message."""
        return tuple(each.encode() for each in (self.message_id, self.reference, *self.recipient_ids) if each)

    def fits(self, message_id: str, reference: str, recipient_id: str) -> bool:
        """Whether a message of this id, reference and recipient is asked for (whosever it is)."""
        return (
            message_id == self.message_id
            or (reference != "" and reference == self.reference)
            or recipient_id in self.recipient_ids
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One message that fits."""

    message_id: str
    account_id: str
    reference: str
    status: str
    message_class: str
    country: str
    received_at: int
