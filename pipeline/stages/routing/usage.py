"""Usage: one billing event for each part that a carrier took. An invoice is a fold over these."""

from pipeline.domain.rules import Price
from pipeline.events import topics
from pipeline.events.records import UsageRecorded
from pipeline.stages.routing.turn import Turn


def record_usage(
    turn: Turn, *, carrier: str, attempt: int, release: int, part: int, smsc_id: str, was_charged: bool
) -> None:
    """A carrier has a part of the message at hand: the customer pays it once, every taking is a cost."""
    message = turn.message
    cost = _cost(turn, carrier)
    record = UsageRecorded(
        **turn.stamp(),
        carrier=carrier,
        attempt=attempt,
        release=release,
        part=part,
        event="submit",
        smsc_id=smsc_id,
        message_class=message.message_class,
        country=message.country,
        network=message.network,
        sender=message.sender,
        campaign_id=message.campaign_id,
        charge_micros=0 if was_charged else message.price_micros,
        currency=message.currency,
        cost_micros=cost.micros,
        cost_currency=cost.currency,
        control_offset=turn.snapshot.rules.control_offset,
        tariff=message.tariff,
        cost_tariff=cost.tariff,
    )
    turn.emit(topics.USAGE, message.account_id, record)


def _cost(turn: Turn, carrier_id: str) -> Price:
    """The cost pinned at the release; the rules' of now where an earlier carrier answers late."""
    message = turn.message
    if carrier_id == message.carrier:
        return Price(micros=message.cost_micros, currency=message.cost_currency, tariff=message.cost_tariff)
    carrier = turn.snapshot.rules.carriers.get(carrier_id)
    found = None if carrier is None else turn.snapshot.rules.price(carrier.tariff, message.country, turn.now)
    return found or Price(micros=0, currency="", tariff="")
