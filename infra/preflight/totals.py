"""The sum of many answers: how many of each outcome, what they cost by country and currency. Holds no message."""

from collections import Counter, defaultdict

import msgspec

from infra.preflight.basis import Basis
from infra.preflight.foreseen import ACCEPTED, UNKNOWN, Foreseen
from infra.times import iso


class Outcomes(msgspec.Struct, frozen=True, kw_only=True):
    """How many rows came to one end. `status`: the last that the account would be told before the carrier."""

    outcome: str
    status: str
    reason: str
    rows: int


class CountryTotal(msgspec.Struct, frozen=True, kw_only=True):
    """Accepted messages of one country and currency. `costs_micros`: what their carriers take, by currency; of the
    `unrouted`, for which no carrier is chosen yet, nobody knows.
    """

    country: str
    currency: str
    messages: int
    segments: int
    price_micros: int
    costs_micros: dict[str, int]
    unrouted: int


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """What was asked, and what came of it. `revision` null: a rules file, none of which is in force."""

    account: str
    at: str
    source: str
    revision: int | None
    control_offset: int
    health_offset: int
    assumed: tuple[str, ...]
    rows: int
    outcomes: tuple[Outcomes, ...]
    totals: tuple[CountryTotal, ...]
    warnings: dict[str, int]
    unknown: dict[str, str]


class Totals:
    """Takes one answer after the other."""

    def __init__(self) -> None:
        self._outcomes: Counter[tuple[str, str, str]] = Counter()
        self._messages: Counter[tuple[str, str]] = Counter()
        self._segments: Counter[tuple[str, str]] = Counter()
        self._prices: Counter[tuple[str, str]] = Counter()
        self._unrouted: Counter[tuple[str, str]] = Counter()
        self._costs: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        self._warnings: Counter[str] = Counter()
        self._unknown: set[str] = set()

    def add(self, answer: Foreseen) -> None:
        self._outcomes[answer.outcome, answer.statuses[-1] if answer.statuses else "", _why(answer)] += 1
        self._warnings.update({each.code for each in answer.warnings})
        self._unknown.update(answer.unknown)
        if answer.outcome != ACCEPTED:
            return
        place = answer.country or "", answer.currency or ""
        self._messages[place] += 1
        self._segments[place] += answer.segment_count or 0
        self._prices[place] += answer.total_price_micros or 0
        if answer.cost_currency is None:
            self._unrouted[place] += 1
        else:
            self._costs[place][answer.cost_currency] += answer.total_cost_micros or 0

    def count(self, outcome: str) -> int:
        """How many rows had this outcome."""
        return sum(rows for (name, _, _), rows in self._outcomes.items() if name == outcome)

    def summary(self, account: str, basis: Basis) -> Summary:
        """All of it, with what it rests on."""
        revision = basis.revision(basis.at)
        return Summary(
            account=account,
            at=iso(basis.at),
            source=basis.source,
            revision=revision.number or None,
            control_offset=revision.offset,
            health_offset=basis.health.health_offset,
            assumed=basis.assumed,
            rows=self._outcomes.total(),
            outcomes=tuple(
                Outcomes(outcome=outcome, status=status, reason=reason, rows=rows)
                for (outcome, status, reason), rows in sorted(self._outcomes.items())
            ),
            totals=tuple(self._total(place) for place in sorted(self._messages)),
            warnings=dict(sorted(self._warnings.items())),
            unknown={code: words for code, words in UNKNOWN.items() if code in self._unknown},
        )

    def _total(self, place: tuple[str, str]) -> CountryTotal:
        return CountryTotal(
            country=place[0],
            currency=place[1],
            messages=self._messages[place],
            segments=self._segments[place],
            price_micros=self._prices[place],
            costs_micros=dict(sorted(self._costs[place].items())),
            unrouted=self._unrouted[place],
        )


def _why(answer: Foreseen) -> str:
    """Its rejection's reason, else that of its last hold."""
    return answer.reason or (answer.holds[-1].reason if answer.holds else "")
