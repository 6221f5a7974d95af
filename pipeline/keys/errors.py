"""What can be wrong with a key; the type names the remedy."""

from pipeline.errors import ForTheUser


class KeyMissing(ForTheUser):
    """A key cannot be read, now or later: never made here, damaged, or wrapped by a KEK that is not here."""


class KeyDestroyed(KeyMissing):
    """The key was destroyed on purpose: what it sealed is gone for ever. The message says when."""


class KekUnavailable(ForTheUser):
    """The KMS did not answer or did not let us: the key may be sound, so try again and reject nothing for it."""


class KekInvalid(ForTheUser):
    """The setting that chooses the KEK, or the file it names, is none; the message says what is expected."""
