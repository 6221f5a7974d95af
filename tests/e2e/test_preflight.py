"""Preflight says what will become of a file; then the same file is submitted to a running Sluice, and it does."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.stranger import Stranger
from tests.e2e.up_run import sluice, up

pytestmark = pytest.mark.integration

ACCOUNT = "acme-bank"
DRAINED = "orient-link"
CHINA = "+8613800138"
ADOPTION_S = 1.5  # validation and routing take up a revision within this time


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stranger]:
    """Everything runs, the sandbox's rules are in force, and the road to China is closed."""
    home = tmp_path_factory.mktemp("preflight") / "home"
    with up(home) as run:
        run.wait_for("up.ready")
        found = Stranger(home)
        found.does("carriers", "drain", DRAINED, "--reason", "works on the road")
        time.sleep(ADOPTION_S)
        yield found


def rows() -> list[dict[str, Any]]:
    """A message of each kind of end; none has another's number, so that no two meet by chance."""
    now = datetime.now(UTC)
    keyed = {"to": "+16465550171", "text": "twice", "idempotency_key": "once"}
    made: list[dict[str, Any]] = [
        {"to": "+16465550161", "text": "118833 is your code.", "message_class": "otp"},
        {"to": "+16465550162", "text": "a" * 200},
        {"to": "+447400123456", "text": "Is it 🎉 yet?", "sender": "ACME"},
        {"to": f"{CHINA}001", "text": "Only the drained one takes it.", "message_class": "marketing", "valid_for_s": 6},
        {"to": f"{CHINA}002", "text": "The dear one takes it.", "message_class": "otp"},
        {"to": "6465550163", "default_region": "US", "template_id": "login-code", "message_class": "otp",
         "params": {"brand": "Acme", "code": "731904", "minutes": "5"}},
        {"to": "+1646", "text": "too short a number"},
        {"to": "6465550164", "text": "no region"},
        {"to": "+819012345678", "text": "no road to Japan"},
        {"to": "+16465550165", "text": "x" * 4000},
        {"to": "+16465550166", "template_id": "login-code", "params": {"brand": "Acme"}},
        {"to": "+16465550167", "text": "later", "not_before": (now + timedelta(seconds=12)).isoformat()},
        {"to": "+16465550168", "text": "too late", "created_at": (now - timedelta(days=2)).isoformat()},
        {"to": "+16465550169", "text": "far too long a sender", "sender": "a sender of many words"},
        keyed,
        keyed,
        {**keyed, "text": "not the same"},
    ]  # fmt: skip
    return [{"message_class": "service", "reference": "mine", **row} for row in made]


def as_lines(made: list[dict[str, Any]], file: Path) -> None:
    file.write_text("".join(f"{json.dumps(row)}\n" for row in made))


@pytest.fixture(scope="module")
def foreseen_and_decided(stranger: Stranger) -> tuple[dict[int, dict[str, Any]], dict[int, list[dict[str, Any]]]]:
    """What preflight says of each row, and the statuses that each then has, by its line."""
    file = stranger.home.parent / "rows.jsonl"
    as_lines(rows(), file)
    *foreseen, _ = stranger.asks("preflight", "-a", ACCOUNT, "--json-lines", str(file))
    submit = sluice(stranger.home, "submit", "-a", ACCOUNT, "--json-lines", str(file), "--wait", "40", "--json")
    assert submit.returncode == 1, f"not all can be delivered: {submit.stderr}"
    told = [json.loads(line) for line in submit.stdout.splitlines()]
    line_of = {each["message_id"]: each["line"] for each in told if "line" in each}
    decided: dict[int, list[dict[str, Any]]] = {line: [] for line in line_of.values()}
    for each in told:
        if "status" in each:
            decided[line_of[each["message_id"]]].append(each)
    return {each["line"]: each for each in foreseen}, decided


def test_every_status_up_to_the_carrier_is_as_foreseen(foreseen_and_decided: Any) -> None:
    foreseen, decided = foreseen_and_decided
    assert foreseen.keys() == decided.keys()
    for line, said in foreseen.items():
        told = decided[line]
        assert [each["status"] for each in told][: len(said["statuses"])] == said["statuses"], (said, told)
        if said["outcome"] == "rejected":
            assert [each["reason"] for each in told] == [said["reason"]]
            if said["reason"] != "expired-on-arrival":  # it says by how many seconds, and they go on
                assert [each["detail"] for each in told] == [said["detail"]]
        held = [each["reason"] for each in told if each["status"] == "held"]
        assert held == [each["reason"] for each in said["holds"] if each["reason"] != "not-before"]


def test_the_file_holds_every_kind_of_end(foreseen_and_decided: Any) -> None:
    foreseen, _ = foreseen_and_decided
    ends = {(said["statuses"][-1], said["reason"]) for said in foreseen.values()}
    assert ends == {
        *((status, "") for status in ("accepted", "scheduled", "held")),
        *(("rejected", reason) for reason in (
            "invalid-number", "region-needed", "country-not-served", "text-too-long", "template-params",
            "expired-on-arrival", "invalid-field", "duplicate-ignored", "idempotency-conflict",
        )),
    }  # fmt: skip


def test_encoding_parts_carrier_and_money_are_as_foreseen(stranger: Stranger, foreseen_and_decided: Any) -> None:
    foreseen, decided = foreseen_and_decided
    routed = {line: said for line, said in foreseen.items() if said["carrier"]}
    assert {said["carrier"] for said in routed.values()} == {"blue-tel", "premium-one"}
    for line, said in routed.items():
        (message_id,) = {each["message_id"] for each in decided[line]}
        mine = f"WHERE message_id = '{message_id}'"
        (message,) = stranger.sql_until(
            "SELECT encoding, segment_count, carrier, country, sender, toInt64(charge * 1000000) AS charged, currency"
            f" FROM messages {mine} AND status = 'delivered'"
        )
        assert (message["encoding"], message["segment_count"], message["carrier"], message["country"]) == (
            said["encoding"], said["segment_count"], said["carrier"], said["country"],
        ), line  # fmt: skip
        assert (int(message["charged"]), message["currency"]) == (said["total_price_micros"], said["currency"])
        assert message["sender"] == said["sender"]
        (route,) = stranger.sql(f"SELECT candidates FROM message_routed {mine}")
        assert [_plain(each) for each in route["candidates"]] == [_plain(each) for each in said["candidates"]]
        usage = stranger.sql(f"SELECT cost_micros, cost_currency, cost_tariff, tariff FROM usage_recorded {mine}")
        assert {(int(each["cost_micros"]), each["cost_currency"]) for each in usage} == {
            (said["cost_micros"], said["cost_currency"])
        }
        assert {(each["tariff"], each["cost_tariff"]) for each in usage} == {(said["tariff"], said["cost_tariff"])}
        assert len(usage) == said["segment_count"]


def test_it_says_what_it_rests_on_and_another_revision_says_otherwise(stranger: Stranger) -> None:
    words = ("preflight", "-a", ACCOUNT, "--to", f"{CHINA}003", "--class", "otp", "--text", "hi")
    closed, basis = stranger.asks(*words)
    (history, *_) = stranger.asks("config", "history")
    assert basis["summary"]["revision"] == history["revision"]
    assert basis["summary"]["control_offset"] == history["control_offset"]
    assert basis["summary"]["health_offset"] >= 0
    assert basis["summary"]["assumed"] == []
    assert {each["carrier"]: each["reason"] for each in closed["candidates"]} == {
        DRAINED: "drained", "premium-one": "chosen",
    }  # fmt: skip
    stranger.does("carriers", "open", DRAINED)
    opened, _ = stranger.asks(*words)
    assert {each["carrier"]: each["reason"] for each in opened["candidates"]} == {
        DRAINED: "chosen", "premium-one": "dearer",
    }  # fmt: skip


def _plain(candidate: Any) -> tuple[str, bool, int, str]:
    return candidate["carrier"], bool(candidate["is_eligible"]), int(candidate["score"]), candidate["reason"]
