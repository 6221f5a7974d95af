"""Start one JVM: its flags, its archive of loaded classes, and that it never outlives its parent.

Knows nothing of Kafka's settings; `kafka.py` says which class to run.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from infra.embedded.java import Java

# Measured on two cores: the serial collector and the first compiler alone halve the CPU time of a
# start (5.4 s to 2.8 s); an archive of loaded classes (AppCDS) halves it once more (to 1.5 s).
BASE_FLAGS = (
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-XX:-UsePerfData",
    "-XX:+ExitOnOutOfMemoryError",
    "-Djava.awt.headless=true",
)

# Runs between fork and exec: asks the kernel for SIGTERM when the parent dies (Linux), then becomes Java.
_LAUNCHER = """
import ctypes, os, sys
parent, program = int(sys.argv[1]), sys.argv[2]
if sys.platform == "linux":
    ctypes.CDLL(None).prctl(1, 15)
    if os.getppid() != parent:
        sys.exit("the parent is gone")
os.execv(program, sys.argv[2:])
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Runtime:
    """What every JVM of the node shares: the Java, the class path, the most heap in MB."""

    java: Java
    class_path: tuple[Path, ...]
    heap_mb: int

    def command(self, flags: Sequence[str], main_class: str, arguments: Sequence[str]) -> list[str]:
        """The whole command line; no shell and no script of Kafka's takes part."""
        path = os.pathsep.join(map(str, self.class_path))
        heap = f"-Xmx{self.heap_mb}m"
        return [str(self.java.program), heap, *BASE_FLAGS, *flags, "-cp", path, main_class, *arguments]

    def archive_name(self) -> str:
        """Names the class archive after all that it depends on, so that a change makes a new one."""
        facts = [self.java.description, str(self.java.program.resolve()), *BASE_FLAGS, *map(str, self.class_path)]
        return hashlib.sha256("\n".join(facts).encode()).hexdigest()[:16] + ".jsa"


class ClassArchive:
    """Java's archive of loaded classes (AppCDS): made by the first clean exit, read by later starts.

    Only ever a saving: without it, or with one that Java refuses, the node starts all the same.
    """

    def __init__(self, folder: Path, name: str, scratch: Path) -> None:
        self._archive = folder / name
        self._fresh = scratch / name

    def flags(self) -> list[str]:
        """What to add to the command line now: read the archive, or write one at exit."""
        self._fresh.unlink(missing_ok=True)
        if self._archive.exists():
            return [f"-XX:SharedArchiveFile={self._archive}", "-Xlog:cds=off", "-Xlog:cds+dynamic=off"]
        return [f"-XX:ArchiveClassesAtExit={self._fresh}", "-Xlog:cds=off", "-Xlog:cds+dynamic=off"]

    def keep(self) -> None:
        """After a clean exit: put what was written where the next start looks, whole or not at all."""
        if not self._fresh.exists():
            return
        self._archive.parent.mkdir(parents=True, exist_ok=True)
        with (
            self._fresh.open("rb") as made,
            tempfile.NamedTemporaryFile(dir=self._archive.parent, delete=False) as copy,
        ):
            shutil.copyfileobj(made, copy)
        os.replace(copy.name, self._archive)
        self._fresh.unlink()


def spawn(command: Sequence[str], output: Path) -> subprocess.Popen[bytes]:
    """Start `command` in a session of its own, so that a Ctrl-C reaches only its parent.

    It gets SIGTERM when the parent dies, by whatever; from another thread than the main one it does
    not, because the kernel would send it when that *thread* ends. Elsewhere than on Linux neither:
    there the next start stops what was left (`kafka.py`).
    """
    launcher = [sys.executable, "-I", "-S", "-c", _LAUNCHER, str(os.getpid()), *command]
    bound = sys.platform == "linux" and threading.current_thread() is threading.main_thread()
    with output.open("ab") as log:
        return subprocess.Popen(
            launcher if bound else list(command),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=environment(),
            start_new_session=True,
        )


def environment() -> dict[str, str]:
    """This process's, but so that Java can read every path: in a C locale it knows only ASCII."""
    return {**os.environ, "LC_ALL": "C.UTF-8"}


def command_of(pid: int) -> str:
    """The command line of a living process, '' when there is none or it may not be read."""
    proc = Path("/proc")
    if (proc / "self").exists():
        try:
            return (proc / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            return ""
    try:
        shown = subprocess.run(["ps", "-p", str(pid), "-o", "command="], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return ""
    return shown.stdout


def terminate(pid: int) -> None:
    """Ask a process to stop; that it is gone already is fine."""
    try:
        os.kill(pid, signal.SIGTERM)
    except ProcessLookupError:
        return
