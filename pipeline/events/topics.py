"""Names of topics, as functions of account, lane, carrier and stage. The catalogue is `schemas/topics.yaml`."""

PREFIX = "sms."
SUBMITTED_PREFIX = "sms.submitted."
LIFECYCLE = "sms.lifecycle"
RECALL = "sms.recall"
USAGE = "sms.usage"
CONTROL = "sms.control"
CARRIER_FACTS = "sms.carrier-facts"
HEALTH = "sms.health"
QUARANTINE = "sms.quarantine"
SUPPRESSIONS = "sms.suppressions"
AUDIT = "sms.audit"
GATEWAY = "gateway"
"""The shared 'account' of the topics of all who do not write to Kafka themselves."""


def submitted(account: str, lane: str) -> str:
    return f"sms.submitted.{account}.{lane}"


def account_and_lane(topic: str) -> tuple[str, str]:
    """(account or 'gateway', lane) of a submitted topic. Raises ValueError for any other topic."""
    parts = topic.split(".")
    if len(parts) != 4 or parts[:2] != ["sms", "submitted"]:
        raise ValueError(f"topic {topic!r}, expected sms.submitted.<account>.<lane>")
    return parts[2], parts[3]


def routed(lane: str) -> str:
    return f"sms.routed.{lane}"


def dispatch(carrier: str, lane: str) -> str:
    return f"sms.dispatch.{carrier}.{lane}"


def intents(carrier: str, lane: str) -> str:
    return f"sms.intents.{carrier}.{lane}"


def receipt_index(carrier: str) -> str:
    return f"sms.receipt-index.{carrier}"


def status(account: str) -> str:
    return f"sms.status.{account}"


def state(stage: str) -> str:
    return f"sms.state.{stage}"
