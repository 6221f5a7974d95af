"""Laws of the watchdog: a stuck partition is found, and healthy idleness, waiting and moving never are."""

from pipeline.kafka.watchdog import Place, Seen, Standing, look

PLACE = Place("routing", "sms.lifecycle", 3)
LIMIT_S = 60.0


class Watch:
    """Looks every five seconds, like the shell. `stuck` holds the times at which something was found."""

    def __init__(self) -> None:
        self.now_s = 1000.0
        self.seen: dict[Place, Seen] = {}
        self.stuck: list[float] = []
        self.waiting: list[tuple[float, str]] = []

    def for_seconds(
        self, seconds: float, *, position: int, end: int | None, excuse: str = "", step: int = 0
    ) -> "Watch":
        until = self.now_s + seconds
        while self.now_s < until:
            self.now_s += 5
            position += step
            ends = None if end is None else {("sms.lifecycle", 3): end}
            found = look(
                self.seen,
                [Standing(place=PLACE, position=position, excuse=excuse)],
                ends,
                now_s=self.now_s,
                limit_s=LIMIT_S,
            )
            self.seen = dict(found.seen)
            self.stuck += [self.now_s] * len(found.stuck)
            self.waiting += [(self.now_s, each.excuse) for each in found.waiting]
        return self


def test_input_that_waits_while_nothing_moves_is_found_after_the_limit() -> None:
    watch = Watch().for_seconds(120, position=7, end=8)
    assert 1000 + LIMIT_S <= watch.stuck[0] <= 1000 + LIMIT_S + 10


def test_a_partition_without_input_may_idle_for_ever() -> None:
    assert Watch().for_seconds(10_000, position=8, end=8).stuck == []


def test_idleness_is_not_counted_against_what_comes_then() -> None:
    watch = Watch().for_seconds(10_000, position=8, end=8).for_seconds(55, position=8, end=9)
    assert watch.stuck == []


def test_a_slow_partition_that_moves_is_not_stuck() -> None:
    assert Watch().for_seconds(10_000, position=0, end=10**9, step=1).stuck == []


def test_nothing_is_stuck_while_kafka_is_away_nor_right_after() -> None:
    watch = Watch().for_seconds(50, position=7, end=8).for_seconds(10_000, position=7, end=None)
    assert watch.for_seconds(55, position=7, end=8).stuck == []


def test_who_waits_with_an_excuse_is_told_of_but_not_stuck() -> None:
    watch = Watch().for_seconds(200, position=7, end=8, excuse="rules 12 and health 7")
    assert watch.stuck == []
    assert {excuse for _, excuse in watch.waiting} == {"rules 12 and health 7"}
    assert 2 <= len(watch.waiting) <= 3, "once a limit, not at every look"


def test_the_time_of_an_excuse_is_not_counted_once_it_ends() -> None:
    watch = Watch().for_seconds(10_000, position=7, end=8, excuse="recovery or handover")
    assert watch.for_seconds(55, position=7, end=8).stuck == []
    assert watch.for_seconds(20, position=7, end=8).stuck != [], "but then it counts"


def test_a_partition_that_comes_back_starts_anew() -> None:
    watch = Watch().for_seconds(55, position=7, end=8)
    watch.seen = dict(look(watch.seen, [], {}, now_s=watch.now_s, limit_s=LIMIT_S).seen)
    assert watch.for_seconds(55, position=7, end=8).stuck == []


def test_one_stuck_partition_among_busy_ones_is_named() -> None:
    busy = Place("routing", "sms.lifecycle", 4)
    seen: dict[Place, Seen] = {}
    stuck: list[Place] = []
    for second in range(0, 120, 5):
        standings = [Standing(place=PLACE, position=7), Standing(place=busy, position=second)]
        ends = {("sms.lifecycle", 3): 8, ("sms.lifecycle", 4): 10_000}
        found = look(seen, standings, ends, now_s=second, limit_s=LIMIT_S)
        seen = dict(found.seen)
        stuck += [each.place for each in found.stuck]
    assert set(stuck) == {PLACE}
    assert str(PLACE) == "routing: sms.lifecycle/3"
