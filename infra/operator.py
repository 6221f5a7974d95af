"""What an operator's commands write: audit records and commands to the pipeline. Acknowledged before it returns.

The principal of these clients is the operator's; `schemas/topics.yaml` says which topics it may write.
"""

import os
import pwd
import time
from collections.abc import Sequence

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from pipeline.errors import ForTheUser
from pipeline.events import topics
from pipeline.events.codec import AnyRecord, Codec
from pipeline.events.headers import headers_of
from pipeline.events.records import AuditRecorded
from pipeline.kafka.client import Client

TIMEOUT_S = 30.0


class NotWritten(ForTheUser):
    """Kafka did not acknowledge; whether it was written is not known, and repeating it is safe."""


def actor() -> str:
    """Who gives commands here: the user of the operating system, never what LOGNAME or USER say: anybody sets these."""
    uid = os.getuid()
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:  # a container may run under an id without a name
        return f"uid-{uid}"


def now_us() -> int:
    """The wall clock in UTC micros."""
    return time.time_ns() // 1000


def write_records(client: Client, records: Sequence[tuple[str, str, AnyRecord]], *, epoch: str = "live") -> None:
    """Write (topic, key, record) in order and wait until all are durable. Raises NotWritten."""
    failures: list[KafkaError] = []

    def delivered(error: KafkaError | None, _: Message) -> None:
        if error is not None:
            failures.append(error)

    producer = Producer(
        {
            **client,
            "enable.idempotence": True,
            "acks": "all",
            "partitioner": "murmur2_random",
            "linger.ms": 5,
            "delivery.timeout.ms": int(TIMEOUT_S * 1000),
            "log_level": 2,
        }
    )
    codec = Codec()
    try:
        for topic, key, record in records:
            while True:
                try:
                    producer.produce(
                        topic, key=key.encode(), value=codec.encode(record), headers=headers_of(None, epoch),
                        on_delivery=delivered,
                    )  # fmt: skip
                    break
                except BufferError:
                    producer.poll(0.1)
            producer.poll(0)
        left = producer.flush(TIMEOUT_S + 5)
    except KafkaException as error:
        raise NotWritten(f"Kafka: {error.args[0].str()}") from error
    if failures or left:
        why = failures[0].str() if failures else "no answer in time"
        raise NotWritten(f"{len(failures) + left} of {len(records)} records were not acknowledged: {why}")


def audit(
    client: Client,
    action: str,
    subject: str,
    *,
    reason: str,
    is_allowed: bool = True,
    detail: str = "",
    account_id: str = "",
    message_id: str = "",
) -> AuditRecorded:
    """Write one audit record to `sms.audit`, durable before what it speaks of is done. Raises NotWritten."""
    record = AuditRecorded(
        actor=actor(),
        action=action,
        subject=subject,
        is_allowed=is_allowed,
        reason=reason,
        detail=detail,
        account_id=account_id,
        message_id=message_id,
        occurred_at=now_us(),
    )
    write_records(client, [(topics.AUDIT, f"{action}/{subject}", record)])
    return record
