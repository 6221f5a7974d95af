"""A KEK that never leaves AWS KMS: Encrypt and Decrypt, with owner and day as encryption context.

Each call crosses the network; who opens keys keeps them in memory. Needs boto3 (`sluice[aws]`), which finds
credentials, and where not given the region, by its own rules. Source: AWS KMS API reference, Encrypt, Decrypt.
"""

from collections.abc import Callable
from functools import cached_property
from typing import Any

from pipeline.keys.errors import KekInvalid, KekUnavailable, KeyMissing

KIND = "aws-kms"
CONNECT_TIMEOUT_S = 1
READ_TIMEOUT_S = 2
ATTEMPTS = 2  # an agent that asks stands still meanwhile, and its session ends after 10 s
_NOT_OURS = frozenset({"InvalidCiphertextException", "IncorrectKeyException"})


class AwsKms:
    """One KMS key, by id, ARN or alias. An alias is followed once: what it named then is used from then on."""

    def __init__(self, key: str, *, region: str = "", endpoint: str = "") -> None:
        self._key = key
        self._region = region or _region_of(key)
        self._endpoint = endpoint

    @cached_property
    def id(self) -> str:
        """Raises KekUnavailable: only KMS knows what an alias names."""
        return f"{KIND}:{self._arn}"

    def wrap(self, key: bytes, name: str) -> bytes:
        bound = {"KeyId": self._arn, "EncryptionContext": context_of(name)}
        answer = _asked(name, lambda: self._client.encrypt(Plaintext=key, **bound))
        return bytes(answer["CiphertextBlob"])

    def unwrap(self, wrapped: bytes, name: str) -> bytes:
        context = context_of(name)
        arn = self._arn
        answer = _asked(
            name, lambda: self._client.decrypt(KeyId=arn, CiphertextBlob=wrapped, EncryptionContext=context)
        )
        return bytes(answer["Plaintext"])

    @cached_property
    def _arn(self) -> str:
        if self._key.startswith("arn:") and ":key/" in self._key:
            return self._key
        answer = _asked(self._key, lambda: self._client.describe_key(KeyId=self._key))
        return str(answer["KeyMetadata"]["Arn"])

    @cached_property
    def _client(self) -> Any:
        try:
            import boto3  # type: ignore[import-untyped]
            from botocore.config import Config  # type: ignore[import-untyped]
            from botocore.exceptions import BotoCoreError  # type: ignore[import-untyped]
        except ModuleNotFoundError as error:
            raise KekInvalid(f"{KIND}: {error.name} is not installed; install sluice[aws]") from error
        config = Config(
            connect_timeout=CONNECT_TIMEOUT_S,
            read_timeout=READ_TIMEOUT_S,
            retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
        )
        try:
            return boto3.client(
                "kms", region_name=self._region or None, endpoint_url=self._endpoint or None, config=config
            )
        except (BotoCoreError, ValueError) as error:
            raise KekInvalid(f"{KIND}:{self._key}: {error}") from error


def context_of(name: str) -> dict[str, str]:
    """The encryption context of a key: what KMS binds to the wrapped key, and what its own log shows."""
    match name.split("/"):
        case ["data", owner, day]:
            return {"sluice": "data", "owner": owner, "day": day}
        case ["recipient", generation]:
            return {"sluice": "recipient", "generation": generation}
    raise ValueError(f"key {name!r}, expected data/<owner>/<day> or recipient/<generation>")


def _region_of(key: str) -> str:
    """The region in an ARN (arn:aws:kms:eu-west-1:...), else ''."""
    words = key.split(":")
    return words[3] if len(words) > 5 and words[0] == "arn" else ""


def _asked(name: str, call: Callable[[], Any]) -> Any:
    """What KMS answers. Raises KeyMissing where it says that the octets are not its own, else KekUnavailable."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        return call()
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        kind = KeyMissing if code in _NOT_OURS else KekUnavailable
        raise kind(f"key {name}: KMS says {code}: {error}") from error
    except BotoCoreError as error:
        raise KekUnavailable(f"key {name}: {error}") from error
