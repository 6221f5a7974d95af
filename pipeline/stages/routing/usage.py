"""Usage: one billing event for each part that a carrier took. An invoice is a fold over these."""

from pipeline.events import topics
from pipeline.events.records import UsageRecorded
from pipeline.stages.routing.turn import Turn


def record_usage(
    turn: Turn, *, carrier: str, attempt: int, release: int, part: int, smsc_id: str, was_charged: bool
) -> None:
    """A carrier has a part of the message at hand: the customer pays it once, every taking is a cost."""
    message = turn.message
    cost_micros, cost_currency = _cost(turn, carrier)
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
        cost_micros=cost_micros,
        cost_currency=cost_currency,
        control_offset=turn.snapshot.rules.control_offset,
    )
    turn.emit(topics.USAGE, message.account_id, record)


def _cost(turn: Turn, carrier_id: str) -> tuple[int, str]:
    """(micros, currency): the cost pinned at the release; the rules' where an earlier carrier answers late."""
    message = turn.message
    if carrier_id == message.carrier:
        return message.cost_micros, message.cost_currency
    carrier = turn.snapshot.rules.carriers.get(carrier_id)
    return (0, "") if carrier is None else (carrier.cost_micros(message.country) or 0, carrier.currency)
