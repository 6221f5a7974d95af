"""What the demo stands on: all processes of a home, started side by side, watched, stopped at the end."""

import shlex
import time
from collections.abc import Callable
from pathlib import Path

from infra.config.publish import Applied, PublishFailed, apply_rules
from infra.config.rules_file import load_rules
from infra.endpoints import read_endpoints
from infra.kafka_client import client_of
from infra.ports import answers
from infra.processes import PROGRAMS, Children, Program, listens, prepare_kafka
from infra.running import read_running
from infra.sandbox import RULES, SMPP_PLACEHOLDER
from pipeline.domain.rules import Rules
from pipeline.events.codec import Codec
from pipeline.kafka.rules_log import HealthLog

START_TIMEOUT_S = 90.0
BIND_TIMEOUT_S = 15.0
POLL_S = 0.1
Tell = Callable[[str], None]


class Platform:
    """Starts what does not run yet; what ran before is used and left alone. `bootstrap` '' = the embedded Kafka."""

    def __init__(self, home: Path, bootstrap: str, tell: Tell) -> None:
        self._home = home
        self._tell = tell
        self._is_embedded = not bootstrap
        self.bootstrap = bootstrap
        self._programs = [each for each in PROGRAMS if self._is_embedded or each.name != "kafka"]
        self._children: Children | None = None
        self._ours: list[Program] = []
        self._down: set[str] = set()
        self.rules = Rules()

    def start(self) -> Applied:
        """Start all and publish the sandbox's rules; returns when all work.

        Processes are started at once and wait for each other by themselves, so that the import of one goes on while
        Kafka starts. Raises ProcessDied, PublishFailed, and what makes Kafka impossible here.
        """
        if self.bootstrap and not answers(self.bootstrap):  # librdkafka would try for half a minute
            raise PublishFailed(f"Kafka at {self.bootstrap} does not answer")
        self._home.mkdir(parents=True, exist_ok=True)
        missing = [each for each in self._programs if not self._is_running(each)]
        if any(program.name == "kafka" for program in missing):
            prepare_kafka()
        self._children = Children(self._home, {"SLUICE_BOOTSTRAP": self.bootstrap})
        for program in missing:
            self._ours.append(program)
            self._children.start(program)
        by_name = {program.name: program for program in self._programs}
        first = [by_name[name] for name in ("kafka", "simulator") if name in by_name]
        self._children.wait_ready(first, START_TIMEOUT_S)
        if self._is_embedded:
            self.bootstrap = read_endpoints(self._home).require("kafka").address
        applied = self._apply()
        self._children.wait_ready(self._programs, START_TIMEOUT_S)
        self._wait_for_carriers()
        return applied

    def client(self) -> dict[str, str | int | bool]:
        """How to reach Kafka here, as the operator."""
        return client_of(self._home, self.bootstrap)

    def registry_url(self) -> str:
        """Where the schema registry is."""
        return read_endpoints(self._home).require("registry").url

    def watch(self) -> bool:
        """Whether all that we started lives; tells of each death, and of each return, once."""
        if self._children is None:
            return True
        for name, code in self._children.newly_dead():
            program = next(each for each in self._ours if each.name == name)
            how = "was killed" if code == -9 else f"ended with {code}"
            self._down.add(name)
            self._tell(f"{name} {how}. Start it again in another terminal, the demo waits:")
            self._tell(f"    SLUICE_HOME={shlex.quote(str(self._home))} .venv/bin/{program.by_hand}")
        if self._down:
            living = {each.name for each in read_running(self._home).values()}
            for name in sorted(self._down & living):
                self._down.discard(name)
                self._tell(f"{name} is back.")
        return not self._down

    def stop(self) -> None:
        """Stop what was started here, and what was started by hand in its place."""
        if self._children is not None:
            self._children.stop()

    def _is_running(self, program: Program) -> bool:
        is_listed = any(each.name == program.name for each in read_running(self._home).values())
        return is_listed or listens(self._home, program)

    def _wait_for_carriers(self) -> None:
        """Until every carrier is bound and that is known; messages would only be held before. Gives up quietly."""
        log = HealthLog({**self.client(), "log_level": 2}, Codec())
        log.start()
        try:
            log.wait_ready()
            deadline = time.monotonic() + BIND_TIMEOUT_S
            while time.monotonic() < deadline:
                carriers = log.newest().carriers
                if all(name in carriers and carriers[name].is_bound for name in self.rules.carriers):
                    return
                time.sleep(POLL_S)
        finally:
            log.close()

    def _apply(self) -> Applied:
        address = read_endpoints(self._home).require("smpp").address
        self.rules = load_rules(RULES, {SMPP_PLACEHOLDER: address})
        return apply_rules(self.client(), self.rules, author="demo", reason="the sandbox")


class Patience:
    """How long the demo waits: so many seconds without any news, and longer while something has to be restarted."""

    def __init__(self, patience_s: float, patience_when_down_s: float) -> None:
        self._patience_s = patience_s
        self._patience_when_down_s = patience_when_down_s
        self._deadline = time.monotonic() + patience_s

    def news(self) -> None:
        """Something happened: begin again."""
        self._deadline = max(self._deadline, time.monotonic() + self._patience_s)

    def down(self) -> None:
        """Something is not running: a person needs time."""
        self._deadline = max(self._deadline, time.monotonic() + self._patience_when_down_s)

    @property
    def is_over(self) -> bool:
        return time.monotonic() > self._deadline
