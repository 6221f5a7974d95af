"""Rights that follow from the catalogue and the rules."""

import ssl
from dataclasses import replace

import pytest
from confluent_kafka.admin import AclBinding, AclOperation, AclPermissionType, ResourcePatternType, ResourceType

from infra.access.apply import differences
from infra.access.derive import access_of
from infra.access.quotas import translated
from infra.access.rights import Access, Acl, Operation, Quota, Resource
from pipeline.domain.rules import Account, Rules
from pipeline.events.schema_store import default_store

CATALOGUE = default_store().topics()


def _account(name: str, *, is_direct: bool = True) -> Account:
    return Account(id=name, tariff="any", is_direct=is_direct, quota_bytes_per_s=7)


def _access(*accounts: Account) -> Access:
    return access_of(CATALOGUE, Rules(accounts={each.id: each for each in accounts}))


def _who(access: Access, operation: Operation, topic: str) -> set[str]:
    """Principals that may do this to a topic."""
    return {
        acl.principal
        for acl in access.acls
        if acl.resource is Resource.TOPIC
        and acl.operation is operation
        and (topic.startswith(acl.name) if acl.is_prefix else topic == acl.name)
    }


def test_a_tenant_has_its_own_names_and_nothing_else() -> None:
    access = _access(_account("acme"), _account("acme-bank"))
    assert {str(acl) for acl in access.acls if acl.principal == "account.acme"} == {
        "account.acme may write topic sms.submitted.acme.*",
        "account.acme may read topic sms.status.acme",
        "account.acme may read group acme.*",
    }
    assert _who(access, Operation.WRITE, "sms.submitted.acme-bank.bulk") == {"account.acme-bank", "sluice.operator"}
    assert _who(access, Operation.READ, "sms.status.acme-bank") == {
        "account.acme-bank", "sluice.operator", "sluice.sink",
    }  # fmt: skip


def test_only_throttling_may_dispatch_and_only_routing_may_say_what_became_of_a_message() -> None:
    access = _access(_account("acme"))
    assert _who(access, Operation.WRITE, "sms.dispatch.blue-tel.express") == {"sluice.throttling"}
    assert _who(access, Operation.WRITE, "sms.status.acme") == {"sluice.routing"}
    assert _who(access, Operation.WRITE, "sms.usage") == {"sluice.routing"}
    assert _who(access, Operation.WRITE, "sms.control") == {"sluice.operator"}
    assert _who(access, Operation.WRITE, "sms.state.routing") == {"sluice.routing"}
    assert _who(access, Operation.WRITE, "sms.submitted.gateway.bulk") == {"sluice.gateway", "sluice.operator"}


def test_every_right_over_many_names_ends_in_a_separator() -> None:
    access = _access(_account("acme"))
    assert all(acl.name[-1] in ".-" for acl in access.acls if acl.is_prefix)


def test_an_account_of_the_gateway_has_no_principal_and_no_quota() -> None:
    access = _access(_account("acme", is_direct=False))
    assert not [each for each in access.principals if each.startswith("account.")]
    assert not access.quotas


def test_a_direct_account_has_the_quota_of_its_rules() -> None:
    assert _access(_account("acme")).quotas == {Quota("account.acme", 7, 7)}


def test_a_writer_that_nobody_knows_is_refused() -> None:
    entry = replace(CATALOGUE[0], written_by=("somebody",))
    with pytest.raises(ValueError, match="'somebody', expected one of validation"):
        access_of([entry], Rules())


# --- what a cluster lacks and has too much ----------------------------------------------------------------------------


def _binding(principal: str, topic: str, *, is_denied: bool = False) -> AclBinding:
    permission = AclPermissionType.DENY if is_denied else AclPermissionType.ALLOW
    return AclBinding(
        ResourceType.TOPIC, topic, ResourcePatternType.LITERAL, f"User:{principal}", "*", AclOperation.READ, permission
    )


MINE = Acl("account.acme", Resource.TOPIC, "sms.status.acme", False, Operation.READ)
WANTED = Access(principals=("account.acme",), acls=frozenset({MINE}), quotas=frozenset({Quota("account.acme", 7, 7)}))


def test_a_cluster_as_wanted_needs_no_change() -> None:
    assert not differences(WANTED, [_binding("account.acme", "sms.status.acme")], WANTED.quotas)


def test_what_is_missing_is_made_and_what_is_surplus_is_taken_away() -> None:
    surplus = _binding("account.gone", "sms.status.gone")
    denied = _binding("account.acme", "sms.status.acme", is_denied=True)
    changes = differences(WANTED, [surplus, denied], [Quota("account.gone", 1, 1), Quota("account.acme", 7, -1)])
    assert changes.missing == (MINE,)
    assert set(changes.surplus) == {surplus, denied}
    assert changes.quotas == (Quota("account.acme", 7, 7),)
    assert changes.unlimited == ("account.gone",)


def test_the_settings_of_a_client_are_translated_for_the_other_library() -> None:
    client = {
        "bootstrap.servers": "a:1,b:2", "security.protocol": "SASL_SSL", "sasl.mechanism": "SCRAM-SHA-512",
        "sasl.username": "me", "sasl.password": "secret", "enable.ssl.certificate.verification": "false",
    }  # fmt: skip
    settings = translated(client)
    context = settings.pop("ssl_context")
    assert isinstance(context, ssl.SSLContext)
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_NONE, False)
    assert settings == {
        "bootstrap_servers": ["a:1", "b:2"], "security_protocol": "SASL_SSL", "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": "me", "sasl_plain_password": "secret", "client_id": "sluice-access",
    }  # fmt: skip
    assert "ssl_context" not in translated({"bootstrap.servers": "a:1"})


def test_an_account_that_goes_takes_its_rights_with_it() -> None:
    before, after = _access(_account("acme"), _account("other")), _access(_account("acme"))
    gone = before.acls - after.acls
    assert {acl.principal for acl in gone} == {"account.other"}
    assert not after.acls - before.acls
