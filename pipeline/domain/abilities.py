"""What every carrier can do that may carry a message: validation promises no more, whichever routing takes later.

A promise is an encoding and a count of parts. It holds on all carriers if it rests on the narrowest way to tie parts,
on language tables that all have, and on characters that all carry. Pure. Source: DOMAIN 1.11 - 1.14, 1.17.
"""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from pipeline.domain.profiles import CarrierProfile
from pipeline.domain.rules import ANY, Carrier, Policy, Rules
from pipeline.domain.text import charsets
from pipeline.domain.text.country_rules import text_rule_of
from pipeline.domain.text.national import UnknownLanguage, candidates, identifier_of
from pipeline.domain.text.segments import Concat, Reserve, ShiftTables


@dataclass(frozen=True, slots=True, kw_only=True)
class Abilities:
    """What texts may be written with. `charsets` are what data_coding 0 means somewhere, beside GSM-7."""

    concat: Concat = Concat.UDH8
    national: tuple[ShiftTables, ...] = ()
    charsets: tuple[str, ...] = ()

    def carry(self, text: str) -> bool:
        """Whether data_coding 0 carries the text at all of them, if GSM-7 does; a later build's is sure of none."""
        return all(charset in charsets.NAMES and charsets.carries(charset, text) for charset in self.charsets)


NARROWEST: Final = Concat.UDH16
"""Its header is an octet longer than that of the others."""


def abilities_of(profiles: Iterable[CarrierProfile]) -> Abilities:
    """What all of these can; with none of them what the specification says."""
    known = tuple(profiles)
    if not known:
        return Abilities()
    has_narrow = any(profile.concat == NARROWEST for profile in known)
    spoken = {profile.default_charset for profile in known} - {charsets.GSM7}
    return Abilities(
        concat=NARROWEST if has_narrow else Concat.UDH8,
        national=_tables_of_all(known),
        charsets=tuple(sorted(spoken)),
    )


def _tables_of_all(profiles: tuple[CarrierProfile, ...]) -> tuple[ShiftTables, ...]:
    first, *others = (_identifiers(profile.national) for profile in profiles)
    return candidates(tuple(str(identifier) for identifier in sorted(first.intersection(*others))))


def _identifiers(names: Iterable[str]) -> set[int]:
    """Those that are known; a later build may know more."""
    found = set()
    for name in names:
        with suppress(UnknownLanguage):
            found.add(identifier_of(name))
    return found


def tables_of(profile: CarrierProfile) -> tuple[ShiftTables, ...]:
    """The shift tables that one carrier's handsets read."""
    return _tables_of_all((profile,))


class AbilitiesByRoute:
    """Abilities by country and class of the newest rules asked about: they are asked for with every message.

    Two threads that ask at once cost a second reading and nothing else.
    """

    def __init__(self) -> None:
        self._found: tuple[Rules | None, dict[tuple[str, str], Abilities]] = (None, {})

    def of(self, rules: Rules, country: str, message_class: str) -> Abilities:
        """What all carriers can that any route may give such a message to, at whatever time."""
        known, found = self._found
        if known is not rules:
            found = {}
            self._found = (rules, found)
        able = found.get((country, message_class))
        if able is None:
            carriers = _may_carry(rules, country, message_class)
            able = found[country, message_class] = abilities_of(carrier.profile for carrier in carriers)
        return able


def reserve_of(policy: Policy, country: str) -> Reserve:
    """What the operators of a country add to a text: the policy's word, else the usual."""
    said = policy.reserved_units.get(country)
    return text_rule_of(country).reserve if said is None else said


def _may_carry(rules: Rules, country: str, message_class: str) -> list[Carrier]:
    """Carriers of a route for it that take the class and have, or will have, a price there."""
    named = {name for route in rules.routes.values() if route.takes(country, message_class) for name in route.carriers}
    carriers = (rules.carriers.get(name) for name in sorted(named))
    return [
        carrier
        for carrier in carriers
        if carrier is not None and message_class in carrier.classes and _has_price(rules, carrier.tariff, country)
    ]


def _has_price(rules: Rules, tariff: str, country: str) -> bool:
    found = rules.tariffs.get(tariff)
    return found is not None and any(country in step.micros or ANY in step.micros for step in found.steps)
