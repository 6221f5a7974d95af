"""Octets read in order, with what was wrong with them. Used by `message`, `tags` and `pdus`."""

import msgspec


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong: `octet` is where the wrong thing begins, counted from 0 at the start of all that was given.

    Where something is missing at the very end, `octet` is the length of what was given.
    """

    code: str
    detail: str
    octet: int


class Unreadable(Exception):
    """From here on nothing of this PDU can be read."""

    def __init__(self, code: str, detail: str, octet: int) -> None:
        super().__init__(f"{code} at octet {octet}: {detail}")
        self.fault = Fault(code=code, detail=detail, octet=octet)


class Cursor:
    """Reads `octets[at:end]`; `at` is the offset of the next octet. The first fault that is noted counts."""

    def __init__(self, octets: bytes, at: int, end: int) -> None:
        self.octets = octets
        self.at = at
        self.end = end
        self.fault: Fault | None = None

    @property
    def left(self) -> int:
        return self.end - self.at

    def note(self, code: str, detail: str, octet: int) -> None:
        """Remember what is wrong, and go on."""
        if self.fault is None:
            self.fault = Fault(code=code, detail=detail, octet=octet)

    def take(self, count: int, name: str) -> bytes:
        """The next octets. Raises Unreadable('truncated')."""
        if count > self.left:
            raise Unreadable("truncated", f"{name}: {self.left} octets left, expected {count}", self.at)
        taken = self.octets[self.at : self.at + count]
        self.at += count
        return taken

    def number(self, count: int, name: str) -> int:
        """A big-endian integer of `count` octets. Raises Unreadable('truncated')."""
        return int.from_bytes(self.take(count, name), "big")

    def text(self, limit: int, name: str) -> str:
        """A C-octet string as Latin-1, without its NUL; longer than `limit` octets with it is noted.

        Raises Unreadable: 'truncated' where nothing is left, 'no-nul' where no NUL is.
        """
        if not self.left:
            raise Unreadable("truncated", f"{name}: nothing left, expected a string and its NUL", self.at)
        start = self.at
        end = self.octets.find(b"\0", start, self.end)
        if end < 0:
            raise Unreadable("no-nul", f"{name}: no NUL in the {self.left} octets left", start)
        self.at = end + 1
        if self.at - start > limit:
            detail = f"{name}: {self.at - start} octets with the NUL, expected at most {limit}"
            self.note("too-long", detail, start)
        return self.octets[start:end].decode("latin-1")
