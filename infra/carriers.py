"""How carriers stand, and taking one out of service: the rules and the health, read from their topics."""

from typing import Any

import msgspec

from infra.config.publish import Applied, publish_objects, read_published
from infra.topic_log import TopicMissing, read_last
from pipeline.domain.rules import Carrier, Drain, Rules
from pipeline.errors import ForTheUser
from pipeline.events.records import CarrierHealth, HealthSnapshot
from pipeline.events.topics import HEALTH
from pipeline.kafka.client import Client

DRAIN = "drain"


class CarrierUnknown(ForTheUser):
    """The rules have no carrier of this name, or it already stands as was asked for."""


def read_carriers(client: Client) -> list[dict[str, Any]]:
    """One row a carrier of the rules in force, by name."""
    rules = read_published(client).rules
    health = {each.carrier: each for each in newest_snapshot(client).carriers}
    return [_row(rules, carrier, health.get(name)) for name, carrier in sorted(rules.carriers.items())]


def newest_snapshot(client: Client) -> HealthSnapshot:
    """The newest of sms.health; an empty one before the first. Raises KafkaException."""
    try:
        last = read_last(client, HEALTH)
    except TopicMissing:
        return HealthSnapshot()
    return last.record if last is not None and isinstance(last.record, HealthSnapshot) else HealthSnapshot()


def set_drained(client: Client, carrier: str, author: str, reason: str, *, is_drained: bool) -> Applied:
    """Publish (or take back) the drain of a carrier as a revision. Raises CarrierUnknown, PublishFailed."""
    rules = read_published(client).rules
    if carrier not in rules.carriers:
        raise CarrierUnknown(f"carrier {carrier!r}, expected one of {', '.join(sorted(rules.carriers)) or 'none'}")
    if (carrier in rules.drains) == is_drained:
        raise CarrierUnknown(f"{carrier} is {'drained' if is_drained else 'open'} already; nothing was changed")
    body = msgspec.json.encode(Drain(id=carrier, reason=reason)).decode() if is_drained else None
    why = reason or f"{carrier} is open again"
    return publish_objects(client, [(DRAIN, carrier, body)], author=author, reason=why)


def _row(rules: Rules, carrier: Carrier, health: CarrierHealth | None) -> dict[str, Any]:
    drained = rules.drains.get(carrier.id)
    is_bound = health is not None and health.is_bound
    countries = {
        country for route in rules.routes.values() if carrier.id in route.carriers for country in route.countries
    }
    return {
        "carrier": carrier.id,
        "state": "drained" if drained else "open" if is_bound else "unbound",
        "binds": f"{health.bind_count if health else 0}/{carrier.binds}",
        "rate_per_s": carrier.rate_per_s,
        "tariff": carrier.tariff,
        "countries": " ".join(sorted(countries)),
        "classes": list(carrier.classes),
        "reason": drained.reason if drained else health.reason if health else "no connector has said anything",
        "address": carrier.address,
    }
