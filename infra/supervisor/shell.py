"""The thin shell around the policy: looks at processes, tells the policy what happened, does what it answers.

For the main thread. The publishing of rules and the status endpoint run in threads of their own.
"""

import contextlib
import os
import queue
import signal
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from infra.processes import GRACE_S, KAFKA_GRACE_S, RULES, STOP_WAVES, Children, Program, listening_pid
from infra.running import birth_of, lives, read_running
from infra.supervisor.policy import (
    Action,
    BecameReady,
    Ended,
    Event,
    Failed,
    Found,
    Kill,
    Member,
    Phase,
    Start,
    Stop,
    StopAsked,
    Supervision,
    Tell,
    Tick,
    begin,
    decide,
)
from infra.supervisor.record import Kept, orphans, write_record
from infra.supervisor.screen import Screen
from infra.supervisor.tails import LogTail

POLL_S = 0.1
WAVES = tuple((names, KAFKA_GRACE_S if "kafka" in names else GRACE_S) for names in STOP_WAVES)
Publish = Callable[[], str]


class Supervisor:
    """One run of `sluice up`. `publish` publishes the rules and says so in words (None: somebody else does)."""

    def __init__(
        self, home: Path, bootstrap: str, programs: Sequence[Program], publish: Publish | None, screen: Screen
    ):
        self._home = home
        self._screen = screen
        self._publish = publish
        self._programs = {each.name: each for each in programs}
        self._children = Children(home, {"SLUICE_BOOTSTRAP": bootstrap})
        self._watched: dict[str, tuple[int, str]] = {}
        """pid and birth of each member that is not a child of this process."""
        self._started: set[str] = set()
        """Names of living children of this process."""
        self._tails: dict[str, LogTail] = {}
        self._happened: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self._hows: dict[str, str] = {}
        self._recorded: Mapping[str, Kept] = {}
        self._is_unwritten = False
        """The newest record could not be written."""
        self.on_complete: Callable[[], None] = lambda: None
        self._state = begin(self._members(), WAVES, time.monotonic())

    def run(self) -> int:
        """Until all is stopped; the exit code. SIGTERM and SIGINT stop in order, the second one kills."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, lambda *_: self._happened.put(StopAsked()))
        self._find()
        while not self._state.is_over:
            for event in self._look():
                self._on(event)
            self._on(Tick())
            self._write_down()
            self._show_logs()
            if not self._state.is_over:
                time.sleep(POLL_S)
        self._show_logs()
        return self._state.exit_code

    @property
    def is_ready(self) -> bool:
        """Whether all members are."""
        return all(each.phase is Phase.READY for each in self._state.members.values())

    def _members(self) -> list[Member]:
        """kafka first, then the rules, then what needs them."""
        members = [Member(name=each.name, needs=each.needs) for each in self._programs.values()]
        if self._publish is not None:
            at = next((index for index, each in enumerate(members) if RULES in each.needs), len(members))
            members.insert(at, Member(name=RULES, needs=("kafka", "simulator"), is_step=True))
        return members

    # --- looking --------------------------------------------------------------------------------------------------

    def _find(self) -> None:
        """What runs already: children of a supervisor that was killed, and what was started by hand."""
        left = orphans(self._home)
        for name in self._programs:
            if name in left:
                self._watch(name, left[name].pid, left[name].birth)
                self._on(Found(name, is_ours=True))
            elif self._is_by_hand(name):
                self._on(Found(name, is_ours=False))

    def _is_by_hand(self, name: str) -> bool:
        """Whether one of this name runs that nobody here started; it is watched from then on."""
        for each in read_running(self._home).values():
            if each.name == name:
                self._watch(name, each.pid, each.birth)
                return True
        pid = listening_pid(self._home, self._programs[name])
        if pid:
            self._watch(name, pid, birth_of(pid))
        return pid != 0

    def _watch(self, name: str, pid: int, birth: str) -> None:
        self._watched[name] = (pid, birth)
        self._tails[name] = LogTail(self._children.log_of(name), from_end=True)

    def _look(self) -> list[Event]:
        events: list[Event] = []
        while not self._happened.empty():
            events.append(self._happened.get())
        for name, member in self._state.members.items():
            if member.is_step or not member.is_alive:
                continue
            how = self._end_of(name)
            if how:
                self._hows[name] = how
                events.append(Ended(name, how))
            elif member.phase is Phase.STARTING and self._children.is_ready(self._programs[name]):
                events.append(BecameReady(name))
        return events

    def _end_of(self, name: str) -> str:
        """How it ended, in words; '' while it lives."""
        if name in self._started:
            code = self._children.exit_code(name)
            if code is not None:
                self._started.discard(name)
                return f"signal {-code}" if code < 0 else f"exit code {code}"
        elif not lives(*self._watched[name]):
            return "gone"
        return ""

    # --- doing ----------------------------------------------------------------------------------------------------

    def _on(self, event: Event) -> None:
        self._state, actions = decide(self._state, event, time.monotonic())
        for action in actions:
            self._do(action)

    def _do(self, action: Action) -> None:
        match action:
            case Start(name) if self._state.members[name].is_step:
                threading.Thread(target=self._publish_rules, name="rules", daemon=True).start()
            case Start(name):
                self._start(name)
            case Stop(names):
                self._signal(names, signal.SIGTERM)
            case Kill(names):
                self._signal(names, signal.SIGKILL)
            case Tell():
                self._tell(action)

    def _start(self, name: str) -> None:
        if self._is_by_hand(name):
            self._on(Found(name, is_ours=False))
            return
        self._watched.pop(name, None)
        self._children.start(self._programs[name])
        self._started.add(name)
        self._tails[name] = LogTail(self._children.log_of(name))

    def _signal(self, names: Sequence[str], number: signal.Signals) -> None:
        for name in names:
            pid = self._pid(name)
            if pid:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, number)

    def _pid(self, name: str) -> int:
        """The pid of a living member; 0 if it does not live."""
        if name in self._started:
            return self._children.pid(name)
        pid, birth = self._watched.get(name, (0, ""))
        return pid if pid and lives(pid, birth) else 0

    def _publish_rules(self) -> None:
        """In a thread."""
        from infra.config.publish import PublishFailed
        from infra.errors import explained

        assert self._publish is not None
        try:
            words = self._publish()
        except Exception as error:
            why = explained(error)
            if why is None:
                self._happened.put(Failed(RULES, f"{type(error).__name__}: {error}"))
                raise
            is_worth_again = type(error) is PublishFailed  # and not Refused
            self._happened.put(Ended(RULES, why) if is_worth_again else Failed(RULES, why))
        else:
            self._screen.note(f"rules: {words}")
            self._happened.put(BecameReady(RULES))

    # --- telling --------------------------------------------------------------------------------------------------

    def _tell(self, tell: Tell) -> None:
        if tell.event in ("process.crash_loop", "process.ended"):
            self._show_logs()
        if tell.event == "all.ready":
            self.on_complete()
            self._screen.summary(tuple(self._programs))
            return
        self._screen.tell(tell)
        if tell.event == "process.crash_loop" and not self._state.members[tell.names[0]].is_step:
            self._screen.post_mortem(self._programs[tell.names[0]], self._children)

    def _show_logs(self) -> None:
        for name, tail in self._tails.items():
            for line in tail.lines():
                self._screen.log(name, line)

    def _write_down(self) -> None:
        kept = {name: self._kept(member) for name, member in self._state.members.items()}
        if kept == self._recorded:
            return
        try:
            write_record(self._home, kept)
        except OSError as error:  # a full disk ends nobody: it is tried again, and told once
            if not self._is_unwritten:
                self._screen.note(f"what runs could not be written down: {error}")
            self._is_unwritten = True
        else:
            self._recorded, self._is_unwritten = kept, False

    def _kept(self, member: Member) -> Kept:
        pid = 0 if member.is_step or not member.is_alive else self._pid(member.name)
        before = self._recorded.get(member.name)
        is_same = before is not None and before.pid == pid
        return Kept(
            phase=member.phase.value,
            pid=pid,
            birth=before.birth if before is not None and is_same else birth_of(pid) if pid else "",
            is_ours=member.is_ours,
            restarts=member.restarts,
            waits_for=_waits_for(self._state, member),
            detail=self._hows.get(member.name, ""),
        )


def _waits_for(state: Supervision, member: Member) -> tuple[str, ...]:
    if member.phase is not Phase.WAITING:
        return ()
    return tuple(need for need in member.needs if state.members[need].phase is not Phase.READY)
