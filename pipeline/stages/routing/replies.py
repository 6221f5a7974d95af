"""Replies: STOP and START from a handset, and forwarding to the account that wrote last from that number."""

from pipeline.events import topics
from pipeline.events.records import RecallRequested, ReplyForwarded, ReplyReceived
from pipeline.stages.routing.release import is_opted_out
from pipeline.stages.routing.state import MAX_REPLIES, Message, OptOut, Program, message_key
from pipeline.stages.routing.turn import Turn

ANY = "*"
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
    if event.action == OPT_OUT:
        _opt_out(turn, event, program)
    elif event.action == OPT_IN:
        _opt_in(turn, event, program)
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


def _opt_out(turn: Turn, event: ReplyReceived, program: Program | None) -> None:
    account_id, sender = _scope(event, program)
    if any((out.account_id, out.sender) == (account_id, sender) for out in turn.recipient.opt_outs):
        return
    turn.change_recipient(opt_outs=(*turn.recipient.opt_outs, OptOut(account_id, sender, turn.now)))
    _recall(turn)


def _recall(turn: Turn) -> None:
    """Take back what was dispatched to this phone and is not answered yet."""
    under_way = dict.fromkeys(each.message_id for each in turn.recipient.awaiting if not each.smsc_id)
    for message_id in under_way:
        message = turn.state.get(message_key(message_id), Message)
        if message is None or not is_opted_out(turn, message):
            continue
        record = RecallRequested(
            message_id=message_id,
            account_id=message.account_id,
            recipient_id=turn.recipient_id,
            caused_by=str(turn.at),
            occurred_at=turn.now,
            attempt=0,
            reason="recipient-opted-out",
        )
        turn.emit(topics.RECALL, turn.recipient_id, record)


def _opt_in(turn: Turn, event: ReplyReceived, program: Program | None) -> None:
    account_id, sender = _scope(event, program)
    senders = (sender, _address(event.destination))
    kept = tuple(
        out
        for out in turn.recipient.opt_outs
        if out.sender not in senders or (account_id != ANY and out.account_id not in (account_id, ANY))
    )
    turn.change_recipient(opt_outs=kept)


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
