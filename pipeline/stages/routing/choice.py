"""Which carrier: least cost by country and class among those that can, with all candidates and reasons.

Pure arithmetic over the rules and the health in force; ties are broken by name, so that a replay chooses alike.
"""

from dataclasses import dataclass

from pipeline.domain.rules import Carrier
from pipeline.domain.text.segments import Encoding
from pipeline.events.records import RouteCandidate
from pipeline.stages.decision import Snapshot

CHOSEN = "chosen"
DEARER = "dearer"
UNBOUND = "unbound"
DRAINED = "drained"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """`carrier` is None if nobody can now; `may_come` if a carrier would do as soon as it is bound, or open again."""

    carrier: Carrier | None
    candidates: tuple[RouteCandidate, ...]
    may_come: bool

    @property
    def waits_for(self) -> str:
        """Why a message is held: for a carrier to bind, or to be opened again if nothing else is left."""
        reasons = {candidate.reason for candidate in self.candidates}
        return "carrier-drained" if DRAINED in reasons and UNBOUND not in reasons else "no-carrier-bound"

    def words(self) -> str:
        """The candidates in words, for a status that says why nobody was chosen."""
        said = (f"{candidate.carrier}: {candidate.reason}" for candidate in self.candidates)
        return "; ".join(said) or "no route names a carrier"


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What is to be carried: costs are compared in `currency`, as they are at `at` (UTC micros)."""

    country: str
    message_class: str
    segment_count: int
    currency: str
    at: int
    encoding: str = ""


def choose(snapshot: Snapshot, load: Load, only: str = "") -> Choice:
    """The cheapest bound carrier of all routes for this load; `only` limits it to one carrier."""
    rules = snapshot.rules
    routes = (route for route in rules.routes.values() if route.takes(load.country, load.message_class))
    named = {name for route in routes for name in route.carriers}
    found = []
    for name in sorted(named if not only else {only}):
        carrier = rules.carriers.get(name)
        if carrier is None:
            continue
        score, reason = _score(snapshot, carrier, load)
        if not reason and name in rules.drains and not only:  # what a carrier has begun it finishes
            reason = DRAINED
        if not reason and not _is_bound(snapshot, name):
            reason = UNBOUND
        found.append((score if not reason else -1, name, reason))
    eligible = sorted((score, name) for score, name, reason in found if not reason)
    best = eligible[0][1] if eligible else ""
    candidates = [
        RouteCandidate(carrier=name, is_eligible=True, score=score, reason=CHOSEN if name == best else DEARER)
        for score, name in eligible
    ]
    candidates += [
        RouteCandidate(carrier=name, is_eligible=False, score=-1, reason=reason) for _, name, reason in found if reason
    ]
    return Choice(
        carrier=rules.carriers[best] if best else None,
        candidates=tuple(candidates),
        may_come=any(reason in (UNBOUND, DRAINED) for _, _, reason in found),
    )


def _score(snapshot: Snapshot, carrier: Carrier, load: Load) -> tuple[int, str]:
    """(cost of the whole message in micros of the load's currency, '') or (-1, why it cannot)."""
    cost = snapshot.rules.price(carrier.tariff, load.country, load.at)
    if cost is None:
        return -1, "no-price"
    if load.message_class not in carrier.classes:
        return -1, "class-not-carried"
    if load.encoding == Encoding.GSM7_NLI and not carrier.profile.national:
        return -1, "encoding-not-carried"
    if load.segment_count > carrier.max_parts:
        return -1, "too-many-parts"
    converted = snapshot.rules.convert_micros(cost.micros * load.segment_count, cost.currency, load.currency)
    return (converted, "") if converted is not None else (-1, "no-exchange-rate")


def _is_bound(snapshot: Snapshot, carrier: str) -> bool:
    state = snapshot.health.carriers.get(carrier)
    return state is not None and state.is_bound
