"""What a node with SASL_SSL and ACLs needs: an authority of its own, the node's certificate, the operator's password.

Made once below the node's directory and kept. The authority's key is thrown away when it has signed, so that nobody,
this program included, can ever make a second node; who wants new certificates makes a new home.
"""

from __future__ import annotations

import ipaddress
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from infra.embedded.node_files import HOST
from infra.private_files import write_private
from pipeline.kafka.client import MECHANISM

OPERATOR = "sluice.operator"
"""The super user of an embedded secure node; elsewhere a principal with the rights of `infra/access`."""
NODE = "sluice-node"
VALID = timedelta(days=3650)


@dataclass(frozen=True, slots=True, kw_only=True)
class Secured:
    """Where the certificates are, and the operator's password. `node` holds key and certificates, as PEM."""

    authority: Path
    node: Path
    password: str

    def client_settings(self) -> Mapping[str, str]:
        """What the operator's clients need beside the address, in librdkafka's words."""
        return {
            "security.protocol": "SASL_SSL",
            "sasl.mechanism": MECHANISM,
            "sasl.username": OPERATOR,
            "sasl.password": self.password,
            "ssl.ca.location": str(self.authority),
        }

    def node_settings(self) -> Mapping[str, str]:
        """The broker's settings for TLS, SCRAM and ACLs, over those of `node_files.server_settings`.

        Clients show a password; the node and its controller know each other by certificate, so that no listener on
        this machine lets anybody in for nothing. Source: kafka.apache.org/documentation/#security.
        """
        return {
            "ssl.keystore.type": "PEM",
            "ssl.keystore.location": str(self.node),
            "ssl.truststore.type": "PEM",
            "ssl.truststore.location": str(self.authority),
            "listener.name.node.ssl.client.auth": "required",
            "listener.name.controller.ssl.client.auth": "required",
            "sasl.enabled.mechanisms": MECHANISM,
            f"listener.name.client.{MECHANISM.lower()}.sasl.jaas.config": (
                "org.apache.kafka.common.security.scram.ScramLoginModule required;"
            ),
            "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            "allow.everyone.if.no.acl.found": "false",
            "super.users": f"User:{OPERATOR};User:CN={NODE}",
        }


def secured(folder: Path) -> Secured:
    """What is kept in `folder`; made on first use, readable by its owner alone."""
    made = folder / "operator.password"
    authority, node = folder / "authority.pem", folder / "node.pem"
    if not made.exists():  # written last: what was interrupted is made anew
        folder.mkdir(parents=True, exist_ok=True)  # tenants read the authority's certificate here
        authority_text, node_text = _certificates(datetime.now(UTC))
        authority.write_bytes(authority_text)
        write_private(node, node_text)
        write_private(made, secrets.token_urlsafe(24).encode())
    return Secured(authority=authority, node=node, password=made.read_text("ascii"))


def _certificates(now: datetime) -> tuple[bytes, bytes]:
    """(the authority's certificate, the node's key with both certificates), as PEM."""
    authority_key = ec.generate_private_key(ec.SECP256R1())
    node_key = ec.generate_private_key(ec.SECP256R1())
    authority_name = _name("Sluice embedded Kafka")
    authority = (
        _builder(authority_name, authority_name, authority_key.public_key(), now)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(authority_key.public_key()), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    addresses = [x509.IPAddress(ipaddress.ip_address(HOST)), x509.DNSName("localhost")]
    node = (
        _builder(_name(NODE), authority_name, node_key.public_key(), now)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.SubjectAlternativeName(addresses), critical=False)
        .add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False
        )
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    key = node_key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return authority.public_bytes(pem), key + node.public_bytes(pem) + authority.public_bytes(pem)


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))  # clocks of containers and hosts differ
        .not_valid_after(now + VALID)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
