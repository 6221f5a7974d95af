"""Laws of the phones: parts become messages, repeats are visible."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from connectors.simulator import alphabet
from connectors.simulator.alphabet import USUAL
from connectors.simulator.handsets import REFERENCE_LIFE_MS, Handsets, Message
from connectors.simulator.parts import UDHI, concat_header
from connectors.simulator.records import SubmitRecord
from connectors.simulator.wire import Address

_seq = itertools.count(1)


def a_record(
    octets: bytes, *, source: str = "Brand", number: str = "86138", udh: bytes = b"", at_ms: int = 1, **more: object
) -> SubmitRecord:
    esm_class = UDHI if udh else 0
    return SubmitRecord(
        seq=next(_seq),
        at_ms=at_ms,
        account="aurora",
        bind=1,
        source=Address(source, 5, 0),
        destination=Address(number, 1, 1),
        esm_class=esm_class,
        payload=udh + octets,
        **more,  # type: ignore[arg-type]
    )


def received(handsets: Handsets, number: str = "86138") -> list[Message]:
    return list(handsets.handset(number).messages)


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=400), st.randoms(use_true_random=False))
def test_parts_in_any_order_make_the_text(text: str, order: object) -> None:
    data_coding, cut = alphabet.split_text(text, "auto")
    sent = [
        a_record(part, udh=concat_header(7, len(cut), index) if len(cut) > 1 else b"", data_coding=data_coding)
        for index, part in enumerate(cut, 1)
    ]
    order.shuffle(sent)  # type: ignore[attr-defined]
    handsets = Handsets()
    completed = [handsets.receive(record, USUAL) for record in sent]
    assert [message is not None for message in completed] == [False] * (len(sent) - 1) + [True]
    assert [message.reading() for message in received(handsets)] == [(text, ())]


def test_the_three_ways_to_concatenate_all_reassemble() -> None:
    ways = [
        [a_record(b"ab", udh=concat_header(1, 2, 1)), a_record(b"cd", udh=concat_header(1, 2, 2))],
        [a_record(b"ab", udh=b"\x06\x08\x04\x12\x34\x02\x01"), a_record(b"cd", udh=b"\x06\x08\x04\x12\x34\x02\x02")],
        [a_record(b"ab", sar=(500, 2, 1)), a_record(b"cd", sar=(500, 2, 2))],
    ]
    for way in ways:
        handsets = Handsets()
        for record in way:
            handsets.receive(record, USUAL)
        assert [message.reading().text for message in received(handsets)] == ["abcd"]


def test_parts_of_different_senders_or_references_do_not_mix() -> None:
    handsets = Handsets()
    handsets.receive(a_record(b"a", udh=concat_header(1, 2, 1)), USUAL)
    handsets.receive(a_record(b"b", udh=concat_header(2, 2, 2)), USUAL)
    handsets.receive(a_record(b"c", udh=concat_header(1, 2, 2), source="Other"), USUAL)
    assert [message.reading().text for message in received(handsets)] == ["a[…]", "[…]b", "[…]c"]
    assert not any(message.is_complete for message in received(handsets))


def test_the_same_part_again_is_counted_and_not_shown() -> None:
    handsets = Handsets()
    for index in (1, 1, 2, 2, 1):
        handsets.receive(a_record(b"p%d" % index, udh=concat_header(1, 2, index)), USUAL)
    [message] = received(handsets)
    assert (message.reading().text, message.duplicate_parts) == ("p1p2", 3)


def test_another_text_under_a_used_reference_is_a_new_message() -> None:
    handsets = Handsets()
    for octets in (b"old", b"new"):
        for index in (1, 2):
            handsets.receive(a_record(octets, udh=concat_header(1, 2, index)), USUAL)
    assert [message.reading().text for message in received(handsets)] == ["oldold", "newnew"]


def test_a_reference_is_free_again_after_its_life() -> None:
    handsets = Handsets()
    for at_ms in (1, REFERENCE_LIFE_MS + 2):
        for index in (1, 2):
            handsets.receive(a_record(b"same", udh=concat_header(1, 2, index), at_ms=at_ms), USUAL)
    first, second = received(handsets)
    assert second.repeat_of == first.id


def test_the_same_text_again_is_shown_and_marked() -> None:
    handsets = Handsets()
    for octets in (b"hi", b"ho", b"hi"):
        handsets.receive(a_record(octets), USUAL)
    first, second, third = received(handsets)
    assert (first.repeat_of, second.repeat_of, third.repeat_of) == (None, None, first.id)


def test_parts_in_two_codings_are_a_fault() -> None:
    handsets = Handsets()
    handsets.receive(a_record(b"ab", udh=concat_header(1, 2, 1)), USUAL)
    handsets.receive(a_record(b"\0a", udh=concat_header(1, 2, 2), data_coding=8), USUAL)
    assert "data_coding 8" in received(handsets)[0].reading().faults[0]


def test_a_plus_makes_no_other_phone() -> None:
    handsets = Handsets()
    handsets.receive(a_record(b"a", number="+86138"), USUAL)
    assert len(received(handsets, "86138")) == 1


def test_only_the_newest_are_kept() -> None:
    handsets = Handsets(keep=3)
    for index in range(10):
        handsets.receive(a_record(b"%d" % index, number=f"861{index % 2}"), USUAL)
    kept = [message.reading().text for number in ("8610", "8611") for message in received(handsets, number)]
    assert sorted(kept) == ["7", "8", "9"]
