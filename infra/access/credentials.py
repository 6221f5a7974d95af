"""A principal's password: made by chance, given to the cluster as SCRAM, written once into a file for its owner."""

import secrets
from collections.abc import Mapping
from pathlib import Path

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient, ScramCredentialInfo, ScramMechanism, UserScramCredentialUpsertion

from infra.access.client_file import client_file_text
from infra.access.cluster import TIMEOUT_S, AccessRefused
from infra.access.rights import is_ours
from infra.private_files import write_private
from pipeline.kafka.client import BOOTSTRAP, MECHANISM, Client

ITERATIONS = 8192  # Kafka takes 4096 to 16384
_COPIED = ("ssl.ca.location", "ssl.endpoint.identification.algorithm", "enable.ssl.certificate.verification")


def make_credential(client: Client, principal: str) -> dict[str, str]:
    """Give a principal a new password (an old one stops to work) and return the settings of its clients.

    Address, TLS and protocol are those of the operator who asks. Raises AccessRefused.
    """
    if not is_ours(principal):
        raise AccessRefused(f"principal {principal!r}, expected account.<id> or sluice.<part>; see: sluice access show")
    protocol = str(client.get("security.protocol", "PLAINTEXT"))
    if not protocol.startswith("SASL"):
        raise AccessRefused(
            f"this Kafka is spoken to by {protocol}, where nobody has a password; expected SASL_SSL. "
            "For one on this machine: sluice kafka run --secure"
        )
    password = secrets.token_urlsafe(24)
    info = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, ITERATIONS)
    wanted = UserScramCredentialUpsertion(principal, info, password.encode())
    admin = AdminClient({**client, "log_level": 2})
    try:
        for future in admin.alter_user_scram_credentials([wanted], request_timeout=TIMEOUT_S).values():
            future.result()
    except KafkaException as error:
        raise AccessRefused(f"Kafka: {error.args[0].str()}") from error
    return {
        BOOTSTRAP: str(client[BOOTSTRAP]),
        "security.protocol": protocol,
        "sasl.mechanism": MECHANISM,
        "sasl.username": principal,
        "sasl.password": password,
        **{name: str(client[name]) for name in _COPIED if name in client},
    }


def write_credential(file: Path, settings: Mapping[str, str]) -> None:
    """Write a client file that only its owner can read."""
    write_private(file, client_file_text(settings).encode())
