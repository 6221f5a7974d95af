"""The list of jars: what it says, and what is wrong with a damaged one."""

from pathlib import Path

import pytest

from infra.embedded.errors import LockInvalid
from infra.embedded.jars import LOCK_FILE, cache_directory, is_intact, mirror_address, parse_lock

LINE = "org.apache.kafka:kafka_2.13:4.3.1 " + "a" * 64 + " 1621852"


def test_a_line_names_where_every_maven_repository_keeps_the_jar() -> None:
    (jar,) = parse_lock(f"# a comment\n\n{LINE}\n")
    assert jar.repository_path == "org/apache/kafka/kafka_2.13/4.3.1/kafka_2.13-4.3.1.jar"
    assert jar.size == 1621852
    assert jar.line() == LINE


@pytest.mark.parametrize("line", ["kafka 4.3.1", LINE + " more", LINE.replace("a" * 64, "a" * 63), LINE[:-7] + "0"])
def test_a_damaged_line_is_named_by_its_number(line: str) -> None:
    with pytest.raises(LockInvalid, match="line 2"):
        parse_lock(f"# head\n{line}\n")


def test_a_jar_listed_twice_is_refused() -> None:
    with pytest.raises(LockInvalid, match="twice"):
        parse_lock(f"{LINE}\n{LINE}\n")


def test_an_empty_list_says_how_to_make_it() -> None:
    with pytest.raises(LockInvalid, match=r"python -m infra\.embedded\.lock"):
        parse_lock("# nothing\n")


def test_the_shipped_lock_has_kafka_and_its_logging_binding() -> None:
    jars = parse_lock(LOCK_FILE.read_text())
    versions = {jar.artifact: jar.version for jar in jars}
    assert versions["kafka_2.13"] == versions["kafka-clients"]
    assert versions["kafka_2.13"].startswith("4.")
    assert versions["log4j-slf4j-impl"] == versions["log4j-core"]
    assert [jar.line() for jar in jars] == sorted(jar.line() for jar in jars)


def test_a_file_of_the_right_size_and_wrong_content_is_not_intact(tmp_path: Path) -> None:
    (jar,) = parse_lock(LINE.replace("1621852", "3"))
    path = tmp_path / jar.file_name
    assert not is_intact(jar, path)
    path.write_bytes(b"abc")
    assert not is_intact(jar, path)


def test_the_cache_is_where_the_user_says() -> None:
    assert cache_directory({"SLUICE_CACHE": "/a", "XDG_CACHE_HOME": "/b"}) == Path("/a")
    assert cache_directory({"XDG_CACHE_HOME": "/b"}) == Path("/b/sluice")
    assert cache_directory({}) == Path.home() / ".cache" / "sluice"


def test_the_mirror_is_maven_central_unless_another_is_named() -> None:
    assert mirror_address({}) == "https://repo1.maven.org/maven2"
    assert mirror_address({"SLUICE_MAVEN_MIRROR": "https://mirror.example/maven/"}) == "https://mirror.example/maven"
