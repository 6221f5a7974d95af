"""What `sluice preflight` answers: one `Foreseen` a row. Names are those of the records; absent is null.

Times are ISO 8601 in UTC. Money is in micros (a millionth of the currency's unit).
"""

from collections.abc import Mapping

import msgspec

ACCEPTED = "accepted"
REJECTED = "rejected"
NO_MESSAGE = "no-message"

IDEMPOTENCY = "idempotency"
SUPPRESSION = "suppression"
ACCOUNT_RATE = "account-rate"
HEALTH = "health"
UNKNOWN: Mapping[str, str] = {
    IDEMPOTENCY: "whether the recipient's key was used before this run, within 72 h",
    SUPPRESSION: "whether the recipient has opted out, or is suppressed",
    ACCOUNT_RATE: "whether the account is over its rate by then, and the message put off",
    HEALTH: "whether other carriers are bound by then",
}
"""What no answer can say without the state of the agents, by code."""


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """One carrier that routing considers, in its order. `score`: cost of the whole message in the account's currency
    (-1 if it cannot); `cost_micros`: what the carrier takes for one part, null where it has no price.
    """

    carrier: str
    is_eligible: bool
    score: int
    reason: str
    cost_micros: int | None = None
    cost_currency: str = ""
    cost_tariff: str = ""


class Hold(msgspec.Struct, frozen=True, kw_only=True):
    """What it waits for, and until when; null: nobody knows, at most until it expires."""

    reason: str
    until: str | None = None


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What will count otherwise while the message may still wait. `kind`: price, cost or rules; `id`: tariff, revision.

    The price is that of the acceptance, whatever comes later; the cost is that of the release.
    """

    at: str
    kind: str
    id: str
    detail: str


class Advice(msgspec.Struct, frozen=True, kw_only=True):
    """What the agents do not decide, and a person should know; `code` is stable."""

    code: str
    detail: str


class Foreseen(msgspec.Struct, frozen=True, kw_only=True):
    """What the agents would decide on one row. `reason` and `detail` are theirs, word for word.

    `statuses`: what the account would be told up to the carrier, in order. Prices and costs of a part, and in all
    (`total_...`). `to`, `country` and `number_type` are given wherever the number can be read.
    """

    line: int
    outcome: str
    reason: str = ""
    detail: str = ""
    stage: str = ""
    reference: str = ""
    to: str | None = None
    country: str | None = None
    number_type: str | None = None
    message_class: str | None = None
    lane: str | None = None
    sender: str | None = None
    sender_kind: str | None = None
    template_id: str | None = None
    template_version: int | None = None
    text: str | None = None
    encoding: str | None = None
    segment_count: int | None = None
    units: int | None = None
    statuses: tuple[str, ...] = ()
    holds: tuple[Hold, ...] = ()
    expires_at: str | None = None
    carrier: str | None = None
    candidates: tuple[Candidate, ...] = ()
    price_micros: int | None = None
    currency: str | None = None
    tariff: str | None = None
    total_price_micros: int | None = None
    cost_micros: int | None = None
    cost_currency: str | None = None
    cost_tariff: str | None = None
    total_cost_micros: int | None = None
    changes: tuple[Change, ...] = ()
    unknown: tuple[str, ...] = ()
    warnings: tuple[Advice, ...] = ()


def no_message(line: int, words: str) -> Foreseen:
    """The answer to a row that is no message."""
    return Foreseen(line=line, outcome=NO_MESSAGE, reason="invalid-row", detail=words.removeprefix(f"line {line}: "))
