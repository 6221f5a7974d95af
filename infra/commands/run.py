"""Commands that run one process until SIGTERM: kafka, registry, simulator, worker, connector, sink, health.

Each is listed in `.sluice/processes/` while it runs and says there when it does its work.
"""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from infra.commands.context import Bootstrap, Home, home_of, log_to_stderr
from infra.kafka_client import await_client, wait_for_rules
from infra.running import Terminated, registered
from pipeline.kafka.client import BOOTSTRAP

STAGES = {
    "validation": ("validation-express", "validation-bulk"),
    "validation-express": ("validation-express",),
    "validation-bulk": ("validation-bulk",),
    "routing": ("routing",),
    "throttling": ("throttling-express", "throttling-bulk"),
    "throttling-express": ("throttling-express",),
    "throttling-bulk": ("throttling-bulk",),
}
MetricsPort = Annotated[
    str,
    typer.Option(
        "--metrics-port",
        envvar="SLUICE_METRICS",
        metavar="[HOST:]PORT|off",
        help="Where GET /metrics answers; 0 = any free port (sluice endpoints says which).",
    ),
]
Port = Annotated[int | None, typer.Option("--port", min=1, max=65535, help="Else the preferred one, or any free one.")]


def add_to(app: typer.Typer) -> None:
    """Hang these commands on the app."""
    for name, command, words in (
        ("kafka", kafka, "The embedded Apache Kafka."),
        ("registry", registry, "The Schema Registry endpoint over schemas/."),
        ("simulator", simulator, "The simulated carriers."),
        ("connector", connector, "Carrier connectors."),
        ("sink", sink, "The ClickHouse sink and its SQL front."),
        ("health", health, "The health process."),
    ):
        group = typer.Typer(name=name, help=words, no_args_is_help=True, rich_markup_mode=None)
        group.callback()(_nothing)
        group.command("run")(command)
        app.add_typer(group)
    app.command("worker")(worker)


def _nothing() -> None:
    """Makes typer keep `run` as a word of its own."""


def kafka(
    home: Home = None,
    port: Port = None,
    secure: Annotated[
        bool,
        typer.Option("--secure", help="With TLS, passwords and ACLs. Said once: the home's Kafka stays so."),
    ] = False,
) -> None:
    """Run one Kafka node in the home until SIGTERM.

    Ready when it is among `sluice endpoints`. Data: .sluice/kafka. Exit 0 when it was asked to stop, 1 if it died.
    """
    from infra.embedded.process import run_kafka

    place = home_of(home)
    log_to_stderr()
    with registered(place, "kafka", sys.argv):
        code = run_kafka(place, port=port, is_secure=secure)
    raise typer.Exit(code)


def registry(home: Home = None, port: Port = None) -> None:
    """Run the Schema Registry endpoint until SIGTERM."""
    from infra.registry.process import run_registry

    place = home_of(home)
    log_to_stderr()
    with registered(place, "registry", sys.argv):
        run_registry(place, port=port)


def simulator(
    settings: Annotated[
        Path | None, typer.Option("--settings", help="Else the carriers of infra/sandbox/rules.yaml.")
    ] = None,
    home: Home = None,
    port: Port = None,
) -> None:
    """Run the simulated carriers (SMPP and a control API) until SIGTERM."""
    from infra.sandbox.simulator import run

    place = home_of(home)
    log_to_stderr()
    with registered(place, "simulator", sys.argv) as registration:
        run(place, settings, port, registration.ready)


def worker(
    stages: Annotated[list[str], typer.Argument(help=f"One or more of {', '.join(STAGES)}.", metavar="STAGE...")],
    home: Home = None,
    bootstrap: Bootstrap = None,
    metrics_port: MetricsPort = "0",
) -> None:
    """Run stages of the pipeline in one process until SIGTERM; without a lane, both lanes.

    Waits for Kafka and for published rules. Ready (is_ready in .sluice/processes/NAME.json, a line worker.ready) when
    it holds its partitions. SIGTERM or Ctrl-C: last checkpoint, commit, leave the group; exit 0, at most 13 s. Exit 1
    after a failure, which the log names: start it again, it goes on from its last checkpoint.
    """
    for stage in stages:
        if stage not in STAGES:
            raise typer.BadParameter(f"stage {stage!r}, expected one of {', '.join(STAGES)}")
    place = home_of(home)
    log_to_stderr()
    with registered(place, "-".join(stages), sys.argv) as registration:
        from infra.metrics_endpoint import observed
        from pipeline.app import WorkerSettings, run_worker

        client = await_client(place, bootstrap, _part(stages))
        wait_for_rules(client)
        wanted = tuple(dict.fromkeys(each for stage in stages for each in STAGES[stage]))
        waiting = set(wanted)

        def on_ready(stage: str) -> None:
            waiting.discard(stage)
            if not waiting:
                registration.ready()

        settings = WorkerSettings(bootstrap=str(client[BOOTSTRAP]), kafka=client, home=place)
        with observed(registration, metrics_port) as telemetry:
            run_worker(settings, wanted, on_ready=on_ready, telemetry=telemetry)


def _part(stages: list[str]) -> str:
    """The part that these stages are of, whose principal the process takes; '' for several: the operator's."""
    parts = {stage.partition("-")[0] for stage in stages}
    return parts.pop() if len(parts) == 1 else ""


def connector(
    carriers: Annotated[list[str] | None, typer.Argument(help="Carriers of the rules; none = all.")] = None,
    home: Home = None,
    bootstrap: Bootstrap = None,
    metrics_port: MetricsPort = "0",
) -> None:
    """Run the connectors of these carriers until SIGTERM. A second process stands by for the carriers of the first.

    Waits for Kafka and for published rules, then follows them. Ready (is_ready in .sluice/processes/NAME.json) when its
    carriers are being served; whether they are bound: sluice status. SIGTERM or Ctrl-C: takes nothing more, awaits
    answers, commits, unbinds; exit 0. Exit 1 after a failure, which the log names: what was on the wire is reported.
    """
    place = home_of(home)
    log_to_stderr()
    with registered(place, "-".join(["connector", *(carriers or ())]), sys.argv) as registration:
        from connectors.app import run_connectors
        from connectors.settings import ConnectorSettings
        from infra.metrics_endpoint import observed

        client = await_client(place, bootstrap, "connector")
        wait_for_rules(client)
        settings = ConnectorSettings(bootstrap=str(client[BOOTSTRAP]), kafka=client, home=place)
        with observed(registration, metrics_port) as telemetry:
            run_connectors(settings, carriers or None, ready=registration.ready, telemetry=telemetry)


def sink(
    home: Home = None,
    bootstrap: Bootstrap = None,
    port: Port = None,
    dsn: Annotated[
        str,
        typer.Option(
            "--clickhouse", envvar="SLUICE_CLICKHOUSE", help="A server, http://user:password@host:port/; else embedded."
        ),
    ] = "",
    metrics_port: MetricsPort = "0",
) -> None:
    """Run the sink and the SQL front until SIGTERM. One at a time on a directory, or on a server.

    Waits for Kafka and for published rules, migrates the database, then reads on from what it holds. Ready (is_ready in
    .sluice/processes/sink.json, `sql` among `sluice endpoints`) when queries work. SIGTERM or Ctrl-C: writes what it
    has taken; exit 0. Exit 1 after a failure, which the log names: start it again, nothing is lost or doubled.
    """
    place = home_of(home)
    log_to_stderr()
    with registered(place, "sink", sys.argv) as registration:
        from datetime import UTC, datetime

        from analytics.app import SinkSettings, run_sink
        from infra.endpoints import Endpoint, claim_port, publish, withdraw
        from infra.metrics_endpoint import observed
        from infra.ports import is_free

        client = await_client(place, bootstrap, "sink")
        wait_for_rules(client)
        published: list[Endpoint] = []

        def on_ready(listening: int) -> None:
            if listening:
                published.append(publish(place, "sql", listening, now=datetime.now(UTC)))
            registration.ready()

        chosen = claim_port(place, "sql", port)
        settings = SinkSettings(bootstrap=str(client[BOOTSTRAP]), kafka=client, home=place, dsn=dsn, http_port=chosen)
        try:
            with observed(registration, metrics_port) as telemetry:
                run_sink(settings, on_ready=on_ready, telemetry=telemetry)
        except Terminated:
            raise
        except SystemExit:
            if port is None and not published and not is_free(chosen):  # somebody was faster: the same, elsewhere
                os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])
            raise
        finally:
            for endpoint in published:
                withdraw(place, endpoint)


def health(home: Home = None, bootstrap: Bootstrap = None, metrics_port: MetricsPort = "0") -> None:
    """Run the health process until SIGTERM; a second one takes over from the first, which then ends with exit 1.

    Waits for Kafka and for published rules. Ready (is_ready in .sluice/processes/health.json) when it listens to what
    connectors say of their binds. SIGTERM or Ctrl-C: exit 0.
    """
    place = home_of(home)
    log_to_stderr()
    with registered(place, "health", sys.argv) as registration:
        from infra.metrics_endpoint import observed
        from pipeline.kafka.health_process import HealthSettings, run_health

        client = await_client(place, bootstrap, "health")
        wait_for_rules(client)
        settings = HealthSettings(bootstrap=str(client[BOOTSTRAP]), kafka=client)
        with observed(registration, metrics_port) as telemetry:
            run_health(settings, ready=registration.ready, metrics=telemetry.metrics)
