"""How a command reaches Kafka: the configuration of its clients, and waiting until Kafka and the rules are there.

Every command imports this: what it needs itself is imported when it is called.
"""

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipeline.kafka.client import Client

APPLY = "sluice config apply infra/sandbox/rules.yaml --reason WHY"
WAIT_S = 0.25
TELL_EVERY_S = 5.0


def client_of(home: Path, given: str | None, part: str = "") -> dict[str, str | int | bool]:
    """The configuration of a Kafka client for a command: where Kafka is, and how to speak with it safely.

    The address is the one given, of the file that SLUICE_KAFKA_CONFIG names, of the Kafka that runs in the home, of
    any other client file. `infra/access/client_file.py` says which file is read; a `part` may have its own. Raises
    EndpointMissing if no Kafka runs in this home and none was named, EndpointsInvalid, ClientFileInvalid.
    """
    from infra.access.client_file import VARIABLE
    from infra.endpoints import EndpointMissing, bootstrap_servers
    from pipeline.kafka.client import BOOTSTRAP, client_config

    settings = _client_file(home, part)
    address = settings.get(BOOTSTRAP, "") if os.environ.get(VARIABLE) else ""
    try:
        return client_config(bootstrap_servers(home, given or os.environ.get("SLUICE_BOOTSTRAP") or address), settings)
    except EndpointMissing:
        if BOOTSTRAP in settings:
            return {**settings}
        raise


def await_client(home: Path, given: str | None, part: str = "") -> dict[str, str | int | bool]:
    """As `client_of`; one that the demo started beside Kafka waits until Kafka has said where it listens.

    Never an address that Kafka only means to have: somebody else's cluster may listen there by then.
    """
    from infra.endpoints import STARTED_BY, read_endpoints
    from infra.running import CHILD, is_alive

    def lacking() -> str:
        kafka = read_endpoints(home).find("kafka")
        is_up = kafka is not None and kafka.pid is not None and is_alive(kafka.pid)
        return "" if is_up else f"the Kafka of {home}; start it: {STARTED_BY['kafka']}"

    is_child = CHILD in os.environ
    is_elsewhere = "kafka" not in read_endpoints(home).by_name and "bootstrap.servers" in _client_file(home, part)
    if is_child and not (given or os.environ.get("SLUICE_BOOTSTRAP") or is_elsewhere):
        _wait(lacking)
    return client_of(home, given, part)


def wait_for_rules(client: "Client") -> None:
    """Block until Kafka answers and rules have been published: then all topics are there too.

    Says on stderr what it waits for; ends by Ctrl-C or SIGTERM as any command does.
    """
    from confluent_kafka import Consumer, KafkaException, TopicPartition

    from pipeline.events.topics import CONTROL

    bootstrap = client["bootstrap.servers"]
    told: list[str] = []
    consumer = Consumer(
        {**client, "group.id": "sluice-wait", "log_level": 0, "error_cb": lambda error: told.append(error.str())}
    )

    def lacking() -> str:
        try:
            if CONTROL not in consumer.list_topics(timeout=1).topics:
                return f"topic {CONTROL} at {bootstrap}; make it: {APPLY}"
            _, end = consumer.get_watermark_offsets(TopicPartition(CONTROL, 0), timeout=1)
        except KafkaException:
            return f"Kafka at {bootstrap}" + (f" ({told[-1]})" if told else "")
        return "" if end else f"rules; publish them: {APPLY}"

    try:
        _wait(lacking)
    finally:
        consumer.close()


def _client_file(home: Path, part: str = "") -> dict[str, str]:
    """The settings of the client file; none where there is no file."""
    from infra.access.client_file import find_client_file, read_client_file

    file = find_client_file(home, f"sluice.{part}" if part else "")
    return {} if file is None else read_client_file(file)


def _wait(lacking: Callable[[], str]) -> None:
    told = time.monotonic()
    while missing := lacking():
        if time.monotonic() - told > TELL_EVERY_S:
            sys.stderr.write(f"waiting for {missing}\n")
            told = time.monotonic()
        time.sleep(WAIT_S)
