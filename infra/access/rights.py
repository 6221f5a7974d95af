"""Rights on a Kafka cluster as plain facts: ACLs that allow, quotas. The words are Kafka's."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

ACCOUNT_PREFIX = "account."
PART_PREFIX = "sluice."
"""Our principals begin with one of these; no other principal's rights are ever touched. Account ids have no dot."""
ANY = "*"


class Resource(StrEnum):
    TOPIC = "topic"
    GROUP = "group"
    TRANSACTIONAL_ID = "transactional-id"
    CLUSTER = "cluster"


class Operation(StrEnum):
    """READ, WRITE and ALTER allow DESCRIBE too; ALTER_CONFIGS allows DESCRIBE_CONFIGS."""

    READ = "read"
    WRITE = "write"
    CREATE = "create"
    DELETE = "delete"
    ALTER = "alter"
    DESCRIBE = "describe"
    ALTER_CONFIGS = "alter-configs"
    DESCRIBE_CONFIGS = "describe-configs"


@dataclass(frozen=True, slots=True, order=True)
class Acl:
    """`principal` (a user's name, without 'User:') may do `operation` on a name, or on all that begin with it."""

    principal: str
    resource: Resource
    name: str
    is_prefix: bool
    operation: Operation

    def __str__(self) -> str:
        return f"{self.principal} may {self.operation} {self.place}"

    @property
    def place(self) -> str:
        """What it is about, in words: `topic sms.control`, `group acme-bank.*`."""
        if self.resource is Resource.CLUSTER:
            return "the cluster"
        return f"{self.resource} {self.name}{ANY if self.is_prefix else ''}"


@dataclass(frozen=True, slots=True, order=True)
class Quota:
    """Octets a second that a principal may produce, and consume, per broker."""

    principal: str
    produce_bytes_per_s: int
    consume_bytes_per_s: int

    def __str__(self) -> str:
        return (
            f"{self.principal} may produce {self.produce_bytes_per_s} and consume {self.consume_bytes_per_s} "
            "octets a second"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Who may do what: all rights of all our principals."""

    principals: tuple[str, ...]
    acls: frozenset[Acl]
    quotas: frozenset[Quota]


def is_ours(principal: str) -> bool:
    """Whether this principal's rights are made, and taken away, by Sluice."""
    return principal.startswith((ACCOUNT_PREFIX, PART_PREFIX))


def on_names(
    principal: str, resource: Resource, operation: Operation, names: Iterable[str], *, is_prefix: bool = False
) -> set[Acl]:
    """The same right on each of these names."""
    return {Acl(principal, resource, name, is_prefix, operation) for name in names}
