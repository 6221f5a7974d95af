"""Laws of the tail: a filter lets through what fits and nothing else, also by what was heard of a message before."""

import pytest

from infra.reading.watching import Watch, Wish, is_event_topic, is_status_topic, line_of, object_of
from infra.topic_log import Logged
from pipeline.events import topics
from pipeline.events.records import Event, IntentRecorded, MessageAccepted, MessageStatusChanged, SnapshotAdopted
from pipeline.events.schema_store import default_store
from pipeline.kafka.topics import topics_of
from tests.builders import NOW

MESSAGE = "ab" * 16


def a_logged(record: Event, topic: str = "sms.status.acme") -> Logged:
    return Logged(
        topic=topic, partition=0, offset=3, timestamp_ms=NOW // 1000, key=None, value=b"", headers=(), record=record
    )


def a_status(**changes: str) -> Logged:
    facts = {
        "message_id": MESSAGE, "account_id": "acme", "status": "delivered", "message_class": "otp", "carrier": "north",
        "country": "CN", "reference": "r-1",
    }  # fmt: skip
    return a_logged(MessageStatusChanged(**facts | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["account_id", "status", "message_class", "carrier", "country", "reference"])
def test_each_filter_lets_its_value_through_and_no_other(name: str) -> None:
    record = a_status().record
    assert Watch(Wish(**{name: getattr(record, name)})).admit(a_status())
    assert not Watch(Wish(**{name: "other"})).admit(a_status())


def test_all_filters_have_to_fit() -> None:
    assert not Watch(Wish(account_id="acme", country="US")).admit(a_status())


def test_an_event_that_says_no_reference_is_known_by_its_message() -> None:
    watch = Watch(Wish(reference="r-1", country="CN"))
    intent = a_logged(IntentRecorded(message_id=MESSAGE, account_id="acme", part=1))
    assert not watch.admit(intent)
    assert watch.admit(a_logged(MessageAccepted(message_id=MESSAGE, reference="r-1", country="CN")))
    assert watch.admit(intent)
    assert not watch.admit(a_logged(IntentRecorded(message_id="cd" * 16, part=1)))


def test_what_concerns_no_message_is_not_shown() -> None:
    assert not Watch(Wish()).admit(a_logged(SnapshotAdopted(stage="routing")))


def test_events_are_read_from_the_topics_of_messages_and_never_from_those_with_texts() -> None:
    wanted = topics_of(default_store().topics(), accounts=["acme"], carriers=["north"])
    read = {each.name for each in wanted if is_event_topic(each.name)}
    assert {topics.LIFECYCLE, topics.USAGE, "sms.status.acme", "sms.intents.north.bulk", "sms.routed.bulk"} <= read
    assert not {name for name in read if name.startswith(("sms.submitted", "sms.state", "sms.control", "sms.audit"))}
    assert {each.name for each in wanted if is_status_topic(each.name)} == {"sms.status.acme", "sms.status.gateway"}


def test_a_line_says_when_whose_which_and_what() -> None:
    line = line_of(a_status())
    assert line.startswith("10:00:00.000")
    for word in ("acme", MESSAGE, "delivered", "otp", "CN", "north", "ref r-1"):
        assert word in line
    assert object_of(a_status())["fields"]["status"] == "delivered"
