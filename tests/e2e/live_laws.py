"""Laws of DESIGN section 4 over a whole log and the carriers' journal; each gives sentences, none if it holds."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from connectors.simulator.alphabet import read_text
from connectors.simulator.parts import read_part
from connectors.simulator.records import SubmitRecord, decode_line
from pipeline.domain.sealing import unseal
from pipeline.domain.text.segments import Encoding, segment
from pipeline.events.records import (
    DispatchMessage,
    IntentRecorded,
    MessageRouted,
    MessageStatusChanged,
    SealedContent,
    SubmitOutcomeUnknown,
    SubmitSucceeded,
    UsageRecorded,
)
from pipeline.stages.validation import KeyRing
from tests.e2e.live_log import CODEC, LiveLog, place_of

Shown = tuple[str, int, int, str]
"""What a phone shows of one part: number without '+', which part, of how many, text."""

NOT_SHOWN = {"UNDELIV", "EXPIRED", "REJECTD", "DELETED"}


def read_journal(path: Path) -> list[SubmitRecord]:
    """Every submit_sm that the simulated carriers ever answered; a line cut off by a kill is not one."""
    found = []
    for line in path.read_bytes().splitlines(keepends=True):
        if line.endswith(b"\n") and isinstance(record := decode_line(line), SubmitRecord):
            found.append(record)
    return found


def broken_chains(log: LiveLog) -> Iterator[str]:
    """Every message has statuses 1..n in the order of the log, none twice, and something came of it."""
    last: Counter[str] = Counter()
    for record, status in log.first_ones("sms.status.", MessageStatusChanged):
        if status.status_seq != last[status.message_id] + 1:
            yield (
                f"{place_of(record)}: status_seq={status.status_seq} of {status.message_id}, "
                f"expected {last[status.message_id] + 1}"
            )
        last[status.message_id] = status.status_seq


def overcharges(log: LiveLog) -> Iterator[str]:
    """No part of a message is charged twice, and all of them together at most price times parts."""
    owed = {
        routed.message_id: routed.price_micros * routed.segment_count
        for _, routed in log.first_ones("sms.routed.", MessageRouted)
    }
    charged: Counter[str] = Counter()
    parts: set[tuple[str, int]] = set()
    for record, usage in log.first_ones("sms.usage", UsageRecorded):
        part = (usage.message_id, usage.part)
        if usage.charge_micros and part in parts:
            yield f"{place_of(record)}: part {usage.part} of {usage.message_id} is charged again"
        if usage.charge_micros:
            parts.add(part)
        charged[usage.message_id] += usage.charge_micros
    for message_id, micros in charged.items():
        if micros > owed.get(message_id, 0):
            yield f"{message_id}: charged {micros} micros, expected at most {owed.get(message_id, 0)}"


def successes_without_intent(log: LiveLog) -> Iterator[str]:
    """No durable intent, no PDU: an intent for the same part of the same release was in the log before."""
    intents = {
        (each.message_id, each.release, each.part, each.carrier): record.timestamp_ms
        for record, each in reversed(log.first_ones("sms.intents.", IntentRecorded))
    }
    for record, each in log.first_ones("sms.lifecycle", SubmitSucceeded):
        intended_at = intents.get((each.message_id, each.release, each.part, each.carrier))
        if intended_at is None or intended_at > record.timestamp_ms:
            yield f"{place_of(record)}: part {each.part} of {each.message_id}, release {each.release}: no intent before"


def hidden_duplicates(log: LiveLog, submits: Iterable[SubmitRecord], keys: KeyRing) -> Iterator[str]:
    """What a phone shows more often than it was meant to was reported as unknown at least as often."""
    meant, doubts = _meant_and_doubts(log, keys)
    shown: Counter[Shown] = Counter()
    for submit in submits:
        if submit.status == 0 and submit.state not in NOT_SHOWN and ":" not in submit.state:
            shown[_shown_by(submit)] += 1
    for what, times in shown.items():
        surplus = times - len(meant.get(what, ()))
        allowed = sum(doubts[part] for part in meant.get(what, ()))
        if surplus > allowed:
            yield (
                f"part {what[1]} of {what[2]} was shown {times} times for {len(meant.get(what, ()))} messages "
                f"{sorted({message_id for message_id, _ in meant.get(what, ())})}; {allowed} reported as unknown"
            )


def wire_doubles(log: LiveLog, submits: Iterable[SubmitRecord], keys: KeyRing) -> int:
    """How many parts phones were shown more often than meant: whether the law above was put to the test."""
    meant, _ = _meant_and_doubts(log, keys)
    shown = Counter(_shown_by(each) for each in submits if each.status == 0)
    return sum(max(0, times - len(meant.get(what, ()))) for what, times in shown.items())


def _meant_and_doubts(
    log: LiveLog, keys: KeyRing
) -> tuple[dict[Shown, set[tuple[str, int]]], Counter[tuple[str, int]]]:
    """Which (message, part) may have been shown so, by what was dispatched; and unknown outcomes of each."""
    meant: defaultdict[Shown, set[tuple[str, int]]] = defaultdict(set)
    for _, each in log.first_ones("sms.dispatch.", DispatchMessage):
        key = keys.data_key(each.account_id, each.key_day)
        content = CODEC.decode(unseal(key, each.sealed_content, each.message_id.encode()), SealedContent)
        texts = segment(content.text, force_ucs2=each.encoding == Encoding.UCS2).texts
        for part in each.parts:
            what = (content.to.removeprefix("+"), part, len(texts), texts[part - 1])
            meant[what].add((each.message_id, part))
    unknown = {
        (each.message_id, each.part, each.attempt, each.release)
        for _, each in log.first_ones("sms.lifecycle", SubmitOutcomeUnknown)
    }
    return meant, Counter((message_id, part) for message_id, part, _, _ in unknown)


def _shown_by(submit: SubmitRecord) -> Shown:
    part = read_part(submit.payload, submit.esm_class, submit.sar)
    text = read_text(part.octets, submit.data_coding).text
    return submit.destination.number.removeprefix("+"), part.sequence, part.total, text
