"""Rules as the text of a rules file: what `check` accepts, and what changes nothing when it is applied again."""

from collections.abc import Mapping
from typing import Any

import msgspec
import yaml

from infra.times import iso
from pipeline.domain.money import format_micros
from pipeline.domain.profiles import CarrierProfile
from pipeline.domain.rules import Account, Carrier, Policy, Rules, Tariff, TariffStep


def rules_text(rules: Rules) -> str:
    """All that a file may say, in its order; drains and the revision are not part of it."""
    data: dict[str, Any] = {
        "tariffs": {name: _tariff(each) for name, each in sorted(rules.tariffs.items())},
        "accounts": {name: _changed(each, Account(id="", tariff="")) for name, each in sorted(rules.accounts.items())},
        "carriers": {name: _carrier(each) for name, each in sorted(rules.carriers.items())},
        "routes": {name: _without_id(each) for name, each in sorted(rules.routes.items())},
        "templates": [_without_id(each) for _, each in sorted(rules.templates.items())],
        "senders": [_without_id(each) for _, each in sorted(rules.senders.items())],
        "policy": _policy(rules.policy),
    }
    given = {name: value for name, value in data.items() if value}
    return yaml.safe_dump(given, sort_keys=False, allow_unicode=True, width=110, default_flow_style=None)


def _tariff(tariff: Tariff) -> dict[str, Any]:
    """Short where it may be: one step from ever."""
    said: dict[str, Any] = {"currency": tariff.currency}
    if len(tariff.steps) == 1 and tariff.steps[0].since == 0:
        return said | {"prices": _amounts(tariff.steps[0].micros)}
    return said | {"steps": [_step(each) for each in tariff.steps]}


def _step(step: TariffStep) -> dict[str, Any]:
    since = {"since": iso(step.since)} if step.since else {}
    return since | {"prices": _amounts(step.micros)}


def _amounts(micros: Mapping[str, int]) -> dict[str, str]:
    return {key: amount(each) for key, each in micros.items()}


def amount(micros: int) -> str:
    """A decimal as a rules file has it: 0.032, with no currency and no needless noughts."""
    return format_micros(micros, "").strip()


def _carrier(carrier: Carrier) -> dict[str, Any]:
    """Of its profile too only what is not as the specification has it."""
    said = _changed(carrier, Carrier(id="", tariff=""))
    if carrier.profile != CarrierProfile():
        said["profile"] = _differing(carrier.profile, CarrierProfile())
    return said


def _changed(value: msgspec.Struct, default: msgspec.Struct) -> dict[str, Any]:
    """The fields that are not as they would be if nobody had said anything; the tariff always."""
    always = {"tariff", "address", "system_id", "password_ref"}  # a file must name these of a carrier
    differing = _differing(value, default)
    return {name: each for name, each in _without_id(value).items() if name in differing or (name in always and each)}


def _differing(value: msgspec.Struct, default: msgspec.Struct) -> dict[str, Any]:
    usual = _without_id(default)
    return {name: each for name, each in _without_id(value).items() if each != usual[name]}


def _without_id(value: msgspec.Struct) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.to_builtins(value)
    plain.pop("id", None)
    return {name: list(each) if isinstance(each, tuple) else each for name, each in plain.items()}


def _policy(policy: Policy) -> dict[str, Any]:
    fields = _without_id(policy)
    rates = fields.pop("rates_micros")
    return {"base_currency": fields.pop("base_currency"), "exchange_rates": _amounts(rates), **fields}
