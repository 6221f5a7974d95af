"""What librdkafka's security settings are in Faust's words."""

import ssl
from pathlib import Path

import faust
import pytest

from infra.embedded.secured import secured
from pipeline.agents.credentials import ClientUnknown, credentials_of

PLAIN = {"bootstrap.servers": "a:1"}
LOGIN = {**PLAIN, "sasl.mechanism": "PLAIN", "sasl.username": "me", "sasl.password": "secret"}


def test_a_plain_kafka_needs_no_credentials() -> None:
    assert credentials_of(PLAIN) is None
    assert credentials_of({**PLAIN, "security.protocol": "PLAINTEXT", "client.id": "x"}) is None


@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"])
def test_a_login_without_tls(mechanism: str) -> None:
    made = credentials_of({**LOGIN, "security.protocol": "SASL_PLAINTEXT", "sasl.mechanism": mechanism})
    assert isinstance(made, faust.SASLCredentials)
    assert (made.username, made.password, made.mechanism.value) == ("me", "secret", mechanism)
    assert (made.protocol.value, made.ssl_context) == ("SASL_PLAINTEXT", None)


def test_a_login_over_tls_trusts_the_named_authority_alone(tmp_path: Path) -> None:
    client = {**LOGIN, "security.protocol": "SASL_SSL", "ssl.ca.location": str(secured(tmp_path).authority)}
    made = credentials_of(client)
    assert isinstance(made, faust.SASLCredentials)
    assert made.protocol.value == "SASL_SSL"
    assert made.ssl_context is not None
    assert made.ssl_context.verify_mode == ssl.CERT_REQUIRED
    assert made.ssl_context.check_hostname
    assert len(made.ssl_context.get_ca_certs()) == 1


def test_tls_alone_with_a_certificate_of_ones_own(tmp_path: Path) -> None:
    made = secured(tmp_path)
    client = {
        **PLAIN, "security.protocol": "SSL", "ssl.ca.location": str(made.authority),
        "ssl.certificate.location": str(made.node), "ssl.key.location": str(made.node),
    }  # fmt: skip
    assert isinstance(credentials_of(client), faust.SSLCredentials)


def test_names_and_certificates_are_checked_unless_told_not_to() -> None:
    secure = {**PLAIN, "security.protocol": "SSL"}
    unnamed = credentials_of({**secure, "ssl.endpoint.identification.algorithm": "none"})
    unchecked = credentials_of({**secure, "enable.ssl.certificate.verification": "false"})
    assert isinstance(unnamed, faust.SSLCredentials)
    assert isinstance(unchecked, faust.SSLCredentials)
    assert (unnamed.context.check_hostname, unnamed.context.verify_mode) == (False, ssl.CERT_REQUIRED)
    assert unchecked.context.verify_mode == ssl.CERT_NONE


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"ssl.cipher.suites": "x"}, "setting 'ssl.cipher.suites'"),
        ({"security.protocol": "TLS"}, "security.protocol='TLS', expected one of PLAINTEXT"),
        ({"security.protocol": "SASL_SSL", "sasl.mechanism": "GSSAPI"}, "sasl.mechanism='GSSAPI'"),
        ({"security.protocol": "SASL_SSL", "sasl.password": ""}, "sasl.password is missing"),
    ],
)
def test_what_faust_cannot_be_given_is_refused(change: dict[str, str], words: str) -> None:
    with pytest.raises(ClientUnknown, match=words):
        credentials_of({**LOGIN, **change})
