"""What stands in a live log against what deciding again makes of it, octet by octet.

Compared are topic, key and value of every output, repeats too, by its source coordinates; validation's under the
revision that each answer names; the order that watermarks rely on; and the state in the checkpoints. What the wire,
timers and adoptions wrote is input and is not compared.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import msgspec

from pipeline.domain.rules import Rules
from pipeline.events import topics
from pipeline.events.codec import AnyRecord, Poison
from pipeline.events.headers import Source, Watermarks, coordinates, read_headers
from pipeline.events.records import (
    DispatchMessage,
    MessageAccepted,
    MessageDeferred,
    MessageRefused,
    MessageRejected,
    MessageRouted,
    MessageStatusChanged,
    RecallRequested,
    RecordQuarantined,
    ReplyForwarded,
    UsageRecorded,
)
from pipeline.kafka.ports import InputRecord
from pipeline.stages.validation import STAGE as VALIDATION
from pipeline.stages.validation import KeyRing
from tests.e2e.live_log import CODEC, LiveLog
from tests.e2e.live_replay import STAGES, Output, Replayed, replay, validate_again

EPOCH = "live"
SUBMITTED = "sms.submitted."
READERS = {"", VALIDATION, *(stage.name for stage in STAGES.values())}
DECIDED = {
    each.__name__
    for each in (
        *(MessageAccepted, MessageRejected, MessageRouted, MessageDeferred, MessageRefused, DispatchMessage),
        *(MessageStatusChanged, ReplyForwarded, UsageRecorded, RecallRequested),
    )
}
"""Records that only a decision can have written."""
NOWHERE = "nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One thing that is not as deciding again makes it; `source` is 'topic/partition/offset/ordinal'."""

    source: str
    field: str
    found: str
    expected: str

    def __str__(self) -> str:
        return f"{self.source}: {self.field} is {self.found}, expected {self.expected}"


async def differences(log: LiveLog, keys: KeyRing) -> list[Difference]:
    """All that is not as deciding again makes it; empty is the proof."""
    found = _outputs_in(log)
    replayed = await replay(log)
    return [
        *_compare_stages(found, replayed),
        *_compare_validation(log, found, keys),
        *_compare_states(log, replayed),
        *_order(log),
        *_unsourced(log),
    ]


def _outputs_in(log: LiveLog) -> dict[Source, list[InputRecord]]:
    """All records that name their source, in the order of each partition; quarantine of the sink's left out."""
    found: dict[Source, list[InputRecord]] = {}
    for record in _derived(log):
        source, _ = read_headers(record.headers)
        assert source is not None
        found.setdefault(source, []).append(record)
    return found


def _derived(log: LiveLog) -> Iterator[InputRecord]:
    for name in log.names(topics.PREFIX):
        if name.startswith((SUBMITTED, topics.state(""))):
            continue
        for record in log.of(name):
            if read_headers(record.headers)[0] is None:
                continue
            if name != topics.QUARANTINE or _reader_of(record) in READERS:
                yield record


def _reader_of(record: InputRecord) -> str:
    """Who put a record into quarantine; '' if that cannot be read."""
    try:
        return CODEC.decode(record.value, RecordQuarantined).reader
    except Poison:
        return ""


def _compare_stages(found: Mapping[Source, list[InputRecord]], replayed: Replayed) -> Iterator[Difference]:
    expected = replayed.outputs
    for source in sorted({*expected, *(each for each in found if not each.topic.startswith(SUBMITTED))}):
        there, should = found.get(source, []), expected.get(source)
        if should is not None and not there and source in replayed.required:
            yield _differs(source, "output", NOWHERE, _said(should.topic, should.value))
        for record in there:
            if should is None:
                yield _differs(source, "output", _said(record.topic, record.value), NOWHERE)
            else:
                yield from _compare(source, record, should)


def _compare_validation(log: LiveLog, found: Mapping[Source, list[InputRecord]], keys: KeyRing) -> Iterator[Difference]:
    """Each answer against the decision under the revision that it names; an answer there must be."""
    for name in log.names(SUBMITTED):
        for submitted in log.of(name):
            yield from _compare_submission(log, submitted, found, keys)
    known = {(each.topic, each.partition, each.offset) for name in log.names(SUBMITTED) for each in log.of(name)}
    for source, there in found.items():
        if source.topic.startswith(SUBMITTED) and (source.topic, source.partition, source.offset) not in known:
            yield _differs(source, "output", _said(there[0].topic, there[0].value), NOWHERE)


def _compare_submission(
    log: LiveLog, submitted: InputRecord, found: Mapping[Source, list[InputRecord]], keys: KeyRing
) -> Iterator[Difference]:
    sources = [Source(submitted.topic, submitted.partition, submitted.offset, ordinal) for ordinal in (0, 1, 2)]
    answers = [record for source in sources for record in found.get(source, [])]
    revisions = list(dict.fromkeys(offset for record in answers if (offset := _revision_of(record)) is not None))
    if not revisions:
        yield _differs(sources[0], "output", NOWHERE, "MessageAccepted or MessageRejected")
        return
    decisions = [validate_again(log, submitted, log.rulebook.rules.get(offset, Rules()), keys) for offset in revisions]
    for ordinal, source in enumerate(sources):
        there = found.get(source, [])
        should = {
            revision: each[ordinal] for revision, each in zip(revisions, decisions, strict=True) if each[ordinal:]
        }
        if not there and should:
            first = next(iter(should.values()))
            yield _differs(source, "output", NOWHERE, _said(first.topic, first.value))
        for record in there:
            named = _revision_of(record)
            expected = should.get(revisions[0] if named is None else named)
            if expected is None:
                yield _differs(source, "output", _said(record.topic, record.value), NOWHERE)
            elif named is not None or record.value not in {each.value for each in should.values()}:
                yield from _compare(source, record, expected)


def _revision_of(record: InputRecord) -> int | None:
    """The control offset that an answer of validation names; None for what names none, or cannot be read."""
    decoded = _decoded(record.value)
    return decoded.control_offset if isinstance(decoded, MessageAccepted | MessageRejected) else None


def _compare_states(log: LiveLog, replayed: Replayed) -> Iterator[Difference]:
    for (stage, partition), found in log.stored.items():
        expected = replayed.states.get((stage, partition), {})
        for key in sorted({*found, *expected}):
            if found.get(key) != expected.get(key):
                where = f"{topics.state(stage)}/{partition}"
                yield Difference(
                    source=where, field=key, found=_plain(found.get(key)), expected=_plain(expected.get(key))
                )


def _order(log: LiveLog) -> Iterator[Difference]:
    """Watermarks are exact only if first occurrences rise, and if a repeat stands where the first one stands."""
    homes: dict[tuple[str, bytes | None], int] = {}
    seen: dict[tuple[str, int], set[Source]] = {}
    marks: dict[tuple[str, int], Watermarks] = {}
    for record in _derived(log):
        source, epoch = read_headers(record.headers)
        assert source is not None
        place = (record.topic, record.partition)
        is_first = source not in seen.setdefault(place, set())
        seen[place].add(source)
        if is_first and not marks.setdefault(place, Watermarks()).admit(source):
            yield _differs(source, "order", f"after a later one in {record.topic}/{record.partition}", "before it")
        if homes.setdefault((record.topic, record.key), record.partition) != record.partition:
            yield _differs(source, "partition", str(record.partition), str(homes[record.topic, record.key]))
        if epoch != EPOCH:
            yield _differs(source, "epoch", repr(epoch), repr(EPOCH))


def _unsourced(log: LiveLog) -> Iterator[Difference]:
    """A decision without a source would escape the comparison, and the watermarks."""
    for name in log.names(topics.PREFIX):
        for record in log.of(name) if not name.startswith((SUBMITTED, topics.state(""))) else ():
            if read_headers(record.headers)[0] is None and _name_of(record.value) in DECIDED:
                where = coordinates(record.topic, record.partition, record.offset)
                yield Difference(source=where, field="source", found=NOWHERE, expected="the input that led to it")


def _compare(source: Source, record: InputRecord, expected: Output) -> Iterator[Difference]:
    if record.topic != expected.topic:
        yield _differs(source, "topic", record.topic, expected.topic)
    if record.key != expected.key.encode():
        yield _differs(source, "key", repr(record.key), repr(expected.key))
    if record.value != expected.value:
        for name, found, should in _fields(record.value or b"", expected.value):
            yield _differs(source, name, found, should)


def _fields(found: bytes, expected: bytes) -> Iterable[tuple[str, str, str]]:
    """Which fields of two values differ: (name, found, expected); the first octet if that cannot be said."""
    mine, other = _decoded(found), _decoded(expected)
    if mine is not None and type(mine) is type(other):
        named = [
            (name, repr(getattr(mine, name)), repr(getattr(other, name)))
            for name in mine.__struct_fields__
            if getattr(mine, name) != getattr(other, name)
        ]
        if named:
            return named
    at = next((place for place, pair in enumerate(zip(found, expected, strict=False)) if pair[0] != pair[1]), -1)
    return [(f"octet {at} of {len(expected)}", found[at : at + 8].hex(), expected[at : at + 8].hex())]


def _differs(source: Source, name: str, found: str, expected: str) -> Difference:
    return Difference(source=source.encode().decode(), field=name, found=found, expected=expected)


def _said(topic: str, value: bytes | None) -> str:
    return f"{_name_of(value)} in {topic}"


def _name_of(value: bytes | None) -> str:
    try:
        return CODEC.record_name(value)
    except Poison as poison:
        return poison.reason


def _decoded(value: bytes | None) -> AnyRecord | None:
    try:
        record: AnyRecord = CODEC.decode(value)
    except Poison:
        return None
    return record


def _plain(value: bytes | None) -> str:
    return NOWHERE if value is None else repr(msgspec.msgpack.decode(value))
