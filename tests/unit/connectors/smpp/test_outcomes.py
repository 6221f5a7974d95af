"""Laws of what becomes of a submit: which answer is which outcome. Source: SMPP 3.4 4.3, 4.4.2; DOMAIN 2.3 - 2.5."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.smpp import pdu
from connectors.smpp.outcomes import (
    INDETERMINATE,
    Accepted,
    Indeterminate,
    NotSent,
    Refused,
    answers_submit,
    read_outcome,
)
from pipeline.domain.smpp.statuses import Overrides, StatusKind, parse_overrides
from tests.unit.connectors.smpp.fakes import a_bound_line, a_submit

SUBMIT_RESP = pdu.SUBMIT_SM | pdu.RESPONSE
NONE: Overrides = {}


@pytest.mark.parametrize(
    ("body", "smsc_id"),
    [(b"", ""), (b"\0", ""), (b"abc\0", "abc"), (b"no NUL", "no NUL"), (b"\xff" * 80, "\xff" * 80), (b"a\0junk", "a")],
)
async def test_a_yes_is_a_yes_with_any_body(body: bytes, smsc_id: str) -> None:
    line = await a_bound_line()
    line.receive(SUBMIT_RESP, sequence=line.submit("it"), body=body)
    assert line.outcomes == [("it", Accepted(smsc_id))]


@pytest.mark.parametrize("status", [0x00, 0x01, 0x02, 0x03, 0xFF])
async def test_a_generic_nack_with_a_submit_s_sequence_says_that_it_was_not_taken(status: int) -> None:
    line = await a_bound_line()
    line.receive(pdu.GENERIC_NACK, sequence=line.submit("it"), status=status)
    ((_, outcome),) = line.outcomes
    assert isinstance(outcome, Refused)
    assert outcome.command_status == (status or 0xFF)
    assert outcome.status.cls is StatusKind.PERMANENT


@pytest.mark.parametrize(
    "command_id",
    [
        pdu.ENQUIRE_LINK | pdu.RESPONSE,
        pdu.BIND_TRANSCEIVER | pdu.RESPONSE,
        pdu.DELIVER_SM | pdu.RESPONSE,
        0x80000103,
        0x80000FFF,
    ],
)
@pytest.mark.parametrize("status", [0, 0x45])
async def test_another_pdu_s_answer_with_a_submit_s_sequence_says_nothing_of_it(command_id: int, status: int) -> None:
    line = await a_bound_line()
    sequence = line.submit("it")
    line.receive(command_id, sequence=sequence, status=status, body=b"x\0")
    assert line.outcomes == []
    line.clock.advance(10)
    assert line.outcomes == [("it", Indeterminate("response-timeout"))]


async def test_the_true_answer_after_a_stray_one_still_counts() -> None:
    line = await a_bound_line()
    sequence = line.submit("it")
    line.receive(pdu.ENQUIRE_LINK | pdu.RESPONSE, sequence=sequence)
    line.receive(SUBMIT_RESP, sequence=sequence, body=b"id\0")
    assert line.outcomes == [("it", Accepted("id"))]
    line.clock.advance(10)
    assert not line.transport.is_aborted


@pytest.mark.parametrize(
    ("stream", "reason"),
    [
        (b"", "response-timeout"),
        (b"\0\0\0\x40\x80\0\0\x04", "response-timeout"),  # half an answer
        (b"\0\0\0\x0f" + bytes(12), "connection-lost"),  # no PDU has this length: where the next begins is unknown
    ],
)
async def test_what_cannot_be_read_leaves_a_submit_indeterminate(stream: bytes, reason: str) -> None:
    line = await a_bound_line()
    line.submit("it")
    line.session.data_received(stream)
    line.clock.advance(10)
    assert line.outcomes == [("it", Indeterminate(reason))]
    assert reason in INDETERMINATE


@pytest.mark.parametrize("end", ["lost", "dropped", "unbound by the SMSC"])
async def test_each_end_of_a_session_leaves_what_is_out_indeterminate_and_what_is_not_out_unsent(end: str) -> None:
    line = await a_bound_line()
    line.submit("out")
    assert line.session.reserve()
    match end:
        case "lost":
            line.session.connection_lost(None)
        case "dropped":
            line.session.drop("test")
        case _:
            line.receive(pdu.UNBIND, sequence=3)
            line.session.connection_lost(None)
    line.session.submit(a_submit(), lambda outcome: line.outcomes.append(("late", outcome)))
    assert line.outcomes == [("out", Indeterminate("connection-lost")), ("late", NotSent())]


async def test_a_carrier_s_own_statuses_are_read_as_it_means_them() -> None:
    line = await a_bound_line(statuses=parse_overrides({"0x45": "throttled"}))
    line.receive(SUBMIT_RESP, sequence=line.submit("it"), status=0x45)
    ((_, outcome),) = line.outcomes
    assert isinstance(outcome, Refused)
    assert outcome.status.cls is StatusKind.THROTTLED


@given(st.builds(pdu.Frame, st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1), st.just(1), st.binary(max_size=90)))
def test_any_answer_has_an_outcome(frame: pdu.Frame) -> None:
    outcome = read_outcome(frame, NONE)
    assert isinstance(outcome, Accepted | Refused)
    assert answers_submit(frame) == (frame.command_id in (SUBMIT_RESP, pdu.GENERIC_NACK))
