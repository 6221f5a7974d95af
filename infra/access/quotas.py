"""Byte rates of principals. librdkafka cannot set quotas; kafka-python has the requests, which are sent bare."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from kafka.admin import KafkaAdminClient  # type: ignore[import-untyped]
from kafka.errors import KafkaError  # type: ignore[import-untyped]
from kafka.protocol.admin.client_quotas import (  # type: ignore[import-untyped]
    AlterClientQuotasRequest,
    DescribeClientQuotasRequest,
)

from infra.access.cluster import AccessRefused
from infra.access.rights import Quota, is_ours
from pipeline.kafka.client import BOOTSTRAP, Client
from pipeline.kafka.tls import tls_context

_PRODUCE, _CONSUME = "producer_byte_rate", "consumer_byte_rate"
_USER = "user"
_ANY_NAME = 2  # match type of DescribeClientQuotas: any entity with a name


def read_quotas(client: Client) -> frozenset[Quota]:
    """The quotas of our principals; -1 where one of the two is not limited. Raises AccessRefused."""
    kind = DescribeClientQuotasRequest.ComponentData
    request = DescribeClientQuotasRequest(
        components=[kind(entity_type=_USER, match_type=_ANY_NAME, match=None)], strict=True
    )
    with _admin(client) as admin:
        answer = admin._manager.run(admin._manager.send, request)
    _check(answer.error_code, answer.error_message)
    found = set()
    for entry in answer.entries or ():
        principal = next(each.entity_name for each in entry.entity)
        rates = {each.key: int(each.value) for each in entry.values}
        if is_ours(principal or ""):
            found.add(Quota(principal, rates.get(_PRODUCE, -1), rates.get(_CONSUME, -1)))
    return frozenset(found)


def change_quotas(client: Client, wanted: Iterable[Quota], surplus: Iterable[str]) -> None:
    """Set these, and take the limits of the `surplus` principals away. Raises AccessRefused."""
    entries = [_entry(each.principal, (each.produce_bytes_per_s, each.consume_bytes_per_s)) for each in sorted(wanted)]
    entries += [_entry(each, None) for each in sorted(surplus)]
    if not entries:
        return
    with _admin(client) as admin:
        request = AlterClientQuotasRequest(entries=entries, validate_only=False)
        answer = admin._manager.run(admin._manager.send, request)
    for each in answer.entries:
        _check(each.error_code, each.error_message)


def _entry(principal: str, rates: tuple[int, int] | None) -> AlterClientQuotasRequest.EntryData:
    kind = AlterClientQuotasRequest.EntryData
    values = (0, 0) if rates is None else rates
    ops = [
        kind.OpData(key=key, value=float(value), remove=rates is None)
        for key, value in zip((_PRODUCE, _CONSUME), values, strict=True)
    ]
    return kind(entity=[kind.EntityData(entity_type=_USER, entity_name=principal)], ops=ops)


def _check(code: int, message: str | None) -> None:
    if code:
        raise AccessRefused(f"Kafka refuses quotas: {message or f'error {code}'}")


@contextmanager
def _admin(client: Client) -> Iterator[KafkaAdminClient]:
    """A client of that library with the same settings, in its words."""
    try:
        admin = KafkaAdminClient(**translated(client))
    except KafkaError as error:
        raise AccessRefused(f"Kafka at {client[BOOTSTRAP]}: {error}") from error
    try:
        yield admin
    except KafkaError as error:
        raise AccessRefused(f"Kafka at {client[BOOTSTRAP]}: {error}") from error
    finally:
        admin.close()


def translated(client: Client) -> dict[str, object]:
    """librdkafka's settings as kafka-python's. Reads the certificate files."""
    named = {
        "security.protocol": "security_protocol",
        "sasl.mechanism": "sasl_mechanism",
        "sasl.mechanisms": "sasl_mechanism",
        "sasl.username": "sasl_plain_username",
        "sasl.password": "sasl_plain_password",
    }
    settings: dict[str, object] = {named[name]: value for name, value in client.items() if name in named}
    if str(client.get("security.protocol", "")).upper().endswith("SSL"):
        settings["ssl_context"] = tls_context(client)
    return {"bootstrap_servers": str(client[BOOTSTRAP]).split(","), "client_id": "sluice-access", **settings}
