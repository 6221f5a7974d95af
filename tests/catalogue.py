"""Which line of `schemas/topics.yaml` a topic name belongs to."""

import re
from functools import cache

from pipeline.events.schema_store import TopicEntry, default_store

_NAME = r"[a-z][a-z0-9-]{1,30}"
_PLACES = {"<account>": _NAME, "<carrier>": _NAME, "<stage>": _NAME, "<lane>": "(?:express|bulk)"}


@cache
def entry_of(topic: str) -> TopicEntry:
    """The one catalogue line that a topic matches. AssertionError if there is none, or more than one."""
    found = [entry for entry in default_store().topics() if _pattern(entry.name).fullmatch(topic)]
    assert len(found) == 1, f"topic {topic!r} matches {len(found)} lines of topics.yaml, expected 1"
    return found[0]


def _pattern(name: str) -> re.Pattern[str]:
    pieces = re.split(r"(<\w+>)", name)
    return re.compile("".join(_PLACES.get(piece, re.escape(piece)) for piece in pieces))
