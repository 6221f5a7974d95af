"""One carrier account: takes submits in its mood, sends receipts, lets its handsets answer.

Two steps for each submit: `take` decides and gives the record for the journal; `settle`, once the record is
durable, lets its effects happen. `replay` does the same for a record read at start. Called by `session`,
`control` and `simulator`. The clock is given.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from hashlib import blake2b
from typing import Any, Literal

import msgspec
import structlog
from pydantic import ValidationError

from connectors.simulator import alphabet, codes, moods, parts, receipts, wire
from connectors.simulator.handsets import Handsets, Message
from connectors.simulator.journal import Journal, JournalBroken
from connectors.simulator.masking import masked
from connectors.simulator.moodbook import MoodBook
from connectors.simulator.outbox import Outbox
from connectors.simulator.records import ConfirmRecord, CountRecord, MoodRecord, MoRecord, SubmitRecord
from connectors.simulator.settings import AccountSettings, Settings, matcher

log = structlog.get_logger(__name__)
_AHEAD_MS = 50  # how long an answer waits at least when its receipt goes first
_BEHIND_MS = 2  # how long a receipt waits at least after an answer with latency: two timers, one order


class Account:
    """The state of one carrier account. `next_seq` counts submits over all accounts."""

    def __init__(
        self, settings: AccountSettings, whole: Settings, handsets: Handsets, next_seq: Callable[[], int]
    ) -> None:
        self.settings = settings
        self.moods = MoodBook(settings)
        self.outbox = Outbox(lambda delivery: receipts.body_of(delivery, settings), whole.redeliver_after_ms / 1000)
        self.by_status: Counter[int] = Counter()
        self.confirmed: Counter[str] = Counter()
        self.bind_count = 0
        self._seed = whole.seed
        self._handsets = handsets
        self._next_seq = next_seq
        self._number = settings.message_id.first - 1
        self._mo_number = 0
        self._counts: Counter[str] = Counter()
        self._buckets: dict[str, moods.Bucket] = {}
        self._replied: set[tuple[int, str]] = set()
        self._replies = [(rule, matcher(rule.handset), matcher(rule.sender)) for rule in settings.replies]

    def take(
        self, submit: wire.Submit, bind: int, *, now_ms: int, is_window_full: bool
    ) -> tuple[SubmitRecord | CountRecord, moods.Verdict]:
        """Decide about a submit: the record to make durable, and how to answer afterwards."""
        name, mood = self.moods.mood_for(submit.destination.number)
        message_id = f"{self.settings.system_id}/{self._number + 1}"
        keys = moods.Keys(name, submit.destination.number, _digest(submit), message_id)
        verdict = self._refuse_unfit(submit, is_window_full)
        if verdict is None:
            is_over = mood.limit_per_s > 0 and self._bucket(name).is_over(mood.limit_per_s, now_ms / 1000)
            verdict = moods.decide(mood, keys, self._counts, seed=self._seed, is_over_limit=is_over)
        self._counts.update(verdict.counted)
        if verdict.disconnect == "unheard":
            return CountRecord(at_ms=now_ms, account=self.settings.system_id, counted=verdict.counted), verdict
        return self._record(submit, bind, now_ms, mood, keys, verdict)

    def settle(self, record: SubmitRecord, journal: Journal) -> None:
        """Let a durable submit take effect: the phone, the receipts, the scripted replies."""
        message = self._apply(record)
        if message is not None and self._replies:
            self._reply(message, record, journal)

    def replay(self, record: SubmitRecord | CountRecord | ConfirmRecord | MoRecord | MoodRecord) -> None:
        """Take a record read from the journal at start."""
        match record:
            case SubmitRecord():
                self._counts.update(record.counted)
                self._number = max(self._number, record.number)
                self._apply(record)
            case CountRecord():
                self._counts.update(record.counted)
            case ConfirmRecord():
                self.confirm(record)
            case MoRecord():
                self._mo_number = max(self._mo_number, record.number + len(record.parts) - 1)
                self._send(record, record.at_ms)
            case MoodRecord():
                self._replay_mood(record)

    def confirm(self, record: ConfirmRecord) -> None:
        """A delivery's OK is durable."""
        if record.key in self.outbox.pending:
            self.confirmed["mo" if record.key.startswith("mo/") else "receipt"] += 1
            self.outbox.confirmed(record.key)

    def originate(
        self,
        handset: str,
        to: str,
        text: str,
        coding: Literal["auto", "gsm7", "ucs2"],
        *,
        now_ms: int,
        after_ms: int = 0,
        rule: int = -1,
    ) -> MoRecord:
        """The record of a message from a handset; journal it, then `dispatch` it. Raises ValueError."""
        data_coding, cut = alphabet.split_text(text, coding)
        number = self._mo_number + 1
        if len(cut) > 1:
            cut = [parts.concat_header(number, len(cut), index) + part for index, part in enumerate(cut, 1)]
        self._mo_number += len(cut)
        return MoRecord(
            at_ms=now_ms,
            account=self.settings.system_id,
            number=number,
            source=handset.lstrip("+"),
            destination=to,
            data_coding=data_coding,
            parts=tuple(cut),
            due_ms=now_ms + after_ms,
            rule=rule,
        )

    def dispatch(self, record: MoRecord) -> None:
        """Send a durable message from a handset."""
        self._send(record, record.at_ms)
        self.outbox.pump()

    def change_mood(self, match: str, body: Mapping[str, Any] | None) -> bool:
        """Set a mood, or with None drop it; False if there was none. What was counted under it is forgotten.

        Raises pydantic.ValidationError and changes nothing.
        """
        if body is None:
            if not self.moods.drop(match):
                return False
        else:
            self.moods.set(match, body)
        name = match.lstrip("+")
        for key in [key for key in self._counts if key.startswith(f"{name}/")]:
            del self._counts[key]
        self._buckets.pop(name, None)
        return True

    def _refuse_unfit(self, submit: wire.Submit, is_window_full: bool) -> moods.Verdict | None:
        """What any SMSC refuses, whatever its mood: a full window, a part longer than a short message."""
        if is_window_full:
            return moods.Verdict(status=codes.RTHROTTLED)
        if submit.is_payload_tlv:
            return None
        part = parts.read_part(submit.payload, submit.esm_class, submit.sar)
        is_too_long = parts.is_too_long(part, submit.data_coding, self.settings.coding)
        return moods.Verdict(status=codes.RINVMSGLEN) if is_too_long else None

    def _record(
        self,
        submit: wire.Submit,
        bind: int,
        now_ms: int,
        mood: moods.Mood,
        keys: moods.Keys,
        verdict: moods.Verdict,
    ) -> tuple[SubmitRecord, moods.Verdict]:
        end = moods.Fate("", "", 0)
        copies, intermediate, number, due_ms = 0, "", 0, 0
        if verdict.status == codes.OK:
            self._number += 1
            number = self._number
            end = moods.fate(mood, keys, seed=self._seed)
            copies = receipts.copies_wanted(submit.registered_delivery, end.state, mood.receipt.copies)
            if submit.registered_delivery & 0x10:
                intermediate = mood.receipt.intermediate or ""
            due_ms = now_ms + end.delay_ms + (verdict.latency_ms + _BEHIND_MS if verdict.latency_ms else 0)
            if mood.receipt.before_response and copies:
                due_ms = now_ms
                verdict = replace(verdict, latency_ms=max(verdict.latency_ms, _AHEAD_MS))
        record = SubmitRecord(
            at_ms=now_ms,
            seq=self._next_seq(),
            account=self.settings.system_id,
            bind=bind,
            status=verdict.status,
            number=number,
            source=submit.source,
            destination=submit.destination,
            esm_class=submit.esm_class,
            data_coding=submit.data_coding,
            registered_delivery=submit.registered_delivery,
            payload=submit.payload,
            sar=submit.sar,
            state=end.state,
            err=end.err,
            due_ms=due_ms,
            copies=copies,
            intermediate=intermediate,
            style=mood.receipt.style,
            counted=verdict.counted,
        )
        return record, verdict

    def _apply(self, record: SubmitRecord) -> Message | None:
        self.by_status[record.status] += 1
        if record.status != codes.OK:
            return None
        for delivery in receipts.deliveries_of(record):
            self.outbox.add(delivery, record.at_ms)
        if record.state not in codes.REACHING_STATES:
            return None
        return self._handsets.receive(record, self.settings.coding)

    def _send(self, record: MoRecord, now_ms: int) -> None:
        if record.rule >= 0:
            self._replied.add((record.rule, record.source))
        self._handsets.handset(record.source).sent.append(record)
        for delivery in receipts.deliveries_of(record):
            self.outbox.add(delivery, now_ms)

    def _replay_mood(self, record: MoodRecord) -> None:
        try:
            self.change_mood(record.match, msgspec.json.decode(record.body))
        except ValidationError:
            log.warning("mood.not_replayed", account=record.account, match=record.match, why="settings changed")

    def _reply(self, message: Message, record: SubmitRecord, journal: Journal) -> None:
        handset = record.destination.number.lstrip("+")
        for index, (rule, handsets, senders) in enumerate(self._replies):
            if not handsets.fullmatch(handset) or not senders.fullmatch(message.source.lstrip("+")):
                continue
            if rule.contains not in message.reading().text or (rule.once and (index, handset) in self._replied):
                continue
            to = rule.to or message.source
            if not to.lstrip("+").isdigit():
                log.warning("reply.skipped", account=record.account, handset=masked(handset), why="sender is a name")
                continue
            reply = self.originate(
                handset, to, rule.reply, "auto", now_ms=record.at_ms, after_ms=rule.after_ms, rule=index
            )
            journal.append(reply)
            try:
                journal.flush()
            except JournalBroken as error:
                log.error("journal.write_failed", error=str(error))
                return
            self._send(reply, record.at_ms)
            log.info("reply.scripted", account=record.account, handset=masked(handset), rule=index)

    def _bucket(self, name: str) -> moods.Bucket:
        return self._buckets.setdefault(name, moods.Bucket())


def _digest(submit: wire.Submit) -> str:
    """Equal for a resend of the same part, different otherwise."""
    facts = f"{submit.source.number}\0{submit.destination.number}\0{submit.data_coding}\0{submit.sar}\0"
    return blake2b(facts.encode("latin-1") + submit.payload, digest_size=8).hexdigest()
