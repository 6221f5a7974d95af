"""Suppressions: who may not write to a phone, by the phone's own word (STOP) or by an operator's command.

Two kinds stand side by side for one account and sender, so that neither undoes the other: an opt-out (reason
`opt-out`), which START withdraws, and a ban (any other reason), which only a command lifts. Every real change
is told on sms.suppressions; what changes nothing tells nothing.
"""

from collections import Counter
from collections.abc import Iterable

import msgspec

from pipeline.events import topics
from pipeline.events.records import RecallRequested, SuppressionChanged, SuppressionRecorded
from pipeline.stages.routing.state import MAX_COMMANDS, MAX_OPT_OUTS, OPT_OUT, Message, OptOut, message_key
from pipeline.stages.routing.turn import Turn

ANY = "*"
OPTED_OUT = "recipient-opted-out"
SUPPRESSED = "recipient-suppressed"
OTP = "otp"
"""The class that a suppression stops only if it says so (DOMAIN 5.2): the recipient asked for the code."""

WORDS = {OPTED_OUT: "the phone sent STOP to this sender", SUPPRESSED: "this phone is not to be written to"}


def on_command(turn: Turn, event: SuppressionChanged) -> None:
    """Suppress, or lift what is of exactly this account, sender and kind. A repeat of the command is dropped."""
    account_id, sender = event.account_id or ANY, event.sender.removeprefix("+") or ANY
    what = f"{account_id}/{sender}/{event.is_suppressed:d}{event.includes_otp:d}/{event.reason}"
    name = f"{event.occurred_at}/{what}"
    if name in turn.recipient.commands_seen:
        return
    turn.change_recipient(commands_seen=(*turn.recipient.commands_seen, name)[-MAX_COMMANDS:])
    named = OptOut(account_id, sender, turn.now, event.includes_otp, event.reason or "manual")
    if event.is_suppressed:
        _add(turn, named, origin="command", author=event.author, detail=event.detail)
    else:
        lifted = tuple(out for out in turn.recipient.opt_outs if _identity(out) == _identity(named))
        _lift(turn, lifted, origin="command", author=event.author, detail=event.detail)


def opt_out(turn: Turn, account_id: str, sender: str, keyword: str) -> None:
    """The phone said STOP to this account and sender."""
    _add(turn, OptOut(account_id, sender, turn.now), origin="reply", detail=keyword)


def opt_in(turn: Turn, account_id: str, senders: tuple[str, ...], keyword: str) -> None:
    """The phone takes back its own word to these senders; a ban stays."""
    spoken_of = {sender.casefold() for sender in senders}
    lifted = tuple(
        out
        for out in turn.recipient.opt_outs
        if _is_own_word(out)
        and out.sender.casefold() in spoken_of
        and (account_id == ANY or out.account_id in (account_id, ANY))
    )
    _lift(turn, lifted, origin="reply", detail=keyword)


def reason_against(turn: Turn, message: Message) -> str:
    """Why this message may not be sent to the phone, as its status says it; '' if it may."""
    against = [out for out in turn.recipient.opt_outs if _stops(out, message)]
    if not against:
        return ""
    return OPTED_OUT if any(_is_own_word(out) for out in against) else SUPPRESSED


def _stops(out: OptOut, message: Message) -> bool:
    if message.message_class == OTP and not out.includes_otp:
        return False
    is_of_sender = not message.sender or out.sender == ANY or out.sender.casefold() == message.sender.casefold()
    return is_of_sender and out.account_id in (message.account_id, ANY)


def _add(turn: Turn, named: OptOut, *, origin: str, author: str = "", detail: str = "") -> None:
    """Suppress, unless it is suppressed so already (with codes, if they are named); take back what is under way."""
    same_scope = [out for out in turn.recipient.opt_outs if _scope(out) == _scope(named)]
    before = tuple(out for out in same_scope if _identity(out) == _identity(named))
    if any(out.includes_otp or not named.includes_otp for out in before):
        return
    spelling = same_scope[0].sender if same_scope else named.sender
    added = msgspec.structs.replace(named, sender=spelling)
    _replace(turn, before, (added,))
    _record(turn, added, origin=origin, author=author, detail=detail)
    while len(turn.recipient.opt_outs) > MAX_OPT_OUTS:
        _merge(turn, origin)
    _recall(turn)


def _lift(turn: Turn, lifted: tuple[OptOut, ...], *, origin: str, author: str = "", detail: str = "") -> None:
    _replace(turn, lifted, ())
    for out in lifted:
        _record(turn, out, origin=origin, author=author, detail=detail)


def _merge(turn: Turn, origin: str) -> None:
    """Make one of many: an account's opt-outs (or bans) become one for any sender of it; if no account has two
    of a kind, all of a kind become one for all accounts. More is suppressed than was, never less.
    """
    outs = turn.recipient.opt_outs
    (account_id, is_own_word), count = _commonest((out.account_id, _is_own_word(out)) for out in outs)
    if count == 1:
        (account_id, is_own_word), _ = _commonest((ANY, _is_own_word(out)) for out in outs)
    many = tuple(out for out in outs if account_id in (out.account_id, ANY) and _is_own_word(out) == is_own_word)
    one = OptOut(account_id, ANY, turn.now, any(out.includes_otp for out in many), many[0].reason)
    _replace(turn, many, (one,))
    detail = f"{len(many)} became one: {account_id}, sender {ANY}"
    for out in (one, *(out for out in many if _scope(out) != _scope(one))):
        _record(turn, out, origin=origin, detail=detail)


def _record(turn: Turn, changed: OptOut, *, origin: str, author: str = "", detail: str = "") -> None:
    """Tell how the scope of a change stands after it: where its other kind still holds, that is told."""
    holding = [out for out in turn.recipient.opt_outs if _scope(out) == _scope(changed)]
    told = changed if changed in holding or not holding else holding[0]
    record = SuppressionRecorded(
        account_id=changed.account_id,
        recipient_id=turn.recipient_id,
        caused_by=str(turn.at),
        occurred_at=turn.now,
        sender=changed.sender,
        is_suppressed=bool(holding),
        includes_otp=any(out.includes_otp for out in holding),
        reason=told.reason,
        origin=origin,
        author=author,
        detail=detail,
    )
    turn.emit(topics.SUPPRESSIONS, turn.recipient_id, record)


def _recall(turn: Turn) -> None:
    """Take back what was dispatched to this phone, is not answered yet, and may not be sent any more."""
    under_way = dict.fromkeys(each.message_id for each in turn.recipient.awaiting if not each.smsc_id)
    for message_id in under_way:
        message = turn.state.get(message_key(message_id), Message)
        reason = "" if message is None else reason_against(turn, message)
        if message is None or not reason:
            continue
        record = RecallRequested(
            message_id=message_id,
            account_id=message.account_id,
            recipient_id=turn.recipient_id,
            caused_by=str(turn.at),
            occurred_at=turn.now,
            attempt=0,
            reason=reason,
        )
        turn.emit(topics.RECALL, turn.recipient_id, record)


def _replace(turn: Turn, gone: tuple[OptOut, ...], come: tuple[OptOut, ...]) -> None:
    kept = tuple(out for out in turn.recipient.opt_outs if out not in gone)
    turn.change_recipient(opt_outs=(*kept, *come))


def _is_own_word(out: OptOut) -> bool:
    return out.reason == OPT_OUT


def _scope(out: OptOut) -> tuple[str, str]:
    return out.account_id, out.sender.casefold()


def _identity(out: OptOut) -> tuple[str, str, bool]:
    return *_scope(out), _is_own_word(out)


def _commonest(kinds: Iterable[tuple[str, bool]]) -> tuple[tuple[str, bool], int]:
    """(account, is_own_word) that comes most often, and how often; of several the first in order."""
    return min(Counter(kinds).items(), key=lambda each: (-each[1], each[0]))
