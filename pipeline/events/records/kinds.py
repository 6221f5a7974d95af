"""The two kinds of record: an event of one message, and a record that speaks of none."""

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
