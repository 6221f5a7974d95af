"""What a process lets others see of itself: its metrics, and its traces if they are on. Handed to all its parts."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pipeline.metrics import Metrics

if TYPE_CHECKING:  # the SDK is imported by processes that trace, and by nobody else
    from pipeline.spans import Spans


@dataclass(frozen=True, slots=True, kw_only=True)
class Telemetry:
    """One a process."""

    metrics: Metrics = field(default_factory=Metrics)
    spans: "Spans | None" = None

    def close(self) -> None:
        """Send what is left of the traces. Blocking, short."""
        if self.spans is not None:
            self.spans.close()
