"""Which keys there are and how they are called: `data/<owner>/<YYYY-MM-DD>` and `recipient/<generation>`."""

import re
from pathlib import Path
from typing import Final

PLATFORM: Final = "platform"
"""The owner of keys that seal what belongs to no account yet (replies)."""

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_OWNER = re.compile(r"[a-z0-9][a-z0-9-]*")
_NAME = re.compile(rf"data/{_OWNER.pattern}/{_DAY.pattern}|recipient/[1-9]\d*")


def data_key_name(owner: str, day: str) -> str:
    """The name of a data key. Raises ValueError for what could not be an owner or a day."""
    if not _DAY.fullmatch(day):
        raise ValueError(f"key day={day!r}, expected YYYY-MM-DD")
    if not _OWNER.fullmatch(owner):
        raise ValueError(f"key owner={owner!r}, expected an account or {PLATFORM}")
    return f"data/{owner}/{day}"


def recipient_key_name(generation: int) -> str:
    """The name of a key of recipient ids."""
    return f"recipient/{generation}"


def key_names(folder: Path) -> list[str]:
    """Names of all keys that lie in a folder, sorted; no drafts, no tombstones."""
    found = (path.relative_to(folder).as_posix() for kind in ("data/*/*", "recipient/*") for path in folder.glob(kind))
    return sorted(name for name in found if _NAME.fullmatch(name))
