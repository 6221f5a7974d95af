"""Laws of a connector's keys: a destroyed key fails its messages; one that is only not here, now, fails nothing."""

from pathlib import Path

import pytest

from connectors.keyring import Keyring
from connectors.smpp.submit import Unsendable
from pipeline.domain.sealing import seal
from pipeline.events.codec import Codec
from pipeline.events.records import DispatchMessage, SealedContent
from pipeline.keys import PLATFORM, KekUnavailable, KeyMissing, KeyVault
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
        def data_key(self, owner: str, day: str, *, may_create: bool = True) -> bytes:
            raise KekUnavailable("no answer")

    with pytest.raises(KekUnavailable):
        Keyring(Away(tmp_path), CODEC).open_content(a_dispatch(KeyVault(tmp_path)))


def test_a_key_that_is_not_here_fails_no_message_and_none_is_made_in_its_place(tmp_path: Path) -> None:
    """The key may be on its way from a backup, or lie in the home that was meant."""
    elsewhere = tmp_path / "another-home"
    KeyVault(elsewhere).data_key("acme", "2026-01-06")
    with pytest.raises(KeyMissing, match="never made"):
        Keyring(KeyVault(elsewhere), CODEC).open_content(a_dispatch(KeyVault(tmp_path / "home")))
    assert not (elsewhere / "data" / "acme" / DAY).exists()


def test_a_kek_that_is_not_here_fails_no_message(tmp_path: Path) -> None:
    dispatch = a_dispatch(KeyVault(tmp_path))
    (tmp_path / "kek").rename(tmp_path / "kek.lost")
    with pytest.raises(KeyMissing, match="which is not at"):
        Keyring(KeyVault(tmp_path), CODEC).open_content(dispatch)


def test_a_reply_is_sealed_under_a_key_that_is_made_for_it(tmp_path: Path) -> None:
    sealer = Keyring(KeyVault(tmp_path), CODEC).sealer(1_767_571_200_000_000)
    assert (sealer.day, sealer.key) == (DAY, KeyVault(tmp_path, may_create=False).data_key(PLATFORM, DAY))
