"""Laws of a connector's keys: a key that is gone fails its messages, a KMS that is away fails nothing."""

from pathlib import Path

import pytest

from connectors.keyring import Keyring
from connectors.smpp.submit import Unsendable
from pipeline.domain.sealing import seal
from pipeline.events.codec import Codec
from pipeline.events.records import DispatchMessage, SealedContent
from pipeline.keys import KekUnavailable, KeyVault
from pipeline.keys.destruction import destroy
from pipeline.keys.tombstone import Tombstone

CODEC, DAY, ID = Codec(), "2026-01-05", "ab" * 16
CONTENT = SealedContent(to="+16465550123", sender="ACME", text="Your code is 118833.")


def a_dispatch(vault: KeyVault) -> DispatchMessage:
    blob = seal(vault.data_key("acme", DAY), CODEC.encode(CONTENT), ID.encode())
    return DispatchMessage(message_id=ID, account_id="acme", key_day=DAY, sealed_content=blob)


def test_content_is_what_was_sealed(tmp_path: Path) -> None:
    assert Keyring(KeyVault(tmp_path), CODEC).open_content(a_dispatch(KeyVault(tmp_path))) == CONTENT


def test_a_message_whose_key_was_destroyed_cannot_be_sent(tmp_path: Path) -> None:
    dispatch = a_dispatch(KeyVault(tmp_path))
    destroy(KeyVault(tmp_path), "acme", DAY, Tombstone(at="2026-02-01", by="ann", reason="asked to"))
    with pytest.raises(Unsendable, match="KeyDestroyed") as no:
        Keyring(KeyVault(tmp_path), CODEC).open_content(dispatch)
    assert no.value.reason == "unsealable"


def test_a_kms_that_does_not_answer_fails_no_message(tmp_path: Path) -> None:
    class Away(KeyVault):
        def data_key(self, owner: str, day: str) -> bytes:
            raise KekUnavailable("no answer")

    with pytest.raises(KekUnavailable):
        Keyring(Away(tmp_path), CODEC).open_content(a_dispatch(KeyVault(tmp_path)))
