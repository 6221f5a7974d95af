"""Laws of making topics from the catalogue; no broker."""

import pytest

from pipeline.domain.rules import Account, Carrier
from pipeline.events import topics as names
from pipeline.events.schema_store import SchemaStore
from pipeline.kafka.topics import STAGES, Profile, Topic, topics_of


def made(profile: Profile = "laptop", **given: tuple[str, ...]) -> dict[str, Topic]:
    accounts, carriers = given.get("accounts", ("acme",)), given.get("carriers", ("red", "blue"))
    topics = topics_of(SchemaStore().topics(), accounts=accounts, carriers=carriers, profile=profile)
    return {topic.name: topic for topic in topics}


def test_every_line_of_the_catalogue_becomes_topics_without_placeholders() -> None:
    topics = made()
    assert not [name for name in topics if "<" in name]
    assert {names.LIFECYCLE, names.CONTROL, names.HEALTH, names.QUARANTINE, names.USAGE} <= topics.keys()
    assert {names.submitted(account, lane) for account in ("acme", "gateway") for lane in ("express", "bulk")} <= (
        topics.keys()
    )
    assert {
        names.intents(carrier, lane) for carrier in ("red", "blue") for lane in ("express", "bulk")
    } <= topics.keys()


@pytest.mark.parametrize("profile", ["laptop", "production"])
def test_a_state_topic_has_the_partitions_of_its_stages_input(profile: Profile) -> None:
    topics = made(profile)
    for stage, read in STAGES.items():
        assert topics[names.state(stage)].partitions == topics[read].partitions
        assert topics[names.state(stage)].config["cleanup.policy"] == "compact"
        assert topics[names.state(stage)].has_fixed_partitions


def test_what_stages_fold_is_stamped_by_the_broker() -> None:
    topics = made()
    for read in STAGES.values():
        assert topics[read].config["message.timestamp.type"] == "LogAppendTime"


def test_production_keeps_three_copies_and_wants_two() -> None:
    topic = made("production")[names.LIFECYCLE]
    assert (topic.partitions, topic.replication, topic.config["min.insync.replicas"]) == (256, 3, "2")


def test_control_is_kept_for_ever() -> None:
    assert made()[names.CONTROL].config["retention.ms"] == "-1"


@pytest.mark.parametrize("name", ["Acme", "a", "a.b", "1st", "x" * 40])
def test_a_name_that_an_acl_could_not_fence_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="expected"):
        made(accounts=(name,))
    with pytest.raises(ValueError, match="expected"):
        made(carriers=(name,))


def test_rules_name_what_topics_are_made_for() -> None:
    account = Account(id="acme", tariff="t")
    carrier = Carrier(id="red", tariff="t")
    assert names.status(account.id) in made()
    assert names.receipt_index(carrier.id) in made()
