"""What will count otherwise while a message may still wait: dated steps of tariffs, scheduled revisions. Pure."""

from collections.abc import Iterable, Iterator

from infra.preflight.basis import Basis
from infra.preflight.foreseen import Change
from infra.times import iso
from pipeline.domain.money import format_micros
from pipeline.domain.rules import Rules
from pipeline.events.records import RouteCandidate

PRICE, COST, RULES = "price", "cost", "rules"


def changes_until(
    basis: Basis, until: int, *, tariff: str, country: str, candidates: Iterable[RouteCandidate]
) -> tuple[Change, ...]:
    """Changes after the moment of the basis up to a time (UTC micros), in order of their times.

    Of the account's `tariff` and of those of the candidates, for this country alone; each tariff once.
    """
    rules = basis.snapshot(basis.at).rules
    costs = {rules.carriers[each.carrier].tariff for each in candidates if each.carrier in rules.carriers}
    found = [*_steps(rules, tariff, country, basis.at, until, PRICE)]
    for name in sorted(costs):
        found += _steps(rules, name, country, basis.at, until, COST)
    for revision in basis.coming(until):
        words = f"revision {revision.number} by {revision.author}: {revision.reason}"
        change = Change(at=iso(revision.effective_at), kind=RULES, id=str(revision.number), detail=words)
        found.append((revision.effective_at, change))
    return tuple(change for _, change in sorted(found, key=lambda each: each[0]))


def _steps(rules: Rules, name: str, country: str, after: int, until: int, kind: str) -> Iterator[tuple[int, Change]]:
    tariff = rules.tariffs.get(name)
    if tariff is None:
        return
    before = tariff.micros(country, after)
    for step in sorted(tariff.steps, key=lambda each: each.since):
        if not after < step.since <= until:
            continue
        micros = tariff.micros(country, step.since)
        if micros != before:
            words = f"{_money(before, tariff.currency)} -> {_money(micros, tariff.currency)} a part to {country}"
            yield step.since, Change(at=iso(step.since), kind=kind, id=name, detail=words)
        before = micros


def _money(micros: int | None, currency: str) -> str:
    return "no price" if micros is None else format_micros(micros, currency)
