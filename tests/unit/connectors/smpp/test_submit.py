"""Laws of what is sent; the octets are read back by smpplib, not by our codec."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from smpplib import command

from connectors.smpp.pdu import write_submit_sm
from connectors.smpp.submit import Unsendable, prepare, validity_period
from pipeline.domain.text import gsm7
from pipeline.domain.text.segments import segment
from pipeline.events.records import DispatchMessage, SealedContent

NOW = 1_700_000_000_000_000


class Numbering:
    sequence = 1

    def next_sequence(self) -> int:
        return 1


def a_dispatch(text: str, **more: Any) -> DispatchMessage:
    cut = segment(text)
    fields: dict[str, Any] = {
        "encoding": cut.encoding.value,
        "segment_count": cut.count,
        "parts": tuple(range(1, cut.count + 1)),
        "concat_reference": 200,
        "expires_at": NOW + 300_000_000,
    }
    return DispatchMessage(**{**fields, **more})


def content(text: str, *, to: str = "+8613800138000", sender: str = "10690001") -> SealedContent:
    return SealedContent(to=to, sender=sender, text=text)


def on_the_wire(dispatch: DispatchMessage, sent: SealedContent, *, default_sender: str = "") -> list[Any]:
    """The submit_sm of each wanted part as smpplib reads them."""
    prepared = prepare(dispatch, sent, default_sender=default_sender)
    read = []
    for part in dispatch.parts:
        octets = write_submit_sm(5, prepared.submit_sm(part, now=NOW))
        submit = command.factory("submit_sm", client=Numbering())
        submit.parse(octets)
        read.append(submit)
    return read


def test_a_short_text_is_one_plain_submit_sm() -> None:
    (submit,) = on_the_wire(a_dispatch("Code 1 @€"), content("Code 1 @€"))
    assert submit.sequence == 5
    assert (submit.source_addr_ton, submit.source_addr_npi, submit.source_addr) == (3, 0, b"10690001")
    assert (submit.dest_addr_ton, submit.dest_addr_npi, submit.destination_addr) == (1, 1, b"8613800138000")
    assert (submit.esm_class, submit.data_coding, submit.registered_delivery) == (0, 0, 1)
    assert (submit.protocol_id, submit.priority_flag, submit.replace_if_present_flag) == (0, 0, 0)
    assert (submit.schedule_delivery_time, submit.validity_period) == (b"", b"000000000500000R")
    assert submit.short_message == b"Code 1 \x00\x1b\x65"


@given(st.text(st.sampled_from("ab€ 登🙂"), min_size=150, max_size=400))
def test_parts_carry_one_reference_and_join_to_the_text(text: str) -> None:
    submits = on_the_wire(a_dispatch(text), content(text))
    total = len(submits)
    for number, submit in enumerate(submits, 1):
        if total > 1:
            assert submit.esm_class == 0x40
            assert submit.short_message[:6] == bytes((5, 0, 3, 200, total, number))
        assert len(submit.short_message) <= 159
    bodies = [submit.short_message[6 if total > 1 else 0 :] for submit in submits]
    if submits[0].data_coding == 8:
        assert b"".join(bodies).decode("utf-16-be") == text
    else:
        assert gsm7.decode_unpacked(b"".join(bodies)) == text


def test_only_the_wanted_parts_are_sent() -> None:
    text = "x" * 400
    (submit,) = on_the_wire(a_dispatch(text, parts=(2,)), content(text))
    assert submit.short_message[:6] == bytes((5, 0, 3, 200, 3, 2))


def test_ucs2_is_forced_where_routing_counted_in_it() -> None:
    text = "a" * 80
    dispatch = a_dispatch(text, encoding="ucs2", segment_count=2, parts=(1, 2))
    assert [submit.data_coding for submit in on_the_wire(dispatch, content(text))] == [8, 8]


@pytest.mark.parametrize(
    ("sender", "default", "expected"),
    [
        ("ACME", "", (5, 0, b"ACME")),
        ("+44 7".replace(" ", "") + "700900123", "", (1, 1, b"447700900123")),
        ("", "95566", (3, 0, b"95566")),
        ("", "", (0, 0, b"")),
    ],
)
def test_senders_are_addressed_by_their_kind(sender: str, default: str, expected: tuple[int, int, bytes]) -> None:
    (submit,) = on_the_wire(a_dispatch("x"), content("x", sender=sender), default_sender=default)
    assert (submit.source_addr_ton, submit.source_addr_npi, submit.source_addr) == expected


@pytest.mark.parametrize(
    ("dispatch", "sent", "reason"),
    [
        (a_dispatch("x", segment_count=2, parts=(1, 2)), content("x"), "segments-differ"),
        (a_dispatch("x", parts=(2,)), content("x"), "segments-differ"),
        (a_dispatch("x", parts=()), content("x"), "segments-differ"),
        (a_dispatch("x"), content("登"), "segments-differ"),
        (a_dispatch("x"), content("\x1b"), "invalid-content"),
        (a_dispatch("x"), content("x", to="8613800138000"), "invalid-content"),
        (a_dispatch("x"), content("x", sender="Far Too Long A Name"), "invalid-sender"),
        (a_dispatch("x"), content("x", sender="ΔELTA"), "invalid-sender"),
    ],
)
def test_what_cannot_be_sent_as_promised_is_unsendable_by_name(
    dispatch: DispatchMessage, sent: SealedContent, reason: str
) -> None:
    with pytest.raises(Unsendable) as refused:
        prepare(dispatch, sent, default_sender="")
    assert refused.value.reason == reason
    assert "13800138000" not in str(refused.value)


@pytest.mark.parametrize(
    ("seconds", "written"),
    [
        (300, "000000000500000R"),
        (0, "000000000001000R"),
        (-5, "000000000001000R"),
        (72 * 3600, "000003000000000R"),
        (29 * 86_400, ""),
    ],
)
def test_validity_is_relative_and_never_empty_for_what_expires_soon(seconds: int, written: str) -> None:
    assert validity_period(seconds) == written
