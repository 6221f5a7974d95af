"""Revealing: the sealed text and number of a record, for whom the rules let, and never without a trace.

An audit record (`message.reveal`, allowed or refused) is durable on `sms.audit` before anything is opened.
One-time codes are masked, unless they are asked for, which that record tells. Used by `message show --reveal` and
`quarantine show --reveal`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from infra.operator import actor, audit
from pipeline.domain import sealing
from pipeline.domain.content.redaction import redact, redact_octets, redact_params
from pipeline.domain.rules import ANY
from pipeline.errors import ForTheUser
from pipeline.events.codec import AnyRecord, Codec, Poison
from pipeline.events.records import (
    DispatchMessage,
    MessageAccepted,
    MessageRejected,
    MessageRouted,
    RecordQuarantined,
    ReplyForwarded,
    ReplyReceived,
    SealedContent,
    SubmitMessage,
)
from pipeline.kafka.client import Client
from pipeline.keys import PLATFORM, KeyDestroyed, KeyMissing, KeyVault

ACTION = "message.reveal"


class RevealRefused(ForTheUser):
    """The rules do not let this user see it, or no reason was given; the refusal stands on `sms.audit`."""


class NotRevealed(ForTheUser):
    """Nothing could be opened: nothing is sealed there, or the key is not here, or another one. Says which."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Revealed:
    """What was sealed: number, sender, text, a template's parameters where they are known, else the raw octets."""

    to: str = ""
    sender: str = ""
    text: str = ""
    params: Mapping[str, str] = field(default_factory=dict)
    raw: bytes = b""

    def without_codes(self) -> "Revealed":
        """The same with asterisks for codes, passwords and secrets of links, in the raw octets too."""
        return replace(self, text=redact(self.text), params=redact_params(self.params), raw=redact_octets(self.raw))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """A blob, the name it is bound to, and whose key of which day may open it (tried in order)."""

    blob: bytes
    bound_to: str
    owners: tuple[str, ...]
    day: str


class Revealer:
    """Opens sealed fields of records for one person and one reason. Keys are only read, never made."""

    def __init__(
        self,
        home: Path,
        client: Client,
        *,
        reason: str,
        has_codes: bool = False,
        may_reveal: tuple[str, ...] | None = None,
    ) -> None:
        """`has_codes`: codes are wanted too. `may_reveal` None: what the newest published rules say (read once).

        Raises as `read_published`.
        """
        self._vault = KeyVault(home / "keys", may_create=False)
        self._client = client
        self._reason = reason.strip()
        self._has_codes = has_codes
        self._may_reveal = _published(client) if may_reveal is None else may_reveal
        self._codec = Codec()

    def reveal(self, record: AnyRecord) -> Revealed:
        """Open what this record carries sealed, codes masked unless they were asked for.

        Raises RevealRefused, NotRevealed, KeyDestroyed, KeyMissing, KekUnavailable; NotWritten if it cannot be audited,
        and then nothing is opened.
        """
        sealed = sealed_of(record)
        if sealed is None:
            raise NotRevealed(f"{type(record).__name__} carries nothing sealed")
        if not self._reason:
            raise RevealRefused("revealing needs a reason; give one: --reason TEXT")
        self._audit(record, sealed, is_allowed=may(self._may_reveal, actor()))
        said = read_plain(record, open_sealed(self._vault, sealed), self._codec)
        return said if self._has_codes else said.without_codes()

    def _audit(self, record: AnyRecord, sealed: Sealed, *, is_allowed: bool) -> None:
        audit(
            self._client,
            ACTION,
            sealed.bound_to,
            reason=self._reason,
            is_allowed=is_allowed,
            detail=f"{type(record).__name__} of {sealed.day}" + (", with codes" if self._has_codes else ""),
            account_id=getattr(record, "account_id", ""),
            message_id=getattr(record, "message_id", ""),
        )
        if not is_allowed:
            raise RevealRefused(
                f"user {actor()!r} may not see texts and numbers; policy may_reveal says {list(self._may_reveal)}. "
                "This was recorded"
            )


def may(may_reveal: tuple[str, ...], user: str) -> bool:
    """Whether a policy lets a user see texts and numbers: nobody where it is empty, anybody where it holds '*'."""
    return user in may_reveal or ANY in may_reveal


def sealed_of(record: AnyRecord) -> Sealed | None:
    """What a record carries sealed, or None.

    Validation seals under the platform's key what it got from an account that the rules did not know yet.
    """
    match record:
        case MessageAccepted() | MessageRouted() | DispatchMessage() if record.sealed_content:
            owners = (record.account_id, PLATFORM)
            return Sealed(blob=record.sealed_content, bound_to=record.message_id, owners=owners, day=record.key_day)
        case MessageRejected() if record.sealed_submission:
            owners = (record.account_id, PLATFORM)
            return Sealed(blob=record.sealed_submission, bound_to=record.message_id, owners=owners, day=record.key_day)
        case RecordQuarantined() if record.sealed_value:
            owners = (record.account_id, PLATFORM)
            return Sealed(blob=record.sealed_value, bound_to=record.caused_by, owners=owners, day=record.key_day)
        case ReplyReceived() | ReplyForwarded() if record.sealed_text:
            return Sealed(blob=record.sealed_text, bound_to=record.recipient_id, owners=(PLATFORM,), day=record.key_day)
    return None


def open_sealed(vault: KeyVault, sealed: Sealed) -> bytes:
    """The plaintext. Raises NotRevealed if no key that is here fits, else what hides the last owner's key."""
    broken: Exception | None = None
    for owner in filter(None, sealed.owners):
        try:
            return sealing.unseal(vault.data_key(owner, sealed.day), sealed.blob, sealed.bound_to.encode())
        except KeyDestroyed:
            raise
        except (KeyMissing, sealing.SealBroken, ValueError) as error:
            if broken is None or isinstance(error, sealing.SealBroken):
                broken = error
    raise NotRevealed(f"{sealed.bound_to}: {broken}")


def read_plain(record: AnyRecord, plain: bytes, codec: Codec) -> Revealed:
    """What the plaintext of a record's sealed field says; what cannot be read stays raw octets."""
    try:
        if isinstance(record, ReplyReceived | ReplyForwarded):
            return Revealed(text=plain.decode())
        if isinstance(record, MessageRejected | RecordQuarantined):
            submitted = codec.decode(plain, SubmitMessage)
            return Revealed(
                to=submitted.to,
                sender=submitted.sender or "",
                text=submitted.text or "",
                params=submitted.params,
                raw=plain,
            )
        content = codec.decode(plain, SealedContent)
    except (Poison, UnicodeDecodeError):
        return Revealed(raw=plain)
    return Revealed(to=content.to, sender=content.sender, text=content.text)


def _published(client: Client) -> tuple[str, ...]:
    from infra.config.publish import read_published

    return read_published(client).rules.policy.may_reveal
