"""Applying rules for a person: publish, say what changed, and see the workers take up what is new."""

from collections.abc import Iterator

from confluent_kafka import KafkaException

from infra.config.publish import PublishFailed, apply_rules, make_base_topics
from infra.config.taking_up import Expected, Watch, expected_of
from infra.config.words import sentences
from infra.operator import now_us
from infra.times import utc
from pipeline.domain.rules import Rules
from pipeline.kafka.client import Client
from pipeline.kafka.topics import Profile


def apply_and_tell(
    client: Client,
    rules: Rules,
    *,
    source: str,
    author: str,
    reason: str,
    effective_at: int | None,
    expect: int | None,
    may_supersede: bool,
    profile: Profile,
    wait_s: float,
) -> Iterator[str]:
    """Publish rules and say what came of it, line by line as it becomes known. Raises as `apply_rules`."""
    make_base_topics(client, profile)
    try:
        watch = Watch(client)
    except KafkaException as error:
        raise PublishFailed(f"Kafka at {client['bootstrap.servers']}: {error.args[0].str()}") from error
    try:
        applied = apply_rules(
            client, rules, author=author, reason=reason, effective_at=effective_at, expect=expect,
            may_supersede=may_supersede, profile=profile,
        )  # fmt: skip
        published = now_us()
        if not applied.is_written:
            yield f"Nothing to do: revision {applied.revision} (offset {applied.control_offset}) says all of {source}."
            if applied.access:
                yield applied.access.summary("were changed")
            return
        said = sentences(applied.before, rules, applied.effective_at)
        yield from (f"  {each}" for each in said if each.kind != "drain")
        yield from (f"  revision {number} is superseded: it never comes into force" for number in applied.superseded)
        if applied.made_topics:
            yield f"{len(applied.made_topics)} topics were missing and have been made."
        if applied.access:
            yield applied.access.summary("were changed")
        where = f"Revision {applied.revision} is published at offset {applied.control_offset} of sms.control"
        if applied.effective_at > published:
            yield f"{where}; it is in force from {utc(applied.effective_at)} on."
            return
        yield f"{where}."
        expected = expected_of(applied.before, rules, applied.made_topics)
        if wait_s and expected:
            yield from _heard(watch, expected, published, wait_s)
    finally:
        watch.close()


def _heard(watch: Watch, expected: Expected, published: int, wait_s: float) -> Iterator[str]:
    """What workers say of it; all is published by now, so that not hearing them is no failure."""
    try:
        yield from watch.hear(expected, published, wait_s, now_us=now_us)
    except KafkaException as error:
        yield f"what workers make of it could not be read: {error.args[0].str()}"
