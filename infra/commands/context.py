"""What commands share: where the home and Kafka are, logs, and which errors are the user's to set right."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, TextIO

import typer

if TYPE_CHECKING:
    from pipeline.kafka.client import Client

Home = Annotated[
    Path | None,
    typer.Option("--home", envvar="SLUICE_HOME", help="Folder of all that runs here.", show_default=".sluice"),
]
Bootstrap = Annotated[
    str | None,
    typer.Option(
        "--bootstrap", envvar="SLUICE_BOOTSTRAP", help="Kafka as host:port; else the one that runs in the home."
    ),
]

APPLY = "sluice config apply infra/sandbox/rules.yaml --reason WHY"

Profile = Annotated[
    Literal["laptop", "cluster", "production"], typer.Option("--profile", help="Partitions and copies of topics.")
]

WAIT_S = 0.25
TELL_EVERY_S = 5.0


class UserError(Exception):
    """Something that the user can set right; the message says what, which value, what is expected."""


def home_of(given: Path | None) -> Path:
    """The absolute home."""
    return (given or Path(".sluice")).expanduser().absolute()


def bootstrap_of(home: Path, given: str | None) -> str:
    """The Kafka to talk to: given, of the client file, or the one of the home. Raises as `client_of`."""
    return str(client_of(home, given)["bootstrap.servers"])


def client_of(home: Path, given: str | None, part: str = "") -> dict[str, str | int | bool]:
    """The configuration of a Kafka client for a command: where Kafka is, and how to speak with it safely.

    The address is the one given, of the file that SLUICE_KAFKA_CONFIG names, of the Kafka that runs in the home, of
    any other client file. `infra/access/client_file.py` says which file is read; a `part` may have its own. Raises
    UserError if no Kafka runs in this home and none was named, ClientFileInvalid.
    """
    from infra.access.client_file import VARIABLE
    from infra.endpoints import EndpointMissing, EndpointsInvalid, bootstrap_servers
    from pipeline.kafka.client import BOOTSTRAP, client_config

    settings = _client_file(home, part)
    address = settings.get(BOOTSTRAP, "") if os.environ.get(VARIABLE) else ""
    try:
        return client_config(bootstrap_servers(home, given or os.environ.get("SLUICE_BOOTSTRAP") or address), settings)
    except EndpointMissing as error:
        if BOOTSTRAP in settings:
            return {**settings}
        raise UserError(str(error)) from error
    except EndpointsInvalid as error:
        raise UserError(str(error)) from error


def _client_file(home: Path, part: str = "") -> dict[str, str]:
    """The settings of the client file; none where there is no file."""
    from infra.access.client_file import find_client_file, read_client_file

    file = find_client_file(home, f"sluice.{part}" if part else "")
    return {} if file is None else read_client_file(file)


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


def endpoint_url(home: Path, name: str) -> str:
    """http://host:port of a part that runs here. Raises UserError with the command that starts it."""
    from infra.endpoints import EndpointMissing, read_endpoints

    try:
        endpoint = read_endpoints(home).require(name)
    except EndpointMissing as error:
        raise UserError(str(error)) from error
    return endpoint.url


@contextmanager
def opened(path: Path | None) -> Iterator[TextIO]:
    """A file of text, or stdin for '-' and None. Raises UserError if what is read there is not UTF-8."""
    try:
        if path is None or str(path) == "-":
            yield sys.stdin
            return
        with path.open(encoding="utf-8-sig", newline="") as file:
            yield file
    except UnicodeDecodeError as error:
        raise UserError(f"{path}: {error.reason}, expected UTF-8 text") from error


def log_to_stderr() -> None:
    """structlog to stderr, masked: JSON, or colours on a terminal."""
    from pipeline.logs import configure

    configure()


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


def _wait(lacking: Callable[[], str]) -> None:
    told = time.monotonic()
    while missing := lacking():
        if time.monotonic() - told > TELL_EVERY_S:
            sys.stderr.write(f"waiting for {missing}\n")
            told = time.monotonic()
        time.sleep(WAIT_S)


def explained(error: Exception) -> str | None:
    """An error in one line if it is the user's to set right, else None: it is a defect and keeps its traceback."""
    if type(error).__name__ in _FOR_THE_USER:
        return str(error)
    if type(error).__name__ == "KafkaException" and hasattr(error.args[0], "str"):
        return f"Kafka: {error.args[0].str()}"
    if isinstance(error, OSError) and (error.filename or "taken" in str(error)):
        return str(error)
    return None


_FOR_THE_USER = frozenset(
    {
        "UserError",
        "RulesInvalid",
        "PublishFailed",
        "Refused",
        "ProcessDied",
        "SupervisorRuns",
        "EndpointsInvalid",
        "EndpointMissing",
        "HealthFenced",
        # of the embedded Kafka and the simulator, which are not imported unless they are used
        "JavaMissing",
        "LockInvalid",
        "JarsUnavailable",
        "KafkaFailed",
        "KafkaBusy",
        "SettingsError",
        "JournalBroken",
        "PortBusy",
        "KeyMissing",
        "KeyDestroyed",
        "KekInvalid",
        "KekUnavailable",
        "TooYoung",
        "RevealRefused",
        "NotRevealed",
        "SqlFailed",
        "TopicMissing",
        "TimeInvalid",
        "CoordinatesInvalid",
        "NotQuarantined",
        "RedriveRefused",
        "NotWritten",
        "RegistryFailed",
        "RegistryUnfit",
        "MetricsPortInvalid",
        "TracesMisconfigured",
        "ClientFileInvalid",
        "AccessRefused",
        "RowInvalid",
        "FileInvalid",
        "NotSubmitted",
        "NumberInvalid",
        "SuppressionInvalid",
        "CarrierUnknown",
    }
)
