"""Laws of the registry: what is counted is shown, under the name that its definition gives."""

from prometheus_client.openmetrics.exposition import generate_latest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from pipeline.kafka.tally import Tally
from pipeline.metrics import CHUNK_TIME, LAG, QUARANTINED, READ, WRITTEN, Metrics, definitions


def test_two_registries_know_nothing_of_each_other() -> None:
    one, other = Metrics(), Metrics()
    one.add(READ, 3, stage="routing")
    assert (one.value(READ, stage="routing"), other.value(READ, stage="routing")) == (3, 0)


def test_what_is_counted_is_shown_as_openmetrics_with_its_kind_and_unit() -> None:
    metrics = Metrics()
    metrics.add(READ, 3, stage="routing")
    metrics.set(LAG, 7, stage="routing")
    metrics.observe(CHUNK_TIME, 0.2, stage="routing")
    families = {each.name: each for each in text_string_to_metric_families(generate_latest(metrics.registry).decode())}
    for definition in (READ, LAG, CHUNK_TIME):
        shown = families[definition.name]
        assert (shown.type, shown.unit) == (definition.kind, definition.unit)
        assert definition.meaning in shown.documentation


def test_a_tally_is_told_once_and_begins_anew() -> None:
    metrics, tally = Metrics(), Tally()
    tally.read += 2
    tally.quarantined["not-avro"] += 1
    tally.tell(metrics, "routing")
    tally.tell(metrics, "routing")
    assert metrics.value(READ, stage="routing") == 2
    assert metrics.value(QUARANTINED, stage="routing", reason="not-avro") == 1


def test_a_thousand_accounts_make_one_series() -> None:
    metrics, tally = Metrics(), Tally()
    for number in range(1000):
        tally.written[f"sms.status.account-{number}"] += 1
    tally.tell(metrics, "routing")
    assert metrics.value(WRITTEN, stage="routing", topic="status") == 1000


def test_each_definition_can_be_made() -> None:
    metrics = Metrics()
    for definition in definitions():
        labels = dict.fromkeys(definition.labels, "x")
        assert metrics.value(definition, **labels) == 0
        metrics._child(definition, labels)
