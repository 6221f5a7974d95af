"""Laws of GET /metrics: what is asked for is given, on the port that was said, by whoever has something to show."""

from pathlib import Path

import httpx
import pytest

from infra.metrics_endpoint import MetricsPortInvalid, file_sd, observed, parse_place, serving
from infra.ports import free_port
from infra.running import read_running, registered
from pipeline.metrics import READ, Metrics

OPEN = "application/openmetrics-text"


def test_a_scrape_gets_the_format_it_asks_for() -> None:
    metrics = Metrics()
    metrics.add(READ, 3, stage="routing")
    with serving(metrics.registry, "127.0.0.1", 0) as address:
        plain = httpx.get(f"http://{address}/metrics")
        opened = httpx.get(f"http://{address}/metrics", headers={"Accept": OPEN})
        other = httpx.get(f"http://{address}/")
    assert plain.headers["content-type"].startswith("text/plain")
    assert opened.headers["content-type"].startswith(OPEN)
    assert opened.text.endswith("# EOF\n")
    for page in (plain.text, opened.text):
        assert 'sluice_stage_read_records_total{stage="routing"} 3.0' in page
    assert other.status_code == 404


def test_a_process_says_where_its_metrics_are_as_long_as_it_serves_them(tmp_path: Path) -> None:
    with registered(tmp_path, "routing", ["sluice", "worker", "routing"]) as registration:
        with observed(registration, "0"):
            registration.ready()
            (running,) = read_running(tmp_path).values()
            assert httpx.get(f"http://{running.metrics}/metrics").status_code == 200
            (target,) = file_sd([running])
            assert target == {"targets": [running.metrics], "labels": {"job": "sluice", "process": "routing"}}
        assert running.is_ready
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"http://{running.metrics}/metrics")


def test_off_serves_nothing(tmp_path: Path) -> None:
    with registered(tmp_path, "routing", ["sluice"]) as registration, observed(registration, "off"):
        (running,) = read_running(tmp_path).values()
        assert running.metrics == ""
        assert file_sd([running]) == []


def test_a_port_that_is_taken_is_said_in_one_line() -> None:
    port = free_port()
    with (
        serving(Metrics().registry, "127.0.0.1", port),
        pytest.raises(OSError, match=f"metrics port 127.0.0.1:{port} is taken"),
        serving(Metrics().registry, "127.0.0.1", port),
    ):
        pass


@pytest.mark.parametrize(
    ("given", "place"),
    [
        ("off", None),
        ("0", ("127.0.0.1", 0)),
        ("9100", ("127.0.0.1", 9100)),
        ("0.0.0.0:9100", ("0.0.0.0", 9100)),
    ],
)
def test_places(given: str, place: tuple[str, int] | None) -> None:
    assert parse_place(given) == place


@pytest.mark.parametrize("given", ["", "on", "70000", "host:", "-1"])
def test_what_is_no_place_is_named(given: str) -> None:
    with pytest.raises(MetricsPortInvalid, match="expected off, 0"):
        parse_place(given)
