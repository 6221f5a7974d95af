"""What a secure node is made of, and how its settings differ from a plain one's."""

from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509

from infra.embedded.node_files import server_settings
from infra.embedded.secured import NODE, OPERATOR, secured


def test_what_is_made_for_a_node_is_kept_private_and_valid(tmp_path: Path) -> None:
    made = secured(tmp_path)
    assert secured(tmp_path) == made
    assert made.node.stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "operator.password").stat().st_mode & 0o777 == 0o600
    authority = x509.load_pem_x509_certificate(made.authority.read_bytes())
    node = x509.load_pem_x509_certificates(made.node.read_bytes())[0]
    node.verify_directly_issued_by(authority)
    assert node.not_valid_before_utc < datetime.now(UTC) < node.not_valid_after_utc


def test_no_listener_of_a_secure_node_lets_anybody_in_for_nothing(tmp_path: Path) -> None:
    plain = server_settings(Path("/data"), port=1, controller_port=2, node_port=3)
    settings = {**plain, **secured(tmp_path).node_settings()}
    protocols = dict(each.split(":") for each in settings["listener.security.protocol.map"].split(","))
    assert protocols == {"CLIENT": "SASL_SSL", "NODE": "SSL", "CONTROLLER": "SSL"}
    assert {each.partition(":")[0] for each in settings["listeners"].split(",")} == set(protocols)
    for name in ("node", "controller"):  # no password there, so a certificate
        assert settings[f"listener.name.{name}.ssl.client.auth"] == "required"
    assert settings["allow.everyone.if.no.acl.found"] == "false"
    assert settings["super.users"] == f"User:{OPERATOR};User:CN={NODE}"


def test_the_operators_password_is_no_setting_of_the_node(tmp_path: Path) -> None:
    made = secured(tmp_path)
    assert made.password not in "".join(made.node_settings().values())
    assert made.client_settings()["sasl.password"] == made.password
