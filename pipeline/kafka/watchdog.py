"""Is a partition stuck? Input waits, nothing excuses it, and it does not move: then the process has to end. Pure.

The shell that asks is `watching.py`. Agents can die in silence after days (FINDINGS section 1): nobody raises or reads.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

STUCK_AFTER_S = 60.0


class Place(NamedTuple):
    """One input partition of one stage."""

    stage: str
    topic: str
    partition: int

    def __str__(self) -> str:
        return f"{self.stage}: {self.topic}/{self.partition}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a partition that is owned here stands. `position` is the offset of the next record to apply.

    `log_time_us` is the log time of the last one applied, 0 before the first. `excuse` says what it has to wait for
    (recovery, a snapshot, Kafka's acknowledgements), '' if it should move.
    """

    place: Place
    position: int
    log_time_us: int = 0
    excuse: str = ""
    pending_timers: int = 0
    rules_offset: int = -1


class Seen(NamedTuple):
    """How a partition stood, and since when (seconds, steady) it has stood just so."""

    position: int
    excuse: str
    has_input: bool
    since_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What one look found: what to remember, who stands still too long, and who waits for what for as long."""

    seen: Mapping[Place, Seen]
    stuck: tuple[Standing, ...]
    waiting: tuple[Standing, ...]


def look(
    seen: Mapping[Place, Seen],
    standings: Iterable[Standing],
    ends: Mapping[tuple[str, int], int] | None,
    *,
    now_s: float,
    limit_s: float = STUCK_AFTER_S,
) -> Look:
    """Judge all partitions. `ends` are the end offsets of the log by (topic, partition); None while Kafka is away.

    Time begins anew with every move, with a new excuse, and when input comes or Kafka goes; a partition that was given
    away is forgotten. `stuck` have stood for `limit_s` before input without an excuse, `waiting` with one.
    """
    after: dict[Place, Seen] = {}
    stuck, waiting = [], []
    for standing in standings:
        end = -1 if ends is None else ends.get((standing.place.topic, standing.place.partition), -1)
        seen_now = Seen(standing.position, standing.excuse, end > standing.position, now_s)
        before = seen.get(standing.place)
        after[standing.place] = seen_now if before is None or before[:3] != seen_now[:3] else before
        if not seen_now.has_input or now_s - after[standing.place].since_s < limit_s:
            continue
        if standing.excuse:
            waiting.append(standing)
            after[standing.place] = seen_now  # told again only after as long a time
        else:
            stuck.append(standing)
    return Look(seen=after, stuck=tuple(stuck), waiting=tuple(waiting))
