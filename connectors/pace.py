"""How fast a carrier is sent to: a rate that gives way to throttling answers and comes back slowly. Pure.

Halved on a throttling answer, at most once a second, and increased by a tenth of the agreed rate for every second
without one. A full queue at the SMSC (RMSGQFUL) asks for a longer pause. Source: DOMAIN 2.6, 7.1.
"""

from dataclasses import dataclass
from typing import Final

RMSGQFUL: Final = 0x14
_HALVE_EVERY_S: Final = 1.0
_RECOVERY_SHARE_PER_S: Final = 0.1
_THROTTLED_PAUSE_S: Final = 0.25
_QUEUE_FULL_PAUSE_S: Final = 2.0
_LOWEST_RATE: Final = 1.0
_BURST_S: Final = 0.05  # what may go at once: a twentieth of a second's worth, one at least


@dataclass(slots=True)
class Pace:
    """A leaky bucket over a monotone clock (seconds); `agreed_per_s` is the carrier's rate in parts."""

    agreed_per_s: float
    rate_per_s: float = 0.0
    _free_at_s: float = 0.0
    _changed_at_s: float = 0.0
    _halved_at_s: float = -_HALVE_EVERY_S
    _paused_until_s: float = 0.0

    def __post_init__(self) -> None:
        self.rate_per_s = self.agreed_per_s

    def agree(self, per_s: float) -> None:
        """Another rate was agreed: up at once if nothing slowed it down, down at once in any case."""
        is_slowed = self.rate_per_s < self.agreed_per_s
        self.rate_per_s = min(self.rate_per_s, per_s) if is_slowed else per_s
        self.agreed_per_s = per_s

    def allowed(self, now_s: float) -> int:
        """How many parts may go now."""
        if now_s < self._paused_until_s:
            return 0
        self._recover(now_s)
        burst_s = max(_BURST_S, 1 / self.rate_per_s)
        room_s = now_s + burst_s - max(self._free_at_s, now_s)
        return int(room_s * self.rate_per_s + 1e-9)

    def take(self, parts: int, now_s: float) -> None:
        """Parts that went."""
        self._free_at_s = max(self._free_at_s, now_s) + parts / self.rate_per_s

    def wait_s(self, now_s: float) -> float:
        """Seconds until one part may go, 0 if one may now."""
        if now_s < self._paused_until_s:
            return self._paused_until_s - now_s
        if self.allowed(now_s) > 0:
            return 0.0
        burst_s = max(_BURST_S, 1 / self.rate_per_s)
        return max(0.001, self._free_at_s + 1 / self.rate_per_s - burst_s - now_s)

    def throttled(self, command_status: int, now_s: float) -> None:
        """The SMSC asked for patience: slow down."""
        pause_s = _QUEUE_FULL_PAUSE_S if command_status == RMSGQFUL else _THROTTLED_PAUSE_S
        self._paused_until_s = max(self._paused_until_s, now_s + pause_s)
        if now_s - self._halved_at_s >= _HALVE_EVERY_S:
            self.rate_per_s = max(_LOWEST_RATE, self.rate_per_s / 2)
            self._halved_at_s = now_s
        self._changed_at_s = now_s

    def _recover(self, now_s: float) -> None:
        if self.rate_per_s < self.agreed_per_s:
            gained = (now_s - self._changed_at_s) * self.agreed_per_s * _RECOVERY_SHARE_PER_S
            self.rate_per_s = min(self.agreed_per_s, self.rate_per_s + gained)
        self._changed_at_s = now_s
