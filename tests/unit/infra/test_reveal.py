"""Laws of revealing: what validation and connectors sealed comes out whole, and only by the key it was sealed with."""

from dataclasses import replace
from pathlib import Path

import pytest

from connectors.keyring import Keyring
from infra.reveal import NotRevealed, Revealed, may, open_sealed, read_plain, sealed_of
from pipeline.domain.sealing import seal
from pipeline.events.codec import AnyRecord, Codec
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
    UsageRecorded,
)
from pipeline.keys import PLATFORM, KeyDestroyed, KeyVault
from pipeline.keys.destruction import destroy
from pipeline.keys.tombstone import Tombstone

DAY, ID = "2026-01-05", "ab" * 16
SUBMITTED = SubmitMessage(to="+16465550123", sender="ACME", text="Your code is 118833.", message_class="otp")
CONTENT = SealedContent(to="+16465550123", sender="ACME", text="Your code is 118833.")
CODEC = Codec()


@pytest.fixture
def vault(tmp_path: Path) -> KeyVault:
    return KeyVault(tmp_path / "keys")


def opened(vault: KeyVault, record: AnyRecord) -> Revealed:
    sealed = sealed_of(record)
    assert sealed is not None
    return read_plain(record, open_sealed(vault, sealed), CODEC)


@pytest.mark.parametrize("kind", [MessageAccepted, MessageRouted, DispatchMessage])
def test_the_content_of_a_message_is_opened_by_its_accounts_key(
    vault: KeyVault, kind: type[MessageAccepted | MessageRouted | DispatchMessage]
) -> None:
    blob = seal(vault.data_key("acme", DAY), CODEC.encode(CONTENT), ID.encode())
    record = kind(message_id=ID, account_id="acme", key_day=DAY, sealed_content=blob)
    assert opened(vault, record) == Revealed(to=CONTENT.to, sender="ACME", text=CONTENT.text)


@pytest.mark.parametrize("owner", ["acme", PLATFORM])
def test_a_rejected_submission_is_opened_by_the_accounts_key_or_of_a_stranger_by_the_platforms(
    vault: KeyVault, owner: str
) -> None:
    value = CODEC.encode(SUBMITTED)
    blob = seal(vault.data_key(owner, DAY), value, ID.encode())
    record = MessageRejected(message_id=ID, account_id="acme", key_day=DAY, sealed_submission=blob)
    assert opened(vault, record) == Revealed(to=CONTENT.to, sender="ACME", text=CONTENT.text, raw=value)


def test_what_could_not_be_read_is_raw_octets(vault: KeyVault) -> None:
    where = "sms.submitted.acme.express/0/7"
    blob = seal(vault.data_key("acme", DAY), b"not Avro", where.encode())
    record = RecordQuarantined(account_id="acme", caused_by=where, key_day=DAY, sealed_value=blob)
    assert opened(vault, record) == Revealed(raw=b"not Avro")


def test_what_a_connector_quarantined_belongs_to_the_platform(vault: KeyVault) -> None:
    sealer = Keyring(vault, CODEC).sealer(1_767_610_000_000_000)
    record = RecordQuarantined(
        caused_by="smpp.blue/0/1", key_day=sealer.day, sealed_value=sealer.seal(b"x", "smpp.blue/0/1")
    )
    assert opened(vault, record).raw == b"x"


def test_without_codes_a_text_its_parameters_and_its_octets_keep_their_length_and_lose_the_code(
    vault: KeyVault,
) -> None:
    submitted = SubmitMessage(
        to="+1", template_id="login", message_class="otp", params={"code": "A8K2", "n": "118833", "brand": "Acme"}
    )
    value = CODEC.encode(submitted)
    blob = seal(vault.data_key("acme", DAY), value, ID.encode())
    whole = opened(vault, MessageRejected(message_id=ID, account_id="acme", key_day=DAY, sealed_submission=blob))
    assert whole.params == submitted.params
    masked = whole.without_codes()
    assert masked.params == {"code": "****", "n": "******", "brand": "Acme"}
    assert len(masked.raw) == len(value)
    assert b"118833" in value
    assert b"118833" not in masked.raw
    assert b"A8K2" not in masked.raw
    assert Revealed(text=CONTENT.text).without_codes().text == "Your code is ******."


def test_a_reply_is_opened_as_it_came_and_as_it_was_forwarded(vault: KeyVault) -> None:
    blob = seal(vault.data_key(PLATFORM, DAY), "Où êtes-vous ?".encode(), b"recipient")
    for kind in (ReplyReceived, ReplyForwarded):
        record = kind(recipient_id="recipient", account_id="acme", key_day=DAY, sealed_text=blob)
        assert opened(vault, record) == Revealed(text="Où êtes-vous ?")


def test_nothing_opens_by_a_key_of_another_account_day_or_message(vault: KeyVault) -> None:
    blob = seal(vault.data_key("acme", DAY), CODEC.encode(CONTENT), ID.encode())
    sound = sealed_of(MessageAccepted(message_id=ID, account_id="acme", key_day=DAY, sealed_content=blob))
    assert sound is not None
    vault.data_key("acme", "2026-01-06")
    vault.data_key("other", DAY)
    reader = KeyVault(vault.folder, may_create=False)
    for wrong in (
        replace(sound, owners=("other", PLATFORM)),
        replace(sound, day="2026-01-06"),
        replace(sound, bound_to="cd" * 16),
        replace(sound, blob=b"\0" + blob[1:]),
        replace(sound, blob=b""),
    ):
        with pytest.raises(NotRevealed, match=r"wrong key|expected at least"):
            open_sealed(reader, wrong)
    with pytest.raises(NotRevealed, match="key data/acme/2026-01-07 was never made"):
        open_sealed(reader, replace(sound, day="2026-01-07"))


def test_after_its_key_was_destroyed_it_says_so(vault: KeyVault) -> None:
    blob = seal(vault.data_key("acme", DAY), CODEC.encode(CONTENT), ID.encode())
    record = MessageAccepted(message_id=ID, account_id="acme", key_day=DAY, sealed_content=blob)
    destroy(vault, "acme", DAY, Tombstone(at="2026-02-01", by="ann", reason="asked to"))
    with pytest.raises(KeyDestroyed, match="destroyed at 2026-02-01 by ann: asked to"):
        opened(KeyVault(vault.folder, may_create=False), record)


@pytest.mark.parametrize("record", [UsageRecorded(), MessageAccepted(), ReplyReceived(), RecordQuarantined()])
def test_what_is_not_sealed_is_not_revealed(record: AnyRecord) -> None:
    assert sealed_of(record) is None


def test_nobody_may_unless_the_policy_names_them_or_everybody() -> None:
    assert [may(names, "ann") for names in ((), ("bob",), ("bob", "ann"), ("*",))] == [False, False, True, True]
