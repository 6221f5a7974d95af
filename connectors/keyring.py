"""The keys a connector uses: opens what validation sealed, seals replies and quarantined records."""

from connectors.clock import utc_day
from connectors.smpp.deliveries import RecipientKey, Sealer
from connectors.smpp.submit import Unsendable
from pipeline.domain import sealing
from pipeline.events.codec import Codec, Poison
from pipeline.events.records import DispatchMessage, SealedContent
from pipeline.keys import PLATFORM, KeyDestroyed, KeyVault


class Keyring:
    """A key vault as connectors need it."""

    def __init__(self, vault: KeyVault, codec: Codec) -> None:
        self._vault = vault
        self._codec = codec

    def recipients(self) -> RecipientKey:
        """The newest key of recipient ids."""
        generation, key = self._vault.recipient_key()
        return RecipientKey(key=key, generation=generation)

    def sealer(self, now: int) -> Sealer:
        """The platform's key of the day of `now` (UTC micros)."""
        day = utc_day(now)
        return Sealer(key=self._vault.data_key(PLATFORM, day), day=day)

    def open_content(self, dispatch: DispatchMessage) -> SealedContent:
        """Number, sender and text of a dispatch. Raises Unsendable('unsealable') for what nobody can ever open.

        KeyMissing and KekUnavailable must end the process: either may be put back, and the message is sound.
        """
        try:
            key = self._vault.data_key(dispatch.account_id, dispatch.key_day, may_create=False)
            plain = sealing.unseal(key, dispatch.sealed_content, dispatch.message_id.encode())
            return self._codec.decode(plain, SealedContent)
        except (KeyDestroyed, sealing.SealBroken, Poison, ValueError) as error:
            raise Unsendable("unsealable", f"{type(error).__name__}: {error}") from error
