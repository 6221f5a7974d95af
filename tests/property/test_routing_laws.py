"""Laws of routing over any life: whatever carriers, phones and clocks do, in whatever order and however often."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.events.codec import AnyRecord
from pipeline.events.records import (
    MessageRouted,
    MessageStatusChanged,
    SuppressionRecorded,
    TimerFired,
    UsageRecorded,
)
from pipeline.stages.decision import Moment
from pipeline.stages.routing import Routing
from pipeline.stages.routing.state import Recipient, recipient_key
from tests.builders import (
    CODEC,
    NOW,
    PHONE,
    SECOND,
    a_deferred,
    a_dispatch_refused,
    a_failed,
    a_health,
    a_receipt,
    a_reply,
    a_snapshot,
    a_succeeded,
    a_suppression,
    an_accepted,
    an_unknown,
    nobody_bound,
)
from tests.fold import DictState, Fold

STATES = ("delivered", "failed", "expired", "unknown", "intermediate", "delivered")
PRICE = 10_000
MOVES = st.lists(st.tuples(st.integers(0, 11), st.integers(0, 23)), max_size=40)


class Life:
    """Up to four messages to one phone, and a carrier that does as the numbers say."""

    def __init__(self) -> None:
        self.fold = Fold(Routing())
        self.wire: list[AnyRecord] = []
        self.ids: list[tuple[str, str]] = []

    def live(self, moves: list[tuple[int, int]]) -> "Life":
        for move, which in moves:
            self.move(move, which)
        return self

    def move(self, move: int, which: int) -> None:
        released = self.fold.all(MessageRouted)
        if move == 0 or not released:
            self.accept(which)
        elif move == 1:
            self.fold.pass_time((0.5, 3, 20, 70, 130, 700)[which % 6])
        elif move == 2:
            self.fold.snapshot = a_snapshot(health=(a_health(), nobody_bound(), a_health("south"))[which % 3])
        elif move == 3:
            self.say(which)
        elif move == 4 and self.ids:
            carrier, smsc_id = self.ids[which % len(self.ids)]
            self.on_wire(a_receipt(smsc_id, STATES[which % 6], carrier=carrier))
        elif move == 5:
            self.fold.give(a_deferred(released[-1], self.fold.now + which * SECOND))
        else:
            self.answer(released[which % len(released)] if move > 9 else released[-1], move, which)

    def accept(self, which: int) -> None:
        number = len([1 for _, _, record in self.fold.log if type(record).__name__ == "MessageAccepted"]) + 1
        if number > 4:
            return
        is_bulk = which % 3 == 0
        self.fold.give(
            an_accepted(
                number,
                message_class="marketing" if is_bulk else ("otp", "service")[which % 2],
                lane="bulk" if is_bulk else "express",
                segment_count=which % 4 or 1,
                not_before=NOW + 5 * SECOND if which == 5 else 0,
            )
        )

    def say(self, which: int) -> None:
        """The phone says a keyword, or an operator gives a command."""
        number = len(self.wire)
        if which < 9:
            self.on_wire(a_reply(("opt_out", "opt_in", "help")[which % 3], reference=f"mo-{number}"))
            return
        self.on_wire(
            a_suppression(
                which % 5 < 3,
                number=number,
                account_id=("acme", "*")[which % 2],
                sender=("ACME", "*", "acme")[which % 3],
                reason=("manual", "opt-out")[which // 4 % 2],
                includes_otp=which > 19,
            )
        )

    def answer(self, routed: MessageRouted, move: int, which: int) -> None:
        part = routed.parts[which % len(routed.parts)]
        if move in (6, 7, 10):
            smsc_id = f"{routed.message_id[-1]}-{routed.release}-{part}"
            self.ids.append((routed.carrier, smsc_id))
            self.on_wire(a_succeeded(routed, smsc_id, part=part))
        elif move == 8:
            self.on_wire(a_failed(routed, ("temporary", "temporary", "permanent")[which % 3], part=part))
        elif move == 9:
            reason = ("lease-expired", "lease-expired", "recalled", "unsealable")[which % 4]
            self.on_wire(a_dispatch_refused(routed, reason, parts=routed.parts if which % 2 else (part,)))
        else:
            self.ids.append((routed.carrier, f"lost-{routed.message_id[-1]}-{routed.release}-{part}"))
            self.on_wire(an_unknown(routed, part=part))

    def on_wire(self, record: AnyRecord) -> None:
        self.wire.append(record)
        self.fold.give(record)


@given(MOVES)
@settings(max_examples=150, deadline=None)
def test_statuses_are_numbered_without_a_gap_and_end_once_but_for_a_correction_to_delivered(
    moves: list[tuple[int, int]],
) -> None:
    fold = Life().live(moves).fold
    told = fold.all(MessageStatusChanged)
    for message_id in {status.message_id for status in told}:
        mine = [status for status in told if status.message_id == message_id]
        assert [status.status_seq for status in mine] == list(range(1, len(mine) + 1))
        ends = [status.status for status in mine if status.is_final]
        assert len(ends) <= 2
        assert ends[1:] in ([], ["delivered"])
        for before, after in pairwise(mine):
            assert not before.is_final or after.status == "delivered"


@given(MOVES)
@settings(max_examples=150, deadline=None)
def test_a_part_is_charged_once_at_most_and_every_taking_is_one_cost(moves: list[tuple[int, int]]) -> None:
    fold = Life().live(moves).fold
    parts = {routed.message_id: routed.segment_count for routed in fold.all(MessageRouted)}
    usage = fold.all(UsageRecorded)
    charged = [(each.message_id, each.part) for each in usage if each.charge_micros]
    assert len(charged) == len(set(charged))
    assert all(each.charge_micros in (0, PRICE) for each in usage)
    assert len({(each.message_id, each.part, each.smsc_id) for each in usage}) == len(usage)
    for message_id, count in parts.items():
        total = sum(each.charge_micros for each in usage if each.message_id == message_id)
        assert total <= PRICE * count


@given(MOVES, st.data())
@settings(max_examples=150, deadline=None)
def test_a_repeat_of_anything_from_the_wire_at_any_later_time_changes_nothing(
    moves: list[tuple[int, int]], data: st.DataObject
) -> None:
    life = Life()
    for move, which in moves:
        life.move(move, which)
        if life.wire:
            again = life.wire[data.draw(st.integers(0, len(life.wire) - 1))]
            before = dict(life.fold.state), dict(life.fold.timers)
            assert life.fold.give(again) == [], again
            assert (dict(life.fold.state), dict(life.fold.timers)) == before, again


@given(MOVES)
@settings(max_examples=150, deadline=None)
def test_the_newest_told_of_each_suppression_is_what_holds(moves: list[tuple[int, int]]) -> None:
    fold = Life().live(moves).fold
    newest = {(each.account_id, each.sender): each for each in fold.all(SuppressionRecorded)}
    told = {scope: each.includes_otp for scope, each in newest.items() if each.is_suppressed}
    recipient = fold.state.get(recipient_key(PHONE), Recipient) or Recipient()
    holding: dict[tuple[str, str], bool] = {}
    for out in recipient.opt_outs:
        scope = (out.account_id, out.sender)
        holding[scope] = holding.get(scope, False) or out.includes_otp
    assert told == holding


@given(MOVES)
@settings(max_examples=80, deadline=None)
def test_the_same_log_gives_the_same_bytes(moves: list[tuple[int, int]]) -> None:
    life = Life()
    snapshots = []
    for move, which in moves:
        snapshots += [life.fold.snapshot] * (len(life.fold.log) - len(snapshots))
        life.move(move, which)
    snapshots += [life.fold.snapshot] * (len(life.fold.log) - len(snapshots))
    again: list[tuple[str, str, bytes]] = []
    state = DictState()
    for (offset, now, record), snapshot in zip(life.fold.log, snapshots, strict=True):
        at = Moment(topic="sms.lifecycle", partition=0, offset=offset)
        decision = Routing().decide(state, record, at=at, now=now, rules=snapshot)
        again += [(emit.topic, emit.key, CODEC.encode(emit.record)) for emit in decision.events]
        for key, value in decision.state.items():
            if value is None:
                state.pop(key, None)
            else:
                state[key] = value
    assert again == life.fold.encoded()
    assert state == life.fold.state


@given(st.integers(1, 3), st.data())
@settings(max_examples=80, deadline=None)
def test_acknowledgements_and_receipts_in_any_order_and_number_end_alike(parts: int, data: st.DataObject) -> None:
    fold = Fold(Routing())
    fold.give(an_accepted(segment_count=parts))
    routed = fold.last(MessageRouted)
    facts: list[AnyRecord] = [a_succeeded(routed, f"A{part}", part=part) for part in routed.parts]
    facts += [a_receipt(f"A{part}") for part in routed.parts]
    copies = data.draw(st.lists(st.sampled_from(facts), max_size=6))
    fold.give(*data.draw(st.permutations(facts + copies)))
    assert [status.status for status in fold.all(MessageStatusChanged)] == ["accepted", "submitted", "delivered"]
    assert sum(each.charge_micros for each in fold.all(UsageRecorded)) == PRICE * parts


@given(MOVES)
@settings(max_examples=60, deadline=None)
def test_whatever_happened_in_the_end_nothing_waits_and_nothing_grows(moves: list[tuple[int, int]]) -> None:
    fold = Life().live(moves).fold
    fold.pass_time(9 * 86_400)
    assert not fold.timers
    assert not [key for key in fold.state if key.startswith("m/")]
    for recipient in fold.state.values():
        assert (recipient.awaiting, recipient.keys) == ((), ())
    assert all(isinstance(status.is_final, bool) for status in fold.all(MessageStatusChanged))
    last = {status.message_id: status.is_final for status in fold.all(MessageStatusChanged)}
    assert all(last.values()), "a message was forgotten without an end"


@given(MOVES, st.integers(0, 10**6))
@settings(max_examples=60, deadline=None)
def test_no_timer_of_any_sequence_does_more_than_the_current_one(moves: list[tuple[int, int]], sequence: int) -> None:
    fold = Life().live(moves).fold
    for timer in list(fold.timers.values()):
        if sequence == timer.timer_seq:
            continue
        stale = TimerFired(
            message_id=timer.message_id, recipient_id=timer.recipient_id, timer_seq=sequence, due=timer.due
        )
        before = dict(fold.state)
        assert fold.give(stale) == []
        assert dict(fold.state) == before
