"""Laws of putting replies together."""

from itertools import permutations

import pytest

from connectors.smpp.deliveries import ReplyPart
from connectors.smpp.reassembly import Reassembly


def a_part(sequence: int, *, total: int = 3, source: str = "+86138", reference: int = 1) -> ReplyPart:
    return ReplyPart(
        source=source,
        is_phone=True,
        destination="10690001",
        reference=reference,
        total=total,
        sequence=sequence,
        data_coding=0,
        octets=bytes([sequence]),
        carrier_reference="",
    )


def nobody(_status: int) -> None:
    return None


@pytest.mark.parametrize("order", list(permutations((1, 2, 3))))
def test_a_reply_is_given_out_once_complete_in_order_whatever_order_it_came_in(order: tuple[int, ...]) -> None:
    replies = Reassembly(patience_s=5, limit=10)
    results = [replies.add(a_part(n), nobody, now_s=0) for n in order]
    assert results[:2] == [None, None]
    assert results[2] is not None
    assert [part.sequence for part in results[2].parts] == [1, 2, 3]
    assert len(results[2].answers) == 3


def test_parts_of_different_phones_or_references_never_meet() -> None:
    replies = Reassembly(patience_s=5, limit=10)
    assert replies.add(a_part(1, total=2), nobody, now_s=0) is None
    assert replies.add(a_part(2, total=2, source="+86139"), nobody, now_s=0) is None
    assert replies.add(a_part(2, total=2, reference=2), nobody, now_s=0) is None


def test_a_part_brought_again_counts_once_and_both_bringings_are_answered() -> None:
    replies = Reassembly(patience_s=5, limit=10)
    assert replies.add(a_part(1, total=2), nobody, now_s=0) is None
    assert replies.add(a_part(1, total=2), nobody, now_s=1) is None
    whole = replies.add(a_part(2, total=2), nobody, now_s=2)
    assert whole is not None
    assert (len(whole.parts), len(whole.answers)) == (2, 3)


def test_what_stays_incomplete_is_given_out_as_it_is_when_patience_ends() -> None:
    replies = Reassembly(patience_s=5, limit=10)
    replies.add(a_part(3), nobody, now_s=0)
    replies.add(a_part(1), nobody, now_s=4)
    assert list(replies.overdue(now_s=4.9)) == []
    (left,) = replies.overdue(now_s=5)
    assert [part.sequence for part in left.parts] == [1, 3]
    assert list(replies.overdue(now_s=100)) == []


def test_too_many_waiting_replies_are_given_out_early_oldest_first() -> None:
    replies = Reassembly(patience_s=5, limit=2)
    for reference in range(4):
        replies.add(a_part(1, reference=reference), nobody, now_s=reference / 10)
    assert [left.parts[0].reference for left in replies.overdue(now_s=1)] == [0, 1]
