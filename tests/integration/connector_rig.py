"""What connector tests share: topics of a carrier, dispatches as throttling writes them, a simulator, reading back."""

import asyncio
import json
import random
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, TypeVar

import httpx
import msgspec
import yaml
from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition

from connectors.carrier import CarrierConnector
from connectors.keyring import Keyring
from connectors.settings import ConnectorSettings
from pipeline.domain import sealing
from pipeline.domain.rules import Carrier
from pipeline.domain.text.segments import segment
from pipeline.events import topics
from pipeline.events.codec import AnyRecord, Codec
from pipeline.events.headers import Source, headers_of
from pipeline.events.records import ControlRecorded, DispatchMessage, Event, SealedContent
from pipeline.events.schema_store import default_store
from pipeline.kafka.topics import ensure_topics, topics_of
from pipeline.keys import KeyVault

R = TypeVar("R", bound=AnyRecord)
DAY = "2026-11-22"
PHONE = "+8613800138000"
PASSWORD = "secret"


class Simulator:
    """An SMPP server as a process of its own, asked over its control API."""

    def __init__(
        self,
        folder: Path,
        mood: dict[str, Any],
        *,
        replies: Sequence[dict[str, Any]] = (),
        message_id: dict[str, Any] | None = None,
    ) -> None:
        self._settings = folder / "simulator.yaml"
        account = {"system_id": "aurora", "password": PASSWORD, "window": 50, "max_binds": 4, "mood": mood}
        self._written = {
            "smpp_port": 0,
            "journal": str(folder / "simulator.jsonl"),
            "accounts": [{**account, "replies": list(replies), "message_id": message_id or {}}],
        }
        self._process: subprocess.Popen[str] | None = None
        self.smpp_port = 0
        self._control = ""

    def start(self) -> None:
        """Start, on the port of before if there was one."""
        self._written["smpp_port"] = self.smpp_port
        self._settings.write_text(yaml.safe_dump(self._written))
        command = [sys.executable, "-m", "connectors.simulator", "--settings", str(self._settings)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        assert self._process.stdout is not None
        told = json.loads(self._process.stdout.readline())
        self.smpp_port = told["smpp_port"]
        self._control = f"http://127.0.0.1:{told['control_port']}"

    def kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def get(self, path: str) -> Any:
        return httpx.get(self._control + path, timeout=10).json()

    def mo(self, sender: str, to: str, text: str) -> None:
        body = {"from": sender, "to": to, "text": text, "account": "aurora"}
        assert httpx.post(self._control + "/mo", json=body, timeout=10).status_code == 201

    def set_mood(self, mood: dict[str, Any]) -> None:
        httpx.put(self._control + "/moods/aurora", json=mood, timeout=10).raise_for_status()

    def texts(self, number: str = PHONE) -> list[str]:
        return [each["text"] for each in self.get(f"/handsets/{number}")["messages"] if each["complete"]]

    def submits(self) -> list[dict[str, Any]]:
        return list(self.get("/submits?limit=10000")["submits"])


@contextmanager
def a_simulator(folder: Path, mood: dict[str, Any] | None = None, **more: Any) -> Iterator[Simulator]:
    simulator = Simulator(folder, mood or {"receipt": {"delay_ms": 20}}, **more)
    simulator.start()
    try:
        yield simulator
    finally:
        simulator.kill()


class Rig:
    """One carrier on a real Kafka."""

    def __init__(self, bootstrap: str, carrier: str, home: Path) -> None:
        self.bootstrap, self.carrier, self.home = bootstrap, carrier, home
        self.codec = Codec()
        self.vault = KeyVault(home / "keys")
        self.keyring = Keyring(self.vault, self.codec)
        (home / "secrets").mkdir(exist_ok=True, parents=True)
        (home / "secrets" / carrier).write_text(PASSWORD + "\n")
        made = topics_of(default_store().topics(), accounts=[], carriers=[carrier])
        ensure_topics({"bootstrap.servers": bootstrap}, made)
        self._producer = Producer({"bootstrap.servers": bootstrap, "partitioner": "murmur2_random", "linger.ms": 5})
        self._offset = 0

    def recipient(self, phone: str = PHONE) -> str:
        return self.keyring.recipients().of_phone(phone)

    def rules(self, port: int, **more: Any) -> Carrier:
        values: dict[str, Any] = {
            "id": self.carrier,
            "tariff": "t",
            "address": f"127.0.0.1:{port}",
            "system_id": "aurora",
            "password_ref": f"file:secrets/{self.carrier}",
            "rate_per_s": 1000,
            "response_timeout_s": 5,
        }
        return Carrier(**{**values, **more})

    def settings(self, **more: Any) -> ConnectorSettings:
        values: dict[str, Any] = {
            "bootstrap": self.bootstrap,
            "home": self.home,
            "session_timeout_ms": 6_000,
            "intent_max_age_s": 0.5,
            "bind_facts_every_s": 0.3,
            "sweep_every_s": 0.1,
            "commit_every_s": 0.2,
            "backoff_base_s": 0.05,
            "backoff_cap_s": 0.3,
            "stop_timeout_s": 3.0,
            "seed": 7,
        }
        return ConnectorSettings(**{**values, **more})

    def connector(self, port: int, *, settings: ConnectorSettings | None = None, **rules: Any) -> CarrierConnector:
        return CarrierConnector(
            rules=self.rules(port, **rules),
            settings=settings or self.settings(),
            codec=self.codec,
            keyring=self.keyring,
            rng=random.Random(7),
        )

    def a_dispatch(self, text: str, *, message_id: str = "", phone: str = PHONE, **more: Any) -> DispatchMessage:
        """A dispatch as throttling writes it, with a lease of a minute."""
        name = message_id or f"{abs(hash((text, phone, self._offset))):032x}"
        cut = segment(text)
        content = SealedContent(to=phone, sender="10690001", text=text)
        key = self.vault.data_key("acme", DAY)
        values: dict[str, Any] = {
            "message_id": name,
            "account_id": "acme",
            "recipient_id": self.recipient(phone),
            "attempt": 1,
            "release": 1,
            "carrier": self.carrier,
            "message_class": "otp",
            "lane": "express",
            "encoding": cut.encoding.value,
            "segment_count": cut.count,
            "parts": tuple(range(1, cut.count + 1)),
            "concat_reference": 77,
            "occurred_at": now(),
            "expires_at": now() + 300_000_000,
            "send_before": now() + 60_000_000,
            "key_day": DAY,
            "sealed_content": sealing.seal(key, self.codec.encode(content), name.encode()),
        }
        return DispatchMessage(**{**values, **more})

    def dispatch(self, *records: DispatchMessage, epoch: str = "live", source: int | None = None) -> None:
        """Write dispatches with fresh source coordinates (or these, for a repeat)."""
        for record in records:
            self._offset += 1
            at = Source(topics.routed("express"), 0, self._offset if source is None else source, 0)
            self.write(topics.dispatch(self.carrier, record.lane), record.recipient_id, record, headers_of(at, epoch))

    def write(self, topic: str, key: str, record: AnyRecord | bytes, headers: Any = None) -> None:
        value = record if isinstance(record, bytes) else self.codec.encode(record)
        self._producer.produce(topic, key=key.encode(), value=value, headers=headers or headers_of(None, "live"))
        assert self._producer.flush(10) == 0

    def publish(self, rules: Carrier) -> None:
        """The rules as `sluice config apply` writes them."""
        body = msgspec.json.encode(rules).decode()
        self.write(topics.CONTROL, "x", ControlRecorded(kind="carrier", id=rules.id, revision=1, body=body))
        self.write(topics.CONTROL, "x", ControlRecorded(kind="revision", id="1", revision=1))

    def read(self, topic: str, kind: type[R]) -> list[R]:
        """All committed records of a kind, in all partitions; of this carrier where they say so."""
        found: list[R] = []
        for message in read_all(self.bootstrap, topic):
            if self.codec.record_name(message.value()) == kind.__name__:
                record = self.codec.decode(message.value(), kind)
                if getattr(record, "carrier", self.carrier) == self.carrier:
                    found.append(record)
        return found

    def events(self, kind: type[R]) -> list[R]:
        return self.read(topics.LIFECYCLE, kind)

    def committed(self, lane: str = "express") -> int:
        """Sum of the committed dispatch offsets of a lane; -1 while a restarted broker cannot say."""
        consumer = Consumer({"bootstrap.servers": self.bootstrap, "group.id": f"dispatch-{self.carrier}"})
        places = [TopicPartition(topics.dispatch(self.carrier, lane), partition) for partition in (0, 1)]
        try:
            return sum(max(0, place.offset) for place in consumer.committed(places, timeout=10))
        except KafkaException:
            return -1
        finally:
            consumer.close()

    async def until(self, what: Callable[[], bool], timeout_s: float = 20.0) -> None:
        """Wait until something holds; fails with its name otherwise."""
        deadline = time.monotonic() + timeout_s
        while not await asyncio.to_thread(what):
            assert time.monotonic() < deadline, f"not within {timeout_s} s"
            await asyncio.sleep(0.1)

    async def until_events(self, kind: type[R], count: int, timeout_s: float = 20.0) -> list[R]:
        found: list[R] = []

        def enough() -> bool:
            found[:] = self.events(kind)
            return len(found) >= count

        await self.until(enough, timeout_s)
        return found


def now() -> int:
    return time.time_ns() // 1_000


def read_all(bootstrap: str, topic: str) -> list[Any]:
    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": "none",
            "enable.auto.commit": False,
            "auto.offset.reset": "earliest",
            "enable.partition.eof": True,
            "fetch.wait.max.ms": 10,
        }
    )
    partitions = consumer.list_topics(topic, timeout=10).topics[topic].partitions
    consumer.assign([TopicPartition(topic, partition, 0) for partition in partitions])
    left, messages = set(partitions), []
    while left:
        for message in consumer.consume(500, 0.1):
            if message.error() is None:
                messages.append(message)
            else:
                left.discard(message.partition())
    consumer.close()
    return messages


@asynccontextmanager
async def running(*connectors: CarrierConnector) -> AsyncIterator[list["asyncio.Task[None]"]]:
    """Run connectors in this loop; stopped in good order at the end."""
    tasks = [asyncio.create_task(each.run()) for each in connectors]
    try:
        yield tasks
    finally:
        for each in connectors:
            each.stop()
        results = await asyncio.gather(*tasks, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result


PROCESS = """
import sys
import structlog
structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
from pathlib import Path
from connectors.app import ConnectorSettings, run_connectors
settings = ConnectorSettings.model_validate_json(sys.argv[1])
run_connectors(settings, [sys.argv[2]], ready=lambda: print("ready", flush=True))
"""


@contextmanager
def a_process(rig: Rig, log: Path, **settings: Any) -> Iterator["subprocess.Popen[str]"]:
    """A connector process of its own, which follows the rules in sms.control."""
    told = rig.settings(**settings).model_dump_json()
    with log.open("a") as errors:
        process = subprocess.Popen(
            [sys.executable, "-c", PROCESS, told, rig.carrier], stdout=subprocess.PIPE, stderr=errors, text=True
        )
    try:
        assert process.stdout is not None
        assert any(line == "ready\n" for line in process.stdout)
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(30)
            finally:
                process.kill()


def parts_of(events: Sequence[Event]) -> list[tuple[str, int]]:
    """(message, part) of outcome events."""
    return [(event.message_id, getattr(event, "part", 0)) for event in events]
