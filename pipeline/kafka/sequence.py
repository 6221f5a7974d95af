"""Whether records of a partition come without a gap, so that no transport can make us skip one unseen.

Faust labels what it fetched before a rebalance with the generation after it (a race between its threads); a record
too far ahead would be applied and all before it then dropped as already applied. So a jump in offsets is
believed only if the log itself has it (retention, transaction markers); otherwise the reader goes back.
"""

import asyncio
from collections.abc import Mapping

from confluent_kafka import Consumer, TopicPartition

from pipeline.logs import ClientLog

Config = Mapping[str, str | int | bool]
TIMEOUT_S = 5.0


class Sequence:
    """The next offset expected of one partition: what was committed or applied last, plus one; 0 in a new one."""

    def __init__(self, config: Config, topic: str, partition: int, expected: int) -> None:
        self._config = config
        self.topic = topic
        self.partition = partition
        self.expected = expected

    def follows(self, offset: int) -> bool:
        """Whether this record may be taken now (in place, or a repeat); moves on if so."""
        if offset > self.expected:
            return False
        self.expected = max(offset + 1, self.expected)
        return True

    async def is_true_gap(self, offset: int) -> bool:
        """Whether the log itself goes on with `offset` from where we are; moves on if so.

        False: the record came too early; seek back to `expected` and drop it.
        """
        if await asyncio.to_thread(self._first_at, self.expected) == offset:
            self.expected = offset + 1
            return True
        return False

    def _first_at(self, offset: int) -> int | None:
        """Offset of the first record there is at or after `offset`; None if none comes in time."""
        consumer = Consumer(
            {
                "group.id": "sluice-sequence",  # never joined
                "enable.auto.commit": False,
                "auto.offset.reset": "earliest",
                "isolation.level": "read_uncommitted",
                **self._config,
            },
            logger=ClientLog("sequence"),
        )
        try:
            consumer.assign([TopicPartition(self.topic, self.partition, offset)])
            for message in consumer.consume(1, TIMEOUT_S):
                if message.error() is None:
                    found: int = message.offset()
                    return found
            return None
        finally:
            consumer.close()


def committed_offsets(config: Config, group: str, places: set[tuple[str, int]]) -> dict[tuple[str, int], int]:
    """Committed offset of each (topic, partition) of a group; those that have none are left out. Blocking."""
    consumer = Consumer(
        {"group.id": group, "enable.auto.commit": False, **config},  # never joins
        logger=ClientLog("sequence"),
    )
    try:
        found = consumer.committed([TopicPartition(*place) for place in sorted(places)], timeout=30)
        return {(each.topic, each.partition): each.offset for each in found if each.offset >= 0}
    finally:
        consumer.close()
