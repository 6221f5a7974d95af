"""Laws of one SMPP session, on a transport and a clock that do only what they are told."""

import asyncio

import pytest

from connectors.smpp import pdu
from connectors.smpp.outcomes import Accepted, Indeterminate, NotSent, Refused
from connectors.smpp.session import BindRefused, SessionLost
from pipeline.domain.smpp.statuses import StatusKind
from tests.unit.connectors.smpp.fakes import a_bound_line, a_line, a_submit

SUBMIT_RESP = pdu.SUBMIT_SM | pdu.RESPONSE


async def test_responses_are_matched_by_sequence_in_any_order() -> None:
    line = await a_bound_line()
    first, second = line.submit("first"), line.submit("second")
    line.receive(SUBMIT_RESP, sequence=second, body=b"id-2\0")
    line.receive(SUBMIT_RESP, sequence=first, body=b"id-1\0")
    assert line.outcomes == [("second", Accepted("id-2")), ("first", Accepted("id-1"))]


async def test_the_window_is_never_exceeded_and_a_response_frees_its_slot() -> None:
    line = await a_bound_line(window=2)
    first = line.submit("first")
    line.submit("second")
    assert not line.session.reserve()
    line.receive(SUBMIT_RESP, sequence=first, status=0x45)
    assert line.session.free_slots == 1
    line.session.reserve()
    line.session.release()
    assert line.session.free_slots == 1


async def test_a_refusal_needs_no_body_and_unknown_statuses_do_not_raise() -> None:
    line = await a_bound_line()
    for status, kind in ((0x58, StatusKind.THROTTLED), (0x0B, StatusKind.PERMANENT), (0x4AB, StatusKind.PERMANENT)):
        line.receive(SUBMIT_RESP, sequence=line.submit(hex(status)), status=status)
        outcome = line.outcomes[-1][1]
        assert isinstance(outcome, Refused)
        assert (outcome.command_status, outcome.status.cls) == (status, kind)


async def test_a_generic_nack_of_a_submit_is_a_refusal_even_with_status_zero() -> None:
    line = await a_bound_line()
    line.receive(pdu.GENERIC_NACK, sequence=line.submit("nacked"))
    assert isinstance(line.outcomes[0][1], Refused)


async def test_a_submit_without_an_answer_drops_the_session_and_all_that_is_out_is_indeterminate() -> None:
    line = await a_bound_line()
    line.submit("silent")
    line.clock.advance(5)
    line.submit("behind it")
    line.clock.advance(5)
    assert line.outcomes == [
        ("silent", Indeterminate("response-timeout")),
        ("behind it", Indeterminate("connection-lost")),
    ]
    assert line.transport.is_aborted
    assert not line.session.is_bound
    assert line.session.free_slots == 0


async def test_a_lost_connection_resolves_each_submit_once_and_late_answers_change_nothing() -> None:
    line = await a_bound_line()
    sequence = line.submit("lost")
    line.session.connection_lost(ConnectionResetError("reset"))
    line.receive(SUBMIT_RESP, sequence=sequence, body=b"late\0")
    assert line.outcomes == [("lost", Indeterminate("connection-lost"))]
    await line.session.wait_closed()


async def test_a_slot_reserved_before_the_loss_sends_nothing_and_says_so() -> None:
    line = await a_bound_line()
    assert line.session.reserve()
    line.session.connection_lost(None)
    line.session.submit(a_submit(), lambda outcome: line.outcomes.append(("gone", outcome)))
    assert line.outcomes == [("gone", NotSent())]
    assert line.sent(pdu.SUBMIT_SM) == []


async def test_sequence_numbers_wrap_to_one_and_skip_what_is_still_out() -> None:
    line = await a_bound_line()
    line.session._sequence = 0  # the next submit takes 1
    assert line.submit("one") == 1
    line.session._sequence = pdu.LAST_SEQUENCE - 1
    assert [line.submit("last"), line.submit("wrapped")] == [pdu.LAST_SEQUENCE, 2]


async def test_a_deliver_sm_is_answered_only_when_it_is_said_to_be_durable_and_once() -> None:
    line = await a_bound_line()
    line.receive(pdu.DELIVER_SM, sequence=41, body=b"any")
    assert line.sent(pdu.DELIVER_SM | pdu.RESPONSE) == []
    ((frame, answer),) = line.delivered
    assert frame.body == b"any"
    answer(pdu.STATUS_OK)
    answer(pdu.STATUS_TEMPORARY)
    assert [(each.sequence, each.status) for each in line.sent(pdu.DELIVER_SM | pdu.RESPONSE)] == [(41, 0)]


async def test_an_answer_after_the_connection_is_lost_writes_nothing() -> None:
    line = await a_bound_line()
    line.receive(pdu.DELIVER_SM, sequence=41)
    line.session.drop("test")
    line.delivered[0][1](pdu.STATUS_OK)
    assert line.sent(pdu.DELIVER_SM | pdu.RESPONSE) == []


async def test_the_link_is_asked_after_silence_only_and_dropped_without_an_answer() -> None:
    line = await a_bound_line()
    line.receive(pdu.ENQUIRE_LINK, sequence=5)
    assert [each.sequence for each in line.sent(pdu.ENQUIRE_LINK | pdu.RESPONSE)] == [5]
    line.clock.advance(30)
    assert line.sent(pdu.ENQUIRE_LINK) == [], "it was heard from within this period"
    line.clock.advance(30)
    (asked,) = line.sent(pdu.ENQUIRE_LINK)
    line.receive(pdu.ENQUIRE_LINK | pdu.RESPONSE, sequence=asked.sequence)
    line.clock.advance(60)
    assert not line.transport.is_aborted
    line.clock.advance(10)
    assert line.transport.is_aborted


async def test_requests_that_we_do_not_know_get_a_generic_nack_and_others_are_let_be() -> None:
    line = await a_bound_line()
    line.receive(0x103, sequence=8)
    line.receive(pdu.OUTBIND, sequence=9)
    line.receive(pdu.ALERT_NOTIFICATION, sequence=10)
    assert [(each.sequence, each.status) for each in line.sent(pdu.GENERIC_NACK)] == [(8, 3)]


async def test_a_broken_stream_drops_the_session() -> None:
    line = await a_bound_line()
    line.submit("out")
    line.session.data_received(b"\0\0\0\x01" + b"\0" * 12)
    assert line.outcomes == [("out", Indeterminate("connection-lost"))]
    assert "command_length=1" in line.session.lost_because


async def test_an_unbind_of_the_smsc_is_answered_and_nothing_more_is_submitted() -> None:
    line = await a_bound_line()
    sequence = line.submit("out")
    line.receive(pdu.UNBIND, sequence=3)
    assert len(line.sent(pdu.UNBIND | pdu.RESPONSE)) == 1
    assert not line.session.reserve()
    line.receive(SUBMIT_RESP, sequence=sequence, body=b"in time\0")
    assert line.outcomes == [("out", Accepted("in time"))]


async def test_a_graceful_end_awaits_answers_then_unbinds_then_closes() -> None:
    line = await a_bound_line()
    sequence = line.submit("out")
    ending = asyncio.create_task(line.session.unbind(5))
    await asyncio.sleep(0)
    assert not line.session.reserve()
    assert line.sent(pdu.UNBIND) == []
    line.receive(SUBMIT_RESP, sequence=sequence, body=b"x\0")
    await line.until_sent(pdu.UNBIND)
    line.receive(pdu.UNBIND | pdu.RESPONSE, sequence=line.sent(pdu.UNBIND)[0].sequence)
    await ending
    assert line.transport.is_aborted
    assert line.outcomes == [("out", Accepted("x"))]


@pytest.mark.parametrize(("status", "kind"), [(0x0E, StatusKind.BIND_FATAL), (0x0D, StatusKind.BIND_RETRY)])
async def test_a_refused_bind_says_whether_trying_again_helps(status: int, kind: StatusKind) -> None:
    line = a_line()
    binding = asyncio.create_task(line.session.bind())
    await asyncio.sleep(0)
    line.receive(pdu.BIND_TRANSCEIVER | pdu.RESPONSE, sequence=1, status=status)
    with pytest.raises(BindRefused) as refused:
        await binding
    assert refused.value.status.cls is kind
    assert line.transport.is_aborted


async def test_a_bind_that_is_never_answered_is_a_lost_session() -> None:
    line = a_line()
    binding = asyncio.create_task(line.session.bind())
    await asyncio.sleep(0)
    line.clock.advance(10)
    with pytest.raises(SessionLost):
        await binding
