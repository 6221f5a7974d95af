"""Builders of what the stages read, with made-up brands and numbers. `a_thing(field=...)` changes what a test is about.

Pure: no broker, no file, no clock. `NOW` is a fixed moment of log time, UTC microseconds.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

import msgspec

from pipeline.domain.rules import (
    Account,
    Carrier,
    CarrierState,
    Health,
    Policy,
    Route,
    Rules,
    Tariff,
    TariffStep,
    Template,
)
from pipeline.events import topics
from pipeline.events.codec import Codec
from pipeline.events.records import (
    AccountServed,
    DispatchRefused,
    MessageAccepted,
    MessageDeferred,
    MessageRefused,
    MessageRejected,
    MessageRouted,
    ReceiptReceived,
    ReplyReceived,
    SubmitFailed,
    SubmitMessage,
    SubmitOutcomeUnknown,
    SubmitSucceeded,
    SuppressionChanged,
)
from pipeline.stages.decision import Snapshot
from pipeline.stages.validation import Submission

SECOND = 1_000_000
HOUR = 3600 * SECOND
DAY = 24 * HOUR
NOW = 1_767_607_200 * SECOND  # 2026-01-05 10:00:00 UTC, a Monday
KEY_DAY = "2026-01-05"
CLUSTER = "cluster-of-tests"
US_NUMBER = "+18446040924"  # the sandbox number of DOMAIN 4.2
CN_NUMBER = "+8613800138000"
PHONE = "1." + "ab" * 16
OTHER_PHONE = "1." + "cd" * 16
CODEC = Codec()


class FakeKeyRing:
    """Keys made from their names: the same in every run. Remembers which were asked for."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []

    def recipient_key(self) -> tuple[int, bytes]:
        return 1, hashlib.sha256(b"recipient").digest()

    def data_key(self, owner: str, day: str) -> bytes:
        self.asked.append((owner, day))
        return hashlib.sha512(f"{owner}/{day}".encode()).digest()


def a_rules(**changes: Any) -> Rules:
    """Three accounts (one behind the gateway, one in euros), three carriers of rising price, one template."""
    accounts = (
        Account(id="acme", tariff="retail-usd", rate_per_s=10, burst=20, default_sender="ACME"),
        Account(id="teahouse", tariff="retail-eur", rate_per_s=5, burst=5),
        Account(id="corner-shop", tariff="retail-usd", is_direct=False),
    )
    carriers = (
        Carrier(id="north", tariff="north", default_sender="10690000"),
        Carrier(id="south", tariff="south"),
        Carrier(id="west", tariff="west", classes=("otp", "transactional")),
    )
    tariffs = (
        a_tariff("retail-usd", {"*": 20_000, "US": 10_000, "CN": 40_000}),
        a_tariff("retail-eur", {"CN": 35_000}, currency="EUR"),
        a_tariff("north", {"US": 3_000, "CN": 9_000}),
        a_tariff("south", {"US": 4_000, "CN": 8_000}, currency="EUR"),
        a_tariff("west", {"*": 7_000}),
    )
    everyone = tuple(carrier.id for carrier in carriers)
    fields: dict[str, Any] = {
        "control_offset": 17,
        "accounts": {account.id: account for account in accounts},
        "carriers": {carrier.id: carrier for carrier in carriers},
        "tariffs": {tariff.id: tariff for tariff in tariffs},
        "routes": {"all": Route(id="all", countries=("US", "CN", "HK"), classes=("*",), carriers=everyone)},
        "templates": {
            f"acme/code/{version}": Template(
                id=f"acme/code/{version}", account="acme", name="code", version=version, text=text
            )
            for version, text in ((1, "Code {code}"), (2, "【蓝鲸科技】您的验证码是{code}，5分钟内有效。"))
        },
        "policy": Policy(rates_micros={"EUR": 1_100_000}),
    }
    return Rules(**(fields | changes))


def with_account(rules: Rules, name: str, **changes: Any) -> Rules:
    """The rules with one account changed."""
    account = msgspec.structs.replace(rules.accounts[name], **changes)
    return msgspec.structs.replace(rules, accounts={**rules.accounts, name: account})


def with_carrier(rules: Rules, name: str, **changes: Any) -> Rules:
    """The rules with one carrier changed."""
    carrier = msgspec.structs.replace(rules.carriers[name], **changes)
    return msgspec.structs.replace(rules, carriers={**rules.carriers, name: carrier})


def a_tariff(
    name: str, micros: Mapping[str, int], *later: tuple[int, Mapping[str, int]], currency: str = "USD"
) -> Tariff:
    """Prices of a part from ever, and each of `later` from its time on."""
    steps = (TariffStep(micros=dict(micros)), *(TariffStep(since=since, micros=dict(table)) for since, table in later))
    return Tariff(id=name, currency=currency, steps=steps)


def with_prices(
    rules: Rules, name: str, micros: Mapping[str, int], *later: tuple[int, Mapping[str, int]], currency: str = "USD"
) -> Rules:
    """The rules with one tariff replaced."""
    tariff = a_tariff(name, micros, *later, currency=currency)
    return msgspec.structs.replace(rules, tariffs={**rules.tariffs, name: tariff})


def a_health(*bound: str, number: int = 5) -> Health:
    """These carriers are bound (all three if none is named), the others are not."""
    names = ("north", "south", "west")
    up = bound or names
    return Health(
        health_offset=number,
        carriers={name: CarrierState(is_bound=name in up, reason="" if name in up else "silent") for name in names},
    )


def nobody_bound() -> Health:
    return Health(health_offset=4, carriers={})


def a_snapshot(rules: Rules | None = None, health: Health | None = None) -> Snapshot:
    return Snapshot(rules=rules or a_rules(), health=health or a_health())


def a_submit_message(**changes: Any) -> SubmitMessage:
    """What a producer writes: a one-time password to the sandbox number."""
    fields: dict[str, Any] = {"to": US_NUMBER, "text": "Your code is 159104", "message_class": "otp"}
    return SubmitMessage(**(fields | changes))


def a_submission(
    value: SubmitMessage | bytes | None = None,
    *,
    account: str = "acme",
    lane: str = "express",
    offset: int = 7,
    account_header: str = "",
    **changes: Any,
) -> Submission:
    """The raw Kafka record of a submission; `changes` are fields of the SubmitMessage."""
    raw = value if isinstance(value, bytes) else CODEC.encode(value or a_submit_message(**changes))
    return Submission(
        topic=topics.submitted(account, lane),
        partition=0,
        offset=offset,
        timestamp_us=NOW,
        value=raw,
        account_header=account_header,
    )


def an_accepted(number: int = 1, **changes: Any) -> MessageAccepted:
    """A submission that validation found sound; `number` makes it another message of the same phone."""
    fields: dict[str, Any] = {
        "message_id": f"{number:032x}",
        "account_id": "acme",
        "recipient_id": PHONE,
        "caused_by": f"sms.submitted.acme.express/0/{number}",
        "occurred_at": NOW,
        "reference": f"order-{number}",
        "message_class": "otp",
        "lane": "express",
        "sender": "ACME",
        "country": "US",
        "number_prefix": US_NUMBER[:-4],
        "encoding": "gsm7",
        "segment_count": 1,
        "payload_hash": "00" * 16,
        "expires_at": NOW + HOUR,
        "submitted_topic": "sms.submitted.acme.express",
        "submitted_offset": number,
        "control_offset": 17,
        "facts_version": "tests",
        "key_day": KEY_DAY,
        "sealed_submission": b"sealed submission",
        "sealed_content": b"sealed content",
    }
    return MessageAccepted(**(fields | changes))


def a_rejected(number: int = 1, **changes: Any) -> MessageRejected:
    """A submission that validation refused."""
    kept = msgspec.structs.asdict(an_accepted(number))
    fields = {name: kept[name] for name in MessageRejected.__struct_fields__ if name in kept}
    return MessageRejected(**(fields | {"reason": "invalid-number", "detail": "too short"} | changes))


def a_succeeded(routed: MessageRouted, smsc_id: str = "A1", *, part: int = 1, **changes: Any) -> SubmitSucceeded:
    """The carrier took one part of this release."""
    return SubmitSucceeded(**(_of(routed) | {"part": part, "smsc_id": smsc_id, "sent_at": NOW} | changes))


def a_failed(routed: MessageRouted, failure_class: str = "permanent", *, part: int = 1, **changes: Any) -> SubmitFailed:
    """The carrier refused one part of this release."""
    is_permanent = failure_class == "permanent"
    fields = _of(routed) | {
        "part": part,
        "command_status": 0x0B if is_permanent else 0x64,
        "status_name": "ESME_RINVDSTADR" if is_permanent else "ESME_RX_T_APPN",
        "failure_class": failure_class,
        "scope": "destination" if is_permanent else "",
        "sent_at": NOW,
    }
    return SubmitFailed(**(fields | changes))


def an_unknown(routed: MessageRouted, *, part: int = 1, **changes: Any) -> SubmitOutcomeUnknown:
    """Nobody knows whether the carrier has this part of this release."""
    return SubmitOutcomeUnknown(**(_of(routed) | {"part": part, "reason": "process-ended"} | changes))


def a_dispatch_refused(routed: MessageRouted, reason: str = "lease-expired", **changes: Any) -> DispatchRefused:
    """The connector did not send this release."""
    return DispatchRefused(**(_of(routed) | {"parts": routed.parts, "reason": reason} | changes))


def a_deferred(routed: MessageRouted, until: int, **changes: Any) -> MessageDeferred:
    """Throttling put this release off."""
    fields = _throttled(routed) | {"until": until, "reason": "account-rate", "bucket": "b/account/acme/0"}
    return MessageDeferred(**(fields | changes))


def a_refused(routed: MessageRouted, **changes: Any) -> MessageRefused:
    """Throttling refused this release."""
    fields = _throttled(routed) | {"reason": "unknown-account", "detail": "account left the rules"}
    return MessageRefused(**(fields | changes))


def a_receipt(
    smsc_id: str = "A1", state: str = "delivered", *, carrier: str = "north", **changes: Any
) -> ReceiptReceived:
    """A delivery receipt about one part."""
    stats = {"delivered": "DELIVRD", "failed": "UNDELIV", "expired": "EXPIRED", "rejected": "REJECTD"}
    fields: dict[str, Any] = {
        "recipient_id": PHONE,
        "occurred_at": NOW,
        "carrier": carrier,
        "smsc_id": smsc_id,
        "state": state,
        "stat": stats.get(state, state.upper()[:7]),
        "error_code": "000" if state == "delivered" else "001",
        "done_at": NOW,
    }
    return ReceiptReceived(**(fields | changes))


def a_reply(
    action: str = "opt_out", *, destination: str = "ACME", reference: str = "mo-1", **changes: Any
) -> ReplyReceived:
    """A phone writes to one of our numbers."""
    fields: dict[str, Any] = {
        "recipient_id": PHONE,
        "occurred_at": NOW,
        "carrier": "north",
        "destination": destination,
        "carrier_reference": reference,
        "action": action,
        "keyword": {"opt_out": "STOP", "opt_in": "START", "help": "HELP"}.get(action, ""),
        "country": "US",
        "encoding": "gsm7",
        "segment_count": 1,
        "key_day": KEY_DAY,
        "sealed_text": b"sealed text",
    }
    return ReplyReceived(**(fields | changes))


def a_suppression(is_suppressed: bool = True, *, number: int = 1, **changes: Any) -> SuppressionChanged:
    """An operator's command about a phone; `number` makes it another command, given that many seconds later."""
    fields: dict[str, Any] = {
        "account_id": "acme",
        "recipient_id": PHONE,
        "occurred_at": NOW + number * SECOND,
        "sender": "*",
        "is_suppressed": is_suppressed,
        "reason": "manual",
        "author": "ana",
        "detail": "ticket 4711",
    }
    return SuppressionChanged(**(fields | changes))


def a_served(account: str = "acme", lane: str = "express", **changes: Any) -> AccountServed:
    """A validation worker began to read a topic of an account."""
    fields: dict[str, Any] = {
        "account_id": account,
        "occurred_at": NOW,
        "lane": lane,
        "topic": topics.submitted(account, lane),
        "control_offset": 17,
    }
    return AccountServed(**(fields | changes))


def _throttled(routed: MessageRouted) -> Mapping[str, Any]:
    return {**_of(routed, "carrier"), "lane": routed.lane}


def _of(routed: MessageRouted, *without: str) -> dict[str, Any]:
    """The fields that an answer to a release takes from it."""
    names = ("message_id", "account_id", "recipient_id", "attempt", "release", "carrier")
    return {name: getattr(routed, name) for name in names if name not in without} | {"occurred_at": NOW}
