"""Laws of the KMS adapter, against moto's KMS in this process: real AWS was not tried."""

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from pipeline.keys import KekInvalid, KekUnavailable, KeyMissing, KeyVault
from pipeline.keys.aws_kms import AwsKms, context_of
from pipeline.keys.inventory import inventory
from pipeline.keys.rotation import plan_rotation, rotate

REGION = "eu-west-1"
DAY = "2026-01-05"


@pytest.fixture(autouse=True)
def kms(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    with mock_aws():
        client = boto3.client("kms", region_name=REGION)
        client.create_alias(AliasName="alias/sluice", TargetKeyId=client.create_key()["KeyMetadata"]["Arn"])
        yield client


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "keys"


ALIAS = f"aws-kms:alias/sluice?region={REGION}"


def test_a_vault_wraps_by_kms_and_opens_again(folder: Path, kms: Any) -> None:
    vault = KeyVault(folder, kek=ALIAS)
    key, recipient = vault.data_key("acme", DAY), vault.recipient_key()
    again = KeyVault(folder, kek=ALIAS, may_create=False)
    assert (again.data_key("acme", DAY), again.recipient_key()) == (key, recipient)
    arn = kms.describe_key(KeyId="alias/sluice")["KeyMetadata"]["Arn"]
    assert {each.kek_id for each in inventory(again)} == {f"aws-kms:{arn}"}
    assert not (folder / "kek").exists()
    assert key not in (folder / "data/acme" / DAY).read_bytes()


def test_what_was_wrapped_for_one_owner_and_day_opens_for_no_other(folder: Path) -> None:
    """The encryption context: whoever swaps key files gets an error, not another's key."""
    vault = KeyVault(folder, kek=ALIAS)
    vault.data_key("acme", DAY)
    for other in ("data/other/2026-01-05", "data/acme/2026-01-06"):
        (folder / other).parent.mkdir(exist_ok=True)
        (folder / other).write_bytes((folder / "data/acme" / DAY).read_bytes())
        _, owner, day = other.split("/")
        with pytest.raises(KeyMissing, match="KMS says InvalidCiphertext"):
            KeyVault(folder, kek=ALIAS).data_key(owner, day)
    assert context_of("data/acme/2026-01-05") == {"sluice": "data", "owner": "acme", "day": DAY}
    assert context_of("recipient/2") == {"sluice": "recipient", "generation": "2"}
    with pytest.raises(ValueError, match="expected data"):
        context_of("other/1")


def test_keys_go_from_file_to_kms_to_another_kms_key_and_back(folder: Path, kms: Any) -> None:
    key = KeyVault(folder, kek="").data_key("acme", DAY)
    rotate(KeyVault(folder, kek=ALIAS))
    assert KeyVault(folder, kek="", may_create=False).data_key("acme", DAY) == key  # by the key's own word
    assert not plan_rotation(KeyVault(folder, kek=ALIAS)).names
    assert rotate(KeyVault(folder, kek=ALIAS)).rewrapped == ()  # a KMS makes no KEK by this command
    kms.update_alias(AliasName="alias/sluice", TargetKeyId=kms.create_key()["KeyMetadata"]["KeyId"])
    assert rotate(KeyVault(folder, kek=ALIAS)).rewrapped == (f"data/acme/{DAY}",)
    assert KeyVault(folder, kek=ALIAS, may_create=False).data_key("acme", DAY) == key
    rotate(KeyVault(folder, kek=""))
    assert {each.kek_id.partition(":")[0] for each in inventory(KeyVault(folder, kek=""))} == {"file"}
    assert KeyVault(folder, kek="", may_create=False).data_key("acme", DAY) == key


def test_a_kms_that_does_not_answer_or_says_no_is_unavailable_and_the_key_not_missing(folder: Path, kms: Any) -> None:
    """Else a connector would fail messages for good, for a network that was down for a second."""
    KeyVault(folder, kek=ALIAS).data_key("acme", DAY)
    with socket.socket() as silent:  # bound and not listening: refuses
        silent.bind(("127.0.0.1", 0))
        nowhere = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(KekUnavailable, match="Could not connect"):
            KeyVault(folder, kek=f"{ALIAS}&endpoint={nowhere}").data_key("acme", DAY)
    with pytest.raises(KekUnavailable, match="NotFoundException"):
        KeyVault(folder, kek=f"aws-kms:alias/other?region={REGION}").data_key("acme", "2026-01-06")
    assert not (folder / "data/acme/2026-01-06").exists()


def test_an_opened_key_is_in_memory_and_kms_is_not_asked_again(folder: Path) -> None:
    vault = KeyVault(folder, kek=ALIAS)
    key = vault.data_key("acme", DAY)
    (folder / "data/acme" / DAY).unlink()
    assert vault.data_key("acme", DAY) == key


def test_the_region_of_an_arn_is_enough_and_no_region_at_all_is_told(folder: Path, kms: Any) -> None:
    arn = kms.describe_key(KeyId="alias/sluice")["KeyMetadata"]["Arn"]
    assert len(AwsKms(arn).unwrap(AwsKms(arn).wrap(b"k" * 64, "recipient/1"), "recipient/1")) == 64
    with pytest.raises(KekInvalid, match="region"):
        KeyVault(folder, kek="aws-kms:alias/sluice").data_key("acme", DAY)
