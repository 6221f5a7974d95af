"""Replies in several parts put together again, in memory and bounded.

Nothing is answered before the whole is stored, so nothing is lost with this memory: the SMSC brings the parts
again. What stays incomplete is given out as it is. Pure: time is handed in.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from connectors.smpp.deliveries import ReplyPart

Answer = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Gathered:
    """Parts of one reply in order, and who waits for their being stored."""

    parts: tuple[ReplyPart, ...]
    answers: tuple[Answer, ...]


@dataclass(slots=True)
class _Group:
    since_s: float
    total: int
    parts: dict[int, ReplyPart] = field(default_factory=dict)
    answers: list[Answer] = field(default_factory=list)

    def gathered(self) -> Gathered:
        return Gathered(tuple(self.parts[n] for n in sorted(self.parts)), tuple(self.answers))


class Reassembly:
    """Groups by (source, destination, reference, total). `now_s` is any monotone clock, seconds."""

    def __init__(self, *, patience_s: float, limit: int) -> None:
        self._patience_s = patience_s
        self._limit = limit
        self._groups: dict[tuple[str, str, int, int], _Group] = {}

    def add(self, part: ReplyPart, answer: Answer, *, now_s: float) -> Gathered | None:
        """The whole reply if this part completes it, else None: the part waits."""
        if part.total == 1:
            return Gathered((part,), (answer,))
        key = (part.source, part.destination, part.reference, part.total)
        group = self._groups.setdefault(key, _Group(now_s, part.total))
        group.parts[part.sequence] = part  # a part brought again takes the place of its first bringing
        group.answers.append(answer)
        if len(group.parts) < group.total:
            return None
        del self._groups[key]
        return group.gathered()

    def overdue(self, *, now_s: float) -> Iterator[Gathered]:
        """What has waited too long, or is too much to hold, oldest first; as complete as it is."""
        for key, group in list(self._groups.items()):
            if now_s - group.since_s < self._patience_s and len(self._groups) <= self._limit:
                return
            del self._groups[key]
            yield group.gathered()
