"""A token bucket in whole microseconds: the generic cell rate algorithm (GCRA).

The state is two integers and time is the log's, so deciding again gives the same answer. A message that does
not conform is told when to come again; nothing waits here. Source: ITU-T I.371 annex A (virtual scheduling).
"""

from dataclasses import dataclass, replace
from typing import Final

MICROSECONDS: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Bucket:
    """`tat_us`: when the bucket is full again, log time.

    `last_slot_us` and `last_return_us`: the last time given to a new deferral, and to one that had come back.
    """

    tat_us: int = 0
    last_slot_us: int = 0
    last_return_us: int = 0


def take(
    bucket: Bucket, *, now_us: int, rate_per_s: int, burst: int, cost: int = 1, is_return: bool = False
) -> tuple[Bucket, int | None]:
    """Take `cost` tokens at `now_us`: None if they conform, else the time (µs, log time) to come again.

    At most `burst` tokens go at once and `rate_per_s` a second in the long run (the interval is rounded up to
    a whole microsecond, so never more). Deferrals get slots one interval apart each: a thousand that came at
    once do not come back at once. One that comes back (`is_return`) and still does not conform, say because
    its timer was late, does not go to the end of the queue: those have slots of their own, from the earliest time on,
    one interval apart too, so that a stage that fell behind is not asked by all of them at once. A cost above `burst`
    conforms when the bucket is full. Raises ValueError unless rate, burst and cost are at least 1.
    """
    if rate_per_s < 1 or burst < 1 or cost < 1:
        raise ValueError(f"rate_per_s={rate_per_s} burst={burst} cost={cost}, each expected >= 1")
    interval_us = -(-MICROSECONDS // rate_per_s)
    full_again_us = max(bucket.tat_us, now_us) + cost * interval_us
    earliest_us = full_again_us - max(burst, cost) * interval_us
    if earliest_us <= now_us:
        return replace(bucket, tat_us=full_again_us), None
    step_us = cost * interval_us
    if is_return:
        slot_us = max(earliest_us, bucket.last_return_us + step_us)
        return replace(bucket, last_return_us=slot_us), slot_us
    slot_us = max(earliest_us, bucket.last_slot_us + step_us)
    return replace(bucket, last_slot_us=slot_us), slot_us
