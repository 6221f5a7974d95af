"""Usage: one billing event for each part that a carrier took. An invoice is a fold over these."""

from pipeline.events import topics
from pipeline.events.records import UsageRecorded
from pipeline.stages.routing.turn import Turn


def record_usage(turn: Turn, part: int, release: int, smsc_id: str, *, was_charged: bool) -> None:
    """The carrier has a part of the message at hand: the customer pays it once, every taking is a cost."""
    message = turn.message
    record = UsageRecorded(
        **turn.stamp(),
        carrier=message.carrier,
        attempt=message.attempt,
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
        cost_micros=message.cost_micros,
        cost_currency=message.cost_currency,
        control_offset=turn.snapshot.rules.control_offset,
    )
    turn.emit(topics.USAGE, message.account_id, record)
