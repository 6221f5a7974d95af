"""What a change of the rules means, in words: each changed object in a sentence, and whom it touches. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from infra.config.changes import ALL_TABLES, Change, changes_between
from infra.config.rules_text import amount
from infra.times import utc
from pipeline.domain.classes import Lane
from pipeline.domain.profiles import CarrierProfile
from pipeline.domain.rules import ANY, Account, Carrier, Rules, Tariff
from pipeline.domain.text.segments import Reserve
from pipeline.events import topics

TOUCHES_ALL = "all accounts"
_SHOWN_AS = {"rates_micros": "exchange_rates"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """One change: what, in words, and the names of whom it touches ('account acme', 'carrier blue', 'all accounts')."""

    kind: str
    id: str
    verb: str
    text: str
    touches: tuple[str, ...]

    def __str__(self) -> str:
        touched = f"; touches {', '.join(self.touches)}" if self.touches else ""
        return f"{self.kind} {self.id}{' ' if self.text.startswith(('added', 'removed')) else ': '}{self.text}{touched}"


def sentences(before: Rules, after: Rules, at: int) -> tuple[Sentence, ...]:
    """All that differs, if `after` takes the place of `before` at a time (UTC micros)."""
    return tuple(_sentence(each, before, after, at) for each in changes_between(before, after, ALL_TABLES))


def _sentence(change: Change, before: Rules, after: Rules, at: int) -> Sentence:
    old, new = _object(before, change), _object(after, change)
    match change.kind:
        case "tariff":
            text = _tariff(old, new, at)
        case "account":
            text = _account(change.id, old, new)
        case "carrier":
            text = _carrier(change.id, old, new, before)
        case _:
            text = _fields(old, new)
    return Sentence(
        kind=change.kind,
        id=change.id,
        verb=change.verb,
        text=text,
        touches=tuple(dict.fromkeys([*_touched(change, before), *_touched(change, after)])),
    )


def _object(rules: Rules, change: Change) -> Any:
    if change.kind == "policy":
        return rules.policy if rules.control_offset >= 0 or change.body else None
    return getattr(rules, ALL_TABLES[change.kind]).get(change.id)


def _tariff(old: Tariff | None, new: Tariff | None, at: int) -> str:
    if new is None:
        return "removed"
    said = list(_prices(old, new, at))
    if old is None:
        return f"added in {new.currency}: {'; '.join(said) or 'no price'}"
    if old.currency != new.currency:
        said.insert(0, f"currency {old.currency} -> {new.currency}")
    return "; ".join(said) or "past prices only; nothing costs anything else from now on"


def _prices(old: Tariff | None, new: Tariff, at: int) -> Iterator[str]:
    """What costs something else, from when on and until when; each difference once."""
    both = [new] if old is None else [old, new]
    times = sorted({at, *(step.since for each in both for step in each.steps if step.since > at)})
    countries = {key for each in both for step in each.steps for key in step.micros}
    for country in sorted(countries, key=lambda each: (each == ANY, each)):
        pairs = [(None if old is None else old.micros(country, time), new.micros(country, time)) for time in times]
        for index, (was, becomes) in enumerate(pairs):
            if was == becomes or (index and pairs[index - 1] == pairs[index]):
                continue
            end = next((later for later in range(index, len(pairs)) if pairs[later] != pairs[index]), None)
            is_over = end is not None and pairs[end][0] == pairs[end][1]
            before = "" if old is None else f"{_shown_price(was)} -> "
            since = f" from {utc(times[index])}" if times[index] > at else ""
            until = f" until {utc(times[end])}" if end is not None and is_over else ""
            yield f"{'others' if country == ANY else country} {before}{_shown_price(becomes)}{since}{until}"


def _shown_price(micros: int | None) -> str:
    return "no price" if micros is None else amount(micros)


def _account(name: str, old: Account | None, new: Account | None) -> str:
    if new is None:
        return f"removed: what it submits is read no more; its topics stay ({', '.join(_account_topics(name))})"
    if old is not None:
        return _fields(old, new)
    how = f"added: tariff {new.tariff}, {new.rate_per_s} messages a second"
    if not new.is_direct:
        return f"{how}; it comes through the gateway"
    return f"{how}; topics {', '.join(_account_topics(name))} will be made"


def _account_topics(name: str) -> list[str]:
    return [*(topics.submitted(name, lane.value) for lane in Lane), topics.status(name)]


def _carrier(name: str, old: Carrier | None, new: Carrier | None, before: Rules) -> str:
    made = [topic for lane in Lane for topic in (topics.dispatch(name, lane.value), topics.intents(name, lane.value))]
    made.append(topics.receipt_index(name))
    if new is None:
        routes = sorted(route.id for route in before.routes.values() if name in route.carriers)
        named = f"routes {', '.join(routes)} go without it; " if routes else ""
        return f"removed: {named}its topics stay ({', '.join(made)})"
    if old is not None:
        return _fields(old, new)
    ways = _fields(_Ways(profile=CarrierProfile()), _Ways(profile=new.profile))
    said = f"; {ways}" if ways else ""
    return (
        f"added: tariff {new.tariff}, {new.binds} binds to {new.address}{said}; topics {', '.join(made)} will be made"
    )


class _Ways(msgspec.Struct):
    profile: CarrierProfile


def _fields(old: msgspec.Struct | None, new: msgspec.Struct | None) -> str:
    """Each changed field, before and after."""
    if old is None or new is None:
        return "added" if old is None else "removed"
    was, becomes = (_plain(each) for each in (old, new))
    said = [
        f"{_SHOWN_AS.get(name, name)} {_shown(name, was[name])} -> {_shown(name, becomes[name])}"
        for name in was
        if was[name] != becomes[name]
    ]
    return "; ".join(said)


def _plain(value: msgspec.Struct) -> dict[str, Any]:
    """Fields by name, those of a struct within it as 'profile.concat'."""
    plain: dict[str, Any] = {}
    for name, each in msgspec.structs.asdict(value).items():
        inner = _plain(each) if isinstance(each, msgspec.Struct) else None
        plain |= {name: each} if inner is None else {f"{name}.{key}": below for key, below in inner.items()}
    return plain


def _shown(name: str, value: Any) -> str:
    if isinstance(value, Mapping):
        pairs = (
            f"{key} {amount(each) if name in _SHOWN_AS else _shown('', each)}" for key, each in sorted(value.items())
        )
        return f"({', '.join(pairs)})"
    if isinstance(value, Reserve):
        return f"{value.prefix} before and {value.suffix} after"
    if isinstance(value, tuple):
        return f"({', '.join(map(str, value))})"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return repr(value) if isinstance(value, str) else str(value)


def _entry(name: str, value: Any) -> str:
    if name in _SHOWN_AS:
        return amount(value)
    return f"{value.prefix} before and {value.suffix} after" if isinstance(value, Reserve) else str(value)


def _touched(change: Change, rules: Rules) -> Iterator[str]:
    """Whom an object of these rules concerns, other than itself."""
    match change.kind:
        case "policy":
            yield TOUCHES_ALL
        case "tariff":
            yield from (f"account {each.id}" for each in rules.accounts.values() if each.tariff == change.id)
            yield from (f"carrier {each.id}" for each in rules.carriers.values() if each.tariff == change.id)
        case "carrier" | "drain":
            yield from (f"route {each.id}" for each in rules.routes.values() if change.id in each.carriers)
        case "route" if (route := rules.routes.get(change.id)) is not None:
            yield from (f"carrier {name}" for name in route.carriers)
        case "template" | "sender" if (owned := _object(rules, change)) is not None:
            yield f"account {owned.account}"
        case _:
            return
