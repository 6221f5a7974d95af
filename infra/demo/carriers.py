"""The carriers' side of the demo: moods before, replies in between, and what the handsets show."""

import time
from pathlib import Path
from typing import Any

import httpx

from infra.endpoints import read_endpoints

RETRY_S = 0.3


class CarriersAway(Exception):
    """The simulator does not answer; try again later."""


class Carriers:
    """The simulator's control API. Its address is read anew at each call, since a restart may move it."""

    def __init__(self, home: Path, system_ids: list[str]) -> None:
        self._home = home
        self._system_ids = system_ids

    def set_mood(self, number: str, mood: dict[str, Any], patience_s: float = 20.0) -> None:
        """How every carrier treats a number from now on. Raises CarriersAway after `patience_s`."""
        deadline = time.monotonic() + patience_s
        for system_id in self._system_ids:
            while True:
                try:
                    self._call("PUT", f"/moods/{system_id}/{number.removeprefix('+')}", mood)
                    break
                except CarriersAway:
                    if time.monotonic() > deadline:
                        raise
                    time.sleep(RETRY_S)

    def answer(self, handset: str, sender: str, text: str, account: str) -> None:
        """A handset writes to a sender through a carrier. Raises CarriersAway."""
        body = {"from": handset, "to": sender, "text": text, "account": account}
        self._call("POST", "/mo", body)

    def shown_on(self, handset: str) -> list[dict[str, Any]]:
        """The messages that a handset got. Raises CarriersAway."""
        messages: list[dict[str, Any]] = self._call("GET", f"/handsets/{handset.removeprefix('+')}", None)["messages"]
        return messages

    def _call(self, method: str, path: str, body: object) -> dict[str, Any]:
        endpoint = read_endpoints(self._home).by_name.get("simulator")
        if endpoint is None:
            raise CarriersAway("the simulator was never started")
        try:
            answer = httpx.request(method, endpoint.url + path, json=body, timeout=5)
        except httpx.HTTPError as error:
            raise CarriersAway(str(error)) from error
        if answer.is_error:
            raise RuntimeError(f"simulator: {method} {path}: {answer.status_code} {answer.text}")
        found: dict[str, Any] = answer.json()
        return found
