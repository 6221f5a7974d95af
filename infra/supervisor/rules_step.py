"""The rules as a step of `sluice up`: published once Kafka answers, before anything that reads them is started."""

from pathlib import Path
from typing import TYPE_CHECKING

from infra.endpoints import read_endpoints
from infra.ports import answers
from infra.sandbox import RULES, SMPP_PLACEHOLDER, STAND_IN

if TYPE_CHECKING:
    from infra.config.publish import Published
    from pipeline.kafka.client import Client

REASON = "sluice up"


def check_file(file: Path) -> None:
    """Read it before anything is started. Raises RulesInvalid, OSError."""
    from infra.config.rules_file import load_rules

    load_rules(file, {SMPP_PLACEHOLDER: STAND_IN})


def publish_rules(home: Path, given: str, file: Path | None) -> str:
    """Publish the file; without one the sandbox's rules, unless rules were published before. What was done, in words.

    Raises what `config apply` raises.
    """
    from infra.config.publish import PublishFailed, apply_rules
    from infra.config.rules_file import load_rules
    from infra.kafka_client import client_of
    from infra.operator import actor

    client = client_of(home, given or None)
    if not answers(str(client["bootstrap.servers"])):
        raise PublishFailed(f"Kafka at {client['bootstrap.servers']} does not answer")
    smpp = read_endpoints(home).by_name.get("smpp")
    published = None if file is not None else _published(client)
    if published is not None:
        addresses = {carrier.address for carrier in published.rules.carriers.values()}
        words = f"revision {published.revision} is in force"
        if smpp is None or smpp.pid is None or smpp.address in addresses:
            return words
        return (
            f"{words}, but none of its carriers is at the simulator ({smpp.address}); "
            "for the sandbox's: sluice config apply infra/sandbox/rules.yaml --reason WHY"
        )
    rules = load_rules(file or RULES, {SMPP_PLACEHOLDER: smpp.address} if smpp is not None else {})
    applied = apply_rules(client, rules, author=actor(), reason=REASON)
    changes = f"{len(applied.changes)} changes" if applied.changes else "nothing to change"
    return f"revision {applied.revision}, {changes}"


def _published(client: "Client") -> "Published | None":
    """The rules in force; None if none ever were."""
    from infra.config.publish import read_published
    from infra.topic_log import TopicMissing

    try:
        published = read_published(client)
    except TopicMissing:
        return None
    return published if published.revision else None
