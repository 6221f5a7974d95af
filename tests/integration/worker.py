"""A worker of real stages as a process: `python -m tests.integration.worker <bootstrap> <home> <stage>...`."""

import os
import sys
from pathlib import Path

from pipeline.app import WorkerSettings, run_worker
from pipeline.logs import configure
from pipeline.spans import spans_of
from pipeline.telemetry import Telemetry

if __name__ == "__main__":
    bootstrap, home, *stages = sys.argv[1:]
    configure()
    run_worker(
        WorkerSettings(bootstrap=bootstrap, home=Path(home), checkpoint_interval_s=0.3, session_timeout_s=6),
        stages,
        telemetry=Telemetry(spans=spans_of(os.environ, "worker")),
    )
