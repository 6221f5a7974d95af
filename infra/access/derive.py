"""From the catalogue of topics and the rules to rights: `access_of`. Pure.

Tenants are kept apart by names: `sms.submitted.<account>.`, `sms.status.<account>` and the groups `<account>.`; a
prefix ends in a dot, or `acme` would have what belongs to `acme-bank`.
"""

from collections.abc import Iterable, Mapping

from infra.access.parts import NOT_BUILT, OPERATOR, PARTS, UNJOINED_GROUPS
from infra.access.rights import ACCOUNT_PREFIX, ANY, PART_PREFIX, Access, Acl, Operation, Quota, Resource, on_names
from pipeline.domain.rules import Account, Rules
from pipeline.events import topics
from pipeline.events.schema_store import TopicEntry
from pipeline.kafka.topics import STAGES

GATEWAY = PART_PREFIX + topics.GATEWAY
_TENANTS = ("the account's principal", "the account", topics.GATEWAY)
_STAGE = "<stage>"
_OPERATOR_ON_TOPICS = (
    Operation.READ, Operation.CREATE, Operation.ALTER, Operation.ALTER_CONFIGS, Operation.DESCRIBE_CONFIGS
)  # fmt: skip
CLUSTER = "kafka-cluster"  # Kafka's only name of this resource


def account_principal(account: str) -> str:
    """The principal of an account with direct access."""
    return ACCOUNT_PREFIX + account


def part_principal(part: str) -> str:
    """The principal of a part of Sluice."""
    return PART_PREFIX + part


def access_of(catalogue: Iterable[TopicEntry], rules: Rules) -> Access:
    """All rights that these topics and rules come to.

    Raises ValueError for a writer or reader in the catalogue that is neither a part nor an account.
    """
    entries = list(catalogue)
    direct = [account for _, account in sorted(rules.accounts.items()) if account.is_direct]
    acls = _operator()
    for part in PARTS:
        acls |= _of_part(part, entries)
    for account in direct:
        acls |= _of_tenant(account_principal(account.id), account.id)
    acls |= _of_tenant(GATEWAY, topics.GATEWAY)
    principals = [account_principal(account.id) for account in direct]
    return Access(
        principals=(*sorted([*map(part_principal, PARTS), GATEWAY]), *principals),
        acls=frozenset(acls),
        quotas=frozenset(map(_quota, direct)),
    )


def _of_tenant(principal: str, account: str) -> set[Acl]:
    return {
        Acl(principal, Resource.TOPIC, f"sms.submitted.{account}.", True, Operation.WRITE),
        Acl(principal, Resource.TOPIC, topics.status(account), False, Operation.READ),
        Acl(principal, Resource.GROUP, f"{account}.", True, Operation.READ),
    }


def _quota(account: Account) -> Quota:
    return Quota(account_principal(account.id), account.quota_bytes_per_s, account.quota_bytes_per_s)


def _of_part(part: str, entries: list[TopicEntry]) -> set[Acl]:
    principal, needs = part_principal(part), PARTS[part]
    acls = on_names(principal, Resource.GROUP, Operation.DESCRIBE, [UNJOINED_GROUPS], is_prefix=True)
    acls |= on_names(principal, Resource.GROUP, Operation.READ, needs.groups)
    acls |= on_names(principal, Resource.GROUP, Operation.READ, needs.group_prefixes, is_prefix=True)
    ids = Resource.TRANSACTIONAL_ID
    acls |= on_names(principal, ids, Operation.WRITE, needs.transactional_ids)
    acls |= on_names(principal, ids, Operation.WRITE, needs.transactional_id_prefixes, is_prefix=True)
    acls |= {Acl(principal, Resource.CLUSTER, CLUSTER, False, operation) for operation in needs.cluster}
    for entry in entries:
        for operation, whom in ((Operation.WRITE, entry.written_by), (Operation.READ, entry.read_by)):
            for name, is_prefix in _places(entry.name, part, whom):
                acls.add(Acl(principal, Resource.TOPIC, name, is_prefix, operation))
    return acls


def _places(pattern: str, part: str, whom: Iterable[str]) -> list[tuple[str, bool]]:
    """(name, is it a prefix) of all that a part has to do with, of one line of the catalogue."""
    for word in whom:
        if _STAGE in pattern and word == "the stage":
            stages = [stage for stage in STAGES if stage == part or stage.startswith(f"{part}-")]
            return [(topics.state(stage), False) for stage in stages]
        if part in _parts(word, pattern):
            return [_place(pattern)]
    return []


def _parts(word: str, pattern: str) -> tuple[str, ...]:
    """The parts that a word of the catalogue stands for."""
    if word in PARTS:
        return (word,)
    if word == "every process":
        return tuple(PARTS)
    if word.startswith("sluice "):  # a command
        return (OPERATOR,)
    if word in _TENANTS or word in NOT_BUILT:
        return ()
    raise ValueError(f"{pattern}: {word!r}, expected one of {', '.join((*PARTS, *_TENANTS))}, or a command")


def _place(pattern: str) -> tuple[str, bool]:
    """A topic's name, or what comes before its first placeholder: a prefix that ends in a dot."""
    before, sign, _ = pattern.partition("<")
    return before, bool(sign)


def _operator() -> set[Acl]:
    """Reads all topics, makes and changes them, submits for any account, looks at every group."""
    me = part_principal(OPERATOR)
    acls = {Acl(me, Resource.TOPIC, topics.PREFIX, True, operation) for operation in _OPERATOR_ON_TOPICS}
    acls.add(Acl(me, Resource.TOPIC, "sms.submitted.", True, Operation.WRITE))
    acls.add(Acl(me, Resource.GROUP, ANY, False, Operation.DESCRIBE))
    return acls


def part_principals() -> list[str]:
    """Of every part that runs by itself: all but the operator."""
    return [part_principal(part) for part in sorted(PARTS) if part != OPERATOR]


def by_principal(access: Access) -> Mapping[str, list[Acl]]:
    """The rights of each principal, in order."""
    return {each: sorted(acl for acl in access.acls if acl.principal == each) for each in access.principals}
