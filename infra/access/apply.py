"""Bringing a cluster's rights to what catalogue and rules say: what is missing is made, what is surplus taken away.

Only rights of our principals (`account.`, `sluice.`) are looked at. What is missing is made first, so that nobody
who may go on is locked out meanwhile; whoever publishes rules does so between the two steps.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import msgspec
from confluent_kafka.admin import AclBinding

from infra.access.cluster import NoAuthorizer, acl_of, create, delete, read_acls
from infra.access.derive import access_of
from infra.access.rights import Access, Acl, Quota
from pipeline.domain.rules import Rules
from pipeline.events.schema_store import TopicEntry
from pipeline.kafka.client import Client


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessChanges:
    """What differs. `is_checked` False: this Kafka checks no ACLs, so there is nothing to compare."""

    missing: tuple[Acl, ...] = ()
    surplus: tuple[AclBinding, ...] = ()
    quotas: tuple[Quota, ...] = ()
    unlimited: tuple[str, ...] = ()
    is_checked: bool = True

    def __bool__(self) -> bool:
        return bool(self.missing or self.surplus or self.quotas or self.unlimited)

    def lines(self) -> list[str]:
        """Each change in words."""
        return [
            *(f"+ {each}" for each in self.missing),
            *(f"- {_in_words(each)}" for each in self.surplus),
            *(f"+ {each}" for each in self.quotas),
            *(f"- {each} has a limit" for each in self.unlimited),
        ]

    def summary(self, how: str) -> str:
        """One line for a person; `how` is what became of the changes."""
        if not self.is_checked:
            return "This Kafka checks no ACLs: everybody who reaches it may do everything; no rights were applied."
        lines = len(self.lines())
        return f"{lines} rights {how}." if lines else "All rights are as the rules say."


def differences(wanted: Access, acls: Iterable[AclBinding], quotas: Iterable[Quota]) -> AccessChanges:
    """What has to change so that a cluster with these ACLs and quotas is as wanted. Pure."""
    there = {each: acl_of(each) for each in acls}
    surplus = [each for each, acl in there.items() if acl is None or acl not in wanted.acls]
    limited = {each.principal: each for each in quotas}
    kept = {each.principal for each in wanted.quotas}
    return AccessChanges(
        missing=tuple(sorted(wanted.acls - set(there.values()))),
        surplus=tuple(sorted(surplus, key=_in_words)),
        quotas=tuple(sorted(each for each in wanted.quotas if limited.get(each.principal) != each)),
        unlimited=tuple(sorted(limited.keys() - kept)),
    )


def access_changes(client: Client, catalogue: Iterable[TopicEntry], rules: Rules) -> AccessChanges:
    """What `apply_access` would change. Raises AccessRefused, ValueError as `access_of`."""
    from infra.access.quotas import read_quotas  # a second Kafka library, which only this needs

    try:
        return differences(access_of(catalogue, rules), read_acls(client), read_quotas(client))
    except NoAuthorizer:
        return AccessChanges(is_checked=False)


def apply_access(
    client: Client, catalogue: Iterable[TopicEntry], rules: Rules, *, still: Rules | None = None
) -> AccessChanges:
    """Make and take away what differs; says what it was. Idempotent. Raises as `access_changes`."""
    return take_access(client, give_access(client, catalogue, rules, still=still))


def give_access(
    client: Client, catalogue: Iterable[TopicEntry], rules: Rules, *, still: Rules | None = None
) -> AccessChanges:
    """The first step: make what is missing. What differed, so that `take_access` can take away the rest.

    `still`: rules that hold until these do; their accounts keep their rights. Raises as `access_changes`.
    """
    from infra.access.quotas import change_quotas

    both = msgspec.structs.replace(rules, accounts={**(still.accounts if still else {}), **rules.accounts})
    changes = access_changes(client, catalogue, both)
    try:
        create(client, changes.missing)
        change_quotas(client, changes.quotas, ())
    except NoAuthorizer:  # some brokers say so only when they are asked to change something
        return AccessChanges(is_checked=False)
    return changes


def take_access(client: Client, changes: AccessChanges) -> AccessChanges:
    """The second step: take away what is surplus of these changes; all that was changed. Raises AccessRefused."""
    from infra.access.quotas import change_quotas

    try:
        change_quotas(client, (), changes.unlimited)
        delete(client, changes.surplus)
    except NoAuthorizer:
        return AccessChanges(is_checked=False)
    return changes


def _in_words(binding: AclBinding) -> str:
    acl = acl_of(binding)
    if acl is not None:
        return str(acl)
    how = f"{binding.permission_type.name.lower()} {binding.operation.name.lower()}"
    return f"{binding.principal} {how} {binding.restype.name.lower()} {binding.name} from {binding.host}"
