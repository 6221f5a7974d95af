"""How far a partition is, as it is stored beside its state: keys that begin with '!'.

'!progress' is one small record; each source partition's watermark has a key of its own, so that a
checkpoint writes only those that moved. '!health' is the health in force, since sms.health forgets.
"""

from collections.abc import Mapping

import msgspec

from pipeline.domain.rules import Health
from pipeline.events.headers import Watermarks

PROGRESS = "!progress"
HEALTH = "!health"
WATERMARK = "!w/"


class Progress(msgspec.Struct, kw_only=True):
    """Mutable while the fold runs. `now` is UTC micros of log time; offsets are -1 before the first."""

    applied: int = -1
    control_offset: int = -1
    health_offset: int = -1
    now: int = 0
    poison_in_a_row: int = 0


def encode_progress(progress: Progress) -> bytes:
    return msgspec.msgpack.encode(progress)


def decode_progress(value: bytes | None) -> Progress:
    """The stored progress; that of a new partition for None."""
    return Progress() if value is None else msgspec.msgpack.decode(value, type=Progress)


def encode_health(health: Health) -> bytes:
    return msgspec.msgpack.encode(health)


def decode_health(value: bytes | None) -> Health:
    """The health in force; Health() for None."""
    return Health() if value is None else msgspec.msgpack.decode(value, type=Health)


def watermark_key(source: tuple[str, int]) -> str:
    """The state key of the watermark of one source partition."""
    return f"{WATERMARK}{source[0]}/{source[1]}"


def encode_watermark(at: tuple[int, int]) -> bytes:
    return msgspec.msgpack.encode(at)


def decode_watermarks(values: Mapping[str, bytes]) -> Watermarks:
    """The watermarks among stored values."""
    seen: dict[tuple[str, int], tuple[int, int]] = {}
    for key, value in values.items():
        if key.startswith(WATERMARK):
            topic, partition = key.removeprefix(WATERMARK).rsplit("/", 1)
            seen[topic, int(partition)] = msgspec.msgpack.decode(value, type=tuple[int, int])
    return Watermarks(seen)
