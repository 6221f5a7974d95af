"""The rules grow under load: a new account and a new carrier, nothing lost, nobody else stopped."""

import subprocess
import sys
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import count, pairwise
from pathlib import Path

import msgspec
import pytest
from confluent_kafka import Producer

from connectors.app import ConnectorSettings
from infra.config.publish import apply_rules
from infra.embedded.kafka import EmbeddedKafka
from pipeline.domain.rules import Account, Carrier, Route, Rules
from pipeline.events import topics
from pipeline.events.records import AccountOpened, AccountServed, MessageStatusChanged, SubmitMessage, UsageRecorded
from pipeline.kafka.health_process import HealthSettings, run_health
from tests.builders import a_tariff
from tests.integration.kafka_tools import CODEC, ROOT, a_worker, read_topic
from tests.integration.simulated_carrier import SimulatorProcess

pytestmark = pytest.mark.integration

LANE = "express"
STAGES = ("validation-express", "routing", "throttling-express")
OLD, NEW = ("blue-whale", "red-kite"), "green-frog"
FIRST, SECOND = "north", "south"
BEFORE_S, AFTER_S = 1.5, 1.0
EVERY_S = 0.02
PATIENCE_S = 30.0
CONNECTORS = """
import sys
from connectors.app import ConnectorSettings, run_connectors
run_connectors(ConnectorSettings.model_validate_json(sys.argv[1]), ready=lambda: print("ready", flush=True))
"""


def a_carrier(name: str, simulator: SimulatorProcess, **changes: object) -> Carrier:
    fields = {
        "id": name,
        "tariff": name,
        "address": f"127.0.0.1:{simulator.smpp_port}",
        "system_id": "aurora",
        "password_ref": "file:secrets/aurora",
        "rate_per_s": 1000,
        "default_sender": "10690001",
    }
    return Carrier(**(fields | changes))  # type: ignore[arg-type]


def rules_of(accounts: tuple[str, ...], *carriers: Carrier) -> Rules:
    prices = {"retail": 10_000, FIRST: 5_000, SECOND: 4_000}  # the second is cheaper: it gets all once it is bound
    names = tuple(carrier.id for carrier in carriers)
    return Rules(
        accounts={name: Account(id=name, tariff="retail", rate_per_s=1000, burst=1000) for name in accounts},
        carriers={carrier.id: carrier for carrier in carriers},
        routes={"all": Route(id="all", countries=("*",), classes=("*",), carriers=names)},
        tariffs={name: a_tariff(name, {"*": price}) for name, price in prices.items()},
    )


class Bench:
    """A broker of its own with all stages, a health process, connectors and two simulated carriers."""

    def __init__(self, folder: Path, node: EmbeddedKafka) -> None:
        self.folder, self.node = folder, node
        self.client = {"bootstrap.servers": node.bootstrap}
        self.submitted: Counter[str] = Counter()
        self._phones = count()
        self._producer = Producer({**self.client, "linger.ms": 0})
        secrets = folder / "secrets"
        secrets.mkdir()
        (secrets / "aurora").write_text("secret\n")
        (folder / "worker.log").touch()

    def publish(self, rules: Rules) -> None:
        apply_rules(self.client, rules, author="tests", reason="growth")

    def submit(self, account: str) -> None:
        phone = f"+86138001{next(self._phones):05d}"
        value = CODEC.encode(SubmitMessage(to=phone, text="Your code is 159104", message_class="otp"))
        self._producer.produce(topics.submitted(account, LANE), value)
        self._producer.poll(0)
        self.submitted[account] += 1

    def submit_until_carried(self, account: str, carrier: str) -> None:
        """One message after the other until one goes there: health is adopted a moment after the bind."""
        deadline = time.monotonic() + PATIENCE_S
        while not any(status.carrier == carrier for _, status in self.statuses(account)):
            assert time.monotonic() < deadline, f"nothing of {account} went to {carrier}\n{self.logs()}"
            self.submit(account)
            self.flush()
            time.sleep(0.3)

    def flush(self) -> None:
        assert self._producer.flush(10) == 0

    def statuses(self, account: str) -> list[tuple[int, MessageStatusChanged]]:
        """(log time in ms, status), each once: a redo may write a record again."""
        found: dict[tuple[str, int], tuple[int, MessageStatusChanged]] = {}
        for message in read_topic(self.node.bootstrap, topics.status(account)):
            if CODEC.record_name(message.value()) == "MessageStatusChanged":
                status = CODEC.decode(message.value(), MessageStatusChanged)
                found.setdefault((status.message_id, status.status_seq), (message.timestamp()[1], status))
        return list(found.values())

    def all(self, topic: str, kind: type[msgspec.Struct]) -> list[msgspec.Struct]:
        values = [message.value() for message in read_topic(self.node.bootstrap, topic)]
        return [CODEC.decode(value, kind) for value in values if CODEC.record_name(value) == kind.__name__]  # type: ignore[type-var]

    def wait_for_ends(self) -> None:
        """Until every submission has a final status."""
        deadline = time.monotonic() + PATIENCE_S
        for account, expected in self.submitted.items():
            while (ended := sum(status.is_final for _, status in self.statuses(account))) < expected:
                assert time.monotonic() < deadline, f"{account}: {ended} ends of {expected}\n{self.logs()}"
                time.sleep(0.3)

    def wait_for(self, log: str, words: str, times: int = 1) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while (self.folder / log).read_text().count(words) < times:
            assert time.monotonic() < deadline, f"no {words!r}\n{self.logs()}"
            time.sleep(0.05)

    def logs(self) -> str:
        return "\n".join((self.folder / name).read_text()[-3000:] for name in ("worker.log", "connectors.log"))


@contextmanager
def connectors(bench: Bench) -> Iterator[None]:
    settings = ConnectorSettings(
        bootstrap=bench.node.bootstrap,
        home=bench.folder,
        session_timeout_ms=6_000,
        intent_max_age_s=0.5,
        bind_facts_every_s=0.3,
        seed=7,
    )
    with (bench.folder / "connectors.log").open("ab") as log:
        command = [sys.executable, "-c", CONNECTORS, settings.model_dump_json()]
        process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)
        try:
            yield
        finally:
            process.terminate()
            try:
                process.wait(15)
            finally:
                process.kill()


@contextmanager
def health(bench: Bench) -> Iterator[None]:
    stop, ready = threading.Event(), threading.Event()
    thread = threading.Thread(
        target=run_health,
        args=(HealthSettings(bootstrap=bench.node.bootstrap),),
        kwargs={"ready": ready.set, "stop": stop},
    )
    thread.start()
    try:
        assert ready.wait(PATIENCE_S)
        yield
    finally:
        stop.set()
        thread.join(PATIENCE_S)


@contextmanager
def load(bench: Bench, *accounts: str) -> Iterator[None]:
    """A message of each account every 20 ms."""
    stop = threading.Event()

    def work() -> None:
        while not stop.wait(EVERY_S):
            for account in accounts:
                bench.submit(account)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def largest_gap_ms(times_ms: list[int], begin_ms: float, end_ms: float) -> int:
    """The longest time without a status within a window."""
    inside = sorted(each for each in times_ms if begin_ms <= each <= end_ms)
    return max((after - before for before, after in pairwise(inside)), default=0)


def simulators(folder: Path, stack: ExitStack) -> list[SimulatorProcess]:
    made = []
    for name in (FIRST, SECOND):
        (folder / name).mkdir()
        account = {"window": 50, "max_binds": 4, "mood": {"receipt": {"delay_ms": 20}}}
        made.append(SimulatorProcess(folder / name, account))
        stack.callback(made[-1].kill)
    return made


def test_a_new_account_and_a_new_carrier_under_load_lose_nothing_and_stop_nobody(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with ExitStack() as stack:
        first, second = simulators(tmp_path, stack)
        bench = Bench(tmp_path, stack.enter_context(EmbeddedKafka(tmp_path / "kafka")))
        bench.publish(rules_of(OLD, a_carrier(FIRST, first)))
        stack.enter_context(health(bench))
        stack.enter_context(connectors(bench))
        arguments = [bench.node.bootstrap, str(tmp_path), *STAGES]
        worker = stack.enter_context(a_worker("tests.integration.worker", arguments, tmp_path / "worker.log"))
        worker.wait_ready(len(STAGES))
        bench.wait_for("connectors.log", "smpp.bound")
        with load(bench, *OLD):
            time.sleep(BEFORE_S)
            published_ms = time.time() * 1000
            bench.publish(rules_of((*OLD, NEW), a_carrier(FIRST, first, rate_per_s=900), a_carrier(SECOND, second)))
            for _ in range(40):
                bench.submit(NEW)
            bench.wait_for("worker.log", "validation.resubscribed")
            bench.wait_for("connectors.log", "smpp.bound", times=2)
            time.sleep(AFTER_S)
            grown_ms = time.time() * 1000
            bench.submit_until_carried(NEW, SECOND)
        bench.flush()
        bench.wait_for_ends()
        assert worker.terminate() == 0
        with capsys.disabled():
            for account in OLD:
                times = [at for at, _ in bench.statuses(account)]
                usual, then = (largest_gap_ms(times, 0, published_ms), largest_gap_ms(times, published_ms, grown_ms))
                print(f"\n{account}: longest time without a status {usual} ms before, {then} ms while growing", end="")  # noqa: T201
            [served] = [each for each in bench.all(topics.LIFECYCLE, AccountServed) if each.account_id == NEW]
            print(f"\nvalidation read nothing for {served.pause_us / 1000:.0f} ms")  # noqa: T201
        check_ends(bench)
        check_opened(bench)
        check_carriers(bench, first)


def check_ends(bench: Bench) -> None:
    """Each submission has one end, its numbers have no gap, and it was charged once."""
    charged = Counter(
        (usage.message_id, usage.part) for usage in bench.all(topics.USAGE, UsageRecorded) if usage.charge_micros
    )
    for account, expected in bench.submitted.items():
        lives: dict[str, list[MessageStatusChanged]] = defaultdict(list)
        for _, status in bench.statuses(account):
            lives[status.message_id].append(status)
        assert len(lives) == expected
        for life in lives.values():
            life.sort(key=lambda status: status.status_seq)
            assert [status.status_seq for status in life] == list(range(1, len(life) + 1))
            assert [status.status for status in life if status.is_final] == ["delivered"], life
            assert (life[0].message_id, 1) in charged
    assert len(charged) == bench.submitted.total()


def check_opened(bench: Bench) -> None:
    """Each account was told once that it is served."""
    for account in (*OLD, NEW):
        opened = bench.all(topics.status(account), AccountOpened)
        assert {(each.account_id, each.lane) for each in opened} == {(account, LANE)}, opened
        assert len({each.caused_by for each in opened}) == 1


def check_carriers(bench: Bench, first: SimulatorProcess) -> None:
    """The new carrier carries; the old one never lost its bind, though its rate was changed."""
    through = Counter(status.carrier for _, status in bench.statuses(NEW) if status.is_final)
    assert through[SECOND], through
    log = (bench.folder / "connectors.log").read_text()
    assert log.count("connector.added") == 2
    assert log.count("connector.changed") == 1
    assert "connector.stopped" not in log.split("connector.changed")[0]
    assert first.stats()["binds"] == 1, first.stats()
