"""Laws of drift: every difference is found, and nothing is called right that apply cannot set right."""

from typing import Any

import pytest

from pipeline.events.schema_store import default_store
from pipeline.kafka.drift import MENDED, Drift, FoundTopic, Kind, drift
from pipeline.kafka.topics import Topic, topics_of

WANTED = topics_of(default_store().topics(), accounts=["acme"], carriers=["north"])
LIFECYCLE = next(topic for topic in WANTED if topic.name == "sms.lifecycle")
DISPATCH = next(topic for topic in WANTED if topic.name == "sms.dispatch.north.express")


def as_found(topic: Topic, **changes: Any) -> FoundTopic:
    facts: dict[str, Any] = {
        "name": topic.name,
        "partitions": topic.partitions,
        "replication": topic.replication,
        "settings": dict(topic.config),
        "overrides": frozenset(topic.config),
    }
    return FoundTopic(**facts | changes)


def found(topic: Topic, **changes: Any) -> tuple[Drift, ...]:
    return drift([topic], [as_found(topic, **changes)])


def test_a_cluster_made_from_the_catalogue_does_not_differ() -> None:
    assert drift(WANTED, [as_found(topic) for topic in WANTED]) == ()


@pytest.mark.parametrize("missing", WANTED, ids=lambda topic: topic.name)
def test_each_missing_topic_is_named(missing: Topic) -> None:
    there = [as_found(topic) for topic in WANTED if topic is not missing]
    assert [(each.topic, each.kind) for each in drift(WANTED, there)] == [(missing.name, Kind.MISSING)]


@pytest.mark.parametrize("topic", [LIFECYCLE, DISPATCH], ids=lambda topic: topic.name)
def test_each_setting_of_the_catalogue_that_differs_is_named_with_both_values(topic: Topic) -> None:
    for name, expected in topic.config.items():
        (difference,) = found(topic, settings={**topic.config, name: "other"})
        assert (difference.kind, difference.name, difference.found, difference.expected) == (
            Kind.SETTING, name, "other", expected,
        )  # fmt: skip
        assert difference.is_mended


def test_a_count_for_life_is_never_mended_in_either_direction() -> None:
    for partitions in (LIFECYCLE.partitions - 1, LIFECYCLE.partitions + 1):
        (difference,) = found(LIFECYCLE, partitions=partitions)
        assert (difference.kind, difference.is_mended) == (Kind.PARTITIONS_FOR_LIFE, False)


def test_other_topics_grow_and_never_shrink() -> None:
    assert [each.kind for each in found(DISPATCH, partitions=1)] == [Kind.FEW_PARTITIONS]
    assert [each.kind for each in found(DISPATCH, partitions=9)] == [Kind.MANY_PARTITIONS]
    assert Kind.FEW_PARTITIONS in MENDED
    assert Kind.MANY_PARTITIONS not in MENDED


def test_what_somebody_set_by_hand_and_copies_that_lack_are_said_and_left() -> None:
    by_hand = {**DISPATCH.config, "retention.bytes": "1000"}
    differences = found(DISPATCH, settings=by_hand, overrides=frozenset(by_hand), replication=3)
    assert [(each.kind, each.name, each.is_mended) for each in differences] == [
        (Kind.REPLICATION, "replication", False),
        (Kind.EXTRA_SETTING, "retention.bytes", False),
    ]


def test_a_broker_wide_setting_is_nobody_s_hand() -> None:
    assert found(DISPATCH, settings={**DISPATCH.config, "retention.bytes": "-1"}) == ()


def test_only_topics_with_our_prefix_are_strangers() -> None:
    strangers = [as_found(DISPATCH, name=name) for name in ("sms.old", "invoices", "__consumer_offsets")]
    assert [(each.topic, each.kind) for each in drift([], strangers)] == [("sms.old", Kind.UNKNOWN)]
