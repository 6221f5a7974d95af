"""Keys for a decision of which nothing is kept: made here, never written, forgotten with the process."""

import secrets

from pipeline.domain.sealing import KEY_OCTETS


class ThrowAwayKeys:
    """Implements `validation.KeyRing`. The vault is not touched: nothing that is sealed here is shown to anybody."""

    def __init__(self) -> None:
        self._recipient = secrets.token_bytes(32)
        self._data: dict[tuple[str, str], bytes] = {}

    def recipient_key(self) -> tuple[int, bytes]:
        return 0, self._recipient

    def data_key(self, owner: str, day: str) -> bytes:
        return self._data.setdefault((owner, day), secrets.token_bytes(KEY_OCTETS))
