"""The files of one KRaft node: its settings and its logging. Pure text, no process, no socket."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

HOST = "127.0.0.1"
NODE_ID = 1


def server_settings(data: Path, *, port: int, controller_port: int, node_port: int | None = None) -> Mapping[str, str]:
    """The broker's settings: one node that is broker and controller, for a laptop.

    Everything listens on 127.0.0.1 and is advertised there, so that no client needs a name service. With a
    `node_port` all listeners are secure, and the broker speaks to itself there: `secured.py` has the rest.
    Source: kafka.apache.org/documentation/#brokerconfigs.
    """
    listeners = f"CLIENT://{HOST}:{port}" + (f",NODE://{HOST}:{node_port}" if node_port else "")
    secure = "CLIENT:SASL_SSL,NODE:SSL,CONTROLLER:SSL"
    return {
        "process.roles": "broker,controller",
        "node.id": str(NODE_ID),
        # Static voters: unlike a stored quorum, they follow when the ports change between two starts.
        "controller.quorum.voters": f"{NODE_ID}@{HOST}:{controller_port}",
        "listeners": f"{listeners},CONTROLLER://{HOST}:{controller_port}",
        "advertised.listeners": listeners,
        "listener.security.protocol.map": secure if node_port else "CLIENT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "inter.broker.listener.name": "NODE" if node_port else "CLIENT",
        "controller.listener.names": "CONTROLLER",
        "log.dirs": str(data),
        # One node: what Kafka keeps for itself cannot be replicated.
        "default.replication.factor": "1",
        "min.insync.replicas": "1",
        "offsets.topic.replication.factor": "1",
        "offsets.topic.num.partitions": "4",
        "transaction.state.log.replication.factor": "1",
        "transaction.state.log.min.isr": "1",
        "transaction.state.log.num.partitions": "4",
        "share.coordinator.state.topic.replication.factor": "1",
        "share.coordinator.state.topic.min.isr": "1",
        "share.coordinator.state.topic.num.partitions": "1",
        # Groups: no waiting for more members, and sessions short enough for tests of a crash.
        "auto.create.topics.enable": "false",
        "group.initial.rebalance.delay.ms": "0",
        "group.min.session.timeout.ms": "1000",
        "group.consumer.min.session.timeout.ms": "1000",
        # After kill -9 the node must not wait long for its own former registration to lapse.
        "broker.session.timeout.ms": "3000",
        "broker.heartbeat.interval.ms": "500",
        "transaction.max.timeout.ms": "900000",
        # Small: a laptop's heap, few threads, and no 128 MB buffer for the log cleaner.
        "log.cleaner.dedupe.buffer.size": "8388608",
        "log.cleaner.backoff.ms": "5000",
        "log.index.size.max.bytes": "2097152",
        "num.network.threads": "2",
        "num.io.threads": "4",
        "background.threads": "4",
        "num.recovery.threads.per.data.dir": "2",
    }


def properties_text(settings: Mapping[str, str]) -> str:
    """Java properties, which are Latin-1 at best: a backslash doubled, what is not ASCII as escaped UTF-16 units."""
    return "".join(f"{key}={_escaped(value)}\n" for key, value in settings.items())


def _escaped(value: str) -> str:
    units = value.replace("\\", "\\\\").encode("utf-16-be")
    codes = (int.from_bytes(units[at : at + 2], "big") for at in range(0, len(units), 2))
    return "".join(chr(code) if code < 128 else f"\\u{code:04x}" for code in codes)


def logging_text(log_file: Path) -> str:
    """Log4j2 settings: one file, 10 MB, one older one kept."""
    pattern = "%d{ISO8601} %p %m (%c{1})%n"
    return properties_text(
        {
            "status": "error",
            "appender.file.type": "RollingFile",
            "appender.file.name": "file",
            "appender.file.fileName": str(log_file),
            "appender.file.filePattern": f"{log_file}.%i",
            "appender.file.layout.type": "PatternLayout",
            "appender.file.layout.pattern": pattern,
            "appender.file.policies.type": "Policies",
            "appender.file.policies.size.type": "SizeBasedTriggeringPolicy",
            "appender.file.policies.size.size": "10MB",
            "appender.file.strategy.type": "DefaultRolloverStrategy",
            "appender.file.strategy.max": "1",
            "rootLogger.level": "INFO",
            "rootLogger.appenderRef.file.ref": "file",
        }
    )
