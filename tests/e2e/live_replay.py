"""Every decision of a live log made again, from the log alone.

The stages with state go through `PartitionFold` itself, each partition from offset 0 in a fresh memory; validation is
asked again about each submission, under a revision of the rules that the caller names.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pipeline.agents.validation_agent import submission_of
from pipeline.domain.rules import Rules
from pipeline.events import topics
from pipeline.events.headers import Source, read_headers
from pipeline.kafka.fold import PartitionFold
from pipeline.kafka.ports import InputRecord
from pipeline.kafka.progress import PROGRESS, decode_progress
from pipeline.stages.decision import Stage
from pipeline.stages.routing.stage import Routing
from pipeline.stages.throttling import Throttling
from pipeline.stages.validation import KeyRing, decide
from tests.e2e.live_log import CODEC, LiveLog

STAGES: Mapping[str, Stage] = {
    topics.LIFECYCLE: Routing(),
    **{topics.routed(lane): Throttling(lane) for lane in ("express", "bulk")},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """One record as a stage emits it."""

    topic: str
    key: str
    value: bytes


@dataclass(frozen=True, kw_only=True)
class Replayed:
    """What folding again came to. `required`: those outputs whose input was applied before the last checkpoint."""

    outputs: dict[Source, Output] = field(default_factory=dict)
    required: set[Source] = field(default_factory=set)
    states: dict[tuple[str, int], dict[str, bytes]] = field(default_factory=dict)


class _Memory:
    """An Emitter and a CheckpointStore in memory."""

    def __init__(self) -> None:
        self.outputs: dict[Source, Output] = {}
        self.values: dict[str, bytes] = {}

    async def send(
        self,
        topic: str,
        key: str,
        value: bytes,
        headers: Sequence[tuple[str, bytes]] = (),
        partition: int | None = None,
    ) -> None:
        source, _ = read_headers(headers)
        assert source is not None, f"a replay wrote to {topic} what no record led to"
        self.outputs[source] = Output(topic=topic, key=key, value=value)

    async def settle(self) -> None:
        pass

    async def open(self) -> Mapping[str, bytes]:
        return {}

    async def save(self, changes: Mapping[str, bytes | None]) -> None:
        for key, value in changes.items():
            if value is None:
                self.values.pop(key, None)
            else:
                self.values[key] = value

    async def close(self) -> None:
        pass


async def replay(log: LiveLog) -> Replayed:
    """Routing and throttling folded again, partition by partition, from offset 0."""
    replayed = Replayed()
    for topic, stage in STAGES.items():
        for partition, records in log.partitions(topic).items():
            stored = log.stored.get((stage.name, partition), {})
            await _replay_partition(log, stage, records, decode_progress(stored.get(PROGRESS)).applied, replayed)
    return replayed


async def _replay_partition(
    log: LiveLog, stage: Stage, records: Sequence[InputRecord], applied: int, into: Replayed
) -> None:
    """Stops for a checkpoint where the live one was taken, then goes on to the end of the log."""
    memory = _Memory()
    topic, partition = records[0].topic, records[0].partition
    fold = PartitionFold(stage, topic, partition, emitter=memory, store=memory, rules=log.rulebook, codec=CODEC)
    await fold.open()
    await fold.apply(each for each in records if each.offset <= applied)
    await fold.checkpoint()
    into.required.update(memory.outputs)
    into.states[stage.name, partition] = dict(memory.values)
    await fold.apply(records)
    into.outputs.update(memory.outputs)


def validate_again(log: LiveLog, submitted: InputRecord, rules: Rules, keys: KeyRing) -> list[Output]:
    """What validation answers to a submission under these rules, in order."""
    submission = submission_of(submitted)
    decision = decide(
        submission, now=submission.timestamp_us, rules=rules, keys=keys, cluster_id=log.cluster_id, codec=CODEC
    )
    return [Output(topic=each.topic, key=each.key, value=CODEC.encode(each.record)) for each in decision.events]
