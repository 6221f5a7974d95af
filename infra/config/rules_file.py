"""From a rules file to Rules: shape, values, references, each error with its line."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from infra.config.located import Located, Place, RulesInvalid, read_located
from infra.config.models import RulesFile, shown
from pipeline.domain.rules import ANY, Account, Carrier, Policy, Route, Rules, Template
from pipeline.events.topics import GATEWAY


def load_rules(path: Path, placeholders: Mapping[str, str] | None = None) -> Rules:
    """The rules in a file, `control_offset` -1. Raises RulesInvalid, or OSError if it cannot be read."""
    try:
        text = path.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise RulesInvalid([f"{path}: octet {error.start} is not UTF-8 text, expected YAML"]) from error
    return parse_rules(text, str(path), placeholders)


def parse_rules(text: str, name: str, placeholders: Mapping[str, str] | None = None) -> Rules:
    """The rules in a text; `placeholders` ('{smpp}' -> address) are put in first. Raises RulesInvalid."""
    for placeholder, value in (placeholders or {}).items():
        text = text.replace(placeholder, value)
    located = read_located(text, name)
    if not isinstance(located.data, dict):
        raise RulesInvalid([located.problem((), "expected accounts, carriers and routes")])
    try:
        file = RulesFile.model_validate(located.data)
    except ValidationError as error:
        raise RulesInvalid([_explained(located, each) for each in error.errors(include_url=False)]) from error
    if problems := list(_broken_references(located, file)):
        raise RulesInvalid(problems)
    return _rules(file)


def _explained(located: Located, error: Any) -> str:
    place: Place = tuple(part for part in error["loc"] if part != "[key]")
    kind, message = error["type"], str(error["msg"])
    if kind == "missing":
        return located.problem(place, "missing")
    if kind == "extra_forbidden":
        return located.problem(place, "not known here; look for a typing error")
    message = message.removeprefix("Value error, ").removeprefix("Input ")
    return located.problem(place, f"{shown(error['input'])}, {message}")


def _broken_references(located: Located, file: RulesFile) -> Iterator[str]:
    if GATEWAY in file.accounts:
        yield located.problem(("accounts", GATEWAY), "this name is kept for all who come through the gateway")
    for route_id, route in file.routes.items():
        for index, carrier in enumerate(route.carriers):
            if carrier not in file.carriers:
                known = ", ".join(file.carriers)
                place = ("routes", route_id, "carriers", index)
                yield located.problem(place, f"{carrier!r} is no carrier of this file, expected one of {known}")
    seen: set[tuple[str, str, int]] = set()
    for index, template in enumerate(file.templates):
        if template.account not in file.accounts:
            known = ", ".join(file.accounts)
            what = f"{template.account!r} is no account of this file, expected one of {known}"
            yield located.problem(("templates", index, "account"), what)
        key = (template.account, template.name, template.version)
        if key in seen:
            yield located.problem(("templates", index), f"version {template.version} of {template.name} stands twice")
        seen.add(key)
    yield from _unknown_currencies(located, file)


def _unknown_currencies(located: Located, file: RulesFile) -> Iterator[str]:
    """Prices and costs are compared through the rate table, so every currency needs a rate."""
    known = {file.policy.base_currency, *file.policy.exchange_rates}
    tables = (("accounts", file.accounts), ("carriers", file.carriers))
    for table, objects in tables:
        for object_id, each in objects.items():
            if each.currency not in known:
                what = f"{each.currency!r} has no rate, expected one in policy.exchange_rates"
                yield located.problem((table, object_id, "currency"), what)


def _rules(file: RulesFile) -> Rules:
    accounts = {
        name: Account(id=name, prices_micros=each.prices, **each.model_dump(exclude={"prices"}))
        for name, each in file.accounts.items()
    }
    carriers = {
        name: Carrier(
            id=name,
            costs_micros=each.costs,
            classes=tuple(each.classes),
            **each.model_dump(exclude={"costs", "classes"}),
        )
        for name, each in file.carriers.items()
    }
    routes = {
        name: Route(
            id=name, countries=tuple(each.countries), classes=tuple(each.classes), carriers=tuple(each.carriers)
        )
        for name, each in file.routes.items()
    }
    templates = {
        (template_id := f"{each.account}/{each.name}/{each.version}"): Template(id=template_id, **each.model_dump())
        for each in file.templates
    }
    return Rules(accounts=accounts, carriers=carriers, routes=routes, templates=templates, policy=_policy(file))


def _policy(file: RulesFile) -> Policy:
    given = file.policy.model_dump(exclude={"exchange_rates"}, exclude_none=True)
    if "ucs2_countries" in given:
        given["ucs2_countries"] = tuple(country for country in given["ucs2_countries"] if country != ANY)
    if "may_reveal" in given:
        given["may_reveal"] = tuple(given["may_reveal"])
    return Policy(rates_micros=file.policy.exchange_rates, **given)
