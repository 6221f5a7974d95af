"""The node's settings: what a laptop needs and what other parts rely on."""

from pathlib import Path

from infra.embedded.node_files import properties_text, server_settings


def test_all_that_listens_and_is_advertised_is_on_loopback() -> None:
    settings = server_settings(Path("/data"), port=9092, controller_port=9093)
    addresses = [settings["listeners"], settings["advertised.listeners"], settings["controller.quorum.voters"]]
    assert all(part.count("127.0.0.1:") == 1 for address in addresses for part in address.split(","))
    assert settings["advertised.listeners"].endswith("://127.0.0.1:9092")


def test_what_kafka_keeps_for_itself_needs_one_replica() -> None:
    settings = server_settings(Path("/data"), port=1, controller_port=2)
    names = [name for name in settings if name.endswith(("replication.factor", "min.isr", "insync.replicas"))]
    assert len(names) == 7
    assert {settings[name] for name in names} == {"1"}


def test_no_topic_appears_by_itself_and_no_group_waits() -> None:
    settings = server_settings(Path("/data"), port=1, controller_port=2)
    assert settings["auto.create.topics.enable"] == "false"
    assert settings["group.initial.rebalance.delay.ms"] == "0"


def test_a_backslash_survives_java_properties() -> None:
    assert properties_text({"log.dirs": "a\\b"}) == "log.dirs=a\\\\b\n"


def test_a_path_that_is_not_ascii_survives_java_properties() -> None:
    assert properties_text({"log.dirs": "/home/é张😀"}) == "log.dirs=/home/\\u00e9\\u5f20\\ud83d\\ude00\n"
