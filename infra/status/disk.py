"""What the home takes on its volume, and what is left."""

import os
import shutil
from contextlib import suppress
from pathlib import Path

from infra.status.facts import DiskFact

_BLOCK = 512


def disk_of(home: Path) -> DiskFact:
    """Octets as the volume counts them."""
    there = next(each for each in (home, *home.parents) if each.exists())
    return DiskFact(
        kafka_octets=_octets(home / "kafka"),
        clickhouse_octets=_octets(home / "clickhouse"),
        free_octets=shutil.disk_usage(there).free,
    )


def _octets(folder: Path) -> int:
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):  # a segment was deleted meanwhile
                total += Path(place, name).lstat().st_blocks * _BLOCK
    return total
