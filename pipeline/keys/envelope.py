"""What stands in a key file: which KEK wrapped it, then the wrapped key.

Format 1: `SLUICEK`, octet 1, one octet for the length of the KEK's id, the id (ASCII), the wrapped key. A file without
that head is of the first, bare format: nothing but RFC 3394 of a KEK file.
"""

from dataclasses import dataclass
from typing import Final

_MAGIC: Final = b"SLUICEK"  # a bare wrapped key is as good as random: it begins so once in 2^64
_VERSION: Final = 1
_HEAD: Final = len(_MAGIC) + 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """A wrapped key. `kek_id` is '' in the bare format, which does not say it."""

    kek_id: str
    wrapped: bytes


def pack(envelope: Envelope) -> bytes:
    """The octets of a key file in format 1."""
    name = envelope.kek_id.encode("ascii")
    return _MAGIC + bytes((_VERSION, len(name))) + name + envelope.wrapped


def unpack(blob: bytes) -> Envelope:
    """What a key file holds. Raises ValueError for a later format and for one that was cut short."""
    if not blob.startswith(_MAGIC):
        return Envelope(kek_id="", wrapped=blob)
    if len(blob) < _HEAD or blob[len(_MAGIC)] != _VERSION:
        raise ValueError(f"head {blob[:_HEAD].hex()}, expected format {_VERSION}")
    end = _HEAD + blob[_HEAD - 1]
    if len(blob) <= end:
        raise ValueError(f"{len(blob)} octets, expected more than {end}")
    return Envelope(kek_id=blob[_HEAD:end].decode("ascii"), wrapped=blob[end:])
