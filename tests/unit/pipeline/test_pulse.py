"""Laws of the pulse: a loop that stands still ends its process; one that turns, or a process that slept, does not."""

import threading
import time

from pipeline.pulse import Pulse


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def looks(pulse: Pulse, clock: Clock, seconds: int, *, beats: bool) -> list[float]:
    """Look every second; when it was stuck."""
    found = []
    for _ in range(seconds):
        clock.now += 1
        if beats:
            pulse.beat()
        if pulse.is_stuck():
            found.append(clock.now)
    return found


def test_a_loop_without_a_beat_is_stuck_at_the_limit() -> None:
    clock = Clock()
    assert looks(Pulse("x", 60, clock=clock), clock, 120, beats=False)[0] == 1060


def test_a_loop_that_beats_is_never_stuck() -> None:
    clock = Clock()
    assert looks(Pulse("x", 60, clock=clock), clock, 1000, beats=True) == []


def test_a_process_that_was_stopped_is_given_its_time_again() -> None:
    clock = Clock()
    pulse = Pulse("x", 60, clock=clock)
    clock.now += 3600  # SIGSTOP, a suspended machine
    assert not pulse.is_stuck()
    assert looks(pulse, clock, 55, beats=False) == []
    assert looks(pulse, clock, 10, beats=False) != []


def test_the_thread_ends_the_process_once_and_only_if_it_is_stuck() -> None:
    ended = threading.Event()
    turning, stuck = Pulse("turning", 0.4, end=lambda: ended.set()), Pulse("stuck", 0.2, end=ended.set)
    turning.start()
    for _ in range(20):
        turning.beat()
        time.sleep(0.03)
    turning.close()
    assert not ended.is_set()
    stuck.start()
    assert ended.wait(5)
