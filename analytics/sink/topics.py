"""Which topics the sink takes and which records may stand in them: the catalogue as a lookup. Pure."""

import re
from functools import lru_cache

from pipeline.events.schema_store import SchemaStore, TopicEntry

_TRANSACTIONAL = ("sms.intents.", "sms.control", "sms.health")
"""Only these are written in transactions, whose markers take offsets that no reader is given. In any other topic an
offset that is left out is a loss, and coverage must name it."""


class SunkTopics:
    """The topics of the catalogue that have `sink: true`."""

    def __init__(self, store: SchemaStore) -> None:
        self._patterns = tuple((_pattern(topic), frozenset(topic.records)) for topic in store.topics() if topic.is_sunk)
        self._lookup = lru_cache(maxsize=4096)(self._search)

    def records_of(self, topic: str) -> frozenset[str] | None:
        """Names of the records that may stand in a topic; None if the sink does not take it."""
        return self._lookup(topic)

    def is_transactional(self, topic: str) -> bool:
        """Whether offsets may be taken by transaction markers or aborted records."""
        return topic.startswith(_TRANSACTIONAL)

    def _search(self, topic: str) -> frozenset[str] | None:
        for pattern, records in self._patterns:
            if pattern.fullmatch(topic):
                return records
        return None


def _pattern(topic: TopicEntry) -> re.Pattern[str]:
    literal = re.split(r"<[a-z]+>", topic.name)
    return re.compile("[a-z][a-z0-9-]*".join(re.escape(part) for part in literal))
