"""Keys at rest: data keys of owner and day, and the key of recipient ids, wrapped by a key-encryption key (KEK).

An edge (files below one folder, perhaps a KMS), used by validation, connectors, the keeper and the audited reveal;
routing, throttling and the sink never open it.
"""

from pipeline.keys.errors import KekInvalid, KekUnavailable, KeyDestroyed, KeyMissing
from pipeline.keys.names import PLATFORM
from pipeline.keys.vault import DATA_KEY_OCTETS, KeyVault

__all__ = ["DATA_KEY_OCTETS", "PLATFORM", "KekInvalid", "KekUnavailable", "KeyDestroyed", "KeyMissing", "KeyVault"]
