"""A recorded log and its replay: input partitions in, outputs out, compared line by line with the golden ends.

`golden/<input>.jsonl` holds one record a line: partition, offset, log time (UTC microseconds), the Kafka value in
base64, and its name for people to read. `golden/rules.json` holds the rules and health by the offsets that
SnapshotAdopted records name. `golden/ends.json` holds what must come out: a line for every output with the hash
of its value, and for people the statuses and the money.
"""

import base64
import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from pipeline.domain.rules import Health, Rules
from pipeline.events.codec import Codec
from pipeline.events.records import MessageStatusChanged, SnapshotAdopted, UsageRecorded
from pipeline.stages.decision import Emit, Moment, Snapshot, Stage
from pipeline.stages.routing import Routing
from pipeline.stages.throttling import Throttling
from tests.fold import DictState

GOLDEN = Path(__file__).parent / "golden"
STAGES: Mapping[str, Stage] = {
    "sms.lifecycle": Routing(),
    "sms.routed.express": Throttling("express"),
    "sms.routed.bulk": Throttling("bulk"),
}
CODEC = Codec()


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    """One record of an input partition."""

    partition: int
    offset: int
    timestamp_us: int
    value: bytes


Log = Mapping[str, tuple[Logged, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesBook:
    """Rules and health by their offsets in sms.control and sms.health."""

    rules: dict[str, Rules]
    health: dict[str, Health]

    def at(self, adopted: SnapshotAdopted) -> Snapshot:
        return Snapshot(rules=self.rules[str(adopted.control_offset)], health=self.health[str(adopted.health_offset)])


def read_log(folder: Path = GOLDEN) -> Log:
    """All input partitions of a recording."""
    return {topic: tuple(_logged(line) for line in (folder / f"{topic}.jsonl").open()) for topic in STAGES}


def write_log(log: Log, folder: Path = GOLDEN) -> None:
    for topic, records in log.items():
        lines = (json.dumps(_plain(record), sort_keys=True) for record in records)
        (folder / f"{topic}.jsonl").write_text("".join(f"{line}\n" for line in lines))


def read_rules(folder: Path = GOLDEN) -> RulesBook:
    return msgspec.json.decode((folder / "rules.json").read_bytes(), type=RulesBook)


def write_rules(book: RulesBook, folder: Path = GOLDEN) -> None:
    (folder / "rules.json").write_bytes(msgspec.json.format(msgspec.json.encode(book), indent=1) + b"\n")


def replay(log: Log, book: RulesBook) -> dict[str, list[tuple[str, Emit]]]:
    """The outputs of each input topic, each with its source 'topic/partition/offset/ordinal'."""
    return {topic: list(_replay_topic(topic, records, book)) for topic, records in log.items()}


def ends(outputs: Mapping[str, Iterable[tuple[str, Emit]]]) -> dict[str, Any]:
    """What is compared: a line for every output, and for people how each message ended and what it cost."""
    lines: list[str] = []
    statuses: dict[str, list[str]] = defaultdict(list)
    money: dict[str, int] = defaultdict(int)
    for each in outputs.values():
        for source, emit in each:
            digest = hashlib.sha256(CODEC.encode(emit.record)).hexdigest()[:32]
            lines.append(f"{source} -> {emit.topic} [{emit.key}] {type(emit.record).__name__} {digest}")
            if isinstance(emit.record, MessageStatusChanged):
                reason = f" ({emit.record.reason})" if emit.record.reason else ""
                statuses[emit.record.message_id].append(emit.record.status + reason)
            elif isinstance(emit.record, UsageRecorded):
                money[f"charged to {emit.record.account_id}, micros of {emit.record.currency}"] += (
                    emit.record.charge_micros
                )
                money[f"cost of {emit.record.carrier}, micros of {emit.record.cost_currency}"] += (
                    emit.record.cost_micros
                )
    return {"money": dict(sorted(money.items())), "statuses": dict(sorted(statuses.items())), "outputs": lines}


def differences(found: Mapping[str, Any], expected: Mapping[str, Any]) -> list[str]:
    """In words, what of the ends is not as it was; empty if all is."""
    said = [
        f"{part} of {key}: {found[part].get(key)}, expected {expected[part].get(key)}"
        for part in ("statuses", "money")
        for key in sorted({*found[part], *expected[part]})
        if found[part].get(key) != expected[part].get(key)
    ]
    missing = [f"missing: {line}" for line in expected["outputs"] if line not in set(found["outputs"])]
    surplus = [f"surplus: {line}" for line in found["outputs"] if line not in set(expected["outputs"])]
    if not missing and not surplus and found["outputs"] != expected["outputs"]:
        said.append("the outputs are the same but not their order or number")
    return said + missing + surplus


def _replay_topic(topic: str, records: Iterable[Logged], book: RulesBook) -> Iterable[tuple[str, Emit]]:
    state = DictState()
    snapshot = Snapshot(rules=Rules(), health=Health())
    for logged in records:
        record = CODEC.decode(logged.value, *STAGES[topic].reads)
        if isinstance(record, SnapshotAdopted):
            snapshot = book.at(record)
        at = Moment(topic=topic, partition=logged.partition, offset=logged.offset)
        decision = STAGES[topic].decide(state, record, at=at, now=logged.timestamp_us, rules=snapshot)
        for key, value in decision.state.items():
            if value is None:
                state.pop(key, None)
            else:
                state[key] = value
        yield from ((f"{at}/{ordinal}", emit) for ordinal, emit in enumerate(decision.events))


def _plain(logged: Logged) -> dict[str, Any]:
    return {
        "partition": logged.partition,
        "offset": logged.offset,
        "timestamp_us": logged.timestamp_us,
        "record": CODEC.record_name(logged.value),
        "value": base64.b64encode(logged.value).decode(),
    }


def _logged(line: str) -> Logged:
    row = json.loads(line)
    return Logged(
        partition=row["partition"],
        offset=row["offset"],
        timestamp_us=row["timestamp_us"],
        value=base64.b64decode(row["value"]),
    )
