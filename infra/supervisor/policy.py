"""When a process is started, restarted, given up and stopped. Pure: `decide(state, event, now) -> (state, actions)`.

Time is seconds of any clock that only goes forward. The shell (`infra/supervisor/shell.py`) tells what happened and
does what it is told; it decides nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import assert_never

FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 30.0
HEALTHY_S = 60.0
"""Who worked for so long has recovered: its pause begins at a second again, and its former ends are forgotten."""

LOOP_S = 120.0
NEVER_READY_ENDS = 5
"""So many ends within LOOP_S by one that was not ready in any of these lives is a crash loop."""
ENDS = 10
"""So many ends without HEALTHY_S of work in between is one too, ready or not."""

TELL_EVERY_S = 15.0


class Phase(StrEnum):
    """Where a member stands."""

    WAITING = "waiting"
    STARTING = "starting"
    READY = "ready"
    PAUSED = "paused"
    ENDED = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One process (or the step that publishes rules). `since`: when its phase began; `told_at`: see TELL_EVERY_S.

    `is_step`: no process, nothing to stop. `is_ours`: started here, or by a supervisor before this one; others are
    watched, never stopped.
    `ends`: (when, whether it had been ready) of each unexpected end since it last was healthy.
    """

    name: str
    needs: tuple[str, ...] = ()
    is_step: bool = False
    phase: Phase = Phase.WAITING
    since: float = 0.0
    told_at: float = 0.0
    is_ours: bool = True
    pause_s: float = FIRST_PAUSE_S
    due_at: float = 0.0
    restarts: int = 0
    ends: tuple[tuple[float, bool], ...] = ()

    @property
    def is_alive(self) -> bool:
        """Whether there is such a process now."""
        return self.phase in (Phase.STARTING, Phase.READY)

    @property
    def is_to_stop(self) -> bool:
        """Whether it lives and is ours to stop."""
        return self.is_alive and self.is_ours and not self.is_step


@dataclass(frozen=True, slots=True, kw_only=True)
class Supervision:
    """All members, by name, in order of starting. `waves`: names that are stopped together, each with its grace in s.

    `stopping`: the wave under way, None while all is to run; `exit_code` counts once it is over.
    """

    members: Mapping[str, Member]
    waves: tuple[tuple[tuple[str, ...], float], ...]
    is_complete: bool = False
    stopping: int | None = None
    kill_at: float = 0.0
    is_killing: bool = False
    is_over: bool = False
    exit_code: int = 0


# --- what happened --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Tick:
    """Some time went by."""


@dataclass(frozen=True, slots=True)
class Found:
    """A process of this name lives that was not started now; `is_ours`: a supervisor before this one had started it."""

    name: str
    is_ours: bool


@dataclass(frozen=True, slots=True)
class BecameReady:
    """It does its work."""

    name: str


@dataclass(frozen=True, slots=True)
class Ended:
    """It is gone; `how` in words: `exit code 1`, `killed (signal 9)`."""

    name: str
    how: str


@dataclass(frozen=True, slots=True)
class Failed:
    """It cannot be done, and trying again would not help; `why` is for the user."""

    name: str
    why: str


@dataclass(frozen=True, slots=True)
class StopAsked:
    """Ctrl-C or SIGTERM."""


Event = Tick | Found | BecameReady | Ended | Failed | StopAsked


# --- what is to be done ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Start:
    """Start this one."""

    name: str


@dataclass(frozen=True, slots=True)
class Stop:
    """SIGTERM to these."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Kill:
    """SIGKILL to these."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tell:
    """Say what happens: `event` is a dotted name, `names` whom it concerns, `detail` in words, `seconds` how long."""

    event: str
    names: tuple[str, ...] = ()
    detail: str = ""
    seconds: float = 0.0


Action = Start | Stop | Kill | Tell
Decision = tuple[Supervision, tuple[Action, ...]]


def begin(members: Iterable[Member], waves: Sequence[tuple[tuple[str, ...], float]], now: float) -> Supervision:
    """All members wait. Needs that no member has are somebody else's to meet, and count as met."""
    listed = {each.name: replace(each, since=now, told_at=now) for each in members}
    known = {
        name: replace(each, needs=tuple(need for need in each.needs if need in listed)) for name, each in listed.items()
    }
    return Supervision(members=known, waves=tuple(waves))


def decide(state: Supervision, event: Event, now: float) -> Decision:
    """What follows from an event."""
    match event:
        case Tick():
            return _stop_on(state, now) if state.stopping is not None else _go_on(state, now)
        case Found(name, is_ours):
            found = replace(state.members[name], phase=Phase.STARTING, is_ours=is_ours, since=now, told_at=now)
            return _with(state, found), (Tell("process.adopted" if is_ours else "process.found", (name,)),)
        case BecameReady(name):
            return _ready(state, state.members[name], now)
        case Ended(name, how):
            return _ended(state, state.members[name], how, now)
        case Failed(name, why):
            return _give_up(state, state.members[name], Tell("step.failed", (name,), why), now)
        case StopAsked():
            return _asked(state, now)
        case _:
            assert_never(event)


def _with(state: Supervision, member: Member) -> Supervision:
    return replace(state, members={**state.members, member.name: member})


# --- while all is to run --------------------------------------------------------------------------------------------


def _go_on(state: Supervision, now: float) -> Decision:
    """Start what may start, say who still waits, forget old ends of who is healthy."""
    actions: list[Action] = []
    started: list[str] = []
    for member in state.members.values():
        if _may_start(state, member, now):
            state = _with(
                state, replace(member, phase=Phase.STARTING, is_ours=True, since=now, told_at=now, due_at=0.0)
            )
            started.append(member.name)
        elif member.phase is Phase.READY and member.ends and now - member.since >= HEALTHY_S:
            state = _with(state, replace(member, ends=(), pause_s=FIRST_PAUSE_S))
        elif member.phase is Phase.STARTING and now - member.told_at >= TELL_EVERY_S:
            actions.append(Tell("process.slow", (member.name,), seconds=now - member.since))
            state = _with(state, replace(member, told_at=now))
    if started:
        actions = [Tell("process.starting", tuple(started)), *map(Start, started), *_waits(state, started), *actions]
    return state, tuple(actions)


def _may_start(state: Supervision, member: Member, now: float) -> bool:
    is_due = member.phase is Phase.WAITING or (member.phase is Phase.PAUSED and now >= member.due_at)
    return is_due and not _lacking(state, member)


def _lacking(state: Supervision, member: Member) -> tuple[str, ...]:
    return tuple(need for need in member.needs if state.members[need].phase is not Phase.READY)


def _waits(state: Supervision, started: Iterable[str]) -> list[Tell]:
    """Who waits for what was just started, those with the same needs in one line."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for member in state.members.values():
        lacking = _lacking(state, member)
        if member.phase is Phase.WAITING and lacking and not set(lacking).isdisjoint(started):
            groups.setdefault(lacking, []).append(member.name)
    return [Tell("process.waiting", tuple(names), " and ".join(lacking)) for lacking, names in groups.items()]


def _ready(state: Supervision, member: Member, now: float) -> Decision:
    if member.phase is not Phase.STARTING:
        return state, ()
    state = _with(state, replace(member, phase=Phase.READY, since=now))
    actions: list[Action] = [Tell("process.ready", (member.name,), seconds=now - member.since)]
    if not state.is_complete and all(each.phase is Phase.READY for each in state.members.values()):
        state = replace(state, is_complete=True)
        actions.append(Tell("all.ready", tuple(state.members)))
    return state, tuple(actions)


def _ended(state: Supervision, member: Member, how: str, now: float) -> Decision:
    if state.stopping is not None:
        state = _with(state, replace(member, phase=Phase.ENDED, since=now))
        state, actions = _stop_on(state, now)
        return state, (Tell("process.stopped", (member.name,), how), *actions)
    was_ready = member.phase is Phase.READY
    is_recovered = was_ready and now - member.since >= HEALTHY_S
    ends = (*(() if is_recovered else member.ends), (now, was_ready))[-ENDS:]
    pause_s = FIRST_PAUSE_S if is_recovered else member.pause_s
    if _is_loop(ends, now):
        why = f"{how}; {len(ends)} ends in {now - ends[0][0]:.0f} s"
        return _give_up(state, replace(member, ends=ends), Tell("process.crash_loop", (member.name,), why), now)
    paused = replace(
        member,
        phase=Phase.PAUSED,
        since=now,
        due_at=now + pause_s,
        pause_s=min(2 * pause_s, LONGEST_PAUSE_S),
        restarts=member.restarts + 1,
        ends=ends,
    )
    return _with(state, paused), (Tell("process.ended", (member.name,), how, pause_s),)


def _is_loop(ends: Sequence[tuple[float, bool]], now: float) -> bool:
    recent = [was_ready for at, was_ready in ends[-NEVER_READY_ENDS:] if now - at <= LOOP_S]
    return len(ends) >= ENDS or (len(recent) >= NEVER_READY_ENDS and not any(recent))


def _give_up(state: Supervision, member: Member, why: Tell, now: float) -> Decision:
    """Stop everything, with exit code 1."""
    ended = _with(state, replace(member, phase=Phase.ENDED, since=now))
    if state.stopping is not None:
        return ended, (why,)
    state, actions = _stop_on(replace(ended, stopping=-1, exit_code=1), now)
    return state, (why, Tell("all.stopping"), *actions)


# --- while all is to stop -------------------------------------------------------------------------------------------


def _asked(state: Supervision, now: float) -> Decision:
    """Once: in order. Twice: kill."""
    if state.stopping is None:
        state, actions = _stop_on(replace(state, stopping=-1), now)
        return state, (Tell("all.stopping"), *actions)
    living = tuple(each.name for each in state.members.values() if each.is_to_stop)
    if state.is_killing or not living:
        return state, ()
    return replace(state, is_killing=True), (Tell("all.killed", living), Kill(living))


def _stop_on(state: Supervision, now: float) -> Decision:
    """Wait for the wave under way, kill what outlasts its grace, go to the next one, end after the last."""
    assert state.stopping is not None
    if state.stopping >= 0 and (living := _living(state, state.stopping)):
        if now < state.kill_at or state.is_killing:
            return state, ()
        grace_s = state.waves[state.stopping][1]
        return replace(state, kill_at=now + grace_s), (Tell("process.late", living, seconds=grace_s), Kill(living))
    for wave in range(state.stopping + 1, len(state.waves)):
        if living := _living(state, wave):
            state = replace(state, stopping=wave, kill_at=now + state.waves[wave][1])
            return state, () if state.is_killing else (Tell("wave.stopping", living), Stop(living))
    return replace(state, stopping=len(state.waves) - 1, is_over=True), ()


def _living(state: Supervision, wave: int) -> tuple[str, ...]:
    """Ours of this wave that live; what no wave names belongs to the first."""
    named = {name for names, _ in state.waves for name in names}
    chosen = state.waves[wave][0]
    return tuple(
        each.name
        for each in state.members.values()
        if each.is_to_stop and (each.name in chosen or (wave == 0 and each.name not in named))
    )
