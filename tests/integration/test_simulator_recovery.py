"""kill -9 in mid-flow: whatever the simulator answered, it still knows, and every receipt comes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.simulated_carrier import Esme, SimulatorProcess

pytestmark = pytest.mark.integration
SUBMITS = 300


@pytest.mark.parametrize("answers_read", [1, 150])
def test_what_was_answered_is_known_after_kill_9_in_mid_flow(tmp_path: Path, answers_read: int) -> None:
    account = {"window": 1000, "mood": {"latency_ms": [0, 3], "receipt": {"delay_ms": [0, 20]}}}
    simulator = SimulatorProcess(tmp_path, account)
    try:
        esme = Esme(simulator.smpp_port)
        sequences = [esme.submit_octets(b"text %d" % n, f"8613{n:09d}") for n in range(SUBMITS)]
        answered = {esme.answer_to(sequence).message_id.decode() for sequence in sequences[:answers_read]}
        simulator.kill()
        esme.close()

        simulator.start()
        known = {line["message_id"] for line in simulator.get("/submits")["submits"]}
        assert answered <= known
        again = Esme(simulator.smpp_port)
        confirmed_before = simulator.stats()["receipts_confirmed"]
        receipts = {again.delivered().receipted_message_id.decode().rstrip("\0") for _ in range(len(known))}
        assert confirmed_before == 0
        assert receipts == known
        simulator.wait_for(receipts_pending=0, receipts_confirmed=len(known))
        handsets = simulator.get("/handsets")["handsets"]
        assert {handset["received"] for handset in handsets} == {1}
        assert len(handsets) == len(known)
        again.close()
    finally:
        simulator.kill()


def test_a_torn_journal_is_mended_and_said(tmp_path: Path) -> None:
    simulator = SimulatorProcess(tmp_path)
    try:
        esme = Esme(simulator.smpp_port)
        esme.accepted("kept")
        simulator.kill()
        esme.close()
        with (tmp_path / "journal.jsonl").open("ab") as journal:
            journal.write(b'{"t":"submit","at_ms":17')
        simulator.start()
        assert "journal.torn_tail_cut" in simulator.log()
        assert simulator.texts("8613800138000") == ["kept"]
    finally:
        simulator.kill()
