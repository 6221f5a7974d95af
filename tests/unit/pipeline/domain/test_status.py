"""Laws of states. Source: DOMAIN 9.1 - 9.3."""

from itertools import permutations

from pipeline.domain.status import FINAL_STATES, MessageState, is_final, outranks


def fold(news: tuple[MessageState, ...]) -> int:
    state = MessageState.QUEUED
    for new in news:
        state = new if outranks(new, state) else state
    return [outranks(state, other) for other in MessageState].count(True)


def test_delivered_is_sticky_and_outranks_every_other_state() -> None:
    others = [state for state in MessageState if state is not MessageState.DELIVERED]
    assert all(
        outranks(MessageState.DELIVERED, other) and not outranks(other, MessageState.DELIVERED) for other in others
    )


def test_a_repeat_changes_nothing() -> None:
    assert not any(outranks(state, state) for state in MessageState)


def test_unknown_stands_between_submitted_and_the_final_states() -> None:
    assert outranks(MessageState.UNKNOWN, MessageState.SUBMITTED)
    assert all(outranks(final, MessageState.UNKNOWN) for final in FINAL_STATES)


def test_one_failure_does_not_replace_another() -> None:
    failures = FINAL_STATES - {MessageState.DELIVERED}
    assert not any(outranks(new, old) for new in failures for old in failures)


def test_news_in_any_order_end_at_the_same_rank() -> None:
    news = (MessageState.SUBMITTED, MessageState.UNKNOWN, MessageState.FAILED, MessageState.DELIVERED)
    assert len({fold(order) for order in permutations(news)}) == 1
    assert len({fold(order) for order in permutations(news[:3])}) == 1


def test_final_states_are_those_with_nothing_left_to_do() -> None:
    assert {state for state in MessageState if is_final(state)} == {
        "delivered",
        "failed",
        "expired",
        "rejected",
        "cancelled",
    }
