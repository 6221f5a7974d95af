"""What a rules file says of itself must be there: tariffs, carriers, accounts, rates. Pure.

Reads the raw data and passes over what has not the right shape (others say that), so that one look at a file tells
all that is wrong with it.
"""

from collections.abc import Iterator
from typing import Any

from infra.config.located import Located, Place
from infra.times import iso, micros_of
from pipeline.domain.rules import INLINE_PRICES, inline_tariff
from pipeline.domain.senders import InvalidSender, parse_sender, spelled
from pipeline.events.topics import GATEWAY

Named = Iterator[tuple[Place, dict[str, Any]]]


def broken_references(located: Located) -> list[str]:
    """One line for each name that stands for nothing, for each thing that stands twice, and for steps out of order."""
    data: dict[str, Any] = located.data
    return [
        *_kept_names(located),
        *_steps(located, data),
        *_names(located, "accounts", "tariff", _table(data, "tariffs"), "tariff"),
        *_names(located, "carriers", "tariff", _table(data, "tariffs"), "tariff"),
        *_inline_tariffs(located, data),
        *_names(located, "templates", "account", _table(data, "accounts"), "account"),
        *_names(located, "senders", "account", _table(data, "accounts"), "account"),
        *_carriers_of_routes(located, data),
        *_shared_logins(located, data),
        *_twice(located, "templates", ("account", "name", "version")),
        *_twice(located, "senders", ("account", "sender")),
        *_unregistered_defaults(located, data),
        *_unknown_currencies(located, data),
    ]


def _table(data: dict[str, Any], name: str) -> dict[str, Any]:
    found = data.get(name)
    return found if isinstance(found, dict) else {}


def _each(data: dict[str, Any], name: str) -> Named:
    """The objects of a table or list, with their places."""
    found = data.get(name)
    pairs = found.items() if isinstance(found, dict) else enumerate(found) if isinstance(found, list) else ()
    for key, value in pairs:
        if isinstance(value, dict):
            yield (name, key), value


def _kept_names(located: Located) -> Iterator[str]:
    if GATEWAY in _table(located.data, "accounts"):
        yield located.problem(("accounts", GATEWAY), "this name is kept for all who come through the gateway")


def _names(located: Located, table: str, field: str, known: dict[str, Any], what: str) -> Iterator[str]:
    for place, each in _each(located.data, table):
        name = each.get(field)
        if isinstance(name, str) and name not in known:
            yield _unknown(located, (*place, field), name, what, known)


def _inline_tariffs(located: Located, data: dict[str, Any]) -> Iterator[str]:
    """A tariff 'account:acme' comes and goes with account acme, so that one must have it, and nobody else may."""
    users: dict[str, list[str]] = {}
    for kind in INLINE_PRICES:
        for (_, name), each in _each(data, f"{kind}s"):
            users.setdefault(str(each.get("tariff")), []).append(inline_tariff(kind, str(name)))
    for place, _ in _each(data, "tariffs"):
        name = str(place[1])
        if ":" in name and users.get(name) != [name]:
            what = "it goes with the one that it is called after, which alone may have it; give it another name"
            yield located.problem(place, f"{name!r}, {what}")


def _unknown(located: Located, place: Place, name: str, what: str, known: dict[str, Any]) -> str:
    expected = ", ".join(map(str, known)) or f"one under {what}s"
    return located.problem(place, f"{name!r} is no {what} of this file, expected one of {expected}")


def _carriers_of_routes(located: Located, data: dict[str, Any]) -> Iterator[str]:
    known = _table(data, "carriers")
    for place, route in _each(data, "routes"):
        named = route.get("carriers")
        for index, carrier in enumerate(named if isinstance(named, list) else ()):
            if isinstance(carrier, str) and carrier not in known:
                yield _unknown(located, (*place, "carriers", index), carrier, "carrier", known)


def _shared_logins(located: Located, data: dict[str, Any]) -> Iterator[str]:
    """An SMSC answers an account on any of its binds, so two carriers of one account get each other's receipts."""
    seen: dict[tuple[object, object], str] = {}
    for place, carrier in _each(data, "carriers"):
        login = (carrier.get("address"), carrier.get("system_id"))
        if not all(isinstance(each, str) and each for each in login):
            continue
        if login in seen:
            what = f"{login[1]!r} at {login[0]} is carrier {seen[login]} already, and would get its receipts"
            yield located.problem((*place, "system_id"), what)
        seen.setdefault(login, str(place[1]))


def _twice(located: Located, table: str, fields: tuple[str, ...]) -> Iterator[str]:
    seen: dict[tuple[str, ...], Place] = {}
    for place, each in _each(located.data, table):
        key = tuple(str(each.get(field)) for field in fields)
        if key in seen:
            first = located.lines.get(seen[key], 1)
            yield located.problem(place, f"{' '.join(key)} stands twice, first in line {first}")
        seen.setdefault(key, place)


def _steps(located: Located, data: dict[str, Any]) -> Iterator[str]:
    for place, tariff in _each(data, "tariffs"):
        steps = tariff.get("steps")
        before: int | None = None
        for index, step in enumerate(steps if isinstance(steps, list) else ()):
            since = _since(step)
            if since is None:
                continue
            if before is not None and "since" not in step:
                yield located.problem((*place, "steps", index), "since is missing; only the first step may go without")
                continue
            if before is not None and since <= before:
                at = (*place, "steps", index, "since")
                yield located.problem(at, f"{iso(since)} is not after the step before it, {iso(before)}")
            before = since


def _since(step: Any) -> int | None:
    if not isinstance(step, dict):
        return None
    return _micros(step["since"]) if "since" in step else 0


def _micros(given: Any) -> int | None:
    """None for what is no time, of which the shape speaks."""
    try:
        return micros_of(given)
    except ValueError:
        return None


def _unregistered_defaults(located: Located, data: dict[str, Any]) -> Iterator[str]:
    """An account that may show none but registered senders has a registered one as its default."""
    registered = {(each.get("account"), _address(each.get("sender"))) for _, each in _each(data, "senders")}
    for place, account in _each(data, "accounts"):
        sender = account.get("default_sender")
        is_strict = account.get("only_registered_senders") is True
        if is_strict and sender and (place[1], _address(sender)) not in registered:
            what = f"{sender!r} is not under senders, and this account may show none but those"
            yield located.problem((*place, "default_sender"), what)


def _address(sender: Any) -> Any:
    try:
        return spelled(parse_sender(sender)) if isinstance(sender, str) else sender
    except InvalidSender:
        return sender


def _unknown_currencies(located: Located, data: dict[str, Any]) -> Iterator[str]:
    """Prices and costs are compared through the rate table, so every currency needs a rate."""
    policy = _table(data, "policy")
    known = {policy.get("base_currency", "USD"), *_table(policy, "exchange_rates")}
    for place, tariff in _each(data, "tariffs"):
        currency = tariff.get("currency")
        if isinstance(currency, str) and currency not in known:
            what = f"{currency!r} has no rate, expected one in policy.exchange_rates"
            yield located.problem((*place, "currency"), what)
