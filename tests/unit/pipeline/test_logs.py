"""Laws of the logs: masked whatever came in, one line of many, others' logs in the same form."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from pipeline.logs import KINDS, ClientLog, Sieve, configure


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def said() -> Iterator[io.StringIO]:
    """What is written while logs are set up as in a process; all is put back afterwards."""
    before, handlers, level = structlog.get_config(), logging.root.handlers[:], logging.root.level
    stream = io.StringIO()
    configure(stream)
    yield stream
    structlog.configure(**before)
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_an_event_is_a_line_of_json_without_numbers_and_texts(said: io.StringIO) -> None:
    with structlog.contextvars.bound_contextvars(message_id="cd76297f8ff0f76d36e3a100bd33f028"):
        structlog.get_logger().info("reply.received", detail="from +491712345678", text="hello", parts=2)
    (line,) = lines(said)
    assert line.pop("timestamp")
    assert line == {
        "event": "reply.received",
        "level": "info",
        "detail": "from +49171234****",
        "parts": 2,
        "message_id": "cd76297f8ff0f76d36e3a100bd33f028",
    }


def test_a_traceback_does_not_leak_what_the_exception_says(said: io.StringIO) -> None:
    try:
        raise ValueError("no route to +491712345678")
    except ValueError:
        structlog.get_logger().exception("it.failed")
    assert "ValueError: no route to +49171234****" in str(lines(said)[0]["exception"])
    assert "12345678" not in said.getvalue()


def test_pythons_own_logging_comes_through_masked(said: io.StringIO) -> None:
    logging.getLogger("faust").warning("cannot send to %s", "+491712345678")
    (line,) = lines(said)
    assert (line["event"], line["logger"], line["detail"], line["level"]) == (
        "library.said",
        "faust",
        "cannot send to +49171234****",
        "warning",
    )


def test_a_flood_is_one_line_with_a_count(said: io.StringIO) -> None:
    clock = Clock()
    client = ClientLog("outbox", Sieve(5.0, clock))
    for _ in range(100):
        client.log(logging.ERROR, "%s [%s] %s", "FAIL", "rdkafka#1", "Connection refused")
        clock.now += 0.05
    clock.now += 5
    client.log(logging.ERROR, "%s [%s] %s", "FAIL", "rdkafka#1", "Connection refused")
    assert [(line["client"], line["count"]) for line in lines(said)] == [("outbox", 1), ("outbox", 100)]
    assert lines(said)[0]["detail"] == "FAIL [rdkafka#1] Connection refused"


def test_a_sieve_lets_each_kind_through_on_its_own() -> None:
    sieve = Sieve(5.0, Clock())
    assert [sieve.count("a"), sieve.count("b"), sieve.count("a")] == [1, 1, 0]


def test_two_clients_do_not_silence_each_other(said: io.StringIO) -> None:
    for name in ("outbox", "follower"):
        ClientLog(name).log(logging.ERROR, "%s [%s] %s", "FAIL", name, "refused")
    assert [line["client"] for line in lines(said)] == ["outbox", "follower"]


def test_a_sieve_does_not_remember_every_kind_for_ever() -> None:
    clock = Clock()
    sieve = Sieve(5.0, clock)
    for number in range(10 * KINDS):
        clock.now += 0.01
        assert sieve.count(f"error {number}") == 1
        sieve.count(f"error {number}")
    assert len(sieve._passed) <= KINDS
    assert len(sieve._held) <= KINDS
