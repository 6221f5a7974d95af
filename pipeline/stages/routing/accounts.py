"""Accounts that begin to be served: each is told once a lane that what it submits is read from now on."""

from pipeline.events.records import AccountOpened, AccountServed
from pipeline.stages.routing.state import Served, account_key
from pipeline.stages.routing.turn import Turn


def on_served(turn: Turn, event: AccountServed) -> None:
    """Tell the account, unless it was told before, has left the rules, or has no topic of its own."""
    account = turn.snapshot.rules.accounts.get(event.account_id)
    if account is None or not account.is_direct:
        return
    key = account_key(event.account_id)
    served = turn.state.get(key, Served) or Served()
    if event.lane in served.lanes:
        return
    turn.remember(key, Served(lanes=(*served.lanes, event.lane)))
    opened = AccountOpened(
        account_id=event.account_id,
        caused_by=str(turn.at),
        occurred_at=turn.now,
        lane=event.lane,
        topic=event.topic,
        control_offset=event.control_offset,
    )
    turn.emit(turn.status_topic(event.account_id), event.account_id, opened)
