"""Every Kafka client is made with the configuration that was passed in: none is left without TLS and its password."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ("pipeline", "connectors", "analytics", "infra")
CLIENTS = {"Consumer", "Producer", "AdminClient", "SerializingProducer", "DeserializingConsumer", "KafkaAdminClient"}
ADDRESS = "bootstrap.servers"
KNOWS_THE_ADDRESS = "pipeline/kafka/client.py"


def breaches(name: str, source: str) -> Iterator[str]:
    """`file:line: what` for each client without a passed-in mapping, and each address written by hand."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and _called(node) in CLIENTS and not _takes_a_mapping(node):
            yield f"{name}:{node.lineno}: {_called(node)} without the configuration that was passed in"
        if isinstance(node, ast.Dict) and name != KNOWS_THE_ADDRESS:
            addresses = [key for key in node.keys if isinstance(key, ast.Constant) and key.value == ADDRESS]
            yield from (f"{name}:{key.lineno}: {ADDRESS} by hand" for key in addresses)


def _called(call: ast.Call) -> str:
    function = call.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _takes_a_mapping(call: ast.Call) -> bool:
    """Whether it is given a mapping whole, or a literal into which one is spread."""
    if any(keyword.arg is None for keyword in call.keywords):
        return True
    if not call.args:
        return False
    config = call.args[0]
    return not isinstance(config, ast.Dict) or None in config.keys


def test_every_kafka_client_takes_the_configuration_that_was_passed_in() -> None:
    files = [file for folder in SOURCES for file in sorted((ROOT / folder).rglob("*.py"))]
    found = [each for file in files for each in breaches(str(file.relative_to(ROOT)), file.read_text("utf-8"))]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "planted",
    [
        'Consumer({"bootstrap" + ".servers": servers})',
        'Producer({"linger.ms": 5})',
        "AdminClient()",
        'confluent_kafka.Producer({"acks": "all"})',
        'Follower({"bootstrap.servers": servers}, codec)',
    ],
)
def test_a_client_made_by_hand_is_found(planted: str) -> None:
    assert len(list(breaches("infra/new.py", planted))) == 1


def test_a_client_of_a_passed_in_configuration_is_sound() -> None:
    for source in (
        "Consumer({**client, 'group.id': 'x'})",
        "AdminClient(dict(client))",
        "KafkaAdminClient(**settings)",
    ):
        assert not list(breaches("infra/new.py", source))
