"""From a rules file to Rules: shape, values, references, each error with its line."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from infra.config.located import Located, Place, RulesInvalid, read_located
from infra.config.models import RulesFile, TariffModel, shown
from infra.config.references import broken_references
from pipeline.domain.rules import (
    Account,
    Carrier,
    Policy,
    Route,
    Rules,
    SenderId,
    Tariff,
    TariffStep,
    Template,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What a rules file says: the rules (`control_offset` -1), and which revision it means to become, if it says."""

    rules: Rules
    version: int | None


def load_document(path: Path, placeholders: Mapping[str, str] | None = None) -> Document:
    """The content of a file. Raises RulesInvalid, or OSError if it cannot be read."""
    try:
        text = path.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise RulesInvalid([f"{path}: octet {error.start} is not UTF-8 text, expected YAML"]) from error
    return parse_document(text, str(path), placeholders)


def load_rules(path: Path, placeholders: Mapping[str, str] | None = None) -> Rules:
    """The rules in a file. Raises RulesInvalid, or OSError if it cannot be read."""
    return load_document(path, placeholders).rules


def parse_rules(text: str, name: str, placeholders: Mapping[str, str] | None = None) -> Rules:
    """The rules in a text. Raises RulesInvalid."""
    return parse_document(text, name, placeholders).rules


def parse_document(text: str, name: str, placeholders: Mapping[str, str] | None = None) -> Document:
    """The content of a text; `placeholders` ('{smpp}' -> address) are put in first.

    Raises RulesInvalid with all that is wrong, shapes before references.
    """
    for placeholder, value in (placeholders or {}).items():
        text = text.replace(placeholder, value)
    located = read_located(text, name)
    if not isinstance(located.data, dict):
        raise RulesInvalid([located.problem((), "expected tariffs, accounts, carriers and routes")])
    problems: list[str] = []
    file: RulesFile | None = None
    try:
        file = RulesFile.model_validate(located.data)
    except ValidationError as error:
        problems += [_explained(located, each) for each in error.errors(include_url=False)]
    problems += broken_references(located)
    if file is None or problems:
        raise RulesInvalid(problems)
    return Document(rules=_rules(file), version=file.version)


def _explained(located: Located, error: Any) -> str:
    place: Place = tuple(part for part in error["loc"] if part != "[key]")
    kind, message = error["type"], str(error["msg"])
    if kind == "missing":
        return located.problem(place, "missing")
    if kind == "extra_forbidden":
        return located.problem(place, "not known here; look for a typing error")
    message = message.removeprefix("Value error, ").removeprefix("Input ")
    return located.problem(place, f"{shown(error['input'])}, {message}")


def _rules(file: RulesFile) -> Rules:
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
    senders = {
        (sender_id := f"{each.account}/{each.sender}"): SenderId(
            id=sender_id,
            account=each.account,
            sender=each.sender,
            countries=tuple(each.countries),
            classes=tuple(each.classes),
        )
        for each in file.senders
    }
    return Rules(
        tariffs={name: _tariff(name, each) for name, each in file.tariffs.items()},
        accounts={name: Account(id=name, **each.model_dump()) for name, each in file.accounts.items()},
        carriers={
            name: Carrier(
                id=name,
                classes=tuple(each.classes),
                profile=each.profile.profile(),
                **each.model_dump(exclude={"classes", "profile"}),
            )
            for name, each in file.carriers.items()
        },
        routes=routes,
        templates=templates,
        senders=senders,
        policy=_policy(file),
    )


def _tariff(name: str, given: TariffModel) -> Tariff:
    if given.prices is not None:
        steps: tuple[TariffStep, ...] = (TariffStep(micros=given.prices),)
    else:
        steps = tuple(TariffStep(since=each.since, micros=each.prices) for each in given.steps or ())
    return Tariff(id=name, currency=given.currency, steps=steps)


def _policy(file: RulesFile) -> Policy:
    given = file.policy.model_dump(exclude={"exchange_rates", "reserved_units"}, exclude_none=True)
    reserved = {country: each.reserve() for country, each in (file.policy.reserved_units or {}).items()}
    for name in ("ucs2_countries", "may_reveal", "protected_names"):
        if name in given:
            given[name] = tuple(given[name])
    return Policy(rates_micros=file.policy.exchange_rates, reserved_units=reserved, **given)
