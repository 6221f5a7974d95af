"""The rules: what accounts, carriers, routes, templates and policies say, as one immutable snapshot.

A snapshot is the fold of `sms.control` up to a revision. Pure: loading and publishing live elsewhere.
Prices and costs stand in tariffs: micros of a part, by country, '*' for all others, from a date on.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from pipeline.domain.profiles import CarrierProfile
from pipeline.domain.text.segments import Reserve

ANY = "*"


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """A customer; `tariff` names what a part costs it.

    `is_direct` accounts write to Kafka themselves; all others come through the gateway.
    With `only_registered_senders` it may show none but its SenderIds. `smart_encoding` lets look-alikes replace
    characters outside GSM-7 where the whole text then fits it (DOMAIN 1.16). `quota_bytes_per_s` is what its
    principal may produce to Kafka, and consume.
    """

    id: str
    tariff: str
    rate_per_s: int = 100
    burst: int = 100
    shards: int = 1
    is_direct: bool = True
    default_sender: str = ""
    on_unknown: dict[str, str] = msgspec.field(default_factory=dict)
    only_registered_senders: bool = False
    smart_encoding: bool = False
    quota_bytes_per_s: int = 1_048_576


class Carrier(msgspec.Struct, frozen=True, kw_only=True):
    """A carrier account: the tariff of its costs, what it carries, and how its connector reaches it.

    `address` is host:port; `password_ref` is `file:<path below the home>` or `env:<NAME>`, never the secret.
    `profile` is what its SMSC wants and how it answers.
    """

    id: str
    tariff: str
    classes: tuple[str, ...] = ("otp", "transactional", "service", "conversational", "marketing")
    max_parts: int = 10
    address: str = ""
    system_id: str = ""
    password_ref: str = ""
    binds: int = 1
    window: int = 10
    rate_per_s: int = 100
    response_timeout_s: int = 30
    enquire_link_s: int = 30
    default_sender: str = ""
    profile: CarrierProfile = CarrierProfile()


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """Which carriers may carry some classes to some countries; the cheapest one that can is chosen."""

    id: str
    countries: tuple[str, ...]
    classes: tuple[str, ...]
    carriers: tuple[str, ...]

    def takes(self, country: str, message_class: str) -> bool:
        """Whether this route is for a class to a country; '*' stands for all."""
        return (country in self.countries or ANY in self.countries) and (
            message_class in self.classes or ANY in self.classes
        )


class Template(msgspec.Struct, frozen=True, kw_only=True):
    """One version of a text with {placeholders}; id is '<account>/<name>/<version>'."""

    id: str
    account: str
    name: str
    version: int
    text: str


class Tariff(msgspec.Struct, frozen=True, kw_only=True):
    """Prices (or costs) of one part by country, as dated steps; a step holds from its time until the next one's."""

    id: str
    currency: str
    steps: tuple["TariffStep", ...]

    def micros(self, country: str, at: int) -> int | None:
        """Micros of one part at a time (UTC micros): of the country, else of '*'; None where there is no price."""
        step = max((each for each in self.steps if each.since <= at), key=lambda each: each.since, default=None)
        return None if step is None else step.micros.get(country, step.micros.get(ANY))


class TariffStep(msgspec.Struct, frozen=True, kw_only=True):
    """What a part costs by country, '*' for all others, from `since` (UTC micros, 0: from ever) on."""

    since: int = 0
    micros: dict[str, int]


class Price(msgspec.Struct, frozen=True, kw_only=True):
    """What one part costs at one time, and by which tariff."""

    micros: int
    currency: str
    tariff: str


class SenderId(msgspec.Struct, frozen=True, kw_only=True):
    """A sender that an account may show, where and for which classes; id is '<account>/<sender>'."""

    id: str
    account: str
    sender: str
    countries: tuple[str, ...] = (ANY,)
    classes: tuple[str, ...] = (ANY,)

    def covers(self, country: str, message_class: str) -> bool:
        """Whether it may be shown for a class in a country."""
        return (country in self.countries or ANY in self.countries) and (
            message_class in self.classes or ANY in self.classes
        )


class Drain(msgspec.Struct, frozen=True, kw_only=True):
    """A carrier that gets nothing new until it is opened again; by command, never by a rules file. id: the carrier."""

    id: str
    reason: str = ""


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """What holds for all: exchange rates to one base currency (micros of base for one unit), parts, encodings.

    `reserved_units`: what operators of a country add to every text, where it is not as `text_rules` has it.
    `protected_names`: senders that only who registered them may show, and nothing that looks like them.
    `may_reveal`: users of the operating system that may see texts and numbers; '*' is anybody.
    """

    id: str = "default"
    base_currency: str = "USD"
    rates_micros: dict[str, int] = msgspec.field(default_factory=dict)
    max_parts: int = 10
    ucs2_countries: tuple[str, ...] = ("CN",)
    reserved_units: dict[str, Reserve] = msgspec.field(default_factory=dict)
    protected_names: tuple[str, ...] = ()
    attempt_budget_s: dict[str, int] = msgspec.field(default_factory=lambda: {"express": 60, "bulk": 600})
    receipt_grace_s: int = 259_200
    may_reveal: tuple[str, ...] = ()
    on_unknown: dict[str, str] = msgspec.field(
        default_factory=lambda: {
            "otp": "resend",
            "transactional": "resend",
            "service": "resend",
            "conversational": "resend",
            "marketing": "hold",
        }
    )


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """One snapshot of all rules, as of `control_offset` in sms.control (-1: none known)."""

    control_offset: int = -1
    accounts: dict[str, Account] = msgspec.field(default_factory=dict)
    carriers: dict[str, Carrier] = msgspec.field(default_factory=dict)
    routes: dict[str, Route] = msgspec.field(default_factory=dict)
    templates: dict[str, Template] = msgspec.field(default_factory=dict)
    tariffs: dict[str, Tariff] = msgspec.field(default_factory=dict)
    senders: dict[str, SenderId] = msgspec.field(default_factory=dict)
    drains: dict[str, Drain] = msgspec.field(default_factory=dict)
    policy: Policy = Policy()

    def price(self, tariff: str, country: str, at: int) -> Price | None:
        """What one part to a country costs by a tariff at a time (UTC micros); None if the tariff has no price then."""
        found = self.tariffs.get(tariff)
        micros = None if found is None else found.micros(country, at)
        return None if found is None or micros is None else Price(micros=micros, currency=found.currency, tariff=tariff)

    def sender(self, account: str, sender: str) -> SenderId | None:
        """The registration of a sender by an account, if there is one."""
        return self.senders.get(f"{account}/{sender}")

    def convert_micros(self, micros: int, currency: str, into: str) -> int | None:
        """Micros of one currency in another by the rates of this snapshot, half up; None without a rate."""
        if currency == into:
            return micros
        rates = {**self.policy.rates_micros, self.policy.base_currency: 1_000_000}
        if currency not in rates or into not in rates:
            return None
        return (micros * rates[currency] * 2 + rates[into]) // (2 * rates[into])

    def template(self, account: str, name: str, version: int | None) -> Template | None:
        """The named template of an account: that version, or the newest."""
        found = [t for t in self.templates.values() if t.account == account and t.name == name]
        if version is not None:
            found = [t for t in found if t.version == version]
        return max(found, key=lambda t: t.version, default=None)


KINDS: Mapping[str, type[Any]] = {
    "account": Account,
    "carrier": Carrier,
    "route": Route,
    "template": Template,
    "tariff": Tariff,
    "sender": SenderId,
    "drain": Drain,
    "policy": Policy,
}

INLINE_PRICES: Mapping[str, str] = {"account": "prices_micros", "carrier": "costs_micros"}
"""Where the records of builds without tariffs had their prices, beside `currency`. Such records are read for ever."""


def apply_control(rules: Rules, kind: str, object_id: str, body: str, *, is_deleted: bool) -> Rules:
    """The rules after one control record (not a revision). Raises ValueError naming the object if it is unsound."""
    if kind not in KINDS:
        raise ValueError(f"control record kind={kind!r}, expected one of {', '.join(sorted(KINDS))}")
    if kind == "policy":
        return msgspec.structs.replace(rules, policy=Policy() if is_deleted else _found(kind, object_id, body)[0])
    found, inline = (None, None) if is_deleted else _found(kind, object_id, body)
    table: dict[str, Any] = _with(getattr(rules, f"{kind}s"), object_id, found)
    if kind not in INLINE_PRICES:
        return msgspec.structs.replace(rules, **{f"{kind}s": table})
    tariffs, own = rules.tariffs, inline_tariff(kind, object_id)
    if found is None or inline is not None or found.tariff != own:
        tariffs = _with(tariffs, own, inline)
    return msgspec.structs.replace(rules, tariffs=tariffs, **{f"{kind}s": table})


def inline_tariff(kind: str, object_id: str) -> str:
    """The tariff of one account or carrier whose record says prices itself: 'account:acme'. It goes with its object.

    Nobody else may name it. The colon keeps it apart from the names that people give.
    """
    return f"{kind}:{object_id}"


def _with(table: Mapping[str, Any], name: str, value: Any) -> dict[str, Any]:
    """A table with another value under a name; None takes the name out."""
    return {**table, name: value} if value is not None else {key: table[key] for key in table if key != name}


def _found(kind: str, object_id: str, body: str) -> tuple[Any, Tariff | None]:
    """The object of a record, and the tariff that it brings along if it was written before there were tariffs."""
    try:
        if kind in INLINE_PRICES:
            raw = msgspec.json.decode(body)
            if isinstance(raw, dict) and "tariff" not in raw and INLINE_PRICES[kind] in raw:
                return _before_tariffs(kind, object_id, raw)
        return msgspec.json.decode(body, type=KINDS[kind]), None
    except msgspec.DecodeError as error:
        raise ValueError(f"control record {kind}/{object_id}: {error}") from error


def _before_tariffs(kind: str, object_id: str, raw: dict[str, Any]) -> tuple[Any, Tariff]:
    name = inline_tariff(kind, object_id)
    step = {"since": 0, "micros": raw[INLINE_PRICES[kind]]}
    tariff = msgspec.convert({"id": name, "currency": raw.get("currency"), "steps": [step]}, type=Tariff)
    return msgspec.convert({**raw, "tariff": name}, type=KINDS[kind]), tariff


class CarrierState(msgspec.Struct, frozen=True, kw_only=True):
    """What routing needs to know of a carrier's health."""

    is_bound: bool
    reason: str


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """Health of all carriers as of `health_offset` in sms.health (-1: none known)."""

    health_offset: int = -1
    carriers: dict[str, CarrierState] = msgspec.field(default_factory=dict)
