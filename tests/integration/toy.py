"""A toy stage as a real worker process: `python -m tests.integration.toy <bootstrap> <home> <stage> <topic> <out>`.

It counts the messages of a partition and writes one UsageRecorded for each: `part` is the count of that message id,
so that a redo that forgot state, or kept too much, shows in the output.
"""

import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import msgspec

from pipeline.agents.stage_agent import StageAgent
from pipeline.app import WorkerSettings, run_worker
from pipeline.events.codec import AnyRecord
from pipeline.events.records import MessageAccepted, SnapshotAdopted, TimerFired, UsageRecorded
from pipeline.logs import configure
from pipeline.spans import spans_of
from pipeline.stages.decision import NOTHING, Decision, Emit, Moment, Snapshot, StateValue, StateView, Timer
from pipeline.telemetry import Telemetry

STUCK = "stuck"
"""A message on which the stage never decides: it takes the whole event loop with it."""


class Count(msgspec.Struct, frozen=True, kw_only=True):
    """How often a message was seen; a pending timer if `due` is set."""

    seen: int = 0
    message_id: str = ""
    due: int = 0


class Toy:
    """Implements `pipeline.stages.decision.Stage`."""

    reads: tuple[type[AnyRecord], ...] = (MessageAccepted, TimerFired, SnapshotAdopted)
    state_kinds: Mapping[str, type[StateValue]] = {"m": Count}

    def __init__(self, name: str, out: str) -> None:
        self.name = name
        self.out = out

    def decide(self, state: StateView, event: AnyRecord, *, at: Moment, now: int, rules: Snapshot) -> Decision:
        if not isinstance(event, MessageAccepted | TimerFired):
            return NOTHING
        key = f"m/{event.message_id}"
        if event.message_id == STUCK:
            time.sleep(3600)
        count = state.get(key, Count) or Count()
        if isinstance(event, TimerFired):
            if not count.due or now < count.due:
                return NOTHING
            changed = Count(seen=count.seen, message_id=event.message_id)
            return Decision(state={key: changed}, events=(self._usage(event.message_id, 1000),))
        due = now + event.expires_at if event.expires_at else 0
        changed = Count(seen=count.seen + 1, message_id=event.message_id, due=due)
        return Decision(
            state={key: changed},
            events=(self._usage(event.message_id, changed.seen),),
            wake_at=self.timers(key, changed),
        )

    def timers(self, key: str, value: StateValue) -> tuple[Timer, ...]:
        assert isinstance(value, Count)
        if not value.due:
            return ()
        return (
            Timer(
                message_id=value.message_id, recipient_id=value.message_id, account_id="a", timer_seq=1, due=value.due
            ),
        )

    def _usage(self, message_id: str, part: int) -> Emit:
        return Emit(topic=self.out, key=message_id, record=UsageRecorded(message_id=message_id, part=part))


def main() -> None:
    bootstrap, home, stage, topic, out = sys.argv[1:]
    settings = WorkerSettings(
        bootstrap=bootstrap,
        home=Path(home),
        checkpoint_interval_s=0.3,
        session_timeout_s=6,
        poison_limit=20,
        stuck_after_s=float(os.environ.get("TOY_STUCK_AFTER_S", "60")),
    )
    toy = Toy(stage, out)
    configure()
    run_worker(
        settings,
        [stage],
        known={stage: lambda context: StageAgent(toy, topic, context)},
        telemetry=Telemetry(spans=spans_of(os.environ, "toy")),
    )


if __name__ == "__main__":
    main()
