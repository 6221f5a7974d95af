"""Laws of the timer wheel."""

from pipeline.kafka.timers import TimerWheel
from pipeline.stages.decision import Timer


def a_timer(message_id: str = "m", *, seq: int = 1, due: int = 10) -> Timer:
    return Timer(message_id=message_id, recipient_id="r", account_id="a", timer_seq=seq, due=due)


def test_timers_fire_in_the_order_they_are_due() -> None:
    wheel = TimerWheel()
    wheel.replace("m/b", [a_timer("b", due=20)])
    wheel.replace("m/a", [a_timer("a", due=10)])
    wheel.replace("m/c", [a_timer("c", due=30)])
    assert wheel.next_due() == 10
    assert [timer.message_id for timer in wheel.take_due(20)] == ["a", "b"]
    assert wheel.next_due() == 30


def test_a_state_value_that_changes_and_keeps_its_fired_timer_does_not_fire_it_again() -> None:
    wheel = TimerWheel()
    wheel.replace("m/a", [a_timer()])
    assert wheel.take_due(10) == [a_timer()]
    wheel.replace("m/a", [a_timer()])
    assert wheel.take_due(99) == []


def test_a_new_sequence_fires_at_its_own_time() -> None:
    wheel = TimerWheel()
    wheel.replace("m/a", [a_timer(seq=1, due=10)])
    wheel.replace("m/a", [a_timer(seq=2, due=50)])
    assert wheel.take_due(49) == []
    assert wheel.take_due(50) == [a_timer(seq=2, due=50)]


def test_a_forgotten_value_takes_its_timer_along() -> None:
    wheel = TimerWheel()
    wheel.replace("m/a", [a_timer()])
    wheel.replace("m/a", [])
    assert wheel.next_due() is None
    assert wheel.take_due(99) == []
