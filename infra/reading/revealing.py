"""The number and text of a life, and of its replies: opened one by one, each audited before it is opened."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from infra.reading.life import Life, Step
from infra.reveal import Revealer, sealed_of
from infra.topic_log import read_record
from pipeline.events.records import MessageAccepted, MessageRejected, ReplyReceived
from pipeline.kafka.client import Client


def reveal(home: Path, client: Client, life: Life, reason: str, *, has_codes: bool = False) -> Iterator[dict[str, Any]]:
    """What its submission and each reply say in the clear, codes only if `has_codes`. Raises as `Revealer.reveal`."""
    revealer = Revealer(home, client, reason=reason, has_codes=has_codes)
    for step in life.steps:
        if not isinstance(step.record, MessageAccepted | MessageRejected | ReplyReceived):
            continue
        whole = _whole(client, step)
        if whole is None or sealed_of(whole) is None:
            yield {"event": step.event, "where": step.coordinates, "note": "its sealed octets are no longer kept"}
            continue
        said = revealer.reveal(whole)
        clear: dict[str, Any] = {"to": said.to, "sender": said.sender, "text": said.text, "params": dict(said.params)}
        if said.raw and not said.text and not said.params:
            clear["raw"] = said.raw.hex()
        yield {
            "event": step.event,
            "where": step.coordinates,
            **{name: value for name, value in clear.items() if value},
        }


def _whole(client: Client, step: Step) -> Any:
    """The record with its sealed octets, which ClickHouse does not hold."""
    if step.record is not None and sealed_of(step.record) is not None:
        return step.record
    logged = read_record(client, step.topic, step.partition, step.offset)
    return logged.record if logged and isinstance(logged.record, type(step.record)) else None
