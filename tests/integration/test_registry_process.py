"""The registry as a process: it says where it is, serves, and goes when asked."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from infra.endpoints import read_endpoints

pytestmark = pytest.mark.integration
PATIENCE_S = 20.0


def test_it_publishes_where_it_is_and_withdraws_when_stopped(tmp_path: Path) -> None:
    environ = {**os.environ, "SLUICE_HOME": str(tmp_path)}
    process = subprocess.Popen([sys.executable, "-m", "infra.registry"], env=environ, stdout=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + PATIENCE_S
        while read_endpoints(tmp_path).find("registry") is None and time.monotonic() < deadline:
            time.sleep(0.05)
        endpoint = read_endpoints(tmp_path).require("registry")
        assert endpoint.pid == process.pid
        assert httpx.get(f"{endpoint.url}/schemas/types").json() == ["AVRO"]
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_S) == 0
    assert read_endpoints(tmp_path).find("registry") is None
