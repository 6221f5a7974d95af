"""A simulator in a process of its own and smpplib's client against it. Builders for tests, no tests."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx
import smpplib.client
import smpplib.gsm
import yaml

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 10.0


class SimulatorProcess:
    """`python -m connectors.simulator` on free ports, with its control API."""

    def __init__(self, folder: Path, account: dict[str, Any] | None = None, **settings: Any) -> None:
        first = {"system_id": "aurora", "password": "secret", **(account or {})}
        whole = {"smpp_port": 0, "journal": str(folder / "journal.jsonl"), "accounts": [first], **settings}
        self._path = folder / "settings.yaml"
        self._path.write_text(yaml.safe_dump(whole))
        self._log = folder / "simulator.log"
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-m", "connectors.simulator", "--settings", str(self._path)]
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=log)
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, self.log()
        ports = json.loads(line)
        self.smpp_port: int = ports["smpp_port"]
        self.http = httpx.Client(base_url=f"http://127.0.0.1:{ports['control_port']}", timeout=PATIENCE_S)

    def kill(self) -> None:
        self.http.close()
        self.process.kill()
        self._reap()

    def stop(self) -> int:
        self.http.close()
        self.process.terminate()
        return self._reap()

    def log(self) -> str:
        return self._log.read_text()

    def get(self, path: str) -> Any:
        return self.http.get(path).raise_for_status().json()

    def stats(self) -> dict[str, Any]:
        found: dict[str, Any] = self.get("/stats")["accounts"]["aurora"]
        return found

    def texts(self, number: str) -> list[str]:
        return [message["text"] for message in self.get(f"/handsets/{number}")["messages"]]

    def wait_for(self, **expected: object) -> None:
        """Wait until the account's stats are as expected."""
        deadline = time.monotonic() + PATIENCE_S
        while (stats := self.stats()) | expected != stats:
            assert time.monotonic() < deadline, f"{stats}, expected {expected}"
            time.sleep(0.02)

    def _reap(self) -> int:
        assert self.process.stdout is not None
        self.process.stdout.close()
        return self.process.wait(PATIENCE_S)


class Esme:
    """smpplib's client, read one PDU at a time; what was not waited for is kept."""

    def __init__(self, port: int, mode: str = "transceiver", password: str = "secret") -> None:
        self.client = smpplib.client.Client("127.0.0.1", port, timeout=PATIENCE_S, allow_unknown_opt_params=True)
        self.client.connect()
        self._kept: list[Any] = []
        self.order: list[str] = []
        try:
            getattr(self.client, f"bind_{mode}")(system_id="aurora", password=password)
        except BaseException:
            self.close()
            raise

    def submit(self, text: str, number: str = "8613800138000", **fields: Any) -> list[int]:
        """Send a text in as many parts as it needs; the sequence numbers."""
        cut, data_coding, esm_class = smpplib.gsm.make_parts(text)
        return [self.submit_octets(part, number, data_coding, esm_class, **fields) for part in cut]

    def submit_octets(self, octets: bytes, number: str, data_coding: int = 0, esm_class: int = 0, **fields: Any) -> int:
        given: dict[str, Any] = {
            "source_addr_ton": 3,
            "source_addr_npi": 0,
            "source_addr": "12345",
            "dest_addr_ton": 1,
            "dest_addr_npi": 1,
            "destination_addr": number,
            "short_message": octets,
            "data_coding": data_coding,
            "esm_class": esm_class,
            "registered_delivery": 1,
        }
        return int(self.client.send_message(**{**given, **fields}).sequence)

    def answer_to(self, sequence: int) -> Any:
        """The submit_sm_resp of a sequence number."""
        return self._until(lambda pdu: pdu.command == "submit_sm_resp" and pdu.sequence == sequence)

    def delivered(self, *, is_answered: bool = True, status: int = 0) -> Any:
        """The next deliver_sm, answered."""
        pdu = self._until(lambda pdu: pdu.command == "deliver_sm")
        if is_answered:
            response = smpplib.smpp.make_pdu("deliver_sm_resp", client=self.client, status=status)
            response.sequence = pdu.sequence
            self.client.send_pdu(response)
        return pdu

    def accepted(self, text: str, number: str = "8613800138000", **fields: Any) -> list[str]:
        """Submit and expect OK for each part; the message ids."""
        answers = [self.answer_to(sequence) for sequence in self.submit(text, number, **fields)]
        assert [answer.status for answer in answers] == [0] * len(answers)
        return [answer.message_id.decode() for answer in answers]

    def status_of(self, text: str, number: str) -> int:
        """Submit one part; its status."""
        [sequence] = self.submit(text, number)
        return int(self.answer_to(sequence).status)

    def close(self) -> None:
        """Close the socket without unbinding."""
        self.client.state = smpplib.consts.SMPP_CLIENT_STATE_OPEN
        self.client.disconnect()

    def _until(self, wanted: Any) -> Any:
        for index, pdu in enumerate(self._kept):
            if wanted(pdu):
                return self._kept.pop(index)
        while True:
            pdu = self.client.read_pdu()
            self.order.append(pdu.command)
            if wanted(pdu):
                return pdu
            self._kept.append(pdu)
