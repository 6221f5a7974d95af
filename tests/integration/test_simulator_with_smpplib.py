"""The simulator against smpplib's client: another codec, real sockets, a real process."""

from __future__ import annotations

import contextlib
import socket
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import smpplib.exceptions

from tests.integration.simulated_carrier import Esme, SimulatorProcess

pytestmark = pytest.mark.integration
PHONE = "8613800138000"
Start = Callable[..., tuple[SimulatorProcess, Esme]]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start a simulator with these account settings and bind to it; all is ended after the test."""
    with contextlib.ExitStack() as ending:

        def begin(mode: str = "transceiver", whole: dict[str, Any] | None = None, **account: Any) -> Any:
            simulator = SimulatorProcess(tmp_path, account, **(whole or {}))
            ending.callback(lambda: simulator.process.poll() is None and simulator.kill())
            esme = Esme(simulator.smpp_port, mode)
            ending.callback(esme.close)
            return simulator, esme

        yield begin


def mood_for(match: str, **mood: Any) -> dict[str, Any]:
    return {"numbers": [{"match": match, "mood": mood}]}


def test_gsm_ucs2_and_long_texts_reach_the_handset_and_are_receipted(start: Start) -> None:
    simulator, esme = start(mood={"receipt": {"delay_ms": 0}})
    texts = ["Total €5 {ok}", "【晨星】验证码5246 😀", "long €uro text " * 20, "很长的短信😀" * 30]
    ids = [message_id for text in texts for message_id in esme.accepted(text)]
    receipts = [esme.delivered() for _ in ids]
    assert simulator.texts(PHONE) == texts
    assert sorted(receipt.receipted_message_id.decode().rstrip("\0") for receipt in receipts) == sorted(ids)
    assert {receipt.message_state for receipt in receipts} == {2}
    assert {receipt.esm_class for receipt in receipts} == {0x04}
    assert receipts[0].destination_addr == b"12345"
    simulator.wait_for(receipts_confirmed=len(ids), receipts_pending=0, submits=len(ids))
    assert all(not line["faults"] for line in simulator.get("/submits")["submits"])
    assert PHONE not in simulator.log()


def test_sar_tlvs_and_message_payload_are_reassembled(start: Start) -> None:
    simulator, esme = start()
    for index, text in enumerate((b"one ", b"two"), 1):
        sar = {"sar_msg_ref_num": 700, "sar_total_segments": 2, "sar_segment_seqnum": index}
        assert esme.answer_to(esme.submit_octets(text, PHONE, registered_delivery=0, **sar)).status == 0
    payload = esme.submit_octets(b"", PHONE, registered_delivery=0, message_payload=b"x" * 500)
    assert esme.answer_to(payload).status == 0
    assert simulator.texts(PHONE) == ["one two", "x" * 500]


def test_a_handset_writes_short_and_long(start: Start) -> None:
    simulator, esme = start()
    answer = simulator.http.post("/mo", json={"from": "+" + PHONE, "to": "12345", "text": "STOP"})
    assert (answer.status_code, answer.json()["coding"]) == (201, "gsm7")
    short = esme.delivered()
    assert (short.source_addr, short.short_message, short.esm_class) == (PHONE.encode(), b"STOP", 0)
    answer = simulator.http.post("/mo", json={"from": PHONE, "to": "12345", "text": "你好" * 50})
    parts = [esme.delivered() for _ in range(answer.json()["parts"])]
    assert b"".join(part.short_message[6:] for part in parts).decode("utf-16-be") == "你好" * 50
    assert {part.esm_class for part in parts} == {0x40}
    simulator.wait_for(mo_confirmed=3, mo_pending=0)
    assert [sent["confirmed_parts"] for sent in simulator.get(f"/handsets/{PHONE}")["sent"]] == [1, 2]


def test_a_scripted_handset_answers_by_itself(start: Start) -> None:
    _, esme = start(replies=[{"contains": "promo", "reply": "STOP", "after_ms": 5}])
    esme.accepted("hello", registered_delivery=0)
    esme.accepted("our promo", registered_delivery=0)
    reply = esme.delivered()
    assert (reply.short_message, reply.destination_addr) == (b"STOP", b"12345")


@pytest.mark.parametrize(
    ("account", "bind", "status"),
    [
        ({}, {"system_id": "nobody", "password": "secret"}, 0x0F),
        ({}, {"system_id": "aurora", "password": "wrong"}, 0x0E),
        ({"bind_status": "RBINDFAIL"}, {"system_id": "aurora", "password": "secret"}, 0x0D),
    ],
)
def test_a_bind_is_refused_with_its_reason(
    tmp_path: Path, account: dict[str, Any], bind: dict[str, str], status: int
) -> None:
    simulator = SimulatorProcess(tmp_path, account)
    client = smpplib.client.Client("127.0.0.1", simulator.smpp_port, timeout=5, allow_unknown_opt_params=True)
    client.connect()
    with pytest.raises(smpplib.exceptions.PDUError) as caught:
        client.bind_transceiver(**bind)
    client.disconnect()
    assert simulator.stop() == 0
    assert caught.value.args[1] == status


def test_one_bind_too_many_is_already_bound(start: Start) -> None:
    simulator, _ = start(max_binds=1)
    with pytest.raises(smpplib.exceptions.PDUError) as caught:
        Esme(simulator.smpp_port)
    assert caught.value.args[1] == 0x05


def test_receipts_of_a_transmitter_come_on_the_receiver(start: Start) -> None:
    simulator, transmitter = start("transmitter")
    [message_id] = transmitter.accepted("hello")
    receiver = Esme(simulator.smpp_port, "receiver")
    assert receiver.delivered().receipted_message_id.decode().rstrip("\0") == message_id
    receiver.client.state = smpplib.consts.SMPP_CLIENT_STATE_BOUND_TX  # smpplib itself would refuse
    sequence = receiver.submit_octets(b"x", PHONE)
    assert receiver.answer_to(sequence).status == 0x04
    assert {bind["mode"] for bind in simulator.get("/binds")["binds"]} == {"tx", "rx"}
    receiver.close()


def test_temporary_and_permanent_errors_are_answered_as_scripted(start: Start) -> None:
    simulator, esme = start(
        numbers=[
            {"match": "*01", "mood": {"errors": [{"status": "RTHROTTLED", "first": 2, "per": "mood"}]}},
            {"match": "*02", "mood": {"errors": [{"status": "RMSGQFUL", "first": 2}]}},
            {"match": "*03", "mood": {"errors": [{"status": "RINVDSTADR"}]}},
        ]
    )
    assert [esme.status_of(f"text {n}", "8601") for n in range(3)] == [0x58, 0x58, 0]
    assert [esme.status_of("same", "8602") for _ in range(3)] == [0x14, 0x14, 0]
    assert [esme.status_of("text", "8603") for _ in range(2)] == [0x0B, 0x0B]
    assert simulator.texts("8603") == []
    assert simulator.stats()["by_status"]["ESME_RINVDSTADR"] == 2


def test_more_than_the_window_is_throttled(start: Start) -> None:
    _, esme = start(window=2, mood={"latency_ms": 400})
    sequences = [esme.submit(f"text {n}")[0] for n in range(4)]
    assert [esme.answer_to(sequence).status for sequence in sequences] == [0, 0, 0x58, 0x58]


def test_a_receipt_can_come_before_its_response_and_twice(start: Start) -> None:
    _, esme = start(mood={"receipt": {"before_response": True, "copies": 2}})
    [message_id] = esme.accepted("hello")
    assert esme.order == ["deliver_sm", "deliver_sm", "submit_sm_resp"]
    found = [esme.delivered().receipted_message_id.decode().rstrip("\0") for _ in range(2)]
    assert found == [message_id, message_id]


def test_ids_can_be_hex_in_the_response_and_decimal_in_the_receipt(start: Start) -> None:
    _, esme = start(message_id={"response": "hex", "receipt": "decimal"}, mood={"receipt": {"style": "text"}})
    [message_id] = esme.accepted("hello")
    assert esme.delivered().short_message.startswith(f"id:{int(message_id, 16)} ".encode())


@pytest.mark.parametrize(("how", "taken"), [("unheard", 0), ("unanswered", 1), ("mid-pdu", 1), ("answered", 1)])
def test_a_disconnect_takes_or_loses_the_submit_as_scripted(start: Start, how: str, taken: int) -> None:
    simulator, esme = start(**mood_for("*06", disconnect={"how": how}))
    [sequence] = esme.submit("hello", "8606", registered_delivery=0)
    if how == "answered":
        assert esme.answer_to(sequence).status == 0
    with pytest.raises(smpplib.exceptions.ConnectionError):
        esme.answer_to(sequence)
    assert len(simulator.texts("8606")) == taken
    again = Esme(simulator.smpp_port)
    again.accepted("hello again", "8606", registered_delivery=0)
    again.close()


def test_a_silent_carrier_takes_the_message_and_answers_only_the_others(start: Start) -> None:
    simulator, esme = start(**mood_for("*04", silent=True))
    esme.submit("hush", "8604", registered_delivery=0)
    esme.accepted("loud")
    assert "submit_sm_resp" in esme.order
    assert esme.order.count("submit_sm_resp") == 1
    assert simulator.texts("8604") == ["hush"]


def test_a_deliver_that_is_refused_or_not_answered_comes_again(start: Start) -> None:
    whole = {"response_timeout_s": 0.2, "redeliver_after_ms": 10}
    simulator, esme = start(whole=whole)
    [message_id] = esme.accepted("hello")
    esme.delivered(status=0x64)
    esme.delivered(is_answered=False)
    assert esme.delivered().receipted_message_id.decode().rstrip("\0") == message_id
    simulator.wait_for(receipts_pending=0, receipts_confirmed=1, resent=2)


def test_kill_9_loses_neither_submits_nor_receipts_nor_the_count_of_ids(start: Start) -> None:
    simulator, esme = start(mood={"receipt": {"delay_ms": 0}})
    first = esme.accepted("first")
    esme.delivered()
    simulator.wait_for(receipts_confirmed=1)
    second = esme.accepted("second €" * 30)
    esme.delivered(is_answered=False)
    simulator.kill()

    simulator.start()
    again = Esme(simulator.smpp_port)
    receipts = {again.delivered().receipted_message_id.decode().rstrip("\0") for _ in second}
    assert receipts == set(second)
    assert simulator.texts(PHONE) == ["first", "second €" * 30]
    third = again.accepted("third")
    again.delivered()
    simulator.wait_for(receipts_pending=0, submits=len(first + second + third))
    assert len({*first, *second, *third}) == len(first + second + third)
    assert simulator.stop() == 0
    again.close()


def test_moods_change_at_run_time_and_survive_kill_9(start: Start) -> None:
    simulator, esme = start()
    assert esme.status_of("a", PHONE) == 0
    put = simulator.http.put("/moods/aurora/*8000", json={"errors": [{"status": "RSYSERR"}]})
    assert put.status_code == 200
    assert esme.status_of("b", PHONE) == 0x08
    simulator.kill()
    simulator.start()
    again = Esme(simulator.smpp_port)
    assert again.status_of("c", PHONE) == 0x08
    assert simulator.http.delete("/moods/aurora/*8000").status_code == 200
    assert again.status_of("d", PHONE) == 0
    again.close()


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "what"),
    [
        ("POST", "/mo", b"{", 400, "body"),
        ("POST", "/mo", b"[]", 400, "body"),
        ("POST", "/mo", b'{"from":"x","to":"1","text":"t"}', 400, "body.from"),
        ("POST", "/mo", b'{"from":"1","to":"1"}', 400, "body.text"),
        ("POST", "/mo", b'{"from":"1","to":"1","text":"t","account":"zz"}', 400, "body.account"),
        ("POST", "/mo", '{"from":"1","to":"1","text":"好","coding":"gsm7"}'.encode(), 400, "body.text"),
        ("PUT", "/moods/aurora", b'{"errors":[{"status":"NOPE"}]}', 400, "body.errors.0.status"),
        ("PUT", "/moods/nobody", b"{}", 404, "account"),
        ("PUT", "/moods/aurora/x", b"{}", 400, "body.match"),
        ("DELETE", "/moods/aurora/*1", b"", 404, "match"),
        ("GET", "/submits?since=x", b"", 400, "query.since"),
        ("GET", "/handsets/abc", b"", 400, "number"),
        ("DELETE", "/binds/99", b"", 404, "id"),
        ("GET", "/nothing", b"", 404, "request"),
    ],
)
def test_bad_input_is_answered_with_what_value_and_expected(
    quiet: SimulatorProcess, method: str, path: str, body: bytes, status: int, what: str
) -> None:
    answer = quiet.http.request(method, path, content=body)
    assert answer.status_code == status
    problem = answer.json()["error"]
    assert problem["what"] == what
    assert set(problem) == {"what", "value", "expected"}


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimulatorProcess]:
    """A simulator for tests that change nothing."""
    simulator = SimulatorProcess(tmp_path_factory.mktemp("quiet"))
    yield simulator
    assert simulator.stop() == 0


def exchange(port: int, octets: bytes) -> bytes:
    """Write raw octets, read until the simulator closes or has answered 16 octets."""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as raw:
        raw.sendall(octets)
        return raw.recv(16, socket.MSG_WAITALL)


def test_an_unknown_command_is_nacked(quiet: SimulatorProcess) -> None:
    nack = exchange(quiet.smpp_port, struct.pack(">IIII", 16, 0x0000BEEF, 0, 9))
    assert struct.unpack(">IIII", nack) == (16, 0x80000000, 0x03, 9)


def test_a_bad_length_closes_the_connection_with_a_log_line(quiet: SimulatorProcess) -> None:
    with socket.create_connection(("127.0.0.1", quiet.smpp_port), timeout=5) as raw:
        raw.sendall(struct.pack(">IIII", 3, 0x15, 0, 1))
        answer = b""
        while chunk := raw.recv(100):
            answer += chunk
    assert struct.unpack(">IIII", answer) == (16, 0x80000000, 0x02, 0)
    assert "session.framing_broken" in quiet.log()


def test_enquire_link_is_answered_and_asked(start: Start) -> None:
    _, esme = start(whole={"enquire_link_s": 0.1, "response_timeout_s": 0.4})
    assert exchange(esme.client.port, struct.pack(">IIII", 16, 0x15, 0, 5)) == struct.pack(
        ">IIII", 16, 0x80000015, 0, 5
    )
    assert esme.client.read_pdu().command == "enquire_link"
    with pytest.raises(smpplib.exceptions.ConnectionError):
        esme.client.read_pdu()  # it was not answered, so the simulator hangs up


def test_a_stopping_simulator_unbinds(start: Start) -> None:
    simulator, esme = start()
    simulator.process.terminate()
    assert esme.client.read_pdu().command == "unbind"
    esme.close()
    assert simulator.process.wait(5) == 0
