"""The processes of one home as a whole: which there are, starting them side by side, watching and stopping them.

Each is an ordinary `sluice` command, so what is started here can be started again by hand. Nothing here
restarts anything: who watches decides (the demo leaves it to a person, `infra/supervisor` does it).
"""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from infra.endpoints import read_endpoints
from infra.running import CHILD, Running, birth_of, is_alive, lives, read_running
from pipeline.errors import ForTheUser

LOGS = "logs"
GRACE_S = 15.0  # a worker gives a last checkpoint, its group and its clients up to 13 s when Kafka is away
KAFKA_GRACE_S = 20.0
POLL_S = 0.05
LAST_LINES = 15


class ProcessDied(ForTheUser):
    """A process ended before it was ready; the message holds its last log lines."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """One process: the name it is listed under, its `sluice` arguments, the endpoint it publishes, if any, and which
    others `sluice up` has ready before it starts this one ("rules": they are published).
    """

    name: str
    arguments: tuple[str, ...]
    endpoint: str = ""
    needs: tuple[str, ...] = ()

    @property
    def by_hand(self) -> str:
        """The command that starts it again."""
        return " ".join(("sluice", *self.arguments))


RULES = "rules"
_PUBLISHED = ("kafka", RULES)
PROGRAMS = (
    Program(name="kafka", arguments=("kafka", "run"), endpoint="kafka"),
    Program(name="routing", arguments=("worker", "routing"), needs=_PUBLISHED),
    Program(name="validation", arguments=("worker", "validation"), needs=_PUBLISHED),
    Program(name="throttling", arguments=("worker", "throttling"), needs=_PUBLISHED),
    Program(name="sink", arguments=("sink", "run"), endpoint="sql", needs=_PUBLISHED),
    Program(name="connector", arguments=("connector", "run"), needs=_PUBLISHED),
    Program(name="simulator", arguments=("simulator", "run"), endpoint="simulator"),
    Program(name="registry", arguments=("registry", "run"), endpoint="registry"),
    Program(name="health", arguments=("health", "run"), needs=_PUBLISHED),
    Program(name="keeper", arguments=("keys", "run"), needs=_PUBLISHED),
)
"""In order of starting: what takes longest first."""

SUPERVISOR = "up"
SUPERVISOR_GRACE_S = 60.0  # it stops its own in waves
STOP_WAVES = (
    ("routing", "validation", "throttling", "sink", "connector", "health", "keeper"),
    ("simulator", "registry"),
    ("kafka",),
)


class Children:
    """Processes that this one started. Logs go to `.sluice/logs/<name>.log`, the former log to `<name>.log.1`."""

    def __init__(self, home: Path, environment: Mapping[str, str]) -> None:
        self._home = home
        self._environment = {**os.environ, "SLUICE_HOME": str(home), "PYTHONUNBUFFERED": "1", **environment}
        self._started: dict[str, subprocess.Popen[bytes]] = {}
        self._told: set[str] = set()

    def start(self, program: Program) -> None:
        """Start one; returns at once."""
        log = self.log_of(program.name)
        self._told.discard(program.name)
        log.parent.mkdir(parents=True, exist_ok=True)
        if log.exists():
            log.replace(log.with_name(f"{log.name}.1"))
        command = [sys.executable, "-m", "infra.cli", *program.arguments]
        with log.open("wb") as output:
            self._started[program.name] = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env={**self._environment, CHILD: "1"},
                start_new_session=True,  # Ctrl-C is for who started it, and stops its children in order
            )

    def log_of(self, name: str) -> Path:
        """Where this process logs."""
        return self._home / LOGS / f"{name}.log"

    def is_ready(self, program: Program) -> bool:
        """Whether one of this name works: ours, or one that was started by hand."""
        if any(each.name == program.name and each.is_ready for each in read_running(self._home).values()):
            return True
        return listens(self._home, program)

    def wait_ready(self, programs: Iterable[Program], timeout_s: float) -> None:
        """Block until all work. Raises ProcessDied for one that ended or was not ready in time."""
        waiting = {program.name: program for program in programs}
        deadline = time.monotonic() + timeout_s
        while waiting:
            for name, program in tuple(waiting.items()):
                if self.is_ready(program):
                    del waiting[name]
                elif (code := self.exit_code(name)) is not None:
                    raise ProcessDied(self._death(name, f"ended with {code} while starting"))
            if waiting and time.monotonic() > deadline:
                name = next(iter(waiting))
                raise ProcessDied(self._death(name, f"was not ready within {timeout_s:.0f} s"))
            time.sleep(POLL_S)

    def newly_dead(self) -> list[tuple[str, int]]:
        """(name, exit code) of each child that ended since this was asked last; -9 is a kill -9."""
        dead = [(name, code) for name in self._started if (code := self.exit_code(name)) is not None]
        fresh = [(name, code) for name, code in dead if name not in self._told]
        self._told.update(name for name, _ in fresh)
        return fresh

    def stop(self) -> None:
        """Stop all of ours that live, and those of the same names that were started by hand in their place."""
        stop_all({name: each for name, each in read_running(self._home).items() if each.name in self._started})
        for child in self._started.values():  # those that were not listed yet
            if child.poll() is None:
                _stop_wave({child.pid: birth_of(child.pid)}, GRACE_S)
            child.wait()

    def exit_code(self, name: str) -> int | None:
        """How the child of this name ended (-9: kill -9); None while it lives, or if none was started."""
        child = self._started.get(name)
        return None if child is None else child.poll()

    def pid(self, name: str) -> int:
        """The process id of the child of this name. Raises KeyError if none was started."""
        return self._started[name].pid

    def last_lines(self, name: str) -> str:
        """The end of a log, for a person."""
        with contextlib.suppress(FileNotFoundError):
            lines = self.log_of(name).read_text("utf-8", errors="replace").splitlines()
            return "\n".join(f"  {line}" for line in lines[-LAST_LINES:])
        return ""

    def _death(self, name: str, what: str) -> str:
        return f"{name} {what}; the end of {self.log_of(name)}:\n{self.last_lines(name)}"


def listens(home: Path, program: Program) -> bool:
    """Whether the endpoint that this program publishes is there and its process lives."""
    return listening_pid(home, program) != 0


def listening_pid(home: Path, program: Program) -> int:
    """The living process that published the endpoint of this program; 0 if there is none."""
    endpoint = read_endpoints(home).find(program.endpoint)
    return endpoint.pid if endpoint is not None and endpoint.pid is not None and is_alive(endpoint.pid) else 0


def prepare_kafka() -> None:
    """Fetch the jars of the embedded Kafka where a person sees the progress. Raises what makes Kafka impossible."""
    from infra.embedded.jars import ensure_jars
    from infra.embedded.java import find_java

    find_java()
    ensure_jars()


def stop_all(running: Mapping[str, Running]) -> list[str]:
    """SIGTERM to all, in waves so that Kafka goes last; SIGKILL after a grace. Names of what was stopped.

    A supervisor goes first: it stops its own in the same order, and would start again what is stopped under it.
    """
    rest = {listed: each for listed, each in running.items() if each.pid != os.getpid()}
    stopped = list(rest)
    supervisors = {each.pid: each.birth for each in rest.values() if each.name == SUPERVISOR}
    _stop_wave(supervisors, SUPERVISOR_GRACE_S)
    rest = {listed: each for listed, each in rest.items() if each.name != SUPERVISOR}
    for wave in STOP_WAVES:
        chosen = [each for each in rest.values() if each.name in wave]
        if wave is STOP_WAVES[0]:
            known = {name for each in STOP_WAVES for name in each}
            chosen += [each for each in rest.values() if each.name not in known]
        _stop_wave({each.pid: each.birth for each in chosen}, KAFKA_GRACE_S if "kafka" in wave else GRACE_S)
    return stopped


def _stop_wave(births: Mapping[int, str], grace_s: float) -> None:
    """`births`: of each pid, so that one which was given out again meanwhile is left alone."""

    def living() -> list[int]:
        return [pid for pid, birth in births.items() if lives(pid, birth)]

    for number, patience_s in ((signal.SIGTERM, grace_s), (signal.SIGKILL, GRACE_S)):
        for pid in living():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
        deadline = time.monotonic() + patience_s
        while living() and time.monotonic() < deadline:
            time.sleep(POLL_S)
