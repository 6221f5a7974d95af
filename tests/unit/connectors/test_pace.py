"""Laws of the pace."""

from connectors.pace import RMSGQFUL, Pace

RTHROTTLED = 0x58


def sent_within(pace: Pace, start_s: float, seconds: float) -> int:
    """How many parts go if one is always ready, on a clock of milliseconds."""
    total = 0
    for tick in range(round(seconds * 1000)):
        now_s = start_s + tick / 1000
        count = pace.allowed(now_s)
        pace.take(count, now_s)
        total += count
    return total


def test_the_agreed_rate_is_kept_and_used() -> None:
    for rate in (1, 7, 150, 3000):
        assert rate * 4 - 1 <= sent_within(Pace(rate), 1000.0, 4) <= rate * 4 * 1.03 + 1


def test_a_throttling_answer_pauses_and_halves_once_for_all_answers_of_a_moment() -> None:
    pace = Pace(100)
    for _ in range(20):
        pace.throttled(RTHROTTLED, 10.0)
    assert pace.allowed(10.1) == 0
    assert pace.rate_per_s == 50


def test_a_full_queue_asks_for_a_longer_pause() -> None:
    pace = Pace(100)
    pace.throttled(RMSGQFUL, 10.0)
    assert pace.allowed(11.9) == 0
    assert pace.wait_s(10.0) == 2.0
    assert pace.allowed(12.1) > 0


def test_the_rate_comes_back_by_steps_and_never_above_the_agreed_one() -> None:
    pace = Pace(100)
    for second in range(4):
        pace.throttled(RTHROTTLED, 10.0 + second * 1.1)
    low = pace.rate_per_s
    pace.allowed(15.3)
    assert low < pace.rate_per_s < low + 25
    pace.allowed(100.0)
    assert pace.rate_per_s == 100


def test_the_rate_never_falls_to_nothing() -> None:
    pace = Pace(10)
    for second in range(100):
        pace.throttled(RTHROTTLED, second * 2.0)
    assert pace.rate_per_s == 1
    assert sent_within(pace, 300.0, 2) >= 1


def test_waiting_as_long_as_told_is_enough() -> None:
    pace = Pace(3)
    now_s = 5.0
    for _ in range(10):
        pace.take(pace.allowed(now_s), now_s)
        now_s += pace.wait_s(now_s) + 1e-6
        assert pace.allowed(now_s) >= 1


def test_another_rate_holds_at_once() -> None:
    pace = Pace(100)
    pace.agree(10)
    assert (pace.rate_per_s, pace.agreed_per_s) == (10, 10)
    pace.agree(200)
    assert (pace.rate_per_s, pace.agreed_per_s) == (200, 200)


def test_a_higher_rate_does_not_forgive_what_the_carrier_throttled() -> None:
    pace = Pace(100)
    pace.throttled(0x58, 10.0)
    pace.agree(200)
    assert (pace.rate_per_s, pace.agreed_per_s) == (50, 200)
