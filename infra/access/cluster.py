"""The ACLs of our principals as a cluster has them: reading, making, taking away. Kafka's admin API."""

from collections.abc import Iterable, Mapping

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import (
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    ResourcePatternType,
    ResourceType,
)

from infra.access.rights import Acl, Operation, Resource, is_ours
from pipeline.errors import ForTheUser
from pipeline.kafka.client import Client

TIMEOUT_S = 20.0
_HOST = "*"
_RESOURCES: Mapping[Resource, ResourceType] = {
    Resource.TOPIC: ResourceType.TOPIC,
    Resource.GROUP: ResourceType.GROUP,
    Resource.TRANSACTIONAL_ID: ResourceType.TRANSACTIONAL_ID,
    Resource.CLUSTER: ResourceType.BROKER,  # librdkafka's name of it
}
_RESOURCES_BACK = {theirs: ours for ours, theirs in _RESOURCES.items()}


class NoAuthorizer(Exception):
    """This cluster checks no ACLs: everybody may do everything."""


class AccessRefused(ForTheUser):
    """The cluster did not take or give the rights; the message says why."""


def read_acls(client: Client) -> frozenset[AclBinding]:
    """All ACLs of our principals, also those that are no `Acl` of ours (a denial, another host).

    Raises NoAuthorizer, AccessRefused.
    """
    everything = AclBindingFilter(
        ResourceType.ANY, None, ResourcePatternType.ANY, None, None, AclOperation.ANY, AclPermissionType.ANY
    )
    admin = AdminClient({**client, "log_level": 2})  # kept until the answer: its end would end the question
    try:
        found = admin.describe_acls(everything, request_timeout=TIMEOUT_S).result()
    except KafkaException as error:
        raise _explained(error) from error
    return frozenset(each for each in found if is_ours(_user(each.principal)))


def create(client: Client, acls: Iterable[Acl]) -> None:
    """Make these. Raises NoAuthorizer, AccessRefused."""
    wanted = [_binding(acl) for acl in sorted(acls)]
    if wanted:
        admin = AdminClient({**client, "log_level": 2})
        _wait(admin.create_acls(wanted, request_timeout=TIMEOUT_S).values())


def delete(client: Client, bindings: Iterable[AclBinding]) -> None:
    """Take away exactly these. Raises NoAuthorizer, AccessRefused."""
    exact = [
        AclBindingFilter(
            each.restype, each.name, each.resource_pattern_type, each.principal, each.host, each.operation,
            each.permission_type,
        )
        for each in bindings
    ]  # fmt: skip
    if exact:
        admin = AdminClient({**client, "log_level": 2})
        _wait(admin.delete_acls(exact, request_timeout=TIMEOUT_S).values())


def acl_of(binding: AclBinding) -> Acl | None:
    """A cluster's ACL as ours; None for one that we never make (a denial, for one host, of another operation)."""
    is_plain = binding.permission_type == AclPermissionType.ALLOW and binding.host == _HOST
    patterns = (ResourcePatternType.LITERAL, ResourcePatternType.PREFIXED)
    operation = binding.operation.name.lower().replace("_", "-")
    if not is_plain or binding.resource_pattern_type not in patterns or operation not in set(Operation):
        return None
    if binding.restype not in _RESOURCES_BACK:
        return None
    return Acl(
        _user(binding.principal),
        _RESOURCES_BACK[binding.restype],
        binding.name,
        binding.resource_pattern_type == ResourcePatternType.PREFIXED,
        Operation(operation),
    )


def _binding(acl: Acl) -> AclBinding:
    return AclBinding(
        _RESOURCES[acl.resource],
        acl.name,
        ResourcePatternType.PREFIXED if acl.is_prefix else ResourcePatternType.LITERAL,
        f"User:{acl.principal}",
        _HOST,
        AclOperation[acl.operation.name],
        AclPermissionType.ALLOW,
    )


def _user(principal: str) -> str:
    return principal.removeprefix("User:")


def _wait(futures: Iterable[object]) -> None:
    for future in futures:
        try:
            future.result()  # type: ignore[attr-defined]
        except KafkaException as error:
            raise _explained(error) from error


def _explained(error: KafkaException) -> Exception:
    cause = error.args[0]
    if cause.code() == KafkaError.SECURITY_DISABLED:
        return NoAuthorizer("this Kafka checks no ACLs: everybody who reaches it may do everything")
    return AccessRefused(f"Kafka: {cause.str()}")
