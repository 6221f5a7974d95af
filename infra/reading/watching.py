"""Which records of a live stream somebody wants to see, and each as one line. Pure."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from infra.reading.fields import fields_of
from infra.reading.words import words_of
from infra.times import iso_us
from infra.topic_log import Logged
from pipeline.events import topics
from pipeline.events.records import Event

REMEMBERED = 100_000
"""Messages whose facts are remembered, so that their later events can be told by them."""

_FACTS = ("reference", "message_class", "country")
_QUIET = (topics.SUBMITTED_PREFIX, "sms.state.", "sms.receipt-index.")
_APART = frozenset({topics.CONTROL, topics.HEALTH, topics.CARRIER_FACTS, topics.AUDIT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is asked for; '' is anything. A record fits if it, or what was heard of its message before, says so."""

    account_id: str = ""
    status: str = ""
    message_class: str = ""
    carrier: str = ""
    country: str = ""
    reference: str = ""


def is_status_topic(name: str) -> bool:
    """Whether this is what an account is told on."""
    return name.startswith(topics.status(""))


def is_event_topic(name: str) -> bool:
    """Whether events of messages stand here, readable by all of the house."""
    return name.startswith(topics.PREFIX) and not name.startswith(_QUIET) and name not in _APART


class Watch:
    """Takes every event of a stream, in whatever order the topics come, and says which to show."""

    def __init__(self, wish: Wish) -> None:
        self._wanted = {name: getattr(wish, name) for name in wish.__slots__ if getattr(wish, name)}
        self._heard: OrderedDict[str, dict[str, str]] = OrderedDict()

    def admit(self, logged: Logged) -> bool:
        """Whether this is to be shown; events that concern no message or account never are."""
        record = logged.record
        if not isinstance(record, Event) or not (record.message_id or record.account_id):
            return False
        known = self._remember(record)
        return all(_says(record, name) == value or known.get(name) == value for name, value in self._wanted.items())

    def _remember(self, record: Event) -> Mapping[str, str]:
        if not record.message_id:
            return {}
        known = self._heard.setdefault(record.message_id, {})
        self._heard.move_to_end(record.message_id)
        known |= {name: said for name in _FACTS if (said := _says(record, name))}
        if len(self._heard) > REMEMBERED:
            self._heard.popitem(last=False)
        return known


def line_of(logged: Logged) -> str:
    """Time, account, message, what happened, in one line."""
    record = logged.record
    assert isinstance(record, Event)
    event = _says(record, "status") if is_status_topic(logged.topic) else type(record).__name__
    reference = _says(record, "reference")
    facts = (
        _says(record, "message_class"),
        _says(record, "country"),
        words_of(record),
        reference and f"ref {reference}",
    )
    return (
        f"{iso_us(logged.timestamp_ms * 1000)[11:23]}  {record.account_id:<14} {record.message_id or '-':<32} "
        f"{event or type(record).__name__:<14} {', '.join(fact for fact in facts if fact)}"
    ).rstrip()


def object_of(logged: Logged) -> dict[str, Any]:
    """The same for a program: coordinates and all fields."""
    assert isinstance(logged.record, Event)
    return {
        "at": iso_us(logged.timestamp_ms * 1000),
        "topic": logged.topic,
        "partition": logged.partition,
        "offset": logged.offset,
        "event": type(logged.record).__name__,
        "fields": fields_of(logged.record),
    }


def _says(record: Event, name: str) -> str:
    return str(getattr(record, name, ""))
