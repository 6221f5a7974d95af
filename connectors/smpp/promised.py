"""A text cut into the parts that routing promised, with what one carrier's SMSC can. Pure.

The promise is an encoding and a count (`pipeline.domain.abilities`); which cut it was is found again: the carrier's own
way first, then the narrower one that holds on all carriers. Source: DOMAIN 1.11 - 1.14; DESIGN section 3.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from pipeline.domain.abilities import NARROWEST, tables_of
from pipeline.domain.profiles import CarrierProfile
from pipeline.domain.text.segments import NO_RESERVE, Concat, Encoding, Reserve, Segmentation, ShiftTables, segment


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """What validation said of a text: an Encoding by name, and the parts."""

    encoding: str
    count: int

    def is_kept_by(self, cut: Segmentation) -> bool:
        return cut.encoding == self.encoding and cut.count == self.count


def cut_as_promised(text: str, promise: Promise, profile: CarrierProfile, reserve: Reserve) -> Segmentation:
    """The first cut that keeps the promise; if none does, the carrier's own, for the caller to refuse.

    `reserve` is what the country's operators add, by the rules in force now; the promise may be of others, which had
    none. Raises TextTooLong and UnencodableText.
    """
    own = _cut(text, promise, reserve, Concat(profile.concat), _tables(profile, promise))
    if promise.is_kept_by(own):
        return own
    return next((cut for cut in _others(text, promise, profile, reserve) if promise.is_kept_by(cut)), own)


def _cut(
    text: str, promise: Promise, reserve: Reserve, concat: Concat, national: tuple[ShiftTables, ...]
) -> Segmentation:
    is_ucs2 = promise.encoding == Encoding.UCS2
    return segment(text, force_ucs2=is_ucs2, concat=concat, national=national, reserve=reserve)


def _others(text: str, promise: Promise, profile: CarrierProfile, reserve: Reserve) -> Iterator[Segmentation]:
    """Narrower cuts: a longer header, one language, no reserve. Another carrier may have had but one language."""
    whole = _tables(profile, promise)
    reserves = dict.fromkeys((reserve, NO_RESERVE))
    ways = dict.fromkeys((Concat(profile.concat), NARROWEST))
    for room, concat, national in product(reserves, ways, (whole, *((each,) for each in whole))):
        yield _cut(text, promise, room, concat, national)


def _tables(profile: CarrierProfile, promise: Promise) -> tuple[ShiftTables, ...]:
    return tables_of(profile) if promise.encoding == Encoding.GSM7_NLI else ()
