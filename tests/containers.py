"""Real servers in containers, of the images in `infra/compose.yaml`; without an engine, skipped with the reason."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from infra.ports import free_port

COMPOSE = Path(__file__).resolve().parents[1] / "infra" / "compose.yaml"
READY_S = 120
CLUSTER_ID = "c2x1aWNlLXRlc3RzLS0tMQ"


def image_of(service: str) -> str:
    """The image of a service of the compose file."""
    return str(yaml.safe_load(COMPOSE.read_text())["services"][service]["image"])


def require_engine() -> None:
    """Skip the test, saying why, where no container engine answers."""
    docker = pytest.importorskip("docker", reason="no container engine: the docker client for Python is not installed")
    try:
        docker.from_env(timeout=5).ping()
    except docker.errors.DockerException as error:
        pytest.skip(f"no container engine answers: {error}")


@dataclass(frozen=True, slots=True)
class ContainerKafka:
    """Apache Kafka in a container; `bootstrap` for clients here, `inside` for other containers of the network."""

    bootstrap: str
    inside: str
    network: Any


@contextmanager
def a_kafka() -> Iterator[ContainerKafka]:
    """One broker with both listeners, one for this machine and one for its network."""
    require_engine()
    from testcontainers.core.container import DockerContainer
    from testcontainers.core.network import Network
    from testcontainers.core.waiting_utils import wait_for_logs

    port = free_port()
    settings = {
        "CLUSTER_ID": CLUSTER_ID,
        "KAFKA_NODE_ID": "1",
        "KAFKA_PROCESS_ROLES": "broker,controller",
        "KAFKA_CONTROLLER_QUORUM_VOTERS": "1@localhost:9093",
        "KAFKA_CONTROLLER_LISTENER_NAMES": "CONTROLLER",
        "KAFKA_LISTENERS": "HOST://:9094,INSIDE://:9092,CONTROLLER://:9093",
        "KAFKA_ADVERTISED_LISTENERS": f"HOST://127.0.0.1:{port},INSIDE://kafka:9092",
        "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP": "HOST:PLAINTEXT,INSIDE:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "KAFKA_INTER_BROKER_LISTENER_NAME": "INSIDE",
        "KAFKA_AUTO_CREATE_TOPICS_ENABLE": "false",
        "KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR": "1",
        "KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR": "1",
        "KAFKA_TRANSACTION_STATE_LOG_MIN_ISR": "1",
        "KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS": "0",
    }
    with Network() as network:
        container = DockerContainer(image_of("kafka-1")).with_network(network).with_network_aliases("kafka")
        container = container.with_bind_ports(9094, port)
        for name, value in settings.items():
            container = container.with_env(name, value)
        with container:
            wait_for_logs(container, "Kafka Server started", READY_S)
            yield ContainerKafka(f"127.0.0.1:{port}", "kafka:9092", network)


@contextmanager
def a_registry_server(kafka: ContainerKafka) -> Iterator[str]:
    """The address of a Confluent schema registry over that Kafka, which lets ids be imported."""
    from testcontainers.core.container import DockerContainer
    from testcontainers.core.waiting_utils import wait_for_logs

    container = DockerContainer(image_of("registry")).with_network(kafka.network).with_exposed_ports(8081)
    for name, value in {
        "SCHEMA_REGISTRY_HOST_NAME": "registry",
        "SCHEMA_REGISTRY_LISTENERS": "http://0.0.0.0:8081",
        "SCHEMA_REGISTRY_KAFKASTORE_BOOTSTRAP_SERVERS": f"PLAINTEXT://{kafka.inside}",
        "SCHEMA_REGISTRY_MODE_MUTABILITY": "true",
    }.items():
        container = container.with_env(name, value)
    with container:
        wait_for_logs(container, "Server started, listening for requests", READY_S)
        yield f"http://{container.get_container_host_ip()}:{container.get_exposed_port(8081)}"


@contextmanager
def a_clickhouse() -> Iterator[str]:
    """The DSN of an empty ClickHouse server."""
    require_engine()
    from testcontainers.clickhouse import ClickHouseContainer

    with ClickHouseContainer(image_of("clickhouse"), username="sluice", password="sluice", dbname="default") as server:
        yield f"http://sluice:sluice@{server.get_container_host_ip()}:{server.get_exposed_port(8123)}/default"
