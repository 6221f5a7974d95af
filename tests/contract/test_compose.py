"""The compose file is sound by the specification's own schema, and says nothing that the code does not know.

It is never run by the tests: that needs a container engine.
"""

import copy
import json
from importlib.resources import files
from typing import Any

import jsonschema
import pytest
import typer
import yaml

from infra.cli import app
from infra.embedded.lock import KAFKA_VERSION
from tests.containers import COMPOSE

Compose = dict[str, Any]


def compose() -> Compose:
    found: Compose = yaml.safe_load(COMPOSE.read_text())
    return found


def faults_of(content: Compose) -> list[str]:
    """What the schema of the specification finds wrong."""
    text = files("check_jsonschema").joinpath("builtin_schemas", "vendor", "compose-spec.json").read_text("utf-8")
    return [error.message for error in jsonschema.Draft7Validator(json.loads(text)).iter_errors(content)]


def test_the_compose_file_keeps_the_specification() -> None:
    assert faults_of(compose()) == []


@pytest.mark.parametrize("fault", ["misspelt", "number", "condition"])
def test_a_planted_fault_is_found(fault: str) -> None:
    content = copy.deepcopy(compose())
    sink = content["services"]["sink"]
    if fault == "misspelt":
        sink["comand"] = sink.pop("command")
    elif fault == "number":
        sink["volumes"] = 7
    else:
        sink["depends_on"]["clickhouse"]["condition"] = "healthy"

    assert faults_of(content)


def test_what_a_service_waits_for_and_mounts_is_there() -> None:
    content = compose()
    for name, service in content["services"].items():
        assert set(service.get("depends_on", {})) <= set(content["services"]), name
        mounted = {volume.partition(":")[0] for volume in service.get("volumes", ())}
        assert mounted <= set(content["volumes"]), name


def test_who_is_waited_for_to_be_healthy_can_say_so() -> None:
    services = compose()["services"]
    for name, service in services.items():
        for other, terms in service.get("depends_on", {}).items():
            if terms["condition"] == "service_healthy":
                assert "healthcheck" in services[other], f"{name} waits for {other}"


def test_three_brokers_of_the_embedded_version_keep_three_copies() -> None:
    brokers = [each for name, each in compose()["services"].items() if name.startswith("kafka-")]

    assert [each["image"] for each in brokers] == [f"apache/kafka:{KAFKA_VERSION}"] * 3
    assert len({each["environment"]["KAFKA_NODE_ID"] for each in brokers}) == 3
    assert {each["environment"]["KAFKA_MIN_INSYNC_REPLICAS"] for each in brokers} == {"2"}


def test_every_stage_connector_sink_and_keeper_runs() -> None:
    said = {" ".join(each.get("command", ())) for each in compose()["services"].values()}

    wanted = {"worker routing", "worker validation", "worker throttling", "connector run", "sink run", "health run"}
    assert wanted | {"keys run"} <= said


def test_every_command_is_one_of_sluice() -> None:
    for name, service in compose()["services"].items():
        if service["image"] != "sluice":
            continue
        words = service["command"]
        if service.get("entrypoint"):  # a line of the shell: what it calls sluice with
            words = " ".join(words).partition("sluice ")[2].split()
        unknown = _unknown_options(words)
        assert not unknown, f"{name}: sluice {' '.join(words)}: {unknown}"


def test_a_command_that_is_none_is_found() -> None:
    assert _unknown_options(["worker", "routing", "--no-such-option"])
    assert _unknown_options(["wroker", "routing"])


def test_nothing_listens_for_others_than_this_machine() -> None:
    ports = [port for each in compose()["services"].values() for port in each.get("ports", ())]

    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


def _unknown_options(words: list[str]) -> list[str]:
    """Words that the command does not know: its name, or options of it."""
    command: Any = typer.main.get_command(app)
    rest = list(words)
    while hasattr(command, "commands"):
        found = command.commands.get(rest[0]) if rest else None
        if found is None:
            return rest[:1] or ["nothing"]
        command, rest = found, rest[1:]
    known = {option for parameter in command.params for option in parameter.opts}
    return [word for word in rest if word.startswith("--") and word not in known]
