"""Makes the golden files of this folder.

    python -m tests.replay.record          record the log anew (another scenario), and its ends
    python -m tests.replay.record --ends   keep the log, accept what it comes to now (a decision was changed on purpose)

Read the difference of `golden/ends.json` before you commit it: each line that changed is a message that would
have gone another way. Nothing here reads a clock or draws at random: recording twice gives the same bytes.
"""

import json
import sys
from collections.abc import Iterator

import msgspec

from pipeline.domain.rules import Health, Rules
from pipeline.events.codec import AnyRecord
from pipeline.events.records import DispatchMessage, MessageDeferred, MessageRouted, SnapshotAdopted
from pipeline.stages import validation
from pipeline.stages.routing import Routing
from pipeline.stages.throttling import Throttling
from tests.builders import (
    CLUSTER,
    CN_NUMBER,
    CODEC,
    SECOND,
    FakeKeyRing,
    a_dispatch_refused,
    a_failed,
    a_health,
    a_receipt,
    a_reply,
    a_rules,
    a_served,
    a_snapshot,
    a_submission,
    a_succeeded,
    a_suppression,
    an_unknown,
    nobody_bound,
    with_prices,
)
from tests.fold import Fold
from tests.replay.log import GOLDEN, Log, Logged, RulesBook, ends, read_log, read_rules, replay, write_log, write_rules

LANES = ("express", "bulk")


class Recorder:
    """Validation, routing and throttling on one log, without a broker; the scenario plays producers and carriers."""

    def __init__(self) -> None:
        self.routing = Fold(Routing())
        self.throttling = {lane: Fold(Throttling(lane), topic=f"sms.routed.{lane}") for lane in LANES}
        self.book = RulesBook(rules={}, health={})
        self.dispatched: list[DispatchMessage] = []
        self.read = 0
        self.offset = 0

    def adopt(self, rules: Rules, health: Health) -> None:
        """A new snapshot of rules and health reaches every partition."""
        self.book.rules[str(rules.control_offset)] = rules
        self.book.health[str(health.health_offset)] = health
        for fold in (self.routing, *self.throttling.values()):
            fold.snapshot = a_snapshot(rules, health)
            fold.give(
                SnapshotAdopted(
                    occurred_at=fold.now,
                    control_offset=rules.control_offset,
                    health_offset=health.health_offset,
                    stage=fold.stage.name,
                )
            )

    def submit(self, *, account: str = "acme", lane: str = "express", **fields: object) -> str:
        """A producer writes; the message id. `value=` gives raw octets."""
        submission = a_submission(account=account, lane=lane, offset=self.offset, **fields)  # type: ignore[arg-type]
        self.offset += 1
        decision = validation.decide(
            submission,
            now=self.routing.now,
            rules=self.routing.snapshot.rules,
            keys=FakeKeyRing(),
            cluster_id=CLUSTER,
            codec=CODEC,
        )
        record = decision.events[-1].record
        self.give(record)
        return str(record.message_id)  # type: ignore[union-attr]

    def give(self, *records: AnyRecord) -> None:
        """Records reach routing; what it lets go runs through throttling and back."""
        self.routing.give(*records)
        self._pump()

    def pass_time(self, seconds: float) -> None:
        end = self.routing.now + int(seconds * SECOND)
        while self.routing.now < end:
            due = min((timer.due for timer in self.routing.timers.values()), default=end)
            step = min(max(due, self.routing.now + 1), end) - self.routing.now
            self.routing.pass_time(step / SECOND)
            self._pump()

    def released(self, message_id: str) -> MessageRouted:
        """The last release of a message."""
        return next(each for each in reversed(self.routing.all(MessageRouted)) if each.message_id == message_id)

    def log(self) -> Log:
        folds = (self.routing, *self.throttling.values())
        return {fold.topic: tuple(_logged(fold)) for fold in folds}

    def _pump(self) -> None:
        while self.read < len(self.routing.emitted):
            emit = self.routing.emitted[self.read]
            self.read += 1
            if not isinstance(emit.record, MessageRouted):
                continue
            fold = self.throttling[emit.record.lane]
            fold.now = max(fold.now, self.routing.now)
            for answer in fold.give(emit.record):
                if isinstance(answer, MessageDeferred):
                    self.routing.give(answer)
                else:
                    self.dispatched.append(answer)  # type: ignore[arg-type]


def _logged(fold: Fold) -> Iterator[Logged]:
    for offset, now, record in fold.log:
        yield Logged(partition=0, offset=offset, timestamp_us=now, value=CODEC.encode(record))


def scenario(run: Recorder) -> None:
    """A day in which about everything happens once."""
    run.adopt(a_rules(), a_health())
    _deliveries(run)
    _refusals(run)
    _troubles(run)
    _replies(run)
    _waiting(run)
    _operators(run)
    run.pass_time(8 * 86_400)


def _take(run: Recorder, message_id: str, name: str) -> None:
    """The carrier takes and delivers every part."""
    released = run.released(message_id)
    run.pass_time(0.2)
    run.give(*(a_succeeded(released, f"{name}-{part}", part=part) for part in released.parts))
    run.pass_time(1)
    recipient = released.recipient_id
    for part in released.parts:
        run.give(a_receipt(f"{name}-{part}", carrier=released.carrier, recipient_id=recipient))


def _deliveries(run: Recorder) -> None:
    _take(run, run.submit(to=CN_NUMBER, text="【蓝鲸科技】您的登录验证码是159104，有效期为5分钟，请立即验证。"), "cn")
    _take(run, run.submit(text="Dinner at eight? 🍜 " * 5, message_class="conversational"), "emoji")
    _take(run, run.submit(text="Total: 49.90 € " * 20, message_class="transactional"), "euro")
    _take(run, run.submit(text=None, template_id="code", params={"code": "422325"}, to=CN_NUMBER), "template")
    early = run.submit(text="Your code is 731904")
    run.give(a_receipt("early", recipient_id=run.released(early).recipient_id))
    run.give(a_succeeded(run.released(early), "early"), a_succeeded(run.released(early), "early"))


def _refusals(run: Recorder) -> None:
    run.submit(to="+1844604")
    run.submit(value=b"not avro at all")
    run.submit(text="x" * 5000)
    run.submit(message_class="marketing")
    first = {"text": "Your parcel is here", "message_class": "service", "idempotency_key": "parcel-1"}
    _take(run, run.submit(**first), "parcel")
    run.submit(**first)
    run.submit(**(first | {"text": "Your parcel is there"}))


def _troubles(run: Recorder) -> None:
    refused = run.submit(text="refused", message_class="service")
    run.give(a_failed(run.released(refused)))
    busy = run.submit(text="busy", message_class="service")
    run.give(a_failed(run.released(busy), "temporary"))
    run.pass_time(2)
    _take(run, busy, "busy")
    doubtful = run.submit(text="Your code is 277425")
    run.give(an_unknown(run.released(doubtful)))
    _take(run, doubtful, "doubtful")
    campaign = run.submit(text="Spring sale", message_class="marketing", lane="bulk", campaign_id="spring")
    run.give(an_unknown(run.released(campaign)))
    run.pass_time(5)
    run.give(a_succeeded(run.released(campaign), "campaign"))
    corrected = run.submit(text="late but there", message_class="service")
    run.give(a_succeeded(run.released(corrected), "late"))
    recipient = run.released(corrected).recipient_id
    run.give(a_receipt("late", "failed", recipient_id=recipient))
    run.pass_time(600)
    run.give(a_receipt("late", "delivered", recipient_id=recipient))
    stale = run.submit(text="stale lease", message_class="service")
    run.give(a_dispatch_refused(run.released(stale)))
    _take(run, stale, "stale")


def _replies(run: Recorder) -> None:
    wanted = run.submit(text="Sale ends today", message_class="marketing", lane="bulk", sender="SALE")
    recipient = run.released(wanted).recipient_id
    run.give(a_reply("opt_out", destination="SALE", recipient_id=recipient))
    run.give(a_dispatch_refused(run.released(wanted), "recalled"))
    run.submit(text="Sale goes on", message_class="marketing", lane="bulk", sender="SALE")
    run.give(a_reply("opt_in", destination="SALE", reference="mo-2", recipient_id=recipient))
    _take(run, run.submit(text="Welcome back", message_class="marketing", lane="bulk", sender="SALE"), "back")


def _waiting(run: Recorder) -> None:
    dearer = with_prices(a_rules(control_offset=23), "north", {"US": 5_000, "CN": 9_500})
    run.adopt(dearer, a_health("south", "west", number=6))
    _take(run, run.submit(text="by another carrier", message_class="service"), "south")
    scheduled = run.submit(text="later", message_class="service", not_before=run.routing.now + 600 * SECOND)
    run.pass_time(601)
    _take(run, scheduled, "later")
    burst = [run.submit(account="teahouse", to=CN_NUMBER, text=f"【茶馆】验证码{number}") for number in range(12)]
    run.pass_time(10)
    for message_id in burst:
        run.give(a_succeeded(run.released(message_id), f"tea-{message_id[:6]}"))
    run.adopt(dearer, msgspec.structs.replace(nobody_bound(), health_offset=7))
    run.submit(text="nobody is there")
    run.pass_time(400)
    run.adopt(dearer, a_health(number=8))


def _operators(run: Recorder) -> None:
    run.give(a_served("acme", "express"), a_served("teahouse", "bulk"))
    taken_back = run.submit(text="Your parcel waits", message_class="service")
    recipient = run.released(taken_back).recipient_id
    run.give(a_suppression(recipient_id=recipient, reason="complaint"))
    run.give(a_dispatch_refused(run.released(taken_back), "recalled", detail="recipient-suppressed"))
    run.submit(text="Your parcel still waits", message_class="service")
    _take(run, run.submit(text="Your code is 159104"), "exempt")
    run.give(a_suppression(False, number=2, recipient_id=recipient))
    _take(run, run.submit(text="Your parcel waits again", message_class="service"), "lifted")


def record() -> Recorder:
    """The scenario, played."""
    run = Recorder()
    scenario(run)
    return run


def main(arguments: list[str]) -> None:
    GOLDEN.mkdir(exist_ok=True)
    if "--ends" not in arguments:
        run = record()
        write_log(run.log())
        write_rules(run.book)
    found = ends(replay(read_log(), read_rules()))
    (GOLDEN / "ends.json").write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
