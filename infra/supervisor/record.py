"""What the supervisor of a home does, in `.sluice/supervisor.json`: for `sluice status`, and for the next supervisor.

Children outlive a supervisor that was killed with -9: the next one finds them here, by pid and birth, and takes
them over. `supervisor.lock` lets only one run.
"""

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from infra.running import birth_of, lives
from pipeline.errors import ForTheUser

FILE_NAME = "supervisor.json"
LOCK_NAME = "supervisor.lock"


class SupervisorRuns(ForTheUser):
    """Another `sluice up` supervises this home; the message says what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One member as recorded. `pid` 0: it does not run. `waits_for`: names; `detail`: how it ended last."""

    phase: str
    pid: int = 0
    birth: str = ""
    is_ours: bool = True
    restarts: int = 0
    waits_for: tuple[str, ...] = ()
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A supervisor and its members by name. `is_alive`: it runs now."""

    pid: int
    birth: str
    members: Mapping[str, Kept] = field(default_factory=dict)

    @property
    def is_alive(self) -> bool:
        return lives(self.pid, self.birth)


def read_record(home: Path) -> Record | None:
    """The newest record, of a living supervisor or a dead one; None if there is none that can be read."""
    try:
        content = json.loads((home / FILE_NAME).read_text("utf-8"))
        members = {
            name: Kept(**{**each, "waits_for": tuple(each["waits_for"])}) for name, each in content["members"].items()
        }
        return Record(pid=content["pid"], birth=content["birth"], members=members)
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None


def write_record(home: Path, members: Mapping[str, Kept]) -> None:
    """Replace the record by this process's."""
    content = {
        "pid": os.getpid(),
        "birth": birth_of(os.getpid()),
        "members": {name: asdict(each) for name, each in members.items()},
    }
    draft = home / f"{FILE_NAME}.draft"
    draft.write_text(json.dumps(content, indent=2) + "\n", "utf-8")
    draft.replace(home / FILE_NAME)


def orphans(home: Path) -> dict[str, Kept]:
    """Living children of a supervisor that is gone, by name."""
    record = read_record(home)
    if record is None or record.is_alive:
        return {}
    return {name: each for name, each in record.members.items() if each.is_ours and lives(each.pid, each.birth)}


@contextmanager
def only_one(home: Path) -> Iterator[None]:
    """Hold the home's lock while the body runs. Raises SupervisorRuns."""
    home.mkdir(parents=True, exist_ok=True)
    with (home / LOCK_NAME).open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SupervisorRuns(
                f"a `sluice up` supervises {home} already; look: sluice status, stop it: sluice down"
            ) from None
        yield
