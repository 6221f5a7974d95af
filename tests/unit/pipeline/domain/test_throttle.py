"""Laws of the token bucket."""

import pytest

from pipeline.domain.throttle import Bucket, take

START = 1_700_000_000_000_000
SECOND = 1_000_000


def granted(bucket: Bucket, arrivals: list[int], *, rate: int, burst: int) -> tuple[Bucket, list[int]]:
    times = []
    for now in arrivals:
        bucket, again_at = take(bucket, now_us=now, rate_per_s=rate, burst=burst)
        if again_at is None:
            times.append(now)
    return bucket, times


def test_a_full_bucket_gives_its_burst_at_once_and_no_more() -> None:
    _, times = granted(Bucket(), [START] * 20, rate=10, burst=5)
    assert len(times) == 5


@pytest.mark.parametrize("burst", [1, 2, 50])
@pytest.mark.parametrize("rate", [1, 7, 10, 333, 3000])
def test_no_stretch_of_time_holds_more_than_burst_and_rate(rate: int, burst: int) -> None:
    arrivals = [START + step * (SECOND // (rate * 3)) for step in range(rate * 3 * 4)]
    _, times = granted(Bucket(), arrivals, rate=rate, burst=burst)
    for first, start in enumerate(times):
        within = [time for time in times[first : first + rate + burst + 1] if time < start + SECOND]
        assert len(within) <= rate + burst


@pytest.mark.parametrize("rate", [1, 7, 10, 333, 3000])
def test_a_burst_of_two_gives_the_whole_rate_to_arrivals_out_of_step(rate: int) -> None:
    arrivals = [START + step * (SECOND // (rate * 3)) for step in range(rate * 3 * 4)]
    _, times = granted(Bucket(), arrivals, rate=rate, burst=2)
    assert rate * 4 * 0.99 - 1 <= len(times) <= rate * 4 + 2


def test_an_idle_bucket_never_holds_more_than_its_burst() -> None:
    bucket, _ = granted(Bucket(), [START] * 5, rate=10, burst=5)
    _, times = granted(bucket, [START + 3600 * SECOND] * 20, rate=10, burst=5)
    assert len(times) == 5


def test_those_deferred_together_do_not_come_back_together() -> None:
    bucket, _ = take(Bucket(), now_us=START, rate_per_s=10, burst=1)
    slots = []
    for _ in range(5):
        bucket, again_at = take(bucket, now_us=START, rate_per_s=10, burst=1)
        slots.append(again_at)
    assert slots == [START + step * SECOND // 10 for step in range(1, 6)]


def test_those_who_come_back_at_their_slots_all_conform() -> None:
    bucket, waiting = Bucket(), []
    for _ in range(50):
        bucket, again_at = take(bucket, now_us=START, rate_per_s=10, burst=3)
        waiting += [] if again_at is None else [again_at]
    assert len(waiting) == 47
    _, times = granted(bucket, waiting, rate=10, burst=3)
    assert times == waiting


def test_one_that_comes_back_in_vain_is_not_sent_to_the_end_of_the_queue() -> None:
    bucket = Bucket(tat_us=START + 100_003, last_slot_us=START + 9 * SECOND)
    after, again_at = take(bucket, now_us=START + 100_000, rate_per_s=10, burst=1, is_return=True)
    assert again_at == START + 100_003
    assert (after.tat_us, after.last_slot_us) == (bucket.tat_us, bucket.last_slot_us)
    _, at_the_end = take(bucket, now_us=START + 100_000, rate_per_s=10, burst=1)
    assert at_the_end == START + 9 * SECOND + 100_000


def test_those_who_come_back_in_vain_together_do_not_come_back_together_again() -> None:
    bucket = Bucket(tat_us=START + 100_000)
    slots = []
    for _ in range(4):
        bucket, again_at = take(bucket, now_us=START, rate_per_s=10, burst=1, is_return=True)
        slots.append(again_at)
    assert slots == [START + step * 100_000 for step in range(1, 5)]


def test_a_deferral_takes_no_token() -> None:
    bucket, _ = take(Bucket(), now_us=START, rate_per_s=10, burst=1)
    after, again_at = take(bucket, now_us=START, rate_per_s=10, burst=1)
    assert again_at is not None
    assert after.tat_us == bucket.tat_us


def test_a_message_of_many_parts_costs_as_many_tokens() -> None:
    bucket, again_at = take(Bucket(), now_us=START, rate_per_s=10, burst=5, cost=4)
    assert again_at is None
    _, again_at = take(bucket, now_us=START, rate_per_s=10, burst=5, cost=4)
    assert again_at == START + 300_000


def test_a_cost_above_the_burst_waits_for_a_full_bucket_and_then_conforms() -> None:
    bucket, again_at = take(Bucket(), now_us=START, rate_per_s=10, burst=2, cost=3)
    assert again_at is None
    bucket, again_at = take(bucket, now_us=START, rate_per_s=10, burst=2, cost=3)
    assert again_at == START + 300_000
    assert take(bucket, now_us=START + 300_000, rate_per_s=10, burst=2, cost=3)[1] is None


@pytest.mark.parametrize(("rate", "burst", "cost"), [(0, 1, 1), (1, 0, 1), (1, 1, 0), (-1, 1, 1)])
def test_a_bucket_that_gives_nothing_is_a_mistake(rate: int, burst: int, cost: int) -> None:
    with pytest.raises(ValueError, match="expected >= 1"):
        take(Bucket(), now_us=START, rate_per_s=rate, burst=burst, cost=cost)
