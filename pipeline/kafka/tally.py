"""What a stage did in one chunk of records: counted in plain dicts, told to the metrics once a chunk."""

from collections import Counter
from collections.abc import Mapping

from pipeline.metrics import ANSWERED, DECIDED, QUARANTINED, READ, REPEATS, WRITTEN, Metrics


class Tally:
    """Counts since the last `tell`. Not for two threads."""

    __slots__ = ("answered", "decided", "quarantined", "read", "repeats", "written")

    def __init__(self) -> None:
        self._begin()

    def _begin(self) -> None:
        self.read = 0
        self.repeats = 0
        self.decided: Counter[str] = Counter()
        self.written: Counter[str] = Counter()  # by topic
        self.quarantined: Counter[str] = Counter()  # by reason
        self.answered: Counter[str] = Counter()  # by outcome

    def tell(self, metrics: Metrics, stage: str) -> None:
        """Add all to the metrics, and begin anew."""
        if self.read:
            metrics.add(READ, self.read, stage=stage)
        if self.repeats:
            metrics.add(REPEATS, self.repeats, stage=stage)
        for record, count in self.decided.items():
            metrics.add(DECIDED, count, stage=stage, record=record)
        for topic, count in by_kind(self.written).items():
            metrics.add(WRITTEN, count, stage=stage, topic=topic)
        for reason, count in self.quarantined.items():
            metrics.add(QUARANTINED, count, stage=stage, reason=reason)
        for outcome, count in self.answered.items():
            metrics.add(ANSWERED, count, stage=stage, outcome=outcome)
        self._begin()


def by_kind(topics: Mapping[str, int]) -> Counter[str]:
    """Counts by topic, summed by kind of topic: the second word of its name, so that accounts make no series."""
    kinds: Counter[str] = Counter()
    for topic, count in topics.items():
        kinds[topic.split(".", 2)[1] if "." in topic else topic] += count
    return kinds
