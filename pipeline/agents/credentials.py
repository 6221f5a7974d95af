"""The security settings of a Kafka client, translated for Faust, whose transport does not know librdkafka's words."""

import faust
from faust.types.auth import CredentialsT

from pipeline.kafka.client import MECHANISMS, PROTOCOLS, SETTINGS, Client
from pipeline.kafka.tls import tls_context

_HARMLESS = ("log_level", "client.id")


class ClientUnknown(Exception):
    """A setting of a Kafka client that Faust cannot be given; the message names it and what is expected."""


def credentials_of(client: Client) -> CredentialsT | None:
    """What Faust's `broker_credentials` has to be; None for PLAINTEXT. Reads the certificate files.

    Raises ClientUnknown for a setting, protocol or mechanism that it does not know: leaving one out would be less
    safe than what was asked for. OSError (ssl.SSLError is one) names a file that cannot be read.
    """
    unknown = sorted(set(client) - SETTINGS - set(_HARMLESS))
    if unknown:
        raise ClientUnknown(f"setting {unknown[0]!r} of a Kafka client, expected one of {', '.join(sorted(SETTINGS))}")
    protocol = str(client.get("security.protocol", "PLAINTEXT")).upper()
    _expect("security.protocol", protocol, PROTOCOLS)
    context = tls_context(client) if protocol.endswith("SSL") else None
    if protocol == "PLAINTEXT":
        return None
    if not protocol.startswith("SASL"):
        return faust.SSLCredentials(context)
    mechanism = str(client.get("sasl.mechanism") or client.get("sasl.mechanisms") or "")
    _expect("sasl.mechanism", mechanism, MECHANISMS)
    for name in ("sasl.username", "sasl.password"):
        if not client.get(name):
            raise ClientUnknown(f"{name} is missing, expected one with security.protocol={protocol}")
    return faust.SASLCredentials(
        username=str(client["sasl.username"]),
        password=str(client["sasl.password"]),
        mechanism=mechanism,
        ssl_context=context,
    )


def _expect(name: str, value: str, expected: tuple[str, ...]) -> None:
    if value not in expected:
        raise ClientUnknown(f"{name}={value!r}, expected one of {', '.join(expected)}")
