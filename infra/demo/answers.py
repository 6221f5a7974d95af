"""The analyst's side of the demo: questions asked of ClickHouse over HTTP, as curl would."""

import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import httpx

from infra.endpoints import read_endpoints

RETRY_S = 0.3

DELIVERY_BY_CARRIER = """
SELECT carrier, count() AS messages, countIf(status = 'delivered') AS delivered,
       round(100 * delivered / messages) AS percent
FROM sluice.messages WHERE message_id IN ({ids}) AND carrier != '' GROUP BY carrier ORDER BY carrier"""

LATENCY = """
SELECT message_class, count() AS delivered,
       quantileExact(0.5)(submit_ms) AS to_carrier_p50_ms, quantileExact(0.95)(submit_ms) AS to_carrier_p95_ms,
       quantileExact(0.5)(total_ms) AS to_handset_p50_ms, quantileExact(0.95)(total_ms) AS to_handset_p95_ms
FROM sluice.messages WHERE message_id IN ({ids}) AND status = 'delivered'
GROUP BY message_class ORDER BY message_class"""

SPEND = """
SELECT account_id, currency, count() AS parts, sum(charge) AS spend
FROM sluice.usage WHERE message_id IN ({ids}) GROUP BY account_id, currency ORDER BY account_id"""

TIMELINE = """
SELECT at, event, status, topic, partition, offset, detail
FROM sluice.timeline WHERE message_id = '{id}' ORDER BY at, topic, partition, offset"""

FINAL_COUNT = "SELECT count() AS found FROM sluice.messages WHERE is_final AND message_id IN ({ids})"


class NoAnswer(Exception):
    """The SQL front did not answer, or refused the question; the message says which."""


class Answers:
    """Asks the SQL front of the sink that runs in a home; its address is read anew at each question."""

    def __init__(self, home: Path, message_ids: Iterable[str]) -> None:
        self._home = home
        self._ids = ", ".join(f"'{each}'" for each in message_ids)

    def ask(self, question: str, **values: str) -> list[dict[str, Any]]:
        """The rows of an answer. Raises NoAnswer."""
        sql = question.format(ids=self._ids, **values)
        endpoint = read_endpoints(self._home).by_name.get("sql")
        if endpoint is None:
            raise NoAnswer("the sink was never started")
        try:
            answer = httpx.post(endpoint.url, content=f"{sql} FORMAT JSON".encode(), timeout=60)
        except httpx.HTTPError as error:
            raise NoAnswer(f"the SQL front at {endpoint.url} does not answer: {error}") from error
        if answer.is_error:
            raise NoAnswer(answer.text.strip())
        rows: list[dict[str, Any]] = answer.json()["data"]
        return rows

    def wait_for_all(self, count: int, timeout_s: float) -> int:
        """Ask until so many messages are final there; returns how many are at the end."""
        deadline = time.monotonic() + timeout_s
        found = 0
        while True:
            try:
                found = int(self.ask(FINAL_COUNT)[0]["found"])
            except NoAnswer:
                if time.monotonic() > deadline:
                    raise
            if found >= count or time.monotonic() > deadline:
                return found
            time.sleep(RETRY_S)
