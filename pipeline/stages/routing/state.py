"""What routing remembers, in two kinds of record of one partition: the recipient (small, bounded) and the message.

Frozen msgspec structs, stored compactly in `sms.state.routing` under 'r/<recipient_id>' and 'm/<message_id>';
beside them 'a/<account_id>', in the one partition that AccountServed's key leads to.
Times are UTC micros of the log.
"""

from enum import StrEnum

import msgspec

HOUR_US = 3_600_000_000
IDEMPOTENCY_US = 72 * HOUR_US
CORRECTION_US = 72 * HOUR_US  # a late delivery may correct a failure so long; then the message is forgotten
MAX_KEYS = 500
MAX_AWAITING = 500
MAX_ORPHANS = 64
MAX_PROGRAMS = 16
MAX_REPLIES = 32
MAX_COMMANDS = 32
MAX_OPT_OUTS = 128  # then some become a wider one (see suppressions): a phone's record is written whole each time
OPT_OUT = "opt-out"  # the phone's own word; every other reason is an operator's ban


class OptOut(msgspec.Struct, frozen=True, array_like=True):
    """No more messages of this account and sender ('*' = any) since then; of codes only if it includes them.

    New fields go to the end and have a default, so that what was stored before can be read.
    """

    account_id: str
    sender: str
    at: int
    includes_otp: bool = False
    reason: str = OPT_OUT


class KeyUse(msgspec.Struct, frozen=True, array_like=True):
    """An idempotency key of an account, the message that holds it and what was submitted under it."""

    account_id: str
    key: str
    payload_hash: str
    message_id: str
    at: int


class Awaiting(msgspec.Struct, frozen=True, array_like=True):
    """One sending of a part that a receipt may speak of, let go at `at` as `release`.

    `smsc_id` is '' (in the dark) until the carrier has answered, or for ever if the outcome stays unknown.
    """

    carrier: str
    smsc_id: str
    message_id: str
    part: int
    is_unknown: bool
    release: int
    at: int


class Orphan(msgspec.Struct, frozen=True, array_like=True):
    """A receipt that came before anybody could say whose it is."""

    carrier: str
    smsc_id: str
    state: str
    stat: str
    error_code: str
    at: int


class Program(msgspec.Struct, frozen=True, array_like=True):
    """Who wrote to this phone last from a sender: that account is meant by a reply to it."""

    sender: str
    carrier: str
    account_id: str
    message_id: str
    at: int


class Recipient(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """All that concerns one phone."""

    opt_outs: tuple[OptOut, ...] = ()
    keys: tuple[KeyUse, ...] = ()
    awaiting: tuple[Awaiting, ...] = ()
    orphans: tuple[Orphan, ...] = ()
    programs: tuple[Program, ...] = ()
    replies_seen: tuple[str, ...] = ()
    commands_seen: tuple[str, ...] = ()
    concat_reference: int = 0


class Outcome(StrEnum):
    """How the handing over of one part stands."""

    PENDING = "pending"
    ACKED = "acked"
    TEMPORARY = "temporary"
    PERMANENT = "permanent"
    UNKNOWN = "unknown"
    UNSENT = "unsent"  # the connector gave the lease back


class Part(msgspec.Struct, frozen=True, omit_defaults=True):
    """One part of a message: its last outcome, the receipt's word and whether the customer has paid for it.

    `tries` counts refusals for now, `doubts` sendings whose outcome was unknown.
    """

    outcome: str = Outcome.PENDING.value
    release: int = 0
    tries: int = 0
    doubts: int = 0
    receipt: str = ""
    is_charged: bool = False
    error_code: str = ""
    smsc_ids: tuple[str, ...] = ()


class Phase(StrEnum):
    """What routing waits for; each phase has one timer."""

    WAITING = "waiting"  # for a time (schedule, hold, deferral, retry); then it is released, everything checked again
    LEASED = "leased"  # for outcomes of what was released, until the lease is over
    RECEIPTS = "receipts"  # for receipts
    ENDED = "ended"  # for a late correction, then it is forgotten


class Message(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One message until 72 h after its end."""

    message_id: str
    account_id: str
    recipient_id: str
    reference: str = ""
    idempotency_key: str = ""
    message_class: str
    lane: str
    sender: str = ""
    country: str
    network: str = ""
    number_prefix: str = ""
    encoding: str
    segment_count: int
    campaign_id: str = ""
    expires_at: int
    submitted_topic: str
    submitted_partition: int
    submitted_offset: int
    key_day: str
    sealed_content: bytes
    price_micros: int = 0
    currency: str = ""
    tariff: str = ""
    status: str = ""
    status_seq: int = 0
    phase: str = Phase.WAITING.value
    why: str = ""
    timer_seq: int = 0
    due: int = 0
    attempt: int = 0
    release: int = 0
    carrier: str = ""
    cost_micros: int = 0
    cost_currency: str = ""
    cost_tariff: str = ""
    concat_reference: int = 0
    held_since: int = 0
    parts: tuple[Part, ...] = ()


class Served(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The lanes on which an account was told that what it submits is read."""

    lanes: tuple[str, ...] = ()


def recipient_key(recipient_id: str) -> str:
    return f"r/{recipient_id}"


def message_key(message_id: str) -> str:
    return f"m/{message_id}"


def account_key(account_id: str) -> str:
    return f"a/{account_id}"
