"""Replies: STOP and START from a handset, and forwarding to the account that wrote last from that number."""

from pipeline.events.records import ReplyForwarded, ReplyReceived
from pipeline.stages.routing import suppressions
from pipeline.stages.routing.state import MAX_REPLIES, Program
from pipeline.stages.routing.suppressions import ANY
from pipeline.stages.routing.turn import Turn

OPT_OUT = "opt_out"
OPT_IN = "opt_in"


def on_reply(turn: Turn, event: ReplyReceived) -> None:
    """Honour the keyword at once, then tell the account. A repeat by the carrier's reference is dropped."""
    if event.carrier_reference:
        name = f"{event.carrier}/{event.destination}/{event.carrier_reference}"
        if name in turn.recipient.replies_seen:
            return
        turn.change_recipient(replies_seen=(*turn.recipient.replies_seen, name)[-MAX_REPLIES:])
    program = _program(turn, event)
    account_id, sender = _scope(event, program)
    if event.action == OPT_OUT:
        suppressions.opt_out(turn, account_id, sender, event.keyword)
    elif event.action == OPT_IN:
        suppressions.opt_in(turn, account_id, (sender, _address(event.destination)), event.keyword)
    if program is not None:
        _forward(turn, event, program)


def _program(turn: Turn, event: ReplyReceived) -> Program | None:
    """Who is meant: the last to write from that number, else the last to write through that carrier."""
    newest_first = tuple(reversed(turn.recipient.programs))
    for program in newest_first:
        if program.sender.casefold() == _address(event.destination).casefold():
            return program
    return next((program for program in newest_first if program.carrier == event.carrier), None)


def _address(destination: str) -> str:
    """As senders are written here: without '+'."""
    return destination.removeprefix("+")


def _scope(event: ReplyReceived, program: Program | None) -> tuple[str, str]:
    """(account, sender) that a keyword speaks of; every account of that number if nobody wrote from it."""
    return (program.account_id, program.sender) if program is not None else (ANY, _address(event.destination))


def _forward(turn: Turn, event: ReplyReceived, program: Program) -> None:
    record = ReplyForwarded(
        message_id=program.message_id,
        account_id=program.account_id,
        recipient_id=turn.recipient_id,
        caused_by=str(turn.at),
        occurred_at=turn.now,
        carrier=event.carrier,
        destination=event.destination,
        action=event.action,
        keyword=event.keyword,
        country=event.country,
        key_day=event.key_day,
        sealed_text=event.sealed_text,
    )
    turn.emit(turn.status_topic(program.account_id), turn.recipient_id, record)
