"""Laws of the catalogue of topics: every record has its place, every name its line, every stage its input."""

import inspect

import pytest

from pipeline.events import topics
from pipeline.events.records import SubmitMessage
from pipeline.events.schema_store import TopicEntry, default_store
from pipeline.stages.decision import Stage
from pipeline.stages.routing import Routing
from pipeline.stages.throttling import Throttling
from tests.catalogue import entry_of

CATALOGUE = default_store().topics()
HOUR_MS = 3_600_000
FIXED = {name: value for name, value in vars(topics).items() if name.isupper() and str(value).startswith("sms.")}
FIXED = {name: value for name, value in FIXED.items() if not name.endswith("PREFIX")}
FUNCTIONS = {
    name: function
    for name, function in inspect.getmembers(topics, inspect.isfunction)
    if inspect.signature(function).return_annotation is str
}
ARGUMENTS = {"account": "blue-whale", "lane": "express", "carrier": "north-2", "stage": "throttling-express"}


def name_by(function_name: str) -> str:
    function = FUNCTIONS[function_name]
    return str(function(**{name: ARGUMENTS[name] for name in inspect.signature(function).parameters}))


def entry(name: str) -> TopicEntry:
    return next(each for each in CATALOGUE if each.name == name)


def test_every_record_stands_in_some_topic_but_the_one_that_is_never_a_value_by_itself() -> None:
    placed = {record for each in CATALOGUE for record in each.records}
    assert set(default_store().records()) - placed == {"SealedContent"}
    assert placed <= set(default_store().records())


def test_every_name_in_the_code_has_one_line_and_every_line_one_name() -> None:
    names = [*FIXED.values(), *(name_by(name) for name in FUNCTIONS)]
    lines = [entry_of(name).name for name in names]
    assert sorted(lines) == sorted(each.name for each in CATALOGUE)


def test_a_name_that_is_no_topic_is_found() -> None:
    for stranger in ("sms.lifecycles", "sms.routed.slow", "sms.status.A", "sms.dispatch.north"):
        with pytest.raises(AssertionError, match="matches 0 lines"):
            entry_of(stranger)


def test_the_topic_names_account_and_lane() -> None:
    assert topics.account_and_lane(topics.submitted("blue-whale", "bulk")) == ("blue-whale", "bulk")
    for other in ("sms.lifecycle", "sms.submitted.acme", "sms.submitted.acme.express.x", "sms.status.acme.express"):
        with pytest.raises(ValueError, match=r"expected sms\.submitted"):
            topics.account_and_lane(other)


@pytest.mark.parametrize(
    ("stage", "topic"),
    [
        (Routing(), topics.LIFECYCLE),
        (Throttling("express"), topics.routed("express")),
        (Throttling("bulk"), topics.routed("bulk")),
    ],
)
def test_a_stage_reads_exactly_what_stands_in_its_input_topic(stage: Stage, topic: str) -> None:
    assert {each.__name__ for each in stage.reads} == set(entry_of(topic).records)


def test_submitted_topics_hold_one_record_for_ever_under_the_topics_own_subject() -> None:
    submitted = entry("sms.submitted.<account>.<lane>")
    assert (submitted.records, submitted.subject) == ((SubmitMessage.__name__,), "topic")
    assert {each.subject for each in CATALOGUE if each is not submitted and each.records} == {"topic-record"}


def test_every_topic_that_decides_has_the_brokers_clock() -> None:
    assert all(each.is_log_append for each in CATALOGUE if each.name.startswith(("sms.lifecycle", "sms.routed")))
    assert entry("sms.submitted.<account>.<lane>").is_log_append


def test_partitions_that_hold_state_are_for_life_and_those_of_a_stage_are_as_many_as_its_input() -> None:
    fixed = {each.name: each.partitions_laptop for each in CATALOGUE if each.has_fixed_partitions}
    assert set(fixed) == {"sms.lifecycle", "sms.routed.<lane>", "sms.state.<stage>"}
    assert len(set(fixed.values())) == 1


def test_intents_have_the_partitions_of_their_dispatches() -> None:
    dispatch, intents = entry("sms.dispatch.<carrier>.<lane>"), entry("sms.intents.<carrier>.<lane>")
    assert dispatch.partitions_laptop == intents.partitions_laptop
    assert dispatch.partitions_production == intents.partitions_production


def test_the_rules_are_one_partition_kept_for_ever_and_not_compacted() -> None:
    control = entry("sms.control")
    assert (control.partitions_production, control.retention_ms, control.is_compacted) == (1, -1, False)


def test_what_holds_text_in_the_clear_is_short_lived_and_never_sunk() -> None:
    submitted = entry("sms.submitted.<account>.<lane>")
    assert 0 < submitted.retention_ms <= 48 * HOUR_MS
    assert not submitted.is_sunk


def test_everything_else_that_holds_records_is_answered_for_in_sql() -> None:
    not_sunk = {each.name for each in CATALOGUE if not each.is_sunk}
    assert not_sunk == {"sms.submitted.<account>.<lane>", "sms.receipt-index.<carrier>", "sms.state.<stage>"}


def test_what_the_sink_reads_says_so() -> None:
    for each in CATALOGUE:
        assert each.is_sunk == ("sink" in each.read_by), each.name


def test_a_dispatch_outlives_the_longest_lease_by_a_day() -> None:
    assert entry("sms.dispatch.<carrier>.<lane>").retention_ms >= (72 + 24) * HOUR_MS


def test_only_throttling_writes_dispatches_and_only_routing_tells_accounts() -> None:
    assert entry("sms.dispatch.<carrier>.<lane>").written_by == ("throttling",)
    assert entry("sms.status.<account>").written_by == ("routing",)
