"""Sealing: text and number as one deterministic, authenticated blob.

Deterministic, because a stage that decides again must write the same bytes; the associated data (the message
id) keeps equal texts of two messages apart and a blob from being moved to another message. Keys are given,
never kept. Sources: RFC 5297 (AES-SIV); DESIGN section 2.
"""

from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

KEY_OCTETS: Final = 64  # AES-256-SIV: one half authenticates, the other encrypts
_TAG_OCTETS = 16


class SealBroken(Exception):
    """The blob was not sealed with this key for this message, or was changed: quarantine it, never guess."""


def seal(key: bytes, plaintext: bytes, associated: bytes) -> bytes:
    """Seal under a 64-octet key: 16 octets longer than the plaintext, equal for equal arguments."""
    return _cipher(key).encrypt(plaintext, [associated])


def unseal(key: bytes, sealed: bytes, associated: bytes) -> bytes:
    """Open what `seal` made. Raises SealBroken if key, associated data or blob is not the one."""
    if len(sealed) < _TAG_OCTETS:
        raise SealBroken(f"{len(sealed)} octets, expected at least {_TAG_OCTETS}")
    try:
        return _cipher(key).decrypt(sealed, [associated])
    except InvalidTag:
        raise SealBroken("wrong key, wrong message, or altered") from None


def _cipher(key: bytes) -> AESSIV:
    if len(key) != KEY_OCTETS:
        raise ValueError(f"key of {len(key)} octets, expected {KEY_OCTETS}")
    return AESSIV(key)
