"""The demo from beginning to end: start, submit, watch, compare, answer. `sluice demo` calls it."""

import json
import signal
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from infra.demo.answers import DELIVERY_BY_CARRIER, LATENCY, SPEND, TIMELINE, Answers, NoAnswer
from infra.demo.carriers import Carriers, CarriersAway
from infra.demo.lives import Life, Lives, handset_problems, problems_of
from infra.demo.platform import Patience, Platform
from infra.demo.poison import poison
from infra.demo.producer import Coordinates, RegistryAway, SmsProducer, StatusReader
from infra.demo.scenario import SCENARIO, load_scenario, submissions
from infra.demo.show import Show, home_in_front
from infra.processes import ProcessDied
from infra.running import read_running
from pipeline.domain.ids import mask_number
from pipeline.events.schema_store import SCHEMAS
from pipeline.events.topics import submitted

POLL_S = 0.1
WATCH_EVERY_S = 0.5
DOWN_PATIENCE_S = 300.0
REPLY_AGAIN_S = 10.0
SINK_PATIENCE_S = 30.0
SHOWN_TIMELINE = "cn-bank-code"


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoOptions:
    """What `sluice demo` was told."""

    home: Path
    bootstrap: str
    is_kept: bool
    scenario: Path | None
    report: Path | None
    patience_s: float


def run_demo(options: DemoOptions) -> int:
    """0 if every outcome is as written, 1 if not, 130 after Ctrl-C. Stops what it started unless it is to be kept."""
    show = Show()
    platform = Platform(options.home, options.bootstrap, show.warn)
    signal.signal(signal.SIGTERM, _interrupt)
    began = time.monotonic()
    is_kept = False
    try:
        is_sound = _Story(options, platform, show, began).tell()
        is_kept = options.is_kept
        return 0 if is_sound else 1
    except KeyboardInterrupt:
        show.warn("Stopped by hand; stopping everything.")
        return 130
    finally:
        if is_kept:
            show.how_to_go_on(options.home)
        else:
            _deaf_to_interrupts()
            platform.stop()
            took = f"{time.monotonic() - began:.1f} s in all"
            is_left = bool(read_running(options.home))
            show.step(f"{'What ran before still runs' if is_left else 'Everything is stopped'}, after {took}.")


class _Story:
    """One run."""

    def __init__(self, options: DemoOptions, platform: Platform, show: Show, began: float) -> None:
        self._options = options
        self._platform = platform
        self._show = show
        self._began = began
        self._run_id = f"{datetime.now(UTC):%m%d%H%M%S}{time.time_ns() // 1000 % 1000:03d}"
        self._scenario = load_scenario(options.scenario or SCENARIO)
        self._lives = Lives(submissions(self._scenario, self._run_id, datetime.now(UTC)))
        self._submitting_since = 0.0

    def tell(self) -> bool:
        """Whether every outcome is as written."""
        show, platform = self._show, self._platform
        show.step(f"Starting Kafka, the registry, the carriers, the stages and the sink under {self._options.home} ...")
        applied = platform.start()
        changed = f"{len(applied.changes)} changes" if applied.changes else "nothing to change"
        show.step(
            f"All run after {time.monotonic() - self._began:.1f} s. Rules: revision {applied.revision}, {changed}."
        )
        self._carriers = Carriers(self._options.home, [each.system_id for each in platform.rules.carriers.values()])
        self._prepare_moods()
        self._live()
        problems = self._problems()
        show.title(f"Outcomes of {len(self._lives.all)} messages")
        show.outcomes(self._lives.all, problems)
        self._answer(problems)
        self._handsets()
        self._write_report(problems)
        return self._verdict(problems)

    def _prepare_moods(self) -> None:
        for life in self._lives.all:
            if life.submission.row.mood:
                self._carriers.set_mood(life.submission.number, life.submission.row.mood)

    def _live(self) -> None:
        """Submit, and follow every life to its end (or to the end of patience)."""
        platform, patience = self._platform, Patience(self._options.patience_s, DOWN_PATIENCE_S)
        registry_url = platform.registry_url()
        accounts = sorted({life.submission.account for life in self._lives.all})
        reader = StatusReader(platform.client(), registry_url, accounts, f"demo-{self._run_id}")
        schema_text = (SCHEMAS / "SubmitMessage.avsc").read_text("utf-8")
        producer = SmsProducer(platform.client(), registry_url, schema_text)
        self._show.title("Lives, as their producer reads them on sms.status.<account>")
        self._submitting_since = time.monotonic()
        next_watch = 0.0
        try:
            while not self._lives.is_done and not patience.is_over:
                self._send_what_is_ready(producer)
                producer.poll()
                for record in reader.read(POLL_S):
                    patience.news()
                    self._heard(self._lives.hear(record))
                self._let_handsets_answer()
                if time.monotonic() >= next_watch:
                    next_watch = time.monotonic() + WATCH_EVERY_S
                    if not platform.watch():
                        patience.down()
        finally:
            reader.close()

    def _send_what_is_ready(self, producer: SmsProducer) -> None:
        for life in self._lives.ready_to_send():
            if not self._is_preceded(life):
                continue
            submission = life.submission
            topic = submitted(submission.account, submission.lane)

            def delivered(coordinates: Coordinates, logged_at_ms: int, life: Life = life) -> None:
                for heard in self._lives.place(life, coordinates, logged_at_ms):
                    self._heard(heard)

            try:
                if submission.row.raw is not None:
                    producer.write(topic, poison(submission.row.raw), delivered)
                else:
                    producer.submit(topic, submission.fields, delivered)
            except RegistryAway:
                return  # later, and in the same order
            life.is_sent, life.started_at = True, time.monotonic()

    def _is_preceded(self, life: Life) -> bool:
        """Whether the handset has said what it has to say before this row; makes it say so."""
        reply = life.submission.row.reply_first
        if reply is None:
            return True
        first = self._lives.of_row(reply.of)[0]
        if reply.means in first.replies:
            return True
        self._answer_as(first, life, reply.text)
        return False

    def _let_handsets_answer(self) -> None:
        for life in self._lives.all:
            reply = life.awaits_reply
            if reply is not None:
                self._answer_as(life, life, reply.text)

    def _answer_as(self, answered: Life, timed: Life, text: str) -> None:
        """The handset answers a message that it shows; again after a while, in case that the answer was lost."""
        if timed.reply_sent_at is not None and time.monotonic() - timed.reply_sent_at < REPLY_AGAIN_S:
            return
        number = answered.submission.number
        try:
            for message in self._carriers.shown_on(number):
                if message["text"] == answered.submission.text:
                    self._carriers.answer(number, message["sender"], text, message["account"])
                    timed.reply_sent_at = time.monotonic()
                    return
        except CarriersAway:
            return

    def _heard(self, heard: tuple[Life, Mapping[str, Any]] | None) -> None:
        if heard is None:
            return
        life, record = heard
        if life.is_final and not life.ended_at:
            life.ended_at = time.monotonic()
        self._show.heard(life, record, time.monotonic() - self._submitting_since)

    def _problems(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for life in self._lives.all:
            problems = problems_of(life, self._lives)
            if life.submission.number and not problems:
                problems += handset_problems(life, self._shown_on(life.submission.number))
            if problems:
                found[life.submission.name] = problems
        return found

    def _shown_on(self, number: str) -> list[dict[str, Any]]:
        deadline = time.monotonic() + DOWN_PATIENCE_S
        while True:
            try:
                return self._carriers.shown_on(number)
            except CarriersAway:
                if self._platform.watch() or time.monotonic() > deadline:
                    raise ProcessDied("the simulator does not answer on its control port; see its log") from None
                time.sleep(WATCH_EVERY_S)

    def _answer(self, problems: dict[str, list[str]]) -> None:
        """One timeline and three questions; what ClickHouse lacks is a problem too."""
        known = [life for life in self._lives.all if life.message_id]
        answers = Answers(self._options.home, [life.message_id for life in known])
        found = self._wait_for_sink(answers, sum(life.is_final for life in known))
        if found < len(known):
            problems["ClickHouse"] = [f"{found} messages are final there, expected {len(known)}"]
        shown = (self._lives.of_row(SHOWN_TIMELINE) or known)[0]
        try:
            self._show.title(f"One life in full: {shown.submission.name}, message {shown.message_id}")
            self._show.timeline([_written(shown), *answers.ask(TIMELINE, id=shown.message_id)])
            for words, question in (
                ("Delivery by carrier", DELIVERY_BY_CARRIER),
                ("Latency of what was delivered, by class", LATENCY),
                ("Spend by account", SPEND),
            ):
                self._show.title(f"{words} (SQL)")
                self._show.rows(answers.ask(question))
        except NoAnswer as error:
            problems["SQL"] = [str(error)]

    def _wait_for_sink(self, answers: Answers, count: int) -> int:
        deadline = time.monotonic() + DOWN_PATIENCE_S
        while True:
            try:
                return answers.wait_for_all(count, SINK_PATIENCE_S)
            except NoAnswer as error:
                if self._platform.watch() or time.monotonic() > deadline:
                    self._show.warn(str(error))
                    return 0

    def _handsets(self) -> None:
        self._show.title("What the handsets show")
        shown = []
        for number in dict.fromkeys(life.submission.number for life in self._lives.all if life.submission.number):
            shown += [(mask_number(number), message) for message in self._shown_on(number)]
        self._show.handsets(shown)

    def _verdict(self, problems: Mapping[str, Sequence[str]]) -> bool:
        self._show.title("Verdict")
        for name, found in problems.items():
            self._show.warn(f"{name}: {'; '.join(found)}")
        took = f"{time.monotonic() - self._began:.1f} s"
        if problems:
            self._show.warn(f"{len(problems)} not as written, after {took}. Logs: {self._options.home / 'logs'}")
            return False
        self._show.step(f"All {len(self._lives.all)} outcomes are as written, after {took}.")
        if not self._options.is_kept:
            self._show.step(f"To look around: {home_in_front(self._options.home)}make demo ARGS=--keep")
        return True

    def _write_report(self, problems: Mapping[str, Sequence[str]]) -> None:
        if self._options.report is None:
            return
        outcomes = {
            life.submission.name: {
                "status": life.last.get("status", ""),
                "reason": life.last.get("reason", ""),
                "problems": list(problems.get(life.submission.name, ())),
            }
            for life in self._lives.all
        }
        content = {"outcomes": outcomes, "problems": dict(problems), "seconds": time.monotonic() - self._began}
        self._options.report.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", "utf-8")


def _written(life: Life) -> dict[str, Any]:
    """The submission itself as the first row of its timeline: it is not in ClickHouse, since it is in the clear."""
    place = life.coordinates
    at = datetime.fromtimestamp(life.logged_at_ms / 1000, UTC)
    return {
        "at": at.replace(tzinfo=None).isoformat(),
        "event": "SubmitMessage",
        "status": "",
        "topic": place.topic if place else "",
        "partition": place.partition if place else "",
        "offset": place.offset if place else "",
        "detail": "written by the producer",
    }


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def _deaf_to_interrupts() -> None:
    """A second Ctrl-C would end the stopping half-way and leave Kafka running; stopping is short and bounded anyway."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
