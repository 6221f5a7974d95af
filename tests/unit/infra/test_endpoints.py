"""Where the parts listen: each writes its own, all read the same, and damage is named."""

import json
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from infra.endpoints import (
    FILE_NAME,
    EndpointMissing,
    EndpointsInvalid,
    bootstrap_servers,
    claim_port,
    parse_bootstrap,
    publish,
    read_endpoints,
    sluice_home,
    withdraw,
)
from infra.ports import HIGHEST, LOWEST, free_port, is_free

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@contextmanager
def a_listener(port: int) -> Iterator[None]:
    with socket.create_server(("127.0.0.1", port)):
        yield


def test_each_part_publishes_its_own_and_leaves_the_others(tmp_path: Path) -> None:
    publish(tmp_path, "kafka", 9092, now=NOW, pid=1)
    publish(tmp_path, "registry", 8081, now=NOW, pid=2)
    endpoints = read_endpoints(tmp_path)
    assert endpoints.require("kafka").address == "127.0.0.1:9092"
    assert endpoints.require("registry").url == "http://127.0.0.1:8081"
    assert endpoints.require("registry").published_at == NOW


def test_publishing_at_once_loses_none(tmp_path: Path) -> None:
    names = [f"part-{number}" for number in range(20)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda name: publish(tmp_path, name, 1000, now=NOW), names))
    assert set(read_endpoints(tmp_path).by_name) == set(names)


def test_nothing_is_published_before_the_first(tmp_path: Path) -> None:
    assert read_endpoints(tmp_path).find("kafka") is None
    with pytest.raises(EndpointMissing, match="never started"):
        read_endpoints(tmp_path).require("kafka")


def test_a_withdrawn_part_is_missed_but_its_port_is_remembered(tmp_path: Path) -> None:
    port = free_port()
    withdraw(tmp_path, publish(tmp_path, "sql", port, now=NOW))
    with pytest.raises(EndpointMissing, match="was stopped"):
        read_endpoints(tmp_path).require("sql")
    assert claim_port(tmp_path, "sql") == port


def test_a_late_withdrawal_does_not_remove_a_successor(tmp_path: Path) -> None:
    first = publish(tmp_path, "sql", 8123, now=NOW, pid=1)
    second = publish(tmp_path, "sql", 8124, now=NOW, pid=2)
    withdraw(tmp_path, first)
    assert read_endpoints(tmp_path).require("sql") == second


def test_a_taken_port_is_not_claimed(tmp_path: Path) -> None:
    port = free_port()
    publish(tmp_path, "gauge", port, now=NOW)
    with a_listener(port):
        assert not is_free(port)
        claimed = claim_port(tmp_path, "gauge")
        assert claimed != port
        assert LOWEST <= claimed <= HIGHEST
        with pytest.raises(OSError, match=str(port)):
            claim_port(tmp_path, "gauge", port)


@pytest.mark.parametrize(
    ("content", "place"),
    [
        ("{", "the whole"),
        ("[]", "the whole"),
        ('{"kafka": {"host": "127.0.0.1", "port": 0, "pid": 1, "published_at": "2026-11-22T12:00:00Z"}}', "kafka.port"),
        ('{"kafka": {"host": "127.0.0.1", "port": 1, "pid": 1, "published_at": "2026-11-22T12:00:00"}}', "published"),
        ('{"kafka": {"host": "127.0.0.1", "port": 1, "published_at": "2026-11-22T12:00:00Z"}}', "kafka.pid"),
    ],
)
def test_a_damaged_file_is_named_with_the_place(tmp_path: Path, content: str, place: str) -> None:
    (tmp_path / FILE_NAME).write_text(content)
    with pytest.raises(EndpointsInvalid, match=place):
        read_endpoints(tmp_path)


def test_the_file_is_plain_json_by_name(tmp_path: Path) -> None:
    publish(tmp_path, "smpp", 2775, now=NOW, pid=7)
    content = json.loads((tmp_path / FILE_NAME).read_text())
    assert content == {
        "smpp": {"host": "127.0.0.1", "port": 2775, "pid": 7, "published_at": "2026-11-22T12:00:00+00:00"}
    }


def test_another_cluster_comes_before_the_one_published_here(tmp_path: Path) -> None:
    publish(tmp_path, "kafka", 9092, now=NOW)
    assert bootstrap_servers(tmp_path, None, {}) == "127.0.0.1:9092"
    assert bootstrap_servers(tmp_path, None, {"SLUICE_BOOTSTRAP": "a:1, b:2"}) == "a:1,b:2"
    assert bootstrap_servers(tmp_path, "c:3", {"SLUICE_BOOTSTRAP": "a:1"}) == "c:3"


@pytest.mark.parametrize("text", ["a", "a:0", "a:65536", "a:1,", "http://a:1", "a b:1"])
def test_an_address_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(EndpointsInvalid, match="bootstrap"):
        parse_bootstrap(text)


def test_home_is_dot_sluice_unless_said_otherwise() -> None:
    assert sluice_home({}) == Path.cwd() / ".sluice"
    assert sluice_home({"SLUICE_HOME": "/srv/sluice"}) == Path("/srv/sluice")
