"""What the stages of one process share, and how each of them looks to `pipeline.app`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from pipeline.events.codec import Codec
from pipeline.kafka.client import Client
from pipeline.kafka.output import Output
from pipeline.kafka.rules_log import Snapshots
from pipeline.kafka.watchdog import Standing
from pipeline.telemetry import Telemetry

STOP_TIMEOUT_S = 4.0
"""How long a last checkpoint may take before its partition is let go without one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Shared by all stages of a process. `on_failure` is told of the first fatal error; the process then ends."""

    client: Client
    home: Path
    epoch: str
    cluster_id: str
    codec: Codec
    output: Output
    snapshots: Snapshots
    wall_now_us: Callable[[], int]
    on_failure: Callable[[str, BaseException], None]
    on_ready: Callable[[str], None]
    session_timeout_s: float = 10.0
    checkpoint_interval_s: float = 1.0
    poison_limit: int = 1000
    telemetry: Telemetry = field(default_factory=Telemetry)


class StageWorker(Protocol):
    """One stage in this process."""

    name: str

    async def start(self) -> None: ...

    def standings(self) -> Sequence[Standing]:
        """How the partitions that are held now stand. Called from another thread."""
        ...

    async def stop(self) -> None:
        """End in peace: last checkpoint, last commit, leave the group. All durable work comes first."""
        ...

    async def abandon(self) -> None:
        """End after a failure: nothing is saved or committed any more."""
        ...
